//! Whatever is said in whatever order: nothing panics, nothing refused leaves a trace, and the log
//! leads to the same state again, also when facts of different entities come in another order.
#![expect(clippy::unwrap_used, reason = "an absent value fails the test")]

use crate::session::{Session, at, id};
use fact::{EntityId, FactId, PersonId, StoredFact, Timestamp};
use incident::{
    Because, Command, Envelope, IncidentRef, IncidentRole, ResultOutcome, Role, SourceKind, State, StateFact,
    blank,
};
use proptest::prelude::*;

/// Ids of commands so far, and one that is not there.
fn some_fact() -> impl Strategy<Value = FactId> {
    prop_oneof![9 => 6_usize..36, 1 => 1_usize..90].prop_map(id)
}

fn some_incident() -> impl Strategy<Value = IncidentRef> + Clone {
    prop_oneof![9 => 1_u8..4, 1 => 1_u8..7].prop_map(|n| IncidentRef(format!("INC-{n}")))
}

fn some_text() -> impl Strategy<Value = String> {
    prop_oneof![9 => "[a-z]{1,12}", 1 => Just(" ".to_owned()), 1 => Just("ß\u{0}".to_owned()), 1 => Just("x".repeat(2_000))]
}

fn some_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![
        6 => Just(None),
        4 => (0_i64..70).prop_map(|minutes| Some(at("14:00").plus_minutes(minutes))),
        1 => any::<i64>().prop_map(|micros| Some(Timestamp::from_micros(micros))),
    ]
}

fn some_outcome() -> impl Strategy<Value = ResultOutcome> {
    prop_oneof![Just(ResultOutcome::Helped), Just(ResultOutcome::NoChange), Just(ResultOutcome::Worse)]
}

fn some_person() -> impl Strategy<Value = PersonId> {
    (1_usize..8).prop_map(|n| PersonId(id(n).0))
}

fn saying() -> impl Strategy<Value = Command> {
    let named = proptest::option::of(some_incident());
    prop_oneof![
        (some_text(), named.clone(), some_time(), any::<bool>()).prop_map(
            |(text, incident, at, temporary)| {
                let because = temporary.then_some(Because::Costly);
                Command::Did { text, incident, at, temporary, because }
            }
        ),
        (some_text(), named.clone(), some_time()).prop_map(|(text, incident, at)| Command::Why {
            text,
            incident,
            at
        }),
        (some_text(), named.clone(), some_time()).prop_map(|(text, incident, at)| Command::Note {
            text,
            incident,
            at
        }),
        (some_text(), named.clone(), some_time()).prop_map(|(text, incident, next_due)| Command::Status {
            text,
            incident,
            next_due
        }),
        (some_fact(), named, some_outcome(), some_text()).prop_map(|(action, incident, outcome, text)| {
            Command::Result { action, incident, outcome, text }
        }),
        (some_incident(), some_fact(), some_fact(), some_outcome(), any::<bool>()).prop_map(
            |(incident, action, result, outcome, confirmed)| {
                Command::Verdict { incident, action, result, outcome, rule: None, confirmed }
            }
        ),
        (some_fact(), some_time()).prop_map(|(measure, at)| Command::UndoTemporary {
            measure,
            at,
            text: None
        }),
        (some_fact(), some_text()).prop_map(|(measure, why)| Command::AcceptTemporary { measure, why }),
    ]
}

fn changing() -> impl Strategy<Value = Command> {
    let named = proptest::option::of(some_incident());
    prop_oneof![
        (some_text(), any::<u8>(), some_time(), any::<bool>()).prop_map(
            |(title, severity, started_at, private)| {
                let (services, external_id) = (vec![title.clone()], None);
                Command::Declare { title, severity: severity % 7, started_at, services, private, external_id }
            }
        ),
        (some_incident(), 0_u8..7).prop_map(|(incident, severity)| Command::Severity {
            incident,
            severity,
            why: None
        }),
        (some_incident(), some_person()).prop_map(|(incident, person)| Command::Role {
            incident,
            role: IncidentRole::Scribe,
            person: Some(person)
        }),
        (named.clone(), some_time()).prop_map(|(incident, at)| Command::Mitigated {
            incident,
            at,
            text: None
        }),
        (named, some_time()).prop_map(|(incident, at)| Command::Close { incident, at, text: None }),
        some_incident().prop_map(|incident| Command::Reopen { incident, why: None }),
        (some_incident(), some_incident())
            .prop_map(|(incident, same_as)| Command::SameAs { incident, same_as }),
        (some_incident(), some_time(), some_time()).prop_map(|(incident, from, until)| Command::Window {
            incident,
            from,
            until
        }),
        (some_incident(), any::<bool>(), some_person(), some_person()).prop_map(
            |(incident, private, add, remove)| Command::Privacy {
                incident,
                private,
                add: vec![add],
                remove: vec![remove]
            }
        ),
    ]
}

fn correcting() -> impl Strategy<Value = Command> {
    let named = proptest::option::of(some_incident());
    prop_oneof![
        (some_fact(), some_incident()).prop_map(|(fact, incident)| Command::Assign { fact, incident }),
        (some_fact(), some_time(), proptest::option::of(some_text()))
            .prop_map(|(fact, occurred_at, text)| { Command::Amend { fact, occurred_at, text, why: None } }),
        (some_fact(), named.clone(), named).prop_map(|(fact, from, to)| Command::Move { fact, from, to }),
        some_fact().prop_map(|fact| Command::Undo { fact, why: None }),
        (some_incident(), some_fact(), any::<bool>()).prop_map(|(incident, fact, on)| Command::Star {
            incident,
            fact,
            on
        }),
        (some_incident(), some_fact(), any::<bool>()).prop_map(|(incident, fact, on)| Command::Hide {
            incident,
            fact,
            on
        }),
    ]
}

fn managing() -> impl Strategy<Value = Command> {
    prop_oneof![
        some_text().prop_map(|name| Command::AddPerson { name, role: Role::Admin }),
        (some_person(), some_person()).prop_map(|(into, other)| Command::JoinPeople { into, other }),
        some_person().prop_map(|person| Command::Deactivate { person }),
        (some_person(), some_text()).prop_map(|(person, handle)| Command::AddHandle {
            person,
            handle,
            source: None
        }),
        any::<bool>().prop_map(|private| Command::AddSource {
            kind: SourceKind::Json,
            name: "room".into(),
            private
        }),
    ]
}

fn some_command() -> impl Strategy<Value = Command> {
    prop_oneof![6 => saying(), 2 => changing(), 8 => correcting(), 1 => managing()]
}

/// Who gives it (by number), the version seen, when it was given, the command.
type Given = (usize, Option<u64>, Option<Timestamp>, Command);

fn some_given() -> impl Strategy<Value = Given> {
    let seen = prop_oneof![9 => Just(None), 1 => (0_u64..5).prop_map(Some)];
    (1_usize..4, seen, some_time(), some_command())
}

/// Ada, Bob, Cid and two open incidents; then whatever is given.
fn played(given: Vec<Given>) -> Session {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob", "role": "admin"}
15:00 Ada add-person {"name": "Cid"}
15:00 Ada declare {"title": "Checkout down"}
15:00 Bob declare {"title": "Mail down", "private": true}
"#,
    );
    played_after(session, 6, given)
}

/// Few entries and three incidents to move them around in, so that the same one is hit often.
fn tossed_about(given: Vec<Command>) -> Session {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "Checkout down"}
15:00 Ada declare {"title": "Mail down"}
15:00 Ada declare {"title": "Disk full"}
15:00 Ada did {"text": "first", "temporary": true}
15:00 Ada did {"text": "second", "incident": "INC-1", "temporary": true}
15:00 Ada why {"text": "third", "incident": "INC-2"}
"#,
    );
    played_after(session, 8, given.into_iter().map(|command| (1, None, None, command)).collect())
}

fn tossing() -> impl Strategy<Value = Command> {
    let few = (5_usize..11).prop_map(id);
    let one = (1_u8..4).prop_map(|n| IncidentRef(format!("INC-{n}")));
    let soon = (0_i64..9).prop_map(|minutes| Some(at("14:50").plus_minutes(minutes)));
    prop_oneof![
        4 => (few.clone(), one).prop_map(|(fact, to)| Command::Move { fact, from: None, to: Some(to) }),
        2 => (few.clone(), soon, "[a-c]").prop_map(|(fact, occurred_at, text)| Command::Amend {
            fact,
            occurred_at,
            text: Some(text),
            why: None
        }),
        2 => few.clone().prop_map(|action| Command::Result {
            action,
            incident: None,
            outcome: ResultOutcome::Worse,
            text: String::new()
        }),
        1 => (8_usize..30).prop_map(id).prop_map(|fact| Command::Undo { fact, why: None }),
        1 => few.prop_map(|measure| Command::UndoTemporary { measure, at: None, text: None }),
    ]
}

fn played_after(mut session: Session, first: usize, given: Vec<Given>) -> Session {
    for (n, (who, seen_version, given_at, command)) in given.into_iter().enumerate() {
        let envelope = Envelope { id: id(first + n), given_at, seen_version, command };
        let before = (session.log.len(), session.state.clone());
        let now = at("15:10").plus_minutes(n as i64);
        match session.give_as_line(PersonId(id(who).0), &envelope, now) {
            Ok(decided) => {
                let ids: Vec<_> = decided.facts.iter().map(|fact| fact.id).collect();
                assert!(ids.first().is_none_or(|first| *first == envelope.id && decided.fact == envelope.id));
            }
            Err(refused) => {
                assert!(!refused.message.is_empty());
                assert_eq!(before, (session.log.len(), session.state.clone()), "a refusal leaves no trace");
            }
        }
    }
    session
}

fn folded<'a>(log: impl IntoIterator<Item = &'a StoredFact>) -> State {
    let mut state = State::default();
    log.into_iter().for_each(|stored| state.apply(&StateFact::of(stored).unwrap()));
    state
}

/// Deals the facts of the entities out in another order, each entity's own order kept.
fn interleaved(log: &[StoredFact], picks: &[usize]) -> Vec<StoredFact> {
    let mut rest: Vec<StoredFact> = log.to_vec();
    let mut dealt = Vec::new();
    let mut picks = picks.iter().cycle();
    while !rest.is_empty() {
        let pick = picks.next().unwrap() % rest.len();
        let entity: EntityId = rest[pick].fact.content.entity.unwrap();
        let first = rest.iter().position(|it| it.fact.content.entity == Some(entity)).unwrap();
        dealt.push(rest.remove(first));
    }
    dealt
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_tells_all(
        given in proptest::collection::vec(some_given(), 0..60),
        picks in proptest::collection::vec(any::<usize>(), 1..40),
    ) {
        let session = played(given);
        prop_assert_eq!(&folded(&session.log), &session.state, "replay = incremental");
        let other_order = interleaved(&session.log, &picks);
        prop_assert_eq!(&folded(&other_order), &session.state, "entities commute");
    }

    #[test]
    fn entries_tossed_about_end_where_the_last_word_put_them(
        given in proptest::collection::vec(tossing(), 0..40),
        picks in proptest::collection::vec(any::<usize>(), 1..40),
    ) {
        let session = tossed_about(given);
        let other_order = interleaved(&session.log, &picks);
        prop_assert_eq!(&folded(&other_order), &session.state, "entities commute");
    }

    #[test]
    fn blanking_keeps_the_shape(given in proptest::collection::vec(some_given(), 0..30)) {
        let session = played(given);
        let mut blanked = State::default();
        for stored in &session.log {
            let mut fact = StateFact::of(stored).unwrap();
            fact.event = blank(&fact.event);
            blanked.apply(&fact);
        }
        let shape = |state: &State| {
            let incidents = state.incidents.values().map(|it| {
                (it.number, it.version, it.status, it.actions.len(), it.verdicts.len(), it.read_only.clone())
            });
            (incidents.collect::<Vec<_>>(), state.people.len(), state.entries.clone())
        };
        prop_assert_eq!(shape(&blanked), shape(&session.state));
        let texts = format!("{blanked:?}");
        prop_assert!(!texts.contains("Checkout down") && !texts.contains("Ada"));
    }
}

/// Found by `the_log_tells_all` in one of 80,000 cases: its first text was kept in one order only.
#[test]
fn a_note_moved_and_amended_is_the_same_in_every_order() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "Checkout down"}
15:00 Ada declare {"title": "Mail down"}
15:01 Ada note {"text": "a"}
15:02 Ada move {"fact": "$4", "to": "INC-1"}
15:03 Ada amend {"fact": "$4", "text": "b"}
"#,
    );
    assert!(session.state.incidents.values().any(|incident| incident.moved_in.contains(&id(4))));
    assert!(session.state.corrections.contains_key(&id(4)), "{}", session.told);
    for first in 0..6 {
        for then in 0..6 {
            let other_order = interleaved(&session.log, &[first, then]);
            assert_eq!(folded(&other_order), session.state, "{first} {then}");
        }
    }
}

#[test]
fn an_unknown_event_makes_its_entity_read_only_and_nothing_else() {
    let mut session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "Checkout down"}
15:00 Ada declare {"title": "Mail down"}
"#,
    );
    let mut fact = StateFact::of(&session.log[1]).unwrap();
    fact.position = 9;
    fact.version = 2;
    fact.event = serde_json::json!({"by": id(1), "what": {"escalated": {"to": "the moon"}}});
    session.state.apply(&fact);
    session.run("15:01 Ada close {\"incident\": \"INC-1\"}\n15:01 Ada close {\"incident\": \"INC-2\"}");
    let told: Vec<_> = session.told.lines().skip(5).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    ! Conflict read-only: this can't be changed here: an event that this version can't read (escalated): unknown variant `escalated`
    15:01 state closed INC-2
      in INC-2 v2
    ");
    let incident = session.state.incidents.values().next().unwrap();
    assert_eq!((incident.version, incident.title.as_str()), (2, "Checkout down"));
    // Neither an unknown field nor something that is no event at all breaks the fold.
    for event in [serde_json::json!(null), serde_json::json!({"by": id(1), "what": {"closed": {"new": 1}}})] {
        fact.version += 1;
        fact.event = event;
        session.state.apply(&fact);
    }
    assert_eq!(session.state.version_of(fact.entity), 4);
}
