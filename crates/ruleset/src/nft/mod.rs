//! nf_tables: the kernel's expressions, what they mean, and the texts of nft and of iptables-nft that say the same.

mod builder;
mod compare;
pub mod expression;
pub mod iptables;
mod json;
pub mod kind;
pub mod machine;
pub mod raise;
pub mod selector;
pub mod set;
pub mod statement;
#[cfg(test)]
mod tests;
mod text;
pub mod wording;

pub use json::parse_json;
pub use text::parse_text;
