//! `declare`: an incident, now, late or back-dated.

use clap::Args;
use incident::Command;

use super::did::{Kept, words};
use super::incidents::headline;
use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::output::one_line;
use crate::session::{Given, Session};

/// Declares an incident. What was recorded in the hour before its start is in its timeline at once.
#[derive(Debug, Args)]
pub struct Declare {
    /// What is wrong, in one line
    #[arg(required = true, value_name = "TITLE")]
    title: Vec<String>,
    /// 1 (worst) to 5
    #[arg(long, short, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    severity: u8,
    /// When it began, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, visible_alias = "started-at", visible_alias = "started", value_name = "TIME")]
    at: Option<String>,
    /// An affected service; may be repeated
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Only its members see that it exists
    #[arg(long)]
    private: bool,
    /// The id under which another system knows it
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
}

impl Declare {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let started_at = session.past(self.at.as_deref())?;
        let title = words(&self.title)?;
        let command = Command::Declare {
            title: title.clone(),
            severity: self.severity,
            started_at,
            services: self.services,
            private: self.private,
            external_id: self.external_id,
        };
        let done = match session.give_or_queue(command)? {
            Given::Queued(fact) => {
                let kept = Kept::queued(fact);
                return session.out.print(&kept, || format!("queued: declare {}", one_line(&title, 200)));
            }
            Given::Done(done) => done,
        };
        let name = done.incident.unwrap_or_default();
        let incident: api::Incident =
            session.bare_client()?.read(&format!("/api/v1/incidents/{}", segment(&name)))?;
        session.out.print(&incident, || headline(&incident, &session.moments()))
    }
}
