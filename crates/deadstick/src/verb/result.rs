//! `result`: what came of an action, in words; outcomes as `confirm` and `deny` take them too.

use clap::{Args, ValueEnum};
use incident::{Command, IncidentRef, ResultOutcome};

use super::change;
use crate::failure::{Ending, Failure};
use crate::reference::{self, FactArgument};
use crate::session::Session;

/// Says what came of an action.
#[derive(Debug, Args)]
pub struct ResultOf {
    /// The action, a `did`, command or change: #4711 or its UUID
    #[arg(value_name = "ACTION")]
    action: FactArgument,
    /// What came of it
    #[arg(value_enum, value_name = "OUTCOME")]
    outcome: Shown,
    /// In words
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// The incident, if not the action's own
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
}

/// What a result shows.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Shown {
    /// It helped
    Helped,
    /// Nothing changed
    NoChange,
    /// It made things worse
    Worse,
    /// It went through, effect unknown
    Finished,
    /// It failed by itself
    Failed,
}

impl From<Shown> for ResultOutcome {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Helped => ResultOutcome::Helped,
            Shown::NoChange => ResultOutcome::NoChange,
            Shown::Worse => ResultOutcome::Worse,
            Shown::Finished => ResultOutcome::Finished,
            Shown::Failed => ResultOutcome::Failed,
        }
    }
}

/// An outcome in words.
pub fn outcome_word(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Helped => "helped",
        ResultOutcome::NoChange => "no change",
        ResultOutcome::Worse => "worse",
        ResultOutcome::Finished => "finished",
        ResultOutcome::Failed => "failed",
    }
}

impl ResultOf {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let action = self.action.id(&session.client()?, self.incident.as_ref())?;
        let outcome = ResultOutcome::from(self.outcome);
        let sentence = format!("result recorded: {}", outcome_word(outcome));
        let text = self.text.join(" ");
        change(session, Command::Result { action, incident: self.incident, outcome, text }, &sentence)
    }
}
