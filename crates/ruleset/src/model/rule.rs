//! One rule: its text, byte for byte, and its meaning.

use super::{Action, Syntax, Test};

/// A rule. Its text is kept as it was printed; its meaning is a list of steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The kernel's handle (nf_tables only).
    pub handle: Option<u64>,
    /// Packets and bytes so far, where the rule counts.
    pub counters: Option<Counters>,
    /// What iptables-save prints after `-A CHAIN `, or what nft prints, without handle and comment of ours.
    pub text: String,
    /// The language of the text.
    pub syntax: Syntax,
    /// Read from left to right: a test that fails ends the rule, an action may end the chain.
    ///
    /// For a live nf_tables rule they come from its expressions, not from its text, since the text can lie.
    pub steps: Vec<Step>,
    /// The comment, without quotes.
    pub comment: Option<String>,
    /// Set where the text says something else than what the kernel does: what it really does.
    pub lie: Option<String>,
    /// The kernel's own bytes of the rule (expressions, user data), for putting it back exactly.
    pub raw: Option<Box<RawRule>>,
}

/// What the kernel gave for an nf_tables rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRule {
    /// The payload of NFTA_RULE_EXPRESSIONS.
    pub expressions: Vec<u8>,
    /// The payload of NFTA_RULE_USERDATA.
    pub userdata: Option<Vec<u8>>,
}

/// Packets and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counters {
    /// How many packets.
    pub packets: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// One step of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Goes on only if it holds.
    Test(Test),
    /// Does something; the last one is usually the verdict.
    Do(Action),
}

impl Rule {
    /// A rule of which only the text is known: nothing can be said about what it does.
    pub fn unread(syntax: Syntax, text: impl Into<String>) -> Self {
        let text = text.into();
        let steps = vec![Step::Do(Action::Other { text: text.clone(), ends: super::Ends::Unknown })];
        Self { handle: None, counters: None, text, syntax, steps, comment: None, lie: None, raw: None }
    }

    /// The tests that come before the first action that may end the rule.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.steps.iter().filter_map(|step| match step {
            Step::Test(test) => Some(test),
            Step::Do(_) => None,
        })
    }

    /// Its last action: the verdict, if it has one.
    pub fn action(&self) -> Option<&Action> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Do(action) => Some(action),
            Step::Test(_) => None,
        })
    }
}
