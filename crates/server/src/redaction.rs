//! Redaction: chosen content leaves the log for good, and the memory with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::{RedactionDone, RedactionRequest};
use axum::http::StatusCode;
use fact::{FactId, PersonId, ReplacedEvent, StoredFact, Viewer};
use incident::{Act, blank};
use store::{Entry, EraseError, RedactRequest};

use crate::command::to_the_end;
use crate::{App, Problem};

/// Facts that one redaction can find by a text.
const FOUND: usize = 10_000;

impl App {
    /// Removes facts with all their revisions, corrections and quotes.
    ///
    /// Only what the person sees can be named or found; who redacts what they can't see asks a
    /// member of the private source or incident.
    pub async fn redact(
        self: &Arc<Self>,
        who: PersonId,
        request: RedactionRequest,
    ) -> Result<RedactionDone, Problem> {
        let app = Arc::clone(self);
        to_the_end(async move { app.carry_out_redaction(who, request).await }).await
    }

    async fn carry_out_redaction(
        &self,
        who: PersonId,
        request: RedactionRequest,
    ) -> Result<RedactionDone, Problem> {
        let _one_at_a_time = self.commands.lock().await;
        let (viewer, actor) = self.redactor(who)?;
        check_why(&request)?;
        let chosen = self.chosen(&viewer, &request).await?;
        let ids: Vec<FactId> = chosen.iter().map(|stored| stored.fact.id).collect();
        if ids.is_empty() || request.dry_run {
            let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
            return Ok(RedactionDone { position: None, count, facts: ids });
        }
        let now = self.now();
        let done = self.store.redact(RedactRequest {
            facts: ids,
            replaced: chosen.iter().filter_map(replacement).collect(),
            why: request.why,
            actor,
            id: self.ids.fact_id(now),
            at: now,
        });
        let done = done.await.map_err(refused)?;
        // Titles and texts are in memory too: only what the log still says may stay there.
        let state = App::rebuild(self.store.as_ref()).await?;
        self.change_state(|old| *old = state);
        self.tell_erasure();
        Ok(RedactionDone { position: Some(done.position), count: done.count, facts: done.ids })
    }

    fn redactor(&self, who: PersonId) -> Result<(Viewer, String), Problem> {
        let state = self.state();
        let person = state.person(who).filter(|person| person.active).ok_or_else(Problem::not_found)?;
        if !Act::Redact.is_allowed_for(person.role) {
            let title =
                format!("This takes the role {}; yours is {}.", Act::Redact.least_role(), person.role);
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", title));
        }
        Ok((state.viewer(person.id), person.name.clone()))
    }

    /// What goes, of what the viewer sees: as named, as found, and the corrections of those, whose
    /// texts repeat what they correct.
    async fn chosen(&self, viewer: &Viewer, request: &RedactionRequest) -> Result<Vec<StoredFact>, Problem> {
        let mut ids: BTreeSet<FactId> = request.facts.iter().copied().collect();
        if let Some(text) = &request.containing {
            let found = self.store.containing(viewer, text, FOUND).await?;
            ids.extend(found.into_iter().map(|stored| stored.fact.id));
        }
        let corrections: Vec<FactId> = {
            let state = self.state();
            let corrected = ids.iter().filter_map(|id| state.corrections.get(id));
            corrected.flat_map(|correction| &correction.history).map(|amendment| amendment.fact).collect()
        };
        ids.extend(corrections);
        let mut chosen = Vec::new();
        for id in ids {
            let revisions = self.store.revisions(viewer, id).await?;
            if revisions.is_empty() {
                let is_gone =
                    matches!(self.store.facts(viewer, &[id]).await?.first(), Some(Entry::Redacted { .. }));
                if !is_gone {
                    return Err(Problem::not_found());
                }
            }
            for stored in revisions {
                if !chosen.iter().any(|other: &StoredFact| other.fact.id == stored.fact.id) {
                    chosen.push(stored);
                }
            }
        }
        Ok(chosen)
    }
}

/// What stands for a state fact from now on.
fn replacement(stored: &StoredFact) -> Option<ReplacedEvent> {
    let content = &stored.fact.content;
    Some(ReplacedEvent {
        position: stored.position,
        entity: content.entity?,
        version: content.version?,
        event: blank(content.data.get("event")?),
    })
}

fn check_why(request: &RedactionRequest) -> Result<(), Problem> {
    let invalid = |code, title: &str| Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title));
    if request.why.trim().is_empty() {
        return invalid("no-reason", "A redaction needs a reason: it stays in the log.");
    }
    match &request.containing {
        Some(text) if text.trim().chars().count() < 3 => {
            invalid("text-too-short", "The text to look for needs three characters at least.")
        }
        Some(text) if request.why.contains(text.as_str()) => {
            invalid("reason-repeats-it", "The reason stays in the log: it must not repeat what is removed.")
        }
        None if request.facts.is_empty() => {
            invalid("nothing-named", "Name facts, or a text that they contain.")
        }
        _ => Ok(()),
    }
}

fn refused(error: EraseError) -> Problem {
    match error {
        EraseError::Store(error) => Problem::store(&error),
        EraseError::NoSuchFact(_) => Problem::not_found(),
        EraseError::IsRecord(_) => Problem::new(
            StatusCode::CONFLICT,
            "record-of-erasure",
            "The record of an erasure stays: it accounts for what is missing.",
        ),
        EraseError::NeedsReplacement(fact) => Problem::new(
            StatusCode::CONFLICT,
            "no-replacement",
            format!("Fact {fact} changes state in a way that this version can't blank."),
        ),
    }
}
