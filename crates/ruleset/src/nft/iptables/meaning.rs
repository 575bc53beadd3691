//! What an extension's text means: the text was written from the kernel's structure, and says all of it.

use std::collections::BTreeMap;

use crate::iptables::parse_rule;
use crate::{Family, Step};

/// How many texts are remembered: in large rulesets a few come again and again.
const REMEMBERED: usize = 4_096;

/// Texts that were read before.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    known: BTreeMap<String, Vec<Step>>,
    key: String,
}

impl Meanings {
    /// Steps of `-m NAME ...` or `-j NAME ...` in a rule for this protocol.
    pub fn of(&mut self, segment: &str, protocol: Option<(u8, bool)>, family: Family) -> &[Step] {
        use std::fmt::Write as _;
        self.key.clear();
        if let Some((number, negated)) = protocol {
            let not = if negated { "! " } else { "" };
            write!(self.key, "{not}-p {number} ").expect("a string takes everything");
        }
        self.key.push_str(segment);
        if !self.known.contains_key(&self.key) {
            if self.known.len() >= REMEMBERED {
                self.known.clear();
            }
            let mut steps = parse_rule(&self.key, family).steps;
            if protocol.is_some() && !steps.is_empty() {
                steps.remove(0);
            }
            self.known.insert(self.key.clone(), steps);
        }
        self.known.get(&self.key).map_or(&[], Vec::as_slice)
    }
}
