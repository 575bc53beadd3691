//! What is read out of facts and never written: proposals, briefs, skew, closing remarks.
//!
//! Pure and recomputed at every look: what people say of it (verdicts) are facts, what is said
//! here never is. Nothing here quotes one fact in another.

mod alike;
mod brief;
mod brief_text;
mod duration;
mod figures;
mod proposal;
mod seen;
mod skew;
mod talk;
mod words;

pub use alike::{Alike, SeenActor, alike};
pub use brief::{
    Brief, BriefDetection, BriefFact, BriefImpact, BriefMeasure, BriefUpdate, Tried, TriedResult, brief,
};
pub use duration::spoken;
pub use figures::{covered, is_covered};
pub use proposal::{Proposal, Rule, proposals};
pub use seen::Seen;
pub use skew::{Skew, skew};
pub use talk::{Said, said};
