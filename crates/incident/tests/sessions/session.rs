//! Sessions as text: one command a line, what came of it as text.
//!
//! `15:04 Ada did {"text": "rolled back"}`: time, person, verb, fields. `$3` stands for the id of
//! line 3's fact (or person, incident, source). `seen=4` is the version seen, `given=14:50` the
//! time at which it was typed. `15:00 * room message` records a fact of the source `room`. Empty
//! lines don't count.
#![expect(clippy::unwrap_used, reason = "sessions are written by hand in tests")]

use std::collections::BTreeMap;
use std::fmt::Write;

use fact::{FactId, NewFact, PersonId, SourceId, StoredFact, Timestamp};
use incident::{Command, Context, Decided, Envelope, Known, Refused, State, StateFact};

pub fn at(time: &str) -> Timestamp {
    format!("2026-02-20T{time}:00Z").parse().unwrap()
}

pub fn id(n: usize) -> FactId {
    FactId::from_bytes((n as u128).to_be_bytes())
}

#[derive(Default)]
pub struct Session {
    pub state: State,
    pub log: Vec<StoredFact>,
    pub told: String,
    recorded: BTreeMap<FactId, Known>,
    lines: usize,
}

impl Session {
    /// Runs a session and checks that the log leads to the same state again.
    pub fn of(text: &str) -> Session {
        let mut session = Session::default();
        session.run(text);
        let mut again = State::default();
        session.log.iter().for_each(|stored| again.apply(&StateFact::of(stored).unwrap()));
        assert_eq!(again, session.state, "replay");
        session
    }

    pub fn run(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.lines += 1;
            self.line(line);
        }
    }

    pub fn person(&self, name: &str) -> PersonId {
        self.state.person_named(name).unwrap().id
    }

    /// What a person sees of the log: their own source, entities that are not hidden.
    pub fn seen_by(&self, name: &str) -> String {
        let viewer = self.state.viewer(self.person(name));
        let seen = self.log.iter().filter(|it| {
            viewer.sees_source(it.fact.source)
                && it.fact.content.entity.is_none_or(|entity| viewer.sees_entity(entity))
        });
        seen.map(|stored| format!("{}\n", stored.fact.content.text)).collect()
    }

    fn line(&mut self, line: &str) {
        let mut words = line.splitn(4, ' ');
        let (time, who, verb) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let mut rest = words.next().unwrap_or_default();
        if who == "*" {
            let source = self.state.source_named(verb).unwrap().id;
            let known = Known { source, entity: None, kind: rest.parse().unwrap(), occurred_at: at(time) };
            self.recorded.insert(id(self.lines), known);
            return;
        }
        let (mut seen_version, mut given_at) = (None, None);
        while let Some((option, after)) = rest.split_once('=').filter(|(option, _)| !option.contains('{')) {
            let (value, after) = after.split_once(' ').unwrap_or((after, ""));
            match option {
                "seen" => seen_version = Some(value.parse().unwrap()),
                "given" => given_at = Some(at(value)),
                other => panic!("{other}"),
            }
            rest = after;
        }
        let command = command(verb, rest);
        let envelope = Envelope { id: id(self.lines), given_at, seen_version, command };
        let who = self.state.person_named(who).map_or(PersonId(id(self.lines).0), |person| person.id);
        match self.give(who, &envelope, at(time)) {
            Ok(decided) => self.tell(&decided),
            Err(refused) => self.tell_refused(&refused),
        }
    }

    /// Decides a command and, if it was not refused, appends and folds what came of it.
    pub fn give(&mut self, who: PersonId, envelope: &Envelope, now: Timestamp) -> Result<Decided, Refused> {
        let mut next = self.lines * 1_000;
        let mut fresh_id = || {
            next += 1;
            id(next)
        };
        let lookup = |fact: FactId| self.recorded.get(&fact).cloned();
        let mut context = Context { who, now, fresh_id: &mut fresh_id, lookup: &lookup };
        let decided = self.state.decide(envelope, &mut context)?;
        for fact in &decided.facts {
            fact::Limits::check(fact).unwrap();
            self.keep(fact.clone(), now);
        }
        Ok(decided)
    }

    /// As [`Session::give`], counted as a line.
    pub fn give_as_line(
        &mut self,
        who: PersonId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<Decided, Refused> {
        self.lines += 1;
        self.give(who, envelope, now)
    }

    fn keep(&mut self, fact: NewFact, now: Timestamp) {
        let known = Known {
            source: fact.source,
            entity: fact.content.entity,
            kind: fact.kind.clone(),
            occurred_at: fact.content.occurred_at,
        };
        self.recorded.insert(fact.id, known);
        let entity = fact.content.entity.unwrap();
        assert_eq!(fact.content.version, Some(self.state.version_of(entity) + 1), "versions have no gaps");
        let stored = StoredFact { position: self.log.len() as u64 + 1, recorded_at: now, fact };
        self.state.apply(&StateFact::of(&stored).unwrap());
        self.log.push(stored);
    }

    fn tell(&mut self, decided: &Decided) {
        if decided.facts.is_empty() {
            writeln!(self.told, "= so already").unwrap();
        }
        for NewFact { kind, source, content, .. } in &decided.facts {
            let whose = if *source == SourceId::OWN { "" } else { " (of its source)" };
            let back = if content.live { "" } else { " (back-dated)" };
            let time = content.occurred_at.to_string()[11..16].to_owned();
            writeln!(self.told, "{time} {kind}{whose}{back} {}", content.text).unwrap();
        }
        let incident = decided.incident.and_then(|id| self.state.incidents.get(&id));
        if let Some(incident) = incident.filter(|_| !decided.facts.is_empty()) {
            writeln!(self.told, "  in {} v{}", incident.name(), incident.version).unwrap();
        }
        if !decided.choices.is_empty() {
            let names = decided.choices.iter().map(|id| self.state.incidents[id].name());
            writeln!(self.told, "  choices: {}", names.collect::<Vec<_>>().join(", ")).unwrap();
        }
    }

    fn tell_refused(&mut self, refused: &Refused) {
        let Refused { refusal, code, message, choices, .. } = refused;
        let choices = if choices.is_empty() { String::new() } else { format!(" [{}]", choices.join(", ")) };
        writeln!(self.told, "! {refusal:?} {code}: {message}{choices}").unwrap();
    }
}

fn command(verb: &str, fields: &str) -> Command {
    let mut text = if fields.is_empty() { "{}".to_owned() } else { fields.to_owned() };
    // `$3` anywhere in the fields is the id of line 3.
    while let Some(start) = text.find("\"$") {
        let end = start + 2 + text[start + 2..].find('"').unwrap();
        let line: usize = text[start + 2..end].parse().unwrap();
        text.replace_range(start + 1..end, &id(line).to_string());
    }
    // `@15:10` is a time of the day.
    while let Some(start) = text.find("\"@") {
        let time = at(&text[start + 2..start + 7]);
        text.replace_range(start + 1..start + 7, &time.to_string());
    }
    let mut value: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    value["verb"] = verb.into();
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{verb} {text}: {error}"))
}

/// What a session told, and nothing else.
pub fn told(text: &str) -> String {
    Session::of(text).told
}
