//! For tests: clock and id sources, a server of one's own, fake peers.
//!
//! [`TestServer`] is the whole server in this process, on a directory of its own, with a clock that
//! the test moves; nothing is sent over a network. [`Child`] is the real program, to be killed.

mod alertmanager;
mod child;
mod client;
mod clock;
mod disk;
mod ids;
mod server;

pub use alertmanager::{Alert, alertmanager};
pub use child::Child;
pub use client::{Client, Reply};
pub use clock::FakeClock;
pub use disk::Disk;
pub use ids::SeededIds;
pub use server::TestServer;
