//! `apply`: carries out a plan that was made before, onto the state that it was made for only.

use std::path::PathBuf;

use clap::Args;
use ruleset::plan::{self, Plan};

use crate::apply::Wanted;
use crate::cli::carry_out::carry_out;
use crate::cli::{EditOptions, Ending, Failure, Session};
use crate::live::{Snapshot, Want};
use crate::view::printable;

/// Carries out a plan from a file (`plan -o FILE`).
#[derive(Debug, Args)]
pub struct Apply {
    /// The plan, as `plan -o` or `plan --json` wrote it; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: EditOptions,
}

impl Apply {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let mut plan = read(&self.file)?;
        plan.for_seconds = self.options.for_seconds.or(plan.for_seconds);
        plan.reason = self.options.reason.clone().or(plan.reason);
        plan.incident = self.options.incident.clone().or(plan.incident);
        if plan.command.is_empty() {
            plan.command = vec!["apply".into(), self.file.display().to_string()];
        }
        let snapshot = session.snapshot(Want { services: true, flows: true })?;
        if session.is_live() {
            is_made_for(&plan, &snapshot).map_err(|why| {
                Failure::refused("changed", "The plan was made for another state.")
                    .why(why)
                    .hint("plan it again")
            })?;
        }
        let alive = (snapshot.flows.clone(), snapshot.ways_in.clone());
        let mut again = || {
            let now = session.snapshot(Want::default()).map_err(|failure| failure.title)?;
            is_made_for(&plan, &now)?;
            Ok(Wanted::new(plan.clone(), now))
        };
        let wanted = Wanted::new(plan.clone(), snapshot);
        carry_out(session, wanted, (&alive.0, &alive.1), &self.options, &mut again, &lines)
    }
}

fn read(file: &std::path::Path) -> Result<Plan, Failure> {
    let text = match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(file),
    };
    let text = text.map_err(|error| {
        Failure::new("unreadable", format!("{} can't be read.", file.display())).because(&error)
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::new("no-plan", format!("{} is no plan.", file.display()))
            .because(&error)
            .hint("deadstick-fw plan -o FILE ... makes one")
    })
}

/// Is the state the one that the plan was made for?
fn is_made_for(plan: &Plan, snapshot: &Snapshot) -> Result<(), String> {
    let made = &plan.made_for;
    if made.namespace.is_some_and(|namespace| namespace != snapshot.namespace) {
        return Err("it was made in another network namespace".into());
    }
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    if made.boot.as_ref().is_some_and(|made| made != boot.trim()) {
        return Err("the machine was started anew since".into());
    }
    if made.digest != plan::digest(&snapshot.ruleset) {
        return Err("rules or sets have changed since".into());
    }
    Ok(())
}

/// The plan as the commands that do the same.
fn lines(plan: &Plan) -> String {
    if plan.noop || plan.changes.is_empty() {
        return "Nothing to do.".into();
    }
    let commands = plan::commands(&plan.changes);
    commands.iter().map(|command| format!("{}\n", printable(command))).collect()
}
