//! `brief`: for who joins late, and for handing over.

use clap::Args;
use incident::{IncidentRef, Status};

use crate::client::{Client, segment};
use crate::failure::{Ending, Failure};
use crate::output::printable;
use crate::reference;
use crate::session::Session;

/// Shows what somebody needs who joins late or takes over command.
#[derive(Debug, Args)]
pub struct Brief {
    /// The incident, if not the only open one
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
}

impl Brief {
    /// Of one incident.
    pub fn of(incident: IncidentRef) -> Self {
        Brief { incident: Some(incident) }
    }

    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let name = named_or_only_open(&client, self.incident)?;
        let brief: api::Brief = client.read(&format!("/api/v1/incidents/{}/brief", segment(&name)))?;
        session.out.print(&brief, || printable(&brief.text))
    }
}

/// The incident named, else the only open one.
pub fn named_or_only_open(client: &Client, named: Option<IncidentRef>) -> Result<String, Failure> {
    if let Some(incident) = named {
        return Ok(incident.0);
    }
    let mut open: Vec<api::Incident> = client.read("/api/v1/incidents")?;
    open.retain(|incident| incident.status != Status::Closed);
    match open.as_slice() {
        [only] => Ok(only.incident.clone()),
        [] => Err(Failure::refused("none-open", "No incident is open.")
            .hint("Name one: `deadstick incidents` lists them.")),
        several => Err(Failure::refused("ambiguous", format!("{} incidents are open.", several.len()))
            .choices(several.iter().map(|incident| incident.incident.clone()))
            .hint("Name one.")),
    }
}
