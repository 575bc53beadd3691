//! deadstick-fw: see and change the firewall that is already there, safely.
//!
//! Everything that touches the kernel or runs a program is here, behind narrow seams; what rules say
//! and mean is in the pure crate `ruleset`. No network client, no TLS, no SQL, no async runtime, no shell:
//! a firewall tool that needs the network is cut off by its own change.

pub mod apply;
pub mod cli;
pub mod guard;
pub mod journal;
pub mod live;
pub mod netlink;
pub mod persist;
pub mod playground;
pub mod view;
