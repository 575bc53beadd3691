//! A person's command: checked against the state, appended, folded in. The only way in.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use fact::{EntityId, FactId, NewFact, PersonId, StoredFact, Viewer};
use incident::{Command, Context, Decided, Envelope, Known, Recorded, Role, StateFact};
use store::{Entry, Receipt};

use crate::app::remove_secrets;
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
    ///
    /// It is carried out to its end even if the caller goes away: a client that hangs up must not
    /// leave facts in the log that the state has not folded in.
    pub async fn execute(self: &Arc<Self>, who: PersonId, envelope: Envelope) -> Result<Done, Problem> {
        let app = Arc::clone(self);
        to_the_end(async move { app.carry_out(who, envelope).await }).await
    }

    async fn carry_out(&self, who: PersonId, envelope: Envelope) -> Result<Done, Problem> {
        let _one_at_a_time = self.commands.lock().await;
        if let Some(done) = self.done_before(who, envelope.id).await? {
            return Ok(done);
        }
        let named = self.named(who, &envelope.command).await?;
        let decided = self.decide(who, &envelope, &named)?;
        self.keep(decided.facts).await?;
        if let Command::Deactivate { person } = envelope.command {
            self.store.end_person(person).await?;
        }
        Ok(Done { fact: decided.fact, incident: decided.incident, choices: decided.choices })
    }

    /// The first person, an admin, who adds themselves to an empty log; whoever was first, if
    /// there are people already.
    pub async fn ensure_first_person(&self, name: &str) -> Result<PersonId, Problem> {
        let _one_at_a_time = self.commands.lock().await;
        if let Some(first) = first_admin(&self.state()) {
            return Ok(first);
        }
        let id = self.ids.fact_id(self.now());
        let command = Command::AddPerson { name: name.into(), role: Role::Admin };
        let envelope = Envelope { id, given_at: None, seen_version: None, command };
        let who = PersonId(id.0);
        let decided = self.decide(who, &envelope, &BTreeMap::new())?;
        self.keep(decided.facts).await?;
        Ok(who)
    }

    /// The facts that a command names, of those that the person sees.
    async fn named(&self, who: PersonId, command: &Command) -> Result<BTreeMap<FactId, Known>, Problem> {
        let ids = command.facts();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let viewer = self.state().viewer(who);
        let mut named = BTreeMap::new();
        // One by one: an edit's id finds its first telling, under another id.
        for id in ids {
            if let Some(Entry::Fact { first, .. }) =
                self.store.facts(&viewer, &[id]).await?.into_iter().next()
            {
                let NewFact { source, kind, content, .. } = first.fact;
                let known = Known { source, entity: content.entity, kind, occurred_at: content.occurred_at };
                named.insert(id, known);
            }
        }
        Ok(named)
    }

    fn decide(
        &self,
        who: PersonId,
        envelope: &Envelope,
        named: &BTreeMap<FactId, Known>,
    ) -> Result<Decided, Problem> {
        let now = self.now();
        let mut fresh_id = || self.ids.fact_id(now);
        let lookup = |id: FactId| named.get(&id).cloned();
        let mut context = Context { who, now, fresh_id: &mut fresh_id, lookup: &lookup };
        Ok(self.state().decide(envelope, &mut context)?)
    }

    /// Appends state facts, all or none, and folds them in. The caller holds the lock.
    pub(crate) async fn keep(&self, mut facts: Vec<NewFact>) -> Result<(), Problem> {
        if facts.is_empty() {
            return Ok(());
        }
        // What is folded in must be what the log holds.
        remove_secrets(&mut facts);
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
            stored.into_iter().filter_map(StateFact::from_stored).for_each(|fact| state.apply(&fact));
        });
        Ok(())
    }

    /// What an earlier sending of the same envelope led to.
    async fn done_before(&self, who: PersonId, id: FactId) -> Result<Option<Done>, Problem> {
        let found = self.store.facts(&Viewer::system(), &[id]).await?;
        let first = match found.into_iter().next() {
            None => return Ok(None),
            Some(Entry::Redacted { .. }) => return Err(id_taken()),
            Some(Entry::Fact { first, .. }) => first,
        };
        let state = self.state();
        let lives_on = |person: PersonId| state.person(person).map(|person| person.id);
        let recorded = first.fact.content.data.get("event").and_then(|event| Recorded::read(event).ok());
        let is_theirs = recorded.is_some_and(|recorded| lives_on(recorded.by) == lives_on(who));
        if first.fact.id != id || first.fact.content.entity.is_none() || !is_theirs {
            return Err(id_taken());
        }
        let entry = state.entries.get(&id);
        let entity = first.fact.content.entity.filter(|entity| state.incidents.contains_key(entity));
        let incident = entry.and_then(|entry| entry.incident).or(entity);
        let choices = match state.unassigned.get(&id) {
            Some(_) => state.open_for(&state.viewer(who)).into_iter().map(|incident| incident.id).collect(),
            None => Vec::new(),
        };
        Ok(Some(Done { fact: id, incident, choices }))
    }
}

/// Runs a change to its end, whether or not anybody still waits for the answer.
pub(crate) async fn to_the_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(change).await {
        Ok(result) => result,
        Err(stopped) if stopped.is_panic() => std::panic::resume_unwind(stopped.into_panic()),
        Err(_) => Err(store::StoreError::Closed.into()),
    }
}

/// Whoever was added first of those who can add others.
fn first_admin(state: &incident::State) -> Option<PersonId> {
    let mut admins = state.people.values().filter(|it| it.active && it.joined_into.is_none());
    // Ids begin with the time at which they were made.
    admins.find(|it| it.role == Role::Admin).map(|it| it.id)
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
