//! Finishes what is overdue: what a guard would have done, had it lived; and what a reboot has ended.

use std::time::Duration;

use super::moment::boot;
use super::record::{Record, State};
use super::store::Held;
use super::{Site, arm};
use crate::apply::{self, ApplyError, Undone};
use crate::journal::{Outcome, Status};
use crate::live::namespace;

/// What was finished.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// Changes that are closed now, each with what came of it.
    pub closed: Vec<Record>,
    /// What a person has to know.
    pub notes: Vec<String>,
}

/// Is the record of this boot and of the network namespace of this thread?
pub(super) fn is_ours(record: &Record) -> bool {
    record.boot == boot() && record.namespace == namespace()
}

/// Finishes everything that is overdue and nobody guards; arms new guards where one was lost.
pub fn finish(site: &Site) -> std::io::Result<Finished> {
    if site.store.open().is_empty() {
        return Ok(Finished::default());
    }
    let held = site.store.hold(Duration::from_secs(5))?;
    Ok(finish_held(site, &held))
}

/// The same, for whoever holds the lock already.
pub(super) fn finish_held(site: &Site, _held: &Held) -> Finished {
    let mut finished = Finished::default();
    for record in site.store.open() {
        let title = record.title();
        if record.is_closed() {
            let _ = site.store.close(&record);
        } else if record.boot != boot() {
            let mut record = record;
            record.state = State::Rebooted;
            finished.notes.push(format!(
                "`{title}` was not confirmed before the machine was started anew; live rules went with the reboot."
            ));
            told(site, &record, Status::RolledBack, "by a reboot");
            let _ = site.store.close(&record);
            finished.closed.push(record);
        } else if record.namespace != namespace() {
            finished
                .notes
                .push(format!("`{title}` belongs to another network namespace, and is left to it."));
        } else if site.store.is_guarded(record.id) {
            // Whoever is at it holds the lock or waits for it.
        } else if record.state == State::Intent || record.deadline().is_some_and(super::Moment::is_over) {
            let id = record.id;
            match take_back(site, record) {
                Ok(undone) => {
                    let how = if undone.is_whole() { "was taken back" } else { "was taken back in part" };
                    finished.notes.push(format!("`{title}` {how}: its guard was gone and its time over."));
                    finished.notes.extend(undone.failed);
                    finished.closed.extend(site.store.last().filter(|record| record.id == id));
                }
                Err(error) => {
                    finished
                        .notes
                        .push(format!("`{title}` should go back, but: {}.", crate::cli::chain(&error)));
                }
            }
        } else {
            match arm::arm(site, record.id) {
                Ok(_) => finished.notes.push(format!("`{title}` had lost its guard, and has a new one.")),
                Err(error) => finished.notes.push(format!("`{title}` has lost its guard: {error}.")),
            }
        }
    }
    finished
}

/// Takes a change back and closes it; it stays open if that failed as a whole, to be tried again.
pub(super) fn take_back(site: &Site, mut record: Record) -> Result<Undone, ApplyError> {
    let undone = apply::undo(&record.edits)?;
    let is_nothing = undone.done.is_empty() && undone.failed.is_empty();
    record.state = match record.state {
        State::Intent if is_nothing => State::Nothing,
        State::Kept => State::Expired,
        _ => State::RolledBack,
    };
    let status = match (record.state, undone.is_whole()) {
        (State::Nothing, _) => Status::Failed,
        (_, true) => Status::RolledBack,
        (_, false) => Status::PartlyRolledBack,
    };
    let why = match record.state {
        State::Nothing => "it was cut off before it was written",
        State::Expired => "its time was over",
        _ if record.applied.is_none() => "it was cut off while it was written",
        _ => "nobody confirmed it",
    };
    let text = [vec![why.to_owned()], undone.failed.clone(), undone.notes.clone()].concat().join("; ");
    record.undone = Some(undone.clone());
    told(site, &record, status, &text);
    site.store.close(&record).map_err(ApplyError::Ledger)?;
    Ok(undone)
}

/// Writes the outcome into the journal; that it can't be written must not hinder anything.
pub(super) fn told(site: &Site, record: &Record, status: Status, text: &str) -> Vec<String> {
    let Some(entry) = record.journal else { return Vec::new() };
    site.journal.amend(entry, Outcome::new(status, text)).unwrap_or_default()
}
