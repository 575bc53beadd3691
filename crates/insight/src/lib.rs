//! What is read out of facts and never written: proposals, briefs, skew, closing remarks.
//!
//! Pure and recomputed at every look: what people say of it (verdicts) are facts, what is said
//! here never is. Nothing here quotes one fact in another.

mod brief;
mod brief_text;
mod duration;
mod proposal;
mod seen;
mod talk;
mod words;

pub use brief::{
    Brief, BriefDetection, BriefFact, BriefImpact, BriefMeasure, BriefUpdate, Tried, TriedResult, brief,
};
pub use duration::spoken;
pub use proposal::{Proposal, Rule, proposals};
pub use seen::Seen;
pub use talk::{Said, said};
