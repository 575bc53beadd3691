//! What is answered.

use serde::Serialize;

use crate::{Backend, Family};

/// Would the packet pass?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It passes.
    Accept,
    /// It is dropped without a word.
    Drop,
    /// It is dropped, and the sender is told.
    Reject,
    /// That hangs on something that was not said, or that rules alone can't tell.
    Depends,
}

/// The rule or policy that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidedBy {
    /// The table.
    pub table: String,
    /// The chain.
    pub chain: String,
    /// The rule's number, 1-based as in `-L --line-numbers`; `None` for the chain's policy.
    pub rule: Option<usize>,
    /// The rule as printed, or `policy DROP`.
    pub text: String,
    /// The backend of the table.
    pub backend: Backend,
    /// The family of the table.
    pub family: Family,
}

/// A rule that the packet went through, or the policy of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// Which rule.
    #[serde(flatten)]
    pub at: DecidedBy,
    /// Where in the kernel: `prerouting`, `input`, ...
    pub hook: &'static str,
    /// What came of it: `accept`, `goes to chain DOCKER`, `destination becomes 172.17.0.2:80`.
    pub effect: String,
}

/// One of several possible outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Under which conditions, all of them; empty: always.
    pub when: Vec<String>,
    /// The verdict, never [`Verdict::Depends`].
    pub verdict: Verdict,
    /// What decides; `None` where no chain looks at the packet.
    pub decided_by: Option<DecidedBy>,
    /// Every rule on the way, in order.
    pub way: Vec<Visit>,
}

/// The answer to "would this packet pass?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// What decides; where it depends, the rule at which the outcomes part. `None` where no chain looks at the packet.
    pub decided_by: Option<DecidedBy>,
    /// What was assumed, and what the answer hangs on: plain sentences.
    pub assumptions: Vec<String>,
    /// Every rule on the way, in order; where it depends, up to where the outcomes part.
    pub way: Vec<Visit>,
    /// Where it depends, the first few possible outcomes; else one.
    pub outcomes: Vec<Outcome>,
}
