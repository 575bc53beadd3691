//! Who is it: sessions, tokens, one-time links.

mod caller;

pub use caller::{Caller, Via};
