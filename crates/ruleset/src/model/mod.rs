//! The model: tables, chains and rules as they are, whoever made them, in the kernel's order.

mod action;
mod host;
mod names;
mod packet;
mod rule;
mod table;
mod test;
mod traffic;

pub use action::{Action, Ends, Nat};
pub use host::{Address, Host, Interface, Route, RouteKind, RoutingRule};
pub use names::{Backend, Family, Hook, Policy, Syntax};
pub use packet::Packet;
pub use rule::{Counters, RawRule, Rule, Step};
pub use table::{Base, Chain, ChainKind, IpSet, NftSet, Note, Ruleset, Table};
pub use test::{Field, Masked, Name, Range, SetRef, Test, Values};
pub use traffic::{Endpoint, Flow, FlowSource, Listener, Protocol, Tuple, WayIn, WayInSource};
