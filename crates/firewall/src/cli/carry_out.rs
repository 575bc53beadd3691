//! From a plan to the kernel: what every verb that changes rules does once its plan is made.

use std::io::{BufRead, IsTerminal};

use ruleset::plan::{self, Plan};
use ruleset::{Flow, WayIn};
use serde::Serialize;

use super::verb::confirm;
use super::{EditOptions, Ending, Failure, Session, chain};
use crate::apply::{Again, ApplyError, Wanted};
use crate::guard::{self, Ended, GuardError, Guarded, Terms};
use crate::journal::{Outcome, Status, Who};
use crate::persist;
use crate::view::printable;

/// How long a confirmation is waited for unless told.
const CONFIRM_WITHIN: u64 = 60;

/// The answer of a verb that changes rules: the plan, and what became of it.
#[derive(Debug, Serialize)]
pub struct Answer {
    #[serde(flatten)]
    plan: Plan,
    /// Is it in the kernel now?
    applied: bool,
    /// Its id, while it can go back by itself.
    id: Option<uuid::Uuid>,
    /// Seconds until it goes back unless it is confirmed.
    confirm_within: Option<u64>,
    /// Seconds until it goes back in any case.
    expires_in: Option<u64>,
    /// Boot files that hold it now.
    written: Vec<std::path::PathBuf>,
    /// What came of `--kill-established`, where no confirmation is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    killed: Option<Ended>,
    /// What a person has to know.
    remarks: Vec<String>,
}

/// Carries a plan out, or only shows it, as the options want. `shown` prints the plan for people.
pub fn carry_out(
    session: &Session,
    wanted: Wanted,
    (flows, ways_in): (&[Flow], &[WayIn]),
    options: &EditOptions,
    again: &mut Again<'_>,
    shown: &dyn Fn(&Plan) -> String,
) -> Result<Ending, Failure> {
    let plan = wanted.plan.clone();
    let is_dry = plan.noop || options.dry_run || options.check || !session.is_live();
    if is_dry && session.out.json {
        session.out.print(&answer(plan.clone()), String::new)?;
    } else if !session.out.json {
        // Before anything is done: whoever sees what they did not mean can still stop it.
        session.out.text(shown(&plan).trim_end())?;
    }
    if !options.cut {
        refuse_cuts(&plan)?;
    }
    if is_dry {
        if !plan.noop {
            let why = if session.is_live() { "" } else { " Rules of a file are never applied." };
            session.out.remark(&format!("Nothing was changed.{why}"));
        }
        return Ok(if options.check && !plan.noop { Ending::WouldChange } else { Ending::Done });
    }
    if options.cut && !options.yes && !is_meant(session, &plan) {
        return Err(Failure::refused("not-meant", "Nothing was changed."));
    }
    let site = session.changes();
    let begun = session.journal().begin(&plan, &wanted.ruleset, Who::of_process(ways_in));
    let terms = Terms { journal: Some(begun.id), ..terms(options, &wanted, flows, ways_in) };
    let made = guard::run_with_guard(&site, wanted, &terms, again).map_err(|error| {
        // What came of it is told by the error; that the journal can't be written was told already.
        let _ = session.journal().amend(begun.id, Outcome::new(status_of(&error), chain(&error)));
        failure(&error)
    })?;
    let mut remarks = [begun.remarks, made.notes.clone()].concat();
    // A journal that can't be written says so at the begin and at the end: once is enough.
    let more = session.journal().amend(begun.id, Outcome::new(Status::Applied, "")).unwrap_or_default();
    remarks.extend(more.into_iter().filter(|remark| !remarks.contains(remark)).collect::<Vec<_>>());
    let answer = made_answer(session, made, remarks);
    session.out.print(&answer, || text(&answer))
}

/// Whoever cuts what lives is asked once more, at a terminal.
fn is_meant(session: &Session, plan: &Plan) -> bool {
    let is_cutting =
        !plan.impact.cut.is_empty() || plan.impact.ways_in.iter().any(|way| way.login_works != Some(true));
    if !is_cutting || !std::io::stdin().is_terminal() {
        return true;
    }
    session.out.remark("It cuts what is listed above. Go on? (y|n)");
    let mut answer = String::new();
    let is_read = std::io::stdin().lock().read_line(&mut answer).is_ok();
    is_read && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

fn answer(plan: Plan) -> Answer {
    Answer {
        plan,
        applied: false,
        id: None,
        confirm_within: None,
        expires_in: None,
        written: Vec::new(),
        killed: None,
        remarks: Vec::new(),
    }
}

fn made_answer(session: &Session, made: Guarded, mut remarks: Vec<String>) -> Answer {
    let confirm = made.record.confirm.map(|confirm| confirm.deadline.seconds_left());
    let expires = made.record.expires.map(|expiry| expiry.deadline.seconds_left());
    let root = &session.globals.root;
    let mut written = Vec::new();
    if expires.is_some() {
        // It ends before long: boot files have nothing to do with it.
    } else if confirm.is_some() || !persist::is_kept(root) {
        remarks.extend(persist::outlook(root, &made.applied.plan.changes));
    } else {
        match session.snapshot(crate::live::Want::default()) {
            Ok(live) => {
                let kept = persist::keep(root, &made.applied.plan.changes, &live.ruleset);
                written = kept.written;
                remarks.extend(kept.remarks);
            }
            Err(failure) => remarks.push(format!("Boot files were left as they are: {}", failure.title)),
        }
    }
    let kill = &made.record.kill;
    let killed = (confirm.is_none() && !kill.is_empty()).then(|| confirm::kill(session, kill));
    let id = (!made.record.is_closed()).then_some(made.record.id);
    Answer {
        plan: made.applied.plan,
        applied: true,
        id,
        confirm_within: confirm,
        expires_in: expires,
        written,
        killed,
        remarks,
    }
}

fn text(answer: &Answer) -> String {
    let mut text = String::from("Done, and read back.\n");
    if let Some(left) = answer.confirm_within {
        text.push_str(&format!(
            "It goes back in {left} s unless it is confirmed: log in anew, over a new connection, and type\n  deadstick-fw confirm\n"
        ));
    }
    if let Some(left) = answer.expires_in {
        text.push_str(&format!("It is temporary and ends in {left} s.\n"));
    }
    for path in &answer.written {
        text.push_str(&format!("Written for the next boot: {}\n", path.display()));
    }
    text.push_str(&answer.killed.as_ref().map(confirm::told).unwrap_or_default());
    for remark in &answer.remarks {
        text.push_str(&format!("{}\n", printable(remark)));
    }
    text
}

/// A plan that cuts what is alive needs `--cut`.
fn refuse_cuts(plan: &Plan) -> Result<(), Failure> {
    match plan::refusal(plan) {
        Some(refusal) => {
            Err(Failure::refused(refusal.code(), "Nothing was changed: this cuts what is alive.")
                .why(refusal)
                .hint("--dry-run shows all of it; --cut goes on nevertheless"))
        }
        None => Ok(()),
    }
}

/// On which terms: a confirmation is wanted over ssh, and wherever the way in is affected.
fn terms(options: &EditOptions, wanted: &Wanted, flows: &[Flow], ways_in: &[WayIn]) -> Terms {
    let plan = &wanted.plan;
    let is_affected = plan.impact.ways_in.iter().any(|way| way.is_affected);
    let default = (!ways_in.is_empty() || is_affected).then_some(CONFIRM_WITHIN);
    let confirm_within = options.confirm_within.or(default).filter(|_| !options.no_confirm);
    let kill = if options.kill_established {
        let then = plan::after(&wanted.ruleset, &plan.changes);
        plan::forbidden(&then, flows, ways_in)
    } else {
        Vec::new()
    };
    Terms { confirm_within, needs_new_login: !ways_in.is_empty(), kill, journal: None }
}

fn status_of(error: &GuardError) -> Status {
    match error {
        GuardError::Apply(error) => match &**error {
            ApplyError::TakenBack { undone, .. } if undone.is_whole() => Status::RolledBack,
            ApplyError::TakenBack { .. } => Status::PartlyRolledBack,
            _ => Status::Failed,
        },
        GuardError::Pending(_) | GuardError::Store(_) => Status::Failed,
    }
}

/// Why no change was made, for people.
fn failure(error: &GuardError) -> Failure {
    match error {
        GuardError::Pending(record) => {
            Failure::refused("pending", format!("`{}` waits for its confirmation.", record.title()))
                .why("only one change at a time can wait, so that what goes back is clear")
                .hint("deadstick-fw confirm, or deadstick-fw rollback")
        }
        GuardError::Store(source) => {
            Failure::new("records", "Nothing was changed: what an undo needs can't be kept.").because(source)
        }
        GuardError::Apply(error) => match &**error {
            ApplyError::Changed(why) => {
                Failure::refused("changed", "The rules have changed since the plan was made.")
                    .why(why)
                    .hint("plan it again")
            }
            ApplyError::Native(_) => Failure::refused("native", "Nothing was changed.").because(&**error),
            ApplyError::TakenBack { undone, .. } if !undone.is_whole() => {
                Failure::new("half-done", "It failed, and not all of it could be taken back.")
                    .because(&**error)
            }
            _ => Failure::new("not-applied", "Nothing was changed.").because(&**error),
        },
    }
}
