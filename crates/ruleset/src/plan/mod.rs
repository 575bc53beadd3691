//! A plan: what would be changed, in data, with no choices left for whoever carries it out.

mod after;
mod data;
mod default;
mod delete;
mod explicit;
mod make;
mod neighbour;
mod nft_text;
mod number;
mod planner;
mod refusal;
mod region;
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
pub use make::{commands, make};
pub use number::{Numbered, numbered};
pub use planner::State;
pub use refusal::Refusal;
