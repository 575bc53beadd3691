//! The text of iptables-save and of people who know iptables: read into the model, and written from it.
//!
//! [`parse`] reads whole dumps and never fails: what it doesn't understand it keeps and notes. [`parse_rule`] reads one rule.
//! The texts of rules are kept as they are, so [`print()`] gives back what iptables-save printed, byte for byte.

mod builtin;
mod bytes;
mod dump;
mod given;
mod matches;
mod normal;
mod print;
mod protocol;
mod rule;
mod targets;
mod value;
mod words;
mod write;

pub use builtin::base_of;
pub use bytes::{from_bytes, to_bytes};
pub use dump::parse;
pub(crate) use matches::{icmp_name, icmp_number};
pub use normal::{normal_form, normal_form_of};
pub use print::print;
pub use protocol::{protocol_name, protocol_number};
pub use rule::parse_rule;
pub use words::push_text;
pub use write::write;
