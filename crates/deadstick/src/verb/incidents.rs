//! `incidents`: the list; and how one is told in a few lines.

use anstyle::AnsiColor;
use clap::Args;
use incident::Status;

use crate::failure::{Ending, Failure};
use crate::output::{Moments, coloured, elapsed, faint, one_line, strong, table};
use crate::session::Session;

/// Lists incidents, newest start first, closed ones included.
#[derive(Debug, Args)]
pub struct Incidents {
    /// Only those that are not closed
    #[arg(long)]
    open: bool,
}

impl Incidents {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let mut incidents: Vec<api::Incident> = session.client()?.read("/api/v1/incidents")?;
        if self.open {
            incidents.retain(|incident| incident.status != Status::Closed);
        }
        session.out.print(&incidents, || list(&incidents, &session.moments()))
    }
}

fn list(incidents: &[api::Incident], moments: &Moments) -> String {
    if incidents.is_empty() {
        return "No incidents. `deadstick declare TITLE` makes one.".into();
    }
    let started = format!("started ({})", moments.zone());
    let rows = incidents.iter().map(|incident| {
        [
            incident.incident.clone(),
            incident.severity.to_string(),
            incident.status.to_string(),
            moments.minute(incident.started_at),
            lasted(incident),
            one_line(&incident.title, 120),
        ]
    });
    table(["incident", "sev", "status", &started, "lasted", "title"], rows)
}

/// How long until impact was over, or closed; `-` while it lasts.
fn lasted(incident: &api::Incident) -> String {
    let end = incident.mitigated_at.or(incident.closed_at);
    end.map_or_else(|| "-".into(), |end| elapsed(end, incident.started_at))
}

/// An incident in three lines.
pub fn headline(incident: &api::Incident, moments: &Moments) -> String {
    let colour = match incident.status {
        Status::Open => AnsiColor::Red,
        Status::Mitigated => AnsiColor::Yellow,
        Status::Closed => AnsiColor::Green,
    };
    let end = match (incident.mitigated_at, incident.closed_at) {
        (_, Some(at)) => format!(", closed {}", moments.full(at)),
        (Some(at), None) => format!(", mitigated {}", moments.full(at)),
        (None, None) => String::new(),
    };
    format!(
        "{} {} {}\n  severity {}, started {} ({}){end}\n  {}",
        strong(&incident.incident),
        coloured(&incident.status.to_string(), colour),
        one_line(&incident.title, 200),
        incident.severity,
        moments.full(incident.started_at),
        moments.relative(incident.started_at),
        faint(&one_line(&incident.url, 300)),
    )
}
