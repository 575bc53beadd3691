//! Live rules of every backend, read in network namespaces of their own.

#![expect(clippy::unwrap_used, reason = "tests")]

mod agree;
mod changing;
mod iptables;
mod native;
mod random;
mod stage;
