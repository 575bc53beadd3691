//! Netlink: sockets, messages and attributes, as far as nf_tables, conntrack, sock_diag and rtnetlink need them.

mod attributes;
mod message;
mod socket;

pub use attributes::{Attribute, Attributes, NETWORK_ORDER, Writer};
pub use message::{Message, flags};
pub use socket::{NetlinkError, Protocol, Refusal, Socket};
