//! `undo`: takes back a change of the journal, as a plan of its own.

use clap::Args;
use ruleset::plan::{self, Plan, Refusal};

use crate::cli::edit::planned_and_done;
use crate::cli::{EditOptions, Ending, Failure, Session};
use crate::journal::{self, Entry, Status};

/// Takes back a change that `history` lists, whatever was changed since: rules that it added go, rules that it took away come back beside
/// their neighbours. It is a plan like any other.
#[derive(Debug, Args)]
pub struct Undo {
    /// Its number in `history`
    #[arg(value_name = "N")]
    number: usize,
    #[command(flatten)]
    options: EditOptions,
}

impl Undo {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let history = session.journal().history();
        let entry = super::history::find(&history, self.number)?;
        refuse_ended(entry)?;
        let options = &self.options;
        planned_and_done(session, options, &|state| {
            let (changes, notes) = journal::inverse(&entry.data, state.ruleset);
            let mut plan = Plan {
                command: vec!["undo".into(), self.number.to_string()],
                noop: changes.is_empty(),
                changes,
                for_seconds: options.for_seconds,
                reason: options.reason.clone(),
                incident: options.incident.clone(),
                ..Plan::default()
            };
            plan.impact.notes = notes;
            Ok::<_, Refusal>(plan::renewed(&plan, state))
        })
    }
}

fn refuse_ended(entry: &Entry) -> Result<(), Failure> {
    match entry.status() {
        Some(status @ (Status::RolledBack | Status::Failed)) => {
            Err(Failure::new("nothing-to-undo", format!("Change {} is not in force.", entry.number))
                .why(status.to_string()))
        }
        _ => Ok(()),
    }
}
