//! Carries a plan out under a guard.

use std::time::Duration;

use fact::FactId;
use ruleset::Flow;

use super::Site;
use super::arm::{self, Armed};
use super::finish::finish_held;
use super::moment::Moment;
use super::record::{Confirm, Expiry, Record, State};
use crate::apply::{self, Again, Applied, ApplyError, Edits, Ledger, Wanted};
use crate::live::namespace;

/// How long another deadstick-fw may hold the lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the writing itself may take before the guard ends it, where no confirmation is wanted.
const WRITING: u64 = 60;

/// On which terms a change is made.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// It goes back unless it is confirmed within so many seconds; `None` (`--no-confirm`): it stays.
    pub confirm_within: Option<u64>,
    /// The confirmation has to come over an ssh connection that was opened after the change: wherever somebody came in by ssh.
    pub needs_new_login: bool,
    /// Connections that end after the confirmation.
    pub kill: Vec<Flow>,
    /// The entry of the journal that is told how it ends.
    pub journal: Option<FactId>,
}

/// A change that was made.
#[derive(Clone, Debug)]
pub struct Guarded {
    /// What was done.
    pub applied: Applied,
    /// Until when it can be confirmed, when it expires.
    pub record: Record,
    /// What a person has to know, of earlier changes too.
    pub notes: Vec<String>,
}

/// Why no change was made.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// An earlier one waits for its confirmation.
    #[error("`{}` waits for its confirmation", .0.title())]
    Pending(Box<Record>),
    /// The folder can't be used.
    #[error("the records of changes can't be used, so nothing was changed")]
    Store(#[source] std::io::Error),
    /// The change itself.
    #[error(transparent)]
    Apply(Box<ApplyError>),
}

/// Makes a change: intent on disk, guard armed, written, verified, outcome on disk.
///
/// When this returns nothing is held any more: printing to a terminal that hangs does no harm.
pub fn run_with_guard(
    site: &Site,
    wanted: Wanted,
    terms: &Terms,
    again: &mut Again<'_>,
) -> Result<Guarded, GuardError> {
    let held = site.store.hold(PATIENCE).map_err(GuardError::Store)?;
    let notes = finish_held(site, &held).notes;
    if let Some(pending) = site.pending() {
        return Err(GuardError::Pending(Box::new(pending)));
    }
    let id = crate::journal::fresh_id().0;
    let mut record = Record::new(id, &wanted.plan, namespace());
    record.journal = terms.journal;
    record.kill = terms.kill.clone();
    let for_seconds = wanted.plan.for_seconds;
    let mut keeper = Keeper { site, record, terms, for_seconds, armed: None, is_written: false };
    let result = apply::apply(wanted, id, again, &mut keeper);
    let Keeper { mut record, is_written, armed, .. } = keeper;
    let result = result.map_err(|error| {
        if is_written {
            record.state = State::Nothing;
            if let ApplyError::TakenBack { undone, .. } = &error {
                record.state = State::RolledBack;
                record.undone = Some(undone.clone());
            }
            // A record that stays open is closed by the guard: it finds that there is nothing to take back.
            let _ = site.store.close(&record);
        }
        GuardError::Apply(Box::new(error))
    });
    drop(armed);
    drop(held);
    Ok(Guarded { applied: result?, record, notes })
}

/// Keeps the record of a change while it is made.
struct Keeper<'a> {
    site: &'a Site,
    record: Record,
    terms: &'a Terms,
    for_seconds: Option<u64>,
    armed: Option<Armed>,
    is_written: bool,
}

impl Keeper<'_> {
    fn confirm(&self, now: Moment) -> Option<Confirm> {
        let within_seconds = self.terms.confirm_within?;
        let deadline = now.plus_seconds(within_seconds);
        Some(Confirm { within_seconds, deadline, needs_new_login: self.terms.needs_new_login })
    }
}

impl Ledger for Keeper<'_> {
    fn before(&mut self, edits: &Edits) -> std::io::Result<()> {
        let now = Moment::now();
        let writing =
            Confirm { within_seconds: WRITING, deadline: now.plus_seconds(WRITING), needs_new_login: false };
        self.record.confirm = Some(self.confirm(now).unwrap_or(writing));
        self.record.edits = edits.clone();
        self.is_written = true;
        self.site.store.write(&self.record)?;
        if self.armed.is_none() {
            self.armed = Some(arm::arm(self.site, self.record.id)?);
        }
        Ok(())
    }

    fn after(&mut self, edits: &Edits) -> std::io::Result<()> {
        let now = Moment::now();
        self.record.edits = edits.clone();
        self.record.applied = Some(now);
        self.record.confirm = self.confirm(now);
        self.record.expires = self.for_seconds.map(|after_seconds| Expiry {
            after_seconds,
            deadline: now.plus_seconds(after_seconds),
            at: crate::journal::now()
                .plus_micros(i64::try_from(after_seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000)),
        });
        self.record.state = if self.record.confirm.is_some() { State::Applied } else { State::Kept };
        if self.record.is_closed() {
            self.site.store.close(&self.record)
        } else {
            self.site.store.write(&self.record)
        }
    }
}
