//! Sessions about people and sources.

use crate::session::{Session, told};
use incident::{Refusal, State, access_matrix};

#[test]
fn people_come_change_join_and_go() {
    let found = told(
        r#"
15:00 Eve did {"text": "before anybody is there"}
15:00 Ada add-person {"name": "Ada", "role": "viewer"}
15:00 Eve add-person {"name": "Eve"}
15:01 Ada add-person {"name": "Bob"}
15:01 Ada add-person {"name": " bob "}
15:01 Ada add-person {"name": "Vic", "role": "viewer"}
15:02 Vic did {"text": "may not"}
15:02 Bob add-person {"name": "Eve"}
15:02 Bob add-handle {"person": "$4", "handle": "bobby"}
15:02 Ada add-handle {"person": "$4", "handle": "bobby"}
15:02 Ada add-handle {"person": "$4", "handle": "bobby"}
15:02 Ada add-handle {"person": "$6", "handle": "bobby"}
15:03 Ada person-role {"person": "$2", "role": "viewer"}
15:03 Ada deactivate {"person": "$2"}
15:03 Ada person-role {"person": "$4", "role": "admin"}
15:03 Ada person-role {"person": "$4", "role": "admin"}
15:04 Ada join-people {"into": "$4", "other": "$4"}
15:04 Ada join-people {"into": "$4", "other": "$6"}
15:04 Vic did {"text": "is Bob now"}
15:05 Bob deactivate {"person": "$2"}
15:05 Bob deactivate {"person": "$2"}
15:05 Ada did {"text": "left"}
15:06 Bob deactivate {"person": "$4"}
15:06 Bob join-people {"into": "$2", "other": "$4"}
"#,
    );
    insta::assert_snapshot!(found, @r"
    ! Forbidden not-a-person: you are not known here
    15:00 state added Ada as admin
    ! Forbidden not-a-person: you are not known here
    15:01 state added Bob as responder
    ! Conflict name-taken: there is a Bob already
    15:01 state added Vic as viewer
    ! Forbidden not-allowed: the role viewer may not do this: it takes the role responder
    ! Forbidden not-allowed: the role responder may not do this: it takes the role admin
    ! Forbidden not-allowed: the role responder may not do this: it takes the role facilitator
    15:02 state Bob is called `bobby`
    = so already
    ! Conflict handle-taken: `bobby` is Bob's handle
    ! Conflict last-admin: Ada is the only admin
    ! Conflict last-admin: Ada is the only admin
    15:03 state Bob is admin now
    = so already
    ! Invalid same-person: Bob is one person already
    15:04 state Bob and Vic are one person
    ! Forbidden not-a-person: you are not known here
    15:05 state Ada left
    = so already
    ! Forbidden not-a-person: you are not known here
    ! Conflict last-admin: Bob is the only admin
    ! NotFound no-such-person: there is no person 00000000-0000-0000-0000-000000000002
    ");
}

#[test]
fn handles_lead_to_the_person_who_stays() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "ada-the-second"}
15:00 Ada add-source {"kind": "json", "name": "room"}
15:00 Ada add-handle {"person": "$2", "handle": "ada2", "source": "room"}
15:00 Ada join-people {"into": "$1", "other": "$2"}
"#,
    );
    let room = session.state.source_named("room").unwrap().id;
    let behind = |source| session.state.person_behind(source, "ada2").map(|person| person.name.as_str());
    assert_eq!(behind(room), Some("Ada"));
    assert_eq!(behind(fact::SourceId::OWN), None, "a handle of one source");
    assert_eq!(session.state.role_of(fact::PersonId(crate::session::id(2).0)), Some(incident::Role::Admin));
}

#[test]
fn sources_are_added_once() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:01 Bob add-source {"kind": "json", "name": "room"}
15:01 Ada add-source {"kind": "json", "name": "room"}
15:01 Ada add-source {"kind": "json", "name": "room"}
15:01 Ada add-source {"kind": "grafana", "name": "room"}
15:01 Ada add-source {"kind": "json", "name": "../etc"}
15:01 Ada add-source {"kind": "deadstick", "name": "own"}
15:02 Ada retention {"source": "room", "days": 30}
15:02 Ada retention {"source": "room", "days": 30}
15:02 Ada retention {"source": "room", "days": 0}
15:02 Ada retention {"source": "room"}
15:02 Ada retention {"source": "nowhere"}
15:03 Ada map {"source": "room", "mapping": {"time": "at", "kind": "alert"}}
15:03 Ada map {"source": "room", "mapping": {"kind": "Not A Kind"}}
15:03 Ada rotate-source {"source": "room"}
15:04 Ada source-privacy {"source": "room", "private": true}
15:04 Ada source-privacy {"source": "room", "private": true, "remove": ["$1"]}
15:04 Ada source-privacy {"source": "room", "private": true, "add": ["$2"], "remove": ["$1"]}
15:04 Ada source-privacy {"source": "room", "private": false}
"#,
    );
    insta::assert_snapshot!(found, @r"
    15:00 state added Ada as admin
    15:00 state added Bob as responder
    ! Forbidden not-allowed: the role responder may not do this: it takes the role admin
    15:01 state added source room (json)
    = so already
    ! Conflict name-taken: there is a source room of kind json
    ! Invalid bad-name: a source's name has 1 to 64 of a-z, 0-9, -, _ and ., a letter or digit first
    ! Invalid bad-kind: a source of kind deadstick can't be added
    15:02 state talk of room is kept 30 days
    = so already
    ! Invalid bad-retention: days lie between 1 and 36500
    15:02 state talk of room is kept for ever
    ! NotFound no-such-source: there is no source `nowhere`
    15:03 state room has a new mapping
    ! Invalid bad-kind: `Not A Kind` is not a kind: expected 1 to 32 of a-z, 0-9 and -, a letter first
    15:03 state room has a new secret
    15:04 state room is private to Ada
    ! Conflict last-member: the last member can't leave
    15:04 state room is private to Bob
    15:04 state room is seen by everybody
    ");
}

#[test]
fn the_access_matrix_is_the_checked_in_one() {
    let checked_in = include_str!("../../../../docs/access-matrix.txt");
    assert_eq!(access_matrix(), checked_in, "write the new one to docs/access-matrix.txt if it is meant");
}

#[test]
fn who_is_not_known_may_nothing() {
    let mut session = Session::of("15:00 Ada add-person {\"name\": \"Ada\"}");
    let stranger = fact::PersonId(crate::session::id(77).0);
    let command = incident::Command::Note { text: "x".into(), incident: None, at: None };
    let envelope =
        incident::Envelope { id: crate::session::id(78), given_at: None, seen_version: None, command };
    let refused = session.give(stranger, &envelope, crate::session::at("15:01")).unwrap_err();
    assert_eq!((refused.refusal, refused.code), (Refusal::Forbidden, "not-a-person"));
    assert_ne!(session.state, State::default());
}
