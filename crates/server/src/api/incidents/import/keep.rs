//! Keeps an imported incident: in order of position, each fact once.

use std::collections::{BTreeMap, BTreeSet};

use api::{Export, ExportedFact, FORMAT, Imported};
use axum::http::StatusCode;
use fact::{EntityId, FactId, NewFact, StoredFact, Viewer};
use incident::{Event, StateFact};
use store::Receipt;

use super::ids;
use super::names::{Names, names, told};
use super::rewrite::{Target, is_sound, rewritten};
use crate::app::remove_secrets;
use crate::auth::Caller;
use crate::reading::lies_outside;
use crate::recording::before_retention;
use crate::{App, Problem};

/// Facts of one append.
const BATCH: usize = 1_000;

/// Takes an incident in.
pub(super) async fn import(app: &App, caller: &Caller, mut export: Export) -> Result<Imported, Problem> {
    check(&export)?;
    export.facts.sort_by_key(|fact| fact.position);
    let _one_at_a_time = app.commands.lock().await;
    let (incident, mut names) = named(app, caller, &export);
    let facts = ids::facts(app, &caller.viewer, &export, incident, &names.sources).await?;
    names.ids.extend(facts.iter().map(|(there, here)| (there.to_string(), here.to_string())));
    app.keep(names.facts.clone()).await?;
    let mut importer = Importer::new(app, caller, &export, incident, facts, names);
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
    let declaration =
        |fact: &ExportedFact| fact.entity == Some(export.incident.incident.id) && declares(fact);
    if !export.facts.iter().any(declaration) {
        return invalid("no-declaration", "The export does not hold the incident's declaration.");
    }
    Ok(())
}

fn declares(fact: &ExportedFact) -> bool {
    fact.data.get("event").is_some_and(|event| event.pointer("/what/declared").is_some())
}

fn named(app: &App, caller: &Caller, export: &Export) -> (EntityId, Names) {
    let (now, key, state) = (app.now(), &app.config.key, app.state());
    let incident = ids::incident(&state, &caller.viewer, key, export);
    (incident, names(&state, caller, key, export, now, &mut || app.ids.fact_id(now)))
}

struct Importer<'a> {
    app: &'a App,
    caller: &'a Caller,
    names: Names,
    target: Target<'a>,
    recorded: Vec<StoredFact>,
    stored: u64,
    known: u64,
    refused: u64,
    notes: Vec<String>,
}

impl<'a> Importer<'a> {
    fn new(
        app: &'a App,
        caller: &'a Caller,
        export: &'a Export,
        incident: EntityId,
        facts: BTreeMap<FactId, FactId>,
        names: Names,
    ) -> Self {
        let state = app.state();
        let next = state.next_number(export.incident.private, app.ids.fact_id(app.now()));
        let target = Target {
            incident,
            number: state.incidents.get(&incident).map_or(next, |here| here.number),
            importer: caller.person.to_string(),
            external_id: export.incident.incident.url.clone(),
            export,
            facts,
        };
        Importer {
            app,
            caller,
            names,
            target,
            recorded: Vec::new(),
            stored: 0,
            known: 0,
            refused: 0,
            notes: Vec::new(),
        }
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
            if here.contains(&self.called(exported.id)) {
                self.known += 1;
                continue;
            }
            if declares(exported) && exported.entity != Some(self.target.export.incident.incident.id) {
                self.note(exported.id, "it declares another incident");
                continue;
            }
            let Some(mut fact) = rewritten(exported, &self.names, &self.target) else {
                self.note(exported.id, "its source, or the fact that it corrects, is not in the export");
                continue;
            };
            if let Some(why) = self.too_old(&fact) {
                self.note(exported.id, &why);
                continue;
            }
            if let Some(entity) = fact.content.entity {
                let version = versions.entry(entity).or_insert_with(|| self.app.state().version_of(entity));
                *version += 1;
                fact.content.version = Some(*version);
            }
            facts.push((exported.id, fact));
        }
        self.append(facts).await
    }

    fn called(&self, id: FactId) -> FactId {
        self.target.facts.get(&id).copied().unwrap_or(id)
    }

    /// Retention holds for whatever comes in, also for what was recorded elsewhere.
    fn too_old(&self, fact: &NewFact) -> Option<String> {
        let state = self.app.state();
        before_retention(state.sources.get(&fact.source)?, fact.content.occurred_at, self.app.now())
    }

    /// Which of these are in the log already; state facts are not told again under a new version.
    async fn here(&self, batch: &[ExportedFact]) -> Result<BTreeSet<FactId>, Problem> {
        let ids: Vec<FactId> = batch.iter().map(|fact| self.called(fact.id)).collect();
        let found = self.app.store.facts(&Viewer::system(), &ids).await?;
        Ok(found.iter().map(store::Entry::id).collect())
    }

    /// Appends facts that are called this in the export.
    async fn append(&mut self, facts: Vec<(FactId, NewFact)>) -> Result<(), Problem> {
        let (theirs, mut facts): (Vec<FactId>, Vec<NewFact>) = facts.into_iter().unzip();
        remove_secrets(&mut facts);
        let receipts = self.app.append(facts.clone()).await?;
        let mut state_facts = Vec::new();
        for ((there, fact), receipt) in theirs.into_iter().zip(facts).zip(receipts) {
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
                        self.known_as(there, id);
                    }
                }
                Receipt::Refused(refusal) => self.note(there, &refusal.to_string()),
            }
        }
        self.app.change_state(|state| state_facts.iter().for_each(|fact| state.apply(fact)));
        Ok(())
    }

    /// Whatever names the fact from here on names the one that is here.
    fn known_as(&mut self, there: FactId, here: FactId) {
        self.target.facts.insert(there, here);
        self.names.ids.insert(there.to_string(), here.to_string());
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
        self.refused += 1;
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
            refused: self.refused,
            notes: self.notes,
        })
    }
}
