//! What a firewall's rules say and mean: one lossless model for iptables (both backends, v4 and v6)
//! and nft, verdicts for packets, plans of change and their impact.
//!
//! Pure: no clock, environment, files, network. Whatever touches the kernel or runs a program is in
//! the crate `firewall`; so everything here also works on dump files, without root.
//!
//! Where an answer can't be certain it says so and why. It is never wrong on purpose of being short.

pub mod explain;
pub mod ipset;
pub mod iptables;
pub mod model;
pub mod nft;
pub mod openness;
pub mod owners;
pub mod plan;
pub mod routing;
pub mod ufw;
pub mod verdict;

pub use model::*;
