//! What actions that end nothing do to a packet.

use super::case::Case;
use super::domain::{Domain, all_ones};
use super::known::width;
use crate::{Action, Ends, Field};

/// Does it neither decide nor change anything that rules can see?
pub(super) fn is_harmless(action: &Action) -> bool {
    match action {
        Action::Log(_) => true,
        Action::Other { text, ends: Ends::GoesOn } => touched(text).is_empty(),
        _ => false,
    }
}

/// The fields that an action changes which is known by its text only.
fn touched(text: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |word: &str| words.iter().any(|one| one.eq_ignore_ascii_case(word));
    if has("ttl") || has("hl") || has("hoplimit") {
        fields.push(Field::Ttl);
    }
    if has("dscp") || has("tos") || has("ecn") {
        fields.push(Field::Tos);
    }
    // Of nft's own statements only `set` changes something: `ip daddr set 10.0.0.1`.
    if has("set") {
        let named = [
            ("saddr", Field::Source),
            ("daddr", Field::Destination),
            ("sport", Field::SourcePort),
            ("dport", Field::DestinationPort),
            ("mark", Field::Mark),
            ("zone", Field::CtZone),
        ];
        fields.extend(named.into_iter().filter(|(word, _)| has(word)).map(|(_, field)| field));
    }
    if has("zone") {
        fields.push(Field::CtZone);
    }
    fields
}

impl Case {
    /// Applies an action that changes marks or header fields, and goes on.
    pub(super) fn apply(&mut self, action: &Action) -> Option<String> {
        match action {
            Action::SetMark { value, mask } => self.set_mark(Field::Mark, *value, *mask),
            Action::SetCtMark { value, mask } if self.is_tracked() => {
                self.set_mark(Field::CtMark, *value, *mask)
            }
            Action::SaveMark { mask, ct_mask } if self.is_tracked() => {
                self.mix(Field::CtMark, *ct_mask, Field::Mark, *mask)
            }
            Action::RestoreMark { mask, ct_mask } if self.is_tracked() => {
                self.mix(Field::Mark, *mask, Field::CtMark, *ct_mask)
            }
            Action::SetCtMark { .. } | Action::SaveMark { .. } | Action::RestoreMark { .. } => {
                Some("no connection: nothing is changed".to_owned())
            }
            Action::Log(_) => Some("logged, goes on".to_owned()),
            Action::Other { text, .. } => {
                for field in touched(text) {
                    self.known.rewrite(field, Domain::bits(width(field, self.version)));
                    self.epoch += 1;
                }
                Some("goes on".to_owned())
            }
            _ => None,
        }
    }

    fn set_mark(&mut self, field: Field, value: u32, mask: u32) -> Option<String> {
        let (value, mask) = (u128::from(value), u128::from(mask));
        let new = match self.known.number(field) {
            Some(old) => Domain::One((old & !mask & all_ones(32)) ^ value),
            None if mask == all_ones(32) => Domain::One(value),
            None => Domain::bits(32),
        };
        Some(self.marked(field, new))
    }

    /// field = (field & !cleared) ^ (other & used)
    fn mix(&mut self, field: Field, cleared: u32, other: Field, used: u32) -> Option<String> {
        let (cleared, used) = (u128::from(cleared), u128::from(used));
        let new = match (self.known.number(field), self.known.number(other)) {
            (Some(old), Some(other)) => Domain::One((old & !cleared & all_ones(32)) ^ (other & used)),
            (None, Some(other)) if cleared == all_ones(32) => Domain::One(other & used),
            _ => Domain::bits(32),
        };
        Some(self.marked(field, new))
    }

    fn marked(&mut self, field: Field, new: Domain) -> String {
        let whose = if field == Field::Mark { "mark" } else { "mark of the connection" };
        let text = match new.number() {
            Some(number) => format!("{whose} becomes {number:#x}, goes on"),
            None => format!("{whose} becomes something that is not known, goes on"),
        };
        if *self.known.of(field) != new {
            self.known.rewrite(field, new);
            self.epoch += 1;
        }
        text
    }
}
