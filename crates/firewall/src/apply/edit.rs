//! What is written, and everything that is needed to take it back; kept on disk while it can be taken back.

use ruleset::plan::Change;
use ruleset::{Counters, RawRule};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The changes of one plan as they are carried out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edits {
    /// Marks our rules of nf_tables (in their user data), so that the admin's own twin is never mistaken for ours.
    pub tag: Uuid,
    /// In the order of the plan.
    pub edits: Vec<Edit>,
    /// Tables and base chains that did not exist before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<Made>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// As planned; its position as it was when it was written.
    pub change: Change,
    /// The kernel's handle of the rule that came in, as soon as it is known (nf_tables only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<u64>,
    /// The rule that goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// What stood before it, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<Neighbour>,
    /// What stood after it, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Neighbour>,
}

/// A rule that goes, or the word of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gone {
    /// Its text.
    pub text: String,
    /// Its handle then.
    pub handle: Option<u64>,
    /// Its counters then.
    pub counters: Option<Counters>,
    /// How many others in the chain said the same: if there are no more now, nobody has put it back.
    #[serde(default)]
    pub twins: usize,
    /// The kernel's own bytes of it: `(expressions, user data)` in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<(Hex, Option<Hex>)>,
}

/// A rule beside ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its handle (nf_tables).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<u64>,
    /// Its text (legacy, which has no handles).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The number of the edit of the same plan that brought it in, before its handle is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<usize>,
}

/// A table, or a base chain in it, that we had to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its family.
    pub family: ruleset::Family,
    /// The table.
    pub table: String,
    /// The chain; `None` for the table itself.
    pub chain: Option<String>,
}

/// How many neighbours are remembered on each side: so many may vanish and a rule still finds its place.
pub const NEIGHBOURS: usize = 48;

/// Bytes, written as hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl Serialize for Hex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len() * 2);
        for byte in &self.0 {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).expect("four bits are a digit"));
            }
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() % 2 == 0);
        let digits = digits.ok_or_else(|| serde::de::Error::custom("pairs of hexadecimal digits wanted"))?;
        let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits are a byte");
        Ok(Self(digits.chunks_exact(2).map(byte).collect()))
    }
}

impl Gone {
    /// Its bytes as the kernel takes them.
    pub fn raw_rule(&self) -> Option<RawRule> {
        let (expressions, userdata) = self.raw.as_ref()?;
        Some(RawRule {
            expressions: expressions.0.clone(),
            userdata: userdata.as_ref().map(|bytes| bytes.0.clone()),
        })
    }
}

/// What an undo did, and what it could not do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What was taken back, in sentences.
    pub done: Vec<String>,
    /// What was so already, or went its own way without harm: the rule had been removed by somebody.
    pub notes: Vec<String>,
    /// What could not be taken back, and why.
    pub failed: Vec<String>,
}

impl Undone {
    /// Is everything as it was before, as far as it is ours?
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty()
    }

    /// Both together.
    pub fn extend(&mut self, other: Self) {
        self.done.extend(other.done);
        self.notes.extend(other.notes);
        self.failed.extend(other.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_digits() {
        let text = serde_json::to_string(&Hex(vec![0, 10, 255])).unwrap();
        assert_eq!(text, r#""000aff""#);
        assert_eq!(serde_json::from_str::<Hex>(&text).unwrap(), Hex(vec![0, 10, 255]));
        assert!(serde_json::from_str::<Hex>(r#""0""#).is_err());
        assert!(serde_json::from_str::<Hex>(r#""0g""#).is_err());
    }
}
