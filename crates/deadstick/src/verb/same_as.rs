//! `same-as`: two incidents are one.

use clap::Args;
use incident::{Command, IncidentRef};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference;
use crate::session::Session;

/// Declares an incident the same as another; its timeline is read there.
#[derive(Debug, Args)]
pub struct SameAs {
    /// The double
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The one that stays
    #[arg(value_name = "OTHER", value_parser = reference::incident)]
    same_as: IncidentRef,
}

impl SameAs {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let sentence = format!("is the same as {}", self.same_as.0);
        change(session, Command::SameAs { incident: self.incident, same_as: self.same_as }, &sentence)
    }
}
