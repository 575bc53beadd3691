//! A playground: a server with rules that somebody made carefully, four nodes that depend on it, and nothing of it outside.
//!
//! All namespaces are unnamed and belong to one process that is the first of its own process namespace: when it ends, however it ends,
//! everything ends with it. Nothing of the machine's own firewall, of ufw's files or of this tool's state is reachable from inside.

mod control;
mod error;
mod lifeline;
mod node;
mod private;
mod rules;
mod service;
mod shell;
mod stage;
mod state;
mod story;
mod world;

pub use control::ask;
pub use error::PlaygroundError;
pub use lifeline::watch;
pub use node::{Answer, Node};
pub use private::make_private;
pub use rules::Start;
pub use shell::run as run_shell;
pub use stage::enter;
pub use state::{Connection, Measured};
pub use story::{Column, Step, Story, play, tell};
pub use world::World;
