//! nf_tables: the kernel's expressions, what they mean, and the texts of nft and of iptables-nft that say the same.

pub mod expression;
pub mod iptables;
