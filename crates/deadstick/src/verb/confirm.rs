//! `confirm`: yes, that was its result; `deny` says no.

use clap::Args;
use incident::{Command, IncidentRef, ResultOutcome};

use super::change;
use super::proposals;
use super::result::{Shown, outcome_word};
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Confirms that a fact is the result of an action.
#[derive(Debug, Args)]
pub struct Confirm {
    /// Which
    #[command(flatten)]
    verdict: Verdict,
}

/// An action and the fact that may be its result.
#[derive(Debug, Args)]
pub struct Verdict {
    /// The incident
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: IncidentRef,
    /// The action: #4711 or its UUID
    #[arg(value_name = "ACTION")]
    action: FactArgument,
    /// The fact that may be its result: #4712 or its UUID; if left out, the only one proposed
    #[arg(value_name = "RESULT")]
    result: Option<FactArgument>,
    /// What it shows, if not what was proposed
    #[arg(long, value_enum, value_name = "OUTCOME")]
    outcome: Option<Shown>,
}

impl Confirm {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        self.verdict.give(session, true)
    }
}

impl Verdict {
    /// Says yes or no.
    pub fn give(self, session: &Session, confirmed: bool) -> Result<Ending, Failure> {
        let client = session.client()?;
        let action = self.action.id(&client, Some(&self.incident))?;
        let mut proposed = proposals::of(&client, &self.incident)?;
        proposed.retain(|proposal| proposal.action == action);
        let result = match &self.result {
            Some(fact) => fact.id(&client, Some(&self.incident))?,
            None => proposals::only_one(&proposed)?,
        };
        let proposal = proposed.into_iter().find(|proposal| proposal.result == result);
        let outcome = match (self.outcome, &proposal) {
            (Some(shown), _) => shown.into(),
            (None, Some(proposal)) => proposal.outcome,
            (None, None) => ResultOutcome::Finished,
        };
        let rule = proposal.map(|proposal| proposal.rule);
        let yes = if confirmed { "confirmed" } else { "denied" };
        let sentence = format!("{yes}: {}", outcome_word(outcome));
        let incident = self.incident;
        change(session, Command::Verdict { incident, action, result, outcome, rule, confirmed }, &sentence)
    }
}
