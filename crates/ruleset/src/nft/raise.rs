//! Statements of nft to steps of the model.

use super::kind::Kind;
use super::selector::{Selector, protocol_of};
use super::statement::{Comparison, Item, Relation, Statement};
use crate::{Action, Ends, Family, Field, Masked, Name, Range, SetRef, Step, Test, Values};

/// Protocols that have ports at the start of their header.
const WITH_PORTS: [u128; 5] = [6, 17, 33, 132, 136];
/// Up to so many protocols are kept in mind.
const FEW: u128 = 16;

/// Turns statements into steps, and keeps in mind what the tests so far have made certain.
#[derive(Clone, Debug)]
pub struct Raiser {
    /// 4 or 6.
    version: Option<u8>,
    /// The protocols that are still possible.
    protocols: Option<Vec<u128>>,
    steps: Vec<Step>,
}

impl Raiser {
    /// For a rule of a table of this family.
    pub fn new(family: Family) -> Self {
        let version = match family {
            Family::Ip => Some(4),
            Family::Ip6 => Some(6),
            _ => None,
        };
        Self { version, protocols: None, steps: Vec::new() }
    }

    /// The steps so far.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// 4 or 6, where it is certain.
    pub fn version(&self) -> Option<u8> {
        self.version
    }

    /// The header of the transport protocol, where it is certain.
    pub fn transport(&self) -> Option<&'static str> {
        match self.protocols.as_deref()? {
            [one] => super::selector::header_of(u8::try_from(*one).ok()?),
            _ => Some("th"),
        }
    }

    /// Adds a statement.
    pub fn add(&mut self, statement: &Statement) {
        match statement {
            Statement::Compare(comparison) => self.compare(comparison),
            Statement::Member { keys, set, negated, elements: _ } => {
                self.need_all(keys);
                let test = match self.fields(keys) {
                    Some(fields) => {
                        Test::Set { set: SetRef::Nft(set.clone()), keys: fields, negated: *negated }
                    }
                    None => opaque(statement, *negated),
                };
                self.steps.push(Step::Test(test));
            }
            Statement::VerdictMap { keys, map, elements: _ } => {
                self.need_all(keys);
                let action = match self.fields(keys) {
                    Some(keys) => Action::VerdictMap { map: SetRef::Nft(map.clone()), keys },
                    None => Action::Other { text: statement.text(), ends: Ends::Unknown },
                };
                self.steps.push(Step::Do(action));
            }
            Statement::Opaque(text) => {
                self.steps.push(Step::Test(Test::Opaque { text: text.clone(), negated: false }));
            }
            Statement::Act { action, .. } => self.steps.push(Step::Do(action.clone())),
            Statement::Need(keys) => self.need_all(keys),
            Statement::Silent(_) => {}
        }
    }

    fn need_all(&mut self, keys: &[Selector]) {
        for key in keys {
            self.need(key);
        }
    }

    /// Tests that nft adds by itself: a field of `tcp` is looked at only in TCP.
    fn need(&mut self, selector: &Selector) {
        let Selector::Payload { header: Some(header), .. } = selector else { return };
        let version = match *header {
            "ip" | "icmp" | "igmp" => Some(4),
            "ip6" | "icmpv6" => Some(6),
            _ => None,
        };
        // A transport header needs no version, except where it belongs to one only.
        if let Some(version) = version
            && self.version.is_none()
        {
            self.version = Some(version);
            self.push(Field::Version, Values::one(version.into()), false);
        }
        if let Some(protocol) = protocol_of(header)
            && self.protocols.as_deref() != Some(&[u128::from(protocol)])
        {
            self.protocols = Some(vec![protocol.into()]);
            self.push(Field::Protocol, Values::one(protocol.into()), false);
        }
    }

    fn push(&mut self, field: Field, values: Values, negated: bool) {
        self.steps.push(Step::Test(Test::Field { field, values, negated }));
    }

    /// The fields of a key, if each is one in the same numbers.
    fn fields(&self, keys: &[Selector]) -> Option<Vec<Field>> {
        keys.iter().map(|key| self.field(key).filter(|_| is_plain(key))).collect()
    }

    fn field(&self, selector: &Selector) -> Option<Field> {
        match selector {
            Selector::Named(named) => named.field,
            Selector::Other(text, _) => match text.as_str() {
                "fib saddr type" => Some(Field::SourceType),
                "fib daddr type" => Some(Field::DestinationType),
                _ => None,
            },
            Selector::Payload { base, offset, length, .. } => {
                let known = match *base {
                    0 if (*offset, *length) == (48, 48) => Some(Field::SourceMac),
                    1 => self.network((*offset, *length)),
                    2 => self.transport_field((*offset, *length)),
                    _ => None,
                };
                let bits = u8::try_from(*length).ok().filter(|length| *length <= 128 && *base <= 2);
                known.or(bits.map(|length| Field::Bits { base: *base, offset: *offset, length }))
            }
        }
    }

    fn network(&self, place: (u16, u16)) -> Option<Field> {
        Some(match (self.version?, place) {
            (4, (96, 32)) | (6, (64, 128)) => Field::Source,
            (4, (128, 32)) | (6, (192, 128)) => Field::Destination,
            (4, (72, 8)) => Field::Protocol,
            (4, (64, 8)) | (6, (56, 8)) => Field::Ttl,
            (4, (8, 6)) | (6, (4, 6)) => Field::Dscp,
            (4, (8, 8)) | (6, (4, 8)) => Field::Tos,
            (4, (16, 16)) => Field::Length,
            _ => return None,
        })
    }

    fn transport_field(&self, place: (u16, u16)) -> Option<Field> {
        let protocols = self.protocols.as_deref()?;
        let all = |of: &[u128]| protocols.iter().all(|one| of.contains(one));
        Some(match place {
            (0, 16) if all(&WITH_PORTS) => Field::SourcePort,
            (16, 16) if all(&WITH_PORTS) => Field::DestinationPort,
            (104, 8) if all(&[6]) => Field::TcpFlags,
            (0, 8) if all(&[1, 58]) => Field::IcmpType,
            (8, 8) if all(&[1, 58]) => Field::IcmpCode,
            _ => return None,
        })
    }

    fn compare(&mut self, comparison: &Comparison) {
        self.need(&comparison.left);
        let Some(test) = self.test(comparison) else {
            let negated = matches!(comparison.relation, Relation::IsNot | Relation::HasNoBit);
            self.steps.push(Step::Test(opaque(&Statement::Compare(comparison.clone()), negated)));
            return;
        };
        self.learn(&test);
        self.steps.push(Step::Test(test));
    }

    fn test(&self, comparison: &Comparison) -> Option<Test> {
        let Comparison { left, mask, relation, right } = comparison;
        let negated = matches!(relation, Relation::IsNot | Relation::HasNoBit);
        if let Some(test) = self.fragment(comparison) {
            return Some(test);
        }
        if let Selector::Named(named) = left
            && matches!(named.text, "meta nfproto" | "meta protocol")
        {
            let numbers = numbers(right)?;
            let version = |number: u128| match (named.text, number) {
                ("meta nfproto", 2) | ("meta protocol", 0x0800) => Some(4),
                ("meta nfproto", 10) | ("meta protocol", 0x86dd) => Some(6),
                _ => None,
            };
            let versions: Option<Vec<u128>> = numbers.into_iter().map(version).collect();
            let ranges = versions?.into_iter().map(|version| Range { first: version, last: version });
            return Some(Test::Field { field: Field::Version, values: Values::ranges(ranges), negated });
        }
        let field = self.field(left)?;
        let values = match relation {
            Relation::HasBit | Relation::HasNoBit => {
                Values::AnyBit(numbers(right)?.into_iter().fold(0, |sum, bit| sum | bit))
            }
            _ if left.kind() == Kind::Interface => {
                let mut names = names(right)?;
                names.sort();
                Values::Names(names)
            }
            _ => match mask {
                Some(mask) => masked(right, *mask, left.bits())?,
                None => Values::ranges(ranges(right)?),
            },
        };
        let values = match (left.kind(), values) {
            (Kind::AddressType, Values::Ranges(ranges)) => {
                let types = ranges.iter().flat_map(|range| range.first..=range.last.min(127));
                Values::AnyBit(types.fold(0, |sum, number| sum | 1 << number))
            }
            (_, values) => values,
        };
        Some(Test::Field { field, values, negated })
    }

    /// `ip frag-off & 0x1fff != 0`: a later fragment.
    fn fragment(&self, comparison: &Comparison) -> Option<Test> {
        let Selector::Payload { base: 1, offset: 48, length: 16, .. } = comparison.left else { return None };
        let is_it = self.version == Some(4)
            && comparison.mask == Some(0x1fff)
            && comparison.right == [Item::number(0)];
        is_it.then(|| Test::Field {
            field: Field::Fragment,
            values: Values::one(1),
            negated: comparison.relation == Relation::Is,
        })
    }

    fn learn(&mut self, test: &Test) {
        let Test::Field { field, values: Values::Ranges(ranges), negated: false } = test else { return };
        let count = ranges
            .iter()
            .fold(0_u128, |sum, range| sum.saturating_add(range.last - range.first).saturating_add(1));
        match field {
            Field::Protocol if count <= FEW => {
                self.protocols = Some(ranges.iter().flat_map(|range| range.first..=range.last).collect());
            }
            Field::Version if self.version.is_none() => match ranges[..] {
                [Range { first, last }] if first == last => self.version = u8::try_from(first).ok(),
                _ => {}
            },
            // A next header of these leaves no room for extension headers.
            Field::Bits { base: 1, offset: 48, length: 8 } if self.version == Some(6) => match ranges[..] {
                [Range { first, last }] if first == last && (first == 58 || WITH_PORTS.contains(&first)) => {
                    self.protocols = Some(vec![first]);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Are the numbers of this selector those of its field?
fn is_plain(selector: &Selector) -> bool {
    !matches!(selector.kind(), Kind::AddressType | Kind::Version | Kind::EtherType)
        && !matches!(selector, Selector::Named(named) if matches!(named.text, "iif" | "oif"))
}

fn opaque(statement: &Statement, negated: bool) -> Test {
    let plain = match (negated, statement) {
        (true, Statement::Compare(comparison)) => {
            let relation = match comparison.relation {
                Relation::IsNot => Relation::Is,
                Relation::HasNoBit => Relation::HasBit,
                other => other,
            };
            Statement::Compare(Comparison { relation, ..comparison.clone() })
        }
        (true, Statement::Member { keys, set, elements, .. }) => Statement::Member {
            keys: keys.clone(),
            set: set.clone(),
            elements: elements.clone(),
            negated: false,
        },
        _ => statement.clone(),
    };
    Test::Opaque { text: plain.text(), negated }
}

fn ranges(items: &[Item]) -> Option<Vec<Range>> {
    items
        .iter()
        .map(|item| match item {
            Item::Numbers(range) => Some(*range),
            Item::Name(_) => None,
        })
        .collect()
}

fn numbers(items: &[Item]) -> Option<Vec<u128>> {
    ranges(items)?.into_iter().map(|range| (range.first == range.last).then_some(range.first)).collect()
}

fn names(items: &[Item]) -> Option<Vec<Name>> {
    items
        .iter()
        .map(|item| match item {
            Item::Name(name) => Some(name.clone()),
            Item::Numbers(_) => None,
        })
        .collect()
}

/// Values under a mask: ranges where the mask is the beginning of the field.
fn masked(items: &[Item], mask: u128, bits: u32) -> Option<Values> {
    let all = if bits >= 128 { u128::MAX } else { (1 << bits) - 1 };
    let numbers = numbers(items)?;
    let free = all & !mask;
    let possible = numbers.into_iter().filter(|number| number & !mask == 0);
    if free & free.wrapping_add(1) == 0 {
        return Some(Values::ranges(possible.map(|first| Range { first, last: first | free })));
    }
    Some(Values::Masked(possible.map(|value| Masked { value, mask }).collect()))
}
