//! Keeps an imported incident: in order of position, each fact once.

use std::collections::{BTreeMap, BTreeSet};

use api::{Export, ExportedFact, FORMAT, Imported};
use axum::http::StatusCode;
use fact::{EntityId, FactId, NewFact, StoredFact, Viewer};
use incident::{Event, StateFact};
use store::Receipt;

use super::names::{Names, names, told};
use super::rewrite::{Target, is_sound, rewritten};
use crate::app::remove_secrets;
use crate::auth::Caller;
use crate::reading::lies_outside;
use crate::{App, Problem};

/// Facts of one append.
const BATCH: usize = 1_000;

/// Takes an incident in.
pub(super) async fn import(app: &App, caller: &Caller, mut export: Export) -> Result<Imported, Problem> {
    check(&export)?;
    export.facts.sort_by_key(|fact| fact.position);
    let _one_at_a_time = app.commands.lock().await;
    let incident = export.incident.incident.id;
    if !caller.viewer.sees_entity(incident) {
        return Err(Problem::not_found());
    }
    let names = named(app, caller, &export);
    app.keep(names.facts.clone()).await?;
    let mut importer = Importer::new(app, caller, &export, names);
    for batch in export.facts.chunks(BATCH) {
        importer.keep(batch).await?;
    }
    importer.put_in().await?;
    importer.done()
}

fn check(export: &Export) -> Result<(), Problem> {
    let invalid = |code, title: &str| Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title));
    if export.format != FORMAT {
        return invalid("unknown-format", &format!("The format is not {FORMAT}."));
    }
    let declaration = |fact: &ExportedFact| {
        fact.entity == Some(export.incident.incident.id)
            && fact.data.get("event").is_some_and(|event| event.pointer("/what/declared").is_some())
    };
    if !export.facts.iter().any(declaration) {
        return invalid("no-declaration", "The export does not hold the incident's declaration.");
    }
    Ok(())
}

fn named(app: &App, caller: &Caller, export: &Export) -> Names {
    let now = app.now();
    names(&app.state(), caller, export, now, &mut || app.ids.fact_id(now))
}

struct Importer<'a> {
    app: &'a App,
    caller: &'a Caller,
    names: Names,
    target: Target<'a>,
    recorded: Vec<StoredFact>,
    stored: u64,
    known: u64,
    notes: Vec<String>,
}

impl<'a> Importer<'a> {
    fn new(app: &'a App, caller: &'a Caller, export: &'a Export, names: Names) -> Self {
        let state = app.state();
        let incident = export.incident.incident.id;
        let next = state.next_number(export.incident.private, app.ids.fact_id(app.now()));
        let target = Target {
            incident,
            number: state.incidents.get(&incident).map_or(next, |here| here.number),
            importer: caller.person.to_string(),
            external_id: export.incident.incident.url.clone(),
            export,
            known_as: BTreeMap::new(),
        };
        Importer { app, caller, names, target, recorded: Vec::new(), stored: 0, known: 0, notes: Vec::new() }
    }

    async fn keep(&mut self, batch: &[ExportedFact]) -> Result<(), Problem> {
        let here = self.here(batch).await?;
        let mut facts = Vec::with_capacity(batch.len());
        let mut versions: BTreeMap<EntityId, u64> = BTreeMap::new();
        for exported in batch {
            if !is_sound(exported) {
                self.note(exported.id, "it is no part of an incident");
                continue;
            }
            if exported.entity.is_some() && here.contains(&exported.id) {
                self.known += 1;
                continue;
            }
            let Some(mut fact) = rewritten(exported, &self.names, &self.target) else {
                self.note(exported.id, "its source is not named");
                continue;
            };
            if let Some(entity) = fact.content.entity {
                let version = versions.entry(entity).or_insert_with(|| self.app.state().version_of(entity));
                *version += 1;
                fact.content.version = Some(*version);
            }
            facts.push(fact);
        }
        self.append(facts).await
    }

    /// Which of these are in the log already; state facts are not told again under a new version.
    async fn here(&self, batch: &[ExportedFact]) -> Result<BTreeSet<FactId>, Problem> {
        let ids: Vec<FactId> = batch.iter().map(|fact| fact.id).collect();
        let found = self.app.store.facts(&Viewer::system(), &ids).await?;
        Ok(found.iter().map(store::Entry::id).collect())
    }

    async fn append(&mut self, mut facts: Vec<NewFact>) -> Result<(), Problem> {
        remove_secrets(&mut facts);
        let receipts = self.app.append(facts.clone()).await?;
        let mut state_facts = Vec::new();
        for (fact, receipt) in facts.into_iter().zip(receipts) {
            match receipt {
                Receipt::Stored { position, recorded_at } => {
                    self.stored += 1;
                    let stored = StoredFact { position, recorded_at, fact };
                    match StateFact::of(&stored) {
                        Some(state_fact) => state_facts.push(state_fact),
                        None => self.recorded.push(stored),
                    }
                }
                Receipt::Known { id, .. } => {
                    self.known += 1;
                    if id != fact.id {
                        self.target.known_as.insert(fact.id.to_string(), id.to_string());
                    }
                }
                Receipt::Refused(refusal) => self.note(fact.id, &refusal.to_string()),
            }
        }
        self.app.change_state(|state| state_facts.iter().for_each(|fact| state.apply(fact)));
        Ok(())
    }

    /// Facts that were in the window because of when they were recorded lie outside now: they are
    /// put in by hand.
    async fn put_in(&mut self) -> Result<(), Problem> {
        let recorded = std::mem::take(&mut self.recorded);
        let (version, outside) = {
            let state = self.app.state();
            let outside = lies_outside(&state, self.target.incident, &recorded);
            (state.version_of(self.target.incident) + 1, outside)
        };
        if outside.is_empty() {
            return Ok(());
        }
        let now = self.app.now();
        let line = format!("put {} facts in by an import", outside.len());
        let event = Event::MovedIn { facts: outside };
        let id = self.app.ids.fact_id(now);
        let fact = told(self.caller.person, self.target.incident, version, event, line, now, id);
        self.app.keep(vec![fact]).await
    }

    fn note(&mut self, id: FactId, why: &str) {
        if self.notes.len() < 100 {
            self.notes.push(format!("{id} was left out: {why}"));
        }
    }

    fn done(self) -> Result<Imported, Problem> {
        let state = self.app.state();
        let incident = state.incidents.get(&self.target.incident).ok_or_else(Problem::not_found)?;
        Ok(Imported {
            incident: incident.name(),
            url: format!("{}/incidents/{}", self.app.config.base_url, incident.name()),
            stored: self.stored,
            known: self.known,
            notes: self.notes,
        })
    }
}
