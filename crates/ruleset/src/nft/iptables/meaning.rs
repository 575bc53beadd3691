//! What an extension's text means: the text was written from the kernel's structure, and says all of it.

use std::collections::BTreeMap;

use crate::iptables::parse_rule;
use crate::{Family, Step};

/// How many texts are remembered: in large rulesets a few come again and again.
const REMEMBERED: usize = 4_096;

/// Texts that were read before.
#[derive(Debug, Default)]
pub(super) struct Meanings(BTreeMap<String, Vec<Step>>);

impl Meanings {
    /// Steps of `-m NAME ...` or `-j NAME ...` in a rule for this protocol.
    pub fn of(&mut self, segment: &str, protocol: Option<(u8, bool)>, family: Family) -> &[Step] {
        let key = match protocol {
            Some((number, true)) => format!("! -p {number} {segment}"),
            Some((number, false)) => format!("-p {number} {segment}"),
            None => segment.to_owned(),
        };
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            self.0.clear();
        }
        self.0.entry(key).or_insert_with_key(|text| {
            let mut steps = parse_rule(text, family).steps;
            if protocol.is_some() && !steps.is_empty() {
                steps.remove(0);
            }
            steps
        })
    }
}
