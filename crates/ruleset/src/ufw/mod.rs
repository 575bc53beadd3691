//! ufw's grammar, read from its manual page: what was typed becomes an [`Edit`], in data.
//!
//! Nothing here looks at rules; where an edit goes and whether it is so already is `plan`'s.

mod address;
mod clauses;
mod edit;
mod error;
mod parse;
mod ports;
mod profiles;
mod services;

pub(crate) use edit::number;
pub use edit::{Ask, At, Direction, Edit, Habit, Lane, Log, Network, Options, Ports, Verb, Wanted};
pub use error::EditError;
pub use parse::parse;
pub use profiles::{Profile, Profiles};
pub use services::Services;
