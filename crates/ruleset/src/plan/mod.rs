//! A plan: what would be changed, in data, with no choices left for whoever carries it out.

mod data;

pub use data::{
    Because, Change, Flows, Impact, Operation, Plan, Removed, ServiceImpact, StateId, WayInImpact,
};
