//! Tells a story line by line: sets the clock, then speaks as a person or delivers as a source.

use std::collections::BTreeMap;

use fact::{FactId, PersonId, Timestamp};
use incident::{Command, Envelope, IncidentRef};
use server::Shared;

use super::DemoClock;
use super::story::{Line, offset};
use super::{deliver, say};
use crate::client::{Client, Target, segment};
use crate::failure::Failure;

/// How long after it happened a fact is recorded, in microseconds: as from a chat or a webhook.
const LAG: i64 = 840_000;

/// What was told so far.
pub struct Teller {
    app: Shared,
    clock: DemoClock,
    url: String,
    begin: Timestamp,
    random: u64,
    me: PersonId,
    clients: BTreeMap<PersonId, Client>,
    /// Without a token: what a source has.
    pub nobody: Client,
    /// People by name.
    pub people: BTreeMap<String, PersonId>,
    /// Paths to deliver to, by source.
    pub addresses: BTreeMap<String, String>,
    /// Since when alerts fire, by their labels.
    pub firing: BTreeMap<String, Timestamp>,
    /// The story's incident.
    pub incident: Option<String>,
    incidents: BTreeMap<String, String>,
    facts: BTreeMap<String, FactId>,
}

impl Teller {
    /// Speaks to the server at `url`; `me` is whoever started the demo.
    pub fn new(app: Shared, clock: DemoClock, url: &str, me: PersonId) -> Result<Self, Failure> {
        let nobody = Client::new(Target { url: url.to_owned(), token: None }, None)?;
        Ok(Teller {
            app,
            clock,
            url: url.to_owned(),
            begin: Timestamp::MIN,
            random: 0x6465_6164_7374_6963,
            me,
            clients: BTreeMap::new(),
            nobody,
            people: BTreeMap::from([("me".into(), me)]),
            addresses: BTreeMap::new(),
            firing: BTreeMap::new(),
            incident: None,
            incidents: BTreeMap::new(),
            facts: BTreeMap::new(),
        })
    }

    /// A new story begins.
    pub fn begin(&mut self, at: Timestamp) {
        self.begin = at;
        self.incident = None;
        self.incidents.clear();
        self.facts.clear();
    }

    /// Tells one line.
    pub fn tell(&mut self, line: &Line) -> Result<(), Failure> {
        self.clock.set(self.moment(line.at).plus_micros(LAG));
        let fact = match line.who.strip_prefix('@') {
            Some(person) => say::say(self, person, line)?,
            None => deliver::deliver(self, line)?,
        };
        if let (Some(label), Some(fact)) = (line.key("as"), fact) {
            self.facts.insert(label.to_owned(), fact);
        }
        Ok(())
    }

    /// So many seconds into the story.
    pub fn moment(&self, seconds: i64) -> Timestamp {
        self.begin.plus_micros(seconds * 1_000_000)
    }

    /// When it happened: `at=`, else when it was recorded.
    pub fn occurred_at(&self, line: &Line) -> Result<Timestamp, Failure> {
        Ok(self.time(line, "at")?.unwrap_or_else(|| self.moment(line.at)))
    }

    /// A time of the story under a key.
    pub fn time(&self, line: &Line, key: &str) -> Result<Option<Timestamp>, Failure> {
        let read =
            |text| offset(text).map(|seconds| self.moment(seconds)).ok_or_else(|| unknown("time", text));
        line.key(key).map(read).transpose()
    }

    /// Ids that are the same in every run, but for the time in them.
    pub fn id(&mut self, at: Timestamp) -> FactId {
        let mut random = [0; 10];
        for chunk in random.chunks_mut(8) {
            // SplitMix64, of Steele, Lea and Flood.
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.random;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
        FactId(fact::uuid_v7(at, random))
    }

    /// A person by name.
    pub fn person(&self, name: &str) -> Result<PersonId, Failure> {
        self.people.get(name).copied().ok_or_else(|| unknown("person", name))
    }

    /// Speaks for a person.
    pub fn client(&mut self, person: PersonId) -> Result<&Client, Failure> {
        if !self.clients.contains_key(&person) {
            let token = Some(self.app.process_token(person).0);
            let client = Client::new(Target { url: self.url.clone(), token }, None)?;
            self.clients.insert(person, client);
        }
        self.clients.get(&person).ok_or_else(|| unknown("person", &person.to_string()))
    }

    /// Gives a command for a person.
    pub fn give(&mut self, person: PersonId, command: Command) -> Result<api::Done, Failure> {
        let at = self.moment(0);
        let envelope = Envelope { id: self.id(at), given_at: None, seen_version: None, command };
        Ok(self.client(person)?.post("/api/v1/commands", &envelope)?)
    }

    /// The story's incident.
    pub fn here(&self) -> Result<IncidentRef, Failure> {
        self.incident.clone().map(IncidentRef).ok_or_else(|| unknown("incident", "of this story"))
    }

    /// An incident by label.
    pub fn labelled(&self, label: &str) -> Result<IncidentRef, Failure> {
        self.incidents.get(label).cloned().map(IncidentRef).ok_or_else(|| unknown("incident", label))
    }

    /// An incident was declared: the first one is the story's.
    pub fn declared(&mut self, label: Option<&str>, name: String) {
        if let Some(label) = label {
            self.incidents.insert(label.to_owned(), name.clone());
        }
        self.incident.get_or_insert(name);
    }

    /// A fact under a key: by label, or `~` and words that it says.
    pub fn fact(&mut self, line: &Line, key: &str) -> Result<FactId, Failure> {
        let named = line.key(key).ok_or_else(|| unknown("key", key))?;
        let Some(words) = named.strip_prefix('~') else {
            return self.facts.get(named).copied().ok_or_else(|| unknown("fact", named));
        };
        let path = format!("/api/v1/incidents/{}/timeline", segment(&self.here()?.0));
        let me = self.me;
        let facts = crate::verb::timeline::facts(self.client(me)?, &path, "")?;
        let found = facts.iter().rev().find(|fact| fact.text.contains(words));
        found.map(|fact| fact.id).ok_or_else(|| unknown("fact", words))
    }

    /// A fact under a key, if the key is there.
    pub fn maybe_fact(&mut self, line: &Line, key: &str) -> Result<Option<FactId>, Failure> {
        line.key(key).is_some().then(|| self.fact(line, key)).transpose()
    }
}

/// The story speaks of something that is not there.
pub fn unknown(what: &str, name: &str) -> Failure {
    Failure::refused("demo", format!("There is no {what} `{name}`."))
}
