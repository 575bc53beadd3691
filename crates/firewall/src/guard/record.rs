//! What is known about a change while it can still be taken back by itself.

use fact::{FactId, Timestamp};
use ruleset::Flow;
use ruleset::plan::Plan;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moment::{Moment, Process};
use crate::apply::{Edits, Undone};

/// A change and its way through the states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its id, which also marks its rules in the kernel.
    pub id: Uuid,
    /// Where it is.
    pub state: State,
    /// The entry of the journal that tells of it.
    #[serde(default)]
    pub journal: Option<FactId>,
    /// What was typed.
    pub command: Vec<String>,
    /// The plan's id.
    pub plan: String,
    /// The network namespace: device and inode.
    pub namespace: (u64, u64),
    /// The boot.
    pub boot: String,
    /// Who carries it out.
    pub tool: Process,
    /// When it was begun, for people.
    pub begun_at: Timestamp,
    /// When it was written and verified.
    #[serde(default)]
    pub applied: Option<Moment>,
    /// It goes back unless it is confirmed.
    #[serde(default)]
    pub confirm: Option<Confirm>,
    /// It goes back at this time even so (`--for`).
    #[serde(default)]
    pub expires: Option<Expiry>,
    /// Connections that end after it is confirmed (`--kill-established`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kill: Vec<Flow>,
    /// `--reason`.
    #[serde(default)]
    pub reason: Option<String>,
    /// `--incident`.
    #[serde(default)]
    pub incident: Option<String>,
    /// What is written.
    pub edits: Edits,
    /// What came of taking it back.
    #[serde(default)]
    pub undone: Option<Undone>,
}

/// What has to come so that a change stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// How long it is waited for.
    pub within_seconds: u64,
    /// Until when.
    pub deadline: Moment,
    /// Does it have to come over an ssh connection that was opened after the change?
    pub needs_new_login: bool,
}

/// When a temporary change ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// How long it lasts.
    pub after_seconds: u64,
    /// Until when.
    pub deadline: Moment,
    /// The same, for people.
    pub at: Timestamp,
}

/// The states of a change, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It may be in the kernel or not. If the tool is gone, whatever there is of it is taken back.
    Intent,
    /// It is in the kernel, and goes back at the deadline.
    Applied,
    /// It stays: confirmed, or no confirmation was wanted. A temporary one until it expires.
    Kept,
    /// Nothing was written.
    Nothing,
    /// It was taken back because nobody confirmed it, or because somebody wanted so.
    RolledBack,
    /// Its time was over, and it was taken back.
    Expired,
    /// The machine was started anew since: rules that are not in a boot file went with it.
    Rebooted,
}

impl Record {
    /// Of a plan that is about to be carried out by this process.
    pub fn new(id: Uuid, plan: &Plan, namespace: (u64, u64)) -> Self {
        Self {
            id,
            state: State::Intent,
            journal: None,
            command: plan.command.clone(),
            plan: plan.id.clone(),
            namespace,
            boot: super::moment::boot(),
            tool: Process::own(),
            begun_at: crate::journal::now(),
            applied: None,
            confirm: None,
            expires: None,
            kill: Vec::new(),
            reason: plan.reason.clone(),
            incident: plan.incident.clone(),
            edits: Edits::default(),
            undone: None,
        }
    }

    /// Does it wait for a confirmation, or is it being written just now?
    pub fn is_pending(&self) -> bool {
        matches!(self.state, State::Intent | State::Applied)
    }

    /// Does it stay for a while only?
    pub fn is_temporary(&self) -> bool {
        self.state == State::Kept && self.expires.is_some()
    }

    /// Is there nothing to wait for any more?
    pub fn is_closed(&self) -> bool {
        !self.is_pending() && !self.is_temporary()
    }

    /// When something has to happen next.
    pub fn deadline(&self) -> Option<Moment> {
        let confirm = self.confirm.map(|confirm| confirm.deadline);
        let expires = self.expires.map(|expires| expires.deadline);
        match self.state {
            State::Intent => confirm,
            State::Applied => confirm.into_iter().chain(expires).min(),
            State::Kept => expires,
            State::Nothing | State::RolledBack | State::Expired | State::Rebooted => None,
        }
    }

    /// What was typed, in one line.
    pub fn title(&self) -> String {
        self.command.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for() {
        let mut record = Record::new(Uuid::nil(), &Plan::default(), (1, 2));
        let deadline = Moment(7);
        record.confirm = Some(Confirm { within_seconds: 60, deadline, needs_new_login: true });
        let at = record.begun_at;
        record.expires = Some(Expiry { after_seconds: 90, deadline: Moment(9), at });
        let mut told = Vec::new();
        for state in [State::Intent, State::Applied, State::Kept, State::RolledBack] {
            record.state = state;
            told.push((record.is_pending(), record.is_temporary(), record.deadline().map(|moment| moment.0)));
        }
        assert_eq!(
            told,
            [(true, false, Some(7)), (true, false, Some(7)), (false, true, Some(9)), (false, false, None)]
        );
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }
}
