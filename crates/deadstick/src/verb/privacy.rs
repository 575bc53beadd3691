//! `privacy`: who may see that an incident exists.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, Directory};
use crate::session::Session;

/// Makes an incident private to its members, or public.
#[derive(Debug, Args)]
pub struct Privacy {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// Everybody sees it
    #[arg(long, conflicts_with_all = ["add", "remove"])]
    public: bool,
    /// Becomes a member; may be repeated
    #[arg(long, value_name = "PERSON")]
    add: Vec<String>,
    /// No longer is a member; may be repeated
    #[arg(long, value_name = "PERSON")]
    remove: Vec<String>,
}

impl Privacy {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let directory = Directory::read(&session.client()?)?;
        let (add, remove) = (directory.all(&self.add)?, directory.all(&self.remove)?);
        let sentence = if self.public { "is public" } else { "is private to its members" };
        let private = !self.public;
        change(session, Command::Privacy { incident: self.incident, private, add, remove }, sentence)
    }
}
