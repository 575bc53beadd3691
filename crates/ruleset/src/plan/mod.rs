//! A plan: what would be changed, in data, with no choices left for whoever carries it out.

mod after;
mod data;
mod default;
mod delete;
mod explicit;
mod impact;
mod keep;
mod make;
mod neighbour;
mod nft_text;
mod number;
mod picture;
mod planner;
mod refusal;
mod region;
mod replay;
mod rules;
mod spot;
mod texts;
mod translation;
mod walk;
mod way;

pub use after::{after, digest, inverse};
pub use data::{
    Because, Change, Flows, Impact, Operation, Plan, Removed, ServiceImpact, StateId, WayInImpact,
};
pub use impact::{forbidden, refusal, service_name};
pub use keep::{Observed, peers, service_of};
pub use make::{commands, make, renewed};
pub use number::{Numbered, numbered};
pub use planner::State;
pub use refusal::Refusal;
