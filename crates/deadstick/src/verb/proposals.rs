//! `proposals`: results of actions that want a yes or no.

use api::{Proposal, ProposalState};
use clap::Args;
use fact::FactId;
use incident::IncidentRef;

use super::result::outcome_word;
use crate::client::{Client, segment};
use crate::failure::{Ending, Failure};
use crate::output::{one_line, strong};
use crate::reference;
use crate::session::Session;

/// Lists proposed results of an incident's actions, with the reason for each.
#[derive(Debug, Args)]
pub struct Proposals {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
}

impl Proposals {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let mut open = of(&session.client()?, &self.incident)?;
        open.retain(|proposal| proposal.state == ProposalState::Proposed);
        let moments = session.moments();
        session.out.print(&open, || {
            if open.is_empty() {
                return "No result wants a yes or no.".into();
            }
            let lines = open.iter().map(|proposal| {
                format!(
                    "{} {} {}\n  {}\n  yes: deadstick confirm {} {} {}\n  no:  deadstick deny {} {} {}",
                    moments.full(proposal.result_at),
                    strong(outcome_word(proposal.outcome)),
                    one_line(&proposal.result_text, 200),
                    one_line(&proposal.reason, 300),
                    self.incident.0,
                    proposal.action,
                    proposal.result,
                    self.incident.0,
                    proposal.action,
                    proposal.result,
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        })
    }
}

/// All proposals of an incident, decided ones included.
pub fn of(client: &Client, incident: &IncidentRef) -> Result<Vec<Proposal>, Failure> {
    Ok(client.read(&format!("/api/v1/incidents/{}/proposals", segment(&incident.0)))?)
}

/// The one result that is proposed, if it is one.
pub fn only_one(proposed: &[Proposal]) -> Result<FactId, Failure> {
    let mut open = proposed.iter().filter(|proposal| proposal.state == ProposalState::Proposed);
    match (open.next(), open.next()) {
        (Some(proposal), None) => Ok(proposal.result),
        (None, _) => Err(Failure::refused("no-proposal", "No result is proposed for this action.")
            .hint("Name the fact that is its result: deadstick confirm INC ACTION RESULT")),
        (Some(_), Some(_)) => {
            Err(Failure::refused("ambiguous", "Several results are proposed for this action.")
                .choices(proposed.iter().map(|proposal| proposal.result.to_string()))
                .hint("Name one: deadstick confirm INC ACTION RESULT"))
        }
    }
}
