//! `confirm` and `rollback`: what a person answers to a change that waits.

use std::time::Duration;

use uuid::Uuid;

use super::finish::{finish_held, is_ours, told};
use super::login;
use super::record::{Record, State};
use super::{Moment, Site};
use crate::apply::{self, ApplyError, Undone};
use crate::journal::Status;

/// How long another deadstick-fw may hold the lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the answer has no effect.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Nothing waits for it.
    #[error("no change waits for an answer")]
    Nothing {
        /// The last change, and how it ended.
        last: Option<Box<Record>>,
        /// What was found out meanwhile.
        notes: Vec<String>,
    },
    /// It came too late.
    #[error("the time for it is over: the change is being taken back")]
    TooLate,
    /// It came over a connection that was there before the change.
    #[error("this session came over a connection that is older than the change, or none: it proves nothing")]
    OldConnection,
    /// It belongs to another network namespace or boot.
    #[error("the change belongs to another network namespace or boot")]
    Elsewhere,
    /// The change could not be taken back.
    #[error("the change could not be taken back")]
    Undo(#[source] ApplyError),
    /// The folder can't be used.
    #[error("the records of changes can't be used")]
    Store(#[from] std::io::Error),
}

/// A change that stays.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The change.
    pub record: Record,
    /// What a person has to know.
    pub notes: Vec<String>,
}

/// Keeps the change that waits. `is_same_session`: even over a connection that was there before it.
pub fn confirm(site: &Site, is_same_session: bool) -> Result<Confirmed, AnswerError> {
    let held = site.store.hold(PATIENCE)?;
    let mut finished = finish_held(site, &held);
    let Some(mut record) = site.pending() else {
        let last = site.store.last().map(Box::new);
        return Err(AnswerError::Nothing { last, notes: finished.notes });
    };
    if !is_ours(&record) {
        return Err(AnswerError::Elsewhere);
    }
    if record.state != State::Applied || record.deadline().is_some_and(Moment::is_over) {
        return Err(AnswerError::TooLate);
    }
    let needs_new_login = record.confirm.is_some_and(|confirm| confirm.needs_new_login);
    if needs_new_login && !is_same_session {
        let applied = record.applied.unwrap_or(Moment(u64::MAX));
        if login::opened().is_none_or(|opened| opened < applied) {
            return Err(AnswerError::OldConnection);
        }
    }
    record.state = State::Kept;
    if record.is_temporary() {
        site.store.write(&record)?;
    } else {
        site.store.close(&record)?;
    }
    finished.notes.extend(told(site, &record, Status::Confirmed, ""));
    drop(held);
    Ok(Confirmed { record, notes: finished.notes })
}

/// Takes back the change that waits, or the temporary one of this id (or its beginning).
pub fn rollback(site: &Site, id: Option<&str>) -> Result<(Record, Undone), AnswerError> {
    let held = site.store.hold(PATIENCE)?;
    let finished = finish_held(site, &held);
    let is_meant = |record: &Record| match id {
        None => record.is_pending(),
        Some(id) => record.id.to_string().starts_with(id) && Uuid::nil() != record.id,
    };
    let Some(mut record) = site.store.open().into_iter().find(is_meant) else {
        let last = site.store.last().map(Box::new);
        return Err(AnswerError::Nothing { last, notes: finished.notes });
    };
    if !is_ours(&record) {
        return Err(AnswerError::Elsewhere);
    }
    let undone = apply::undo(&record.edits).map_err(AnswerError::Undo)?;
    record.state = State::RolledBack;
    record.undone = Some(undone.clone());
    site.store.close(&record)?;
    let status = if undone.is_whole() { Status::RolledBack } else { Status::PartlyRolledBack };
    told(site, &record, status, &undone.failed.join("; "));
    drop(held);
    Ok((record, undone))
}
