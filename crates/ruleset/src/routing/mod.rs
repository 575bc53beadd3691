//! Where a packet goes: what is local, and by which interface the rest goes out.
//!
//! As far as verdicts need it, and only from what the host told: policy rules, longest prefixes, the local table.

mod kinds;
mod lookup;

pub use kinds::AddressKind;
pub use lookup::{Routes, Way};

#[cfg(test)]
mod tests;
