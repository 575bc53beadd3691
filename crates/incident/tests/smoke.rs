//! One incident from the first person to its end.

use fact::{FactId, PersonId, StoredFact, Timestamp};
use incident::{Command, Context, Decided, Envelope, Refused, State, StateFact, Status};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(n: u128) -> FactId {
    FactId::from_bytes(n.to_be_bytes())
}

struct Log {
    state: State,
    stored: Vec<StoredFact>,
    next: u128,
}

impl Log {
    fn give(&mut self, who: PersonId, command: serde_json::Value) -> Result<Decided, Refused> {
        let command: Command = serde_json::from_value(command).unwrap();
        self.next += 1;
        let envelope = Envelope { id: id(self.next), given_at: None, seen_version: None, command };
        let mut next = self.next * 1_000;
        let now = at("2026-02-20T15:00:00Z").plus_minutes(i64::try_from(self.next).unwrap());
        let mut context = Context {
            who,
            now,
            fresh_id: &mut || {
                next += 1;
                id(next)
            },
            lookup: &|_| None,
        };
        let decided = self.state.decide(&envelope, &mut context)?;
        for fact in &decided.facts {
            let position = self.stored.len() as u64 + 1;
            let stored = StoredFact { position, recorded_at: now, fact: fact.clone() };
            self.state.apply(&StateFact::of(&stored).unwrap());
            self.stored.push(stored);
        }
        Ok(decided)
    }
}

#[test]
fn an_incident_from_the_first_person_to_its_end() {
    let mut log = Log { state: State::default(), stored: Vec::new(), next: 0 };
    let ada = PersonId(id(1).0);
    log.give(ada, serde_json::json!({"verb": "add-person", "name": "Ada"})).unwrap();
    log.give(ada, serde_json::json!({"verb": "declare", "title": "Checkout down", "severity": 2})).unwrap();
    log.give(ada, serde_json::json!({"verb": "did", "text": "rolled back", "temporary": true})).unwrap();
    log.give(ada, serde_json::json!({"verb": "mitigated"})).unwrap();
    log.give(ada, serde_json::json!({"verb": "close"})).unwrap();
    let again = log.give(ada, serde_json::json!({"verb": "close", "incident": "INC-1"})).unwrap_err();
    assert_eq!(again.to_string(), "INC-1 was closed by Ada at 2026-02-20T15:05:00.000000Z already");
    let incident = log.state.incidents.values().next().unwrap();
    assert_eq!((incident.status, incident.version, incident.actions.len()), (Status::Closed, 4, 1));
    assert_eq!(incident.temporary_in_place().count(), 1);

    let mut rebuilt = State::default();
    log.stored.iter().for_each(|stored| rebuilt.apply(&StateFact::of(stored).unwrap()));
    assert_eq!(rebuilt, log.state);
}
