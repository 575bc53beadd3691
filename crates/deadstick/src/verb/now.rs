//! `now`: what is open, what fires, what is still temporary, how recording goes.

use api::{HealthState, Now as NowView};
use clap::Args;

use super::incidents::headline;
use crate::failure::{Ending, Failure};
use crate::output::{Moments, one_line, strong};
use crate::session::Session;

/// Shows how it stands right now.
#[derive(Debug, Args)]
pub struct Now {}

impl Now {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let now: NowView = session.client()?.read("/api/v1/now")?;
        session.out.print(&now, || text(&now, &session.moments()))
    }
}

fn text(now: &NowView, moments: &Moments) -> String {
    let mut parts = Vec::new();
    if now.open.is_empty() {
        parts.push("No incident is open.".to_owned());
    }
    for view in &now.open {
        let mut part = headline(&view.incident, moments);
        if let Some(update) = view.updates.last() {
            part.push_str(&format!("\n  {}: {}", moments.full(update.at), one_line(&update.text, 200)));
        }
        if let Some(due) = view.next_update_due {
            part.push_str(&format!("\n  next update due {} ({})", moments.full(due), moments.relative(due)));
        }
        parts.push(part);
    }
    section(
        &mut parts,
        "Firing",
        now.firing
            .iter()
            .map(|alert| format!("since {}  {}: {}", moments.full(alert.since), alert.source, alert.text)),
    );
    section(
        &mut parts,
        "Temporary measures in place",
        now.temporary.iter().map(|measure| {
            let incident = measure.incident.as_deref().unwrap_or("no incident");
            format!("{}  {incident}, {}: {}", moments.full(measure.at), measure.by.name, measure.text)
        }),
    );
    section(
        &mut parts,
        "Without an incident",
        now.unassigned.iter().map(|entry| {
            format!("{}  {}: {}  ({})", moments.full(entry.at), entry.by.name, entry.text, entry.fact)
        }),
    );
    let unwell = now.sources.iter().filter(|source| source.state != HealthState::Ok);
    section(
        &mut parts,
        "Sources to look at",
        unwell.map(|source| format!("{}: {}", source.source, source.says)),
    );
    parts.join("\n\n")
}

fn section(parts: &mut Vec<String>, heading: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<_> = lines.map(|line| format!("\n  {}", one_line(&line, 300))).collect();
    if !lines.is_empty() {
        parts.push(format!("{}{}", strong(heading), lines.concat()));
    }
}
