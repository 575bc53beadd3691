//! A person's command: checked against the state, appended, folded in. The only way in.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use fact::{EntityId, FactId, NewFact, PersonId, SourceId, StoredFact, Viewer};
use incident::{Context, Envelope, Known, StateFact};
use store::{Entry, Receipt};

use crate::{App, Problem};

/// What a command led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The fact that stands for it.
    pub fact: FactId,
    /// The incident that it is about.
    pub incident: Option<EntityId>,
    /// The incidents that it could have been about, when it was kept unassigned.
    pub choices: Vec<EntityId>,
}

impl App {
    /// Carries out a command of a person. The same envelope again gives the same answer.
    pub async fn execute(&self, who: PersonId, envelope: Envelope) -> Result<Done, Problem> {
        let _one_at_a_time = self.commands.lock().await;
        if let Some(done) = self.done_before(who, envelope.id).await? {
            return Ok(done);
        }
        let named = self.known(who, &envelope.command.facts()).await?;
        let decided = {
            let now = self.now();
            let mut fresh_id = || self.ids.fact_id(now);
            let lookup = |id: FactId| named.get(&id).cloned();
            let mut context = Context { who, now, fresh_id: &mut fresh_id, lookup: &lookup };
            self.state().decide(&envelope, &mut context)?
        };
        self.keep(decided.facts).await?;
        Ok(Done { fact: decided.fact, incident: decided.incident, choices: decided.choices })
    }

    /// What the log tells this person of the facts that a command names.
    async fn known(&self, who: PersonId, ids: &[FactId]) -> Result<BTreeMap<FactId, Known>, Problem> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let viewer = self.state().viewer(who);
        let entries = self.store.facts(&viewer, ids).await?;
        // A redacted fact has nothing left that could be corrected.
        let facts = entries.into_iter().filter_map(|entry| match entry {
            Entry::Fact { first, .. } => Some(first.fact),
            Entry::Redacted { .. } => None,
        });
        Ok(facts
            .map(|fact| {
                let NewFact { id, source, kind, content } = fact;
                let (entity, occurred_at) = (content.entity, content.occurred_at);
                (id, Known { source, entity, kind, occurred_at })
            })
            .collect())
    }

    /// Appends state facts, all or none, and folds them in. The caller holds the lock.
    pub(crate) async fn keep(&self, facts: Vec<NewFact>) -> Result<(), Problem> {
        if facts.is_empty() {
            return Ok(());
        }
        let receipts = self.append(facts.clone()).await?;
        let mut stored = Vec::with_capacity(facts.len());
        for (fact, receipt) in facts.into_iter().zip(receipts) {
            match receipt {
                Receipt::Stored { position, recorded_at } => {
                    stored.push(StoredFact { position, recorded_at, fact });
                }
                Receipt::Known { .. } => {}
                Receipt::Refused(refusal) => return Err(refused(&refusal)),
            }
        }
        self.change_state(|state| {
            stored.iter().filter_map(StateFact::of).for_each(|fact| state.apply(&fact));
        });
        Ok(())
    }

    /// What an earlier sending of the same envelope led to.
    async fn done_before(&self, who: PersonId, id: FactId) -> Result<Option<Done>, Problem> {
        let found = self.store.facts(&Viewer::system(), &[id]).await?;
        let Some(entry) = found.into_iter().next() else { return Ok(None) };
        if entry.source() != SourceId::OWN
            && !matches!(&entry, Entry::Fact { first, .. } if first.fact.content.entity.is_some())
        {
            return Err(id_taken());
        }
        let viewer = self.state().viewer(who);
        let Entry::Fact { first, .. } = entry else {
            return Ok(Some(Done { fact: id, incident: None, choices: Vec::new() }));
        };
        let state = self.state();
        let incident = first.fact.content.entity.filter(|entity| state.incidents.contains_key(entity));
        if incident.is_some_and(|incident| !viewer.sees_entity(incident)) {
            return Err(id_taken());
        }
        let choices = if state.unassigned.contains_key(&id) {
            state.open_for(&viewer).into_iter().map(|incident| incident.id).collect()
        } else {
            Vec::new()
        };
        Ok(Some(Done { fact: id, incident, choices }))
    }
}

fn id_taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "id-taken", "The id belongs to another fact already.")
        .hint("Choose a fresh UUID for every command.")
}

fn refused(refusal: &store::Refusal) -> Problem {
    match refusal {
        store::Refusal::OutOfBounds(bounds) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "out-of-bounds",
            format!("It can't be kept: {bounds}."),
        ),
        store::Refusal::IdTaken(_) => id_taken(),
        store::Refusal::VersionTaken { .. } => Problem::new(
            StatusCode::CONFLICT,
            "changed-meanwhile",
            "Somebody else changed it a moment before.",
        )
        .hint("Look at it again, then decide again."),
    }
}
