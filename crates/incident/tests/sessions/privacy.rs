//! A private incident answers exactly as an absent one.

use crate::session::{Session, told};

const SECRET: &str = r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:00 Ada add-person {"name": "Eve", "role": "admin"}
15:01 Ada declare {"title": "canary-title", "private": true}
15:01 Bob declare {"title": "Checkout down"}
15:02 Ada did {"text": "canary-did", "incident": "INC-104001"}
15:02 Ada did {"text": "canary-unassigned"}
15:02 Ada assign {"fact": "$7", "incident": "INC-104001"}
15:02 Ada amend {"fact": "$7", "text": "canary-amended"}
15:02 Ada amend {"fact": "$6", "text": "canary-amended-too"}
15:03 Ada result {"action": "$6", "outcome": "helped", "text": "canary-result"}
15:03 Ada why {"text": "canary-why", "incident": "INC-104001"}
15:03 Ada add-source {"kind": "json", "name": "canary-source", "private": true}
15:03 Ada scope {"incident": "INC-1", "sources": ["canary-source"]}
"#;

#[test]
fn outsiders_see_no_trace_whatever_their_role() {
    let session = Session::of(SECRET);
    assert!(session.seen_by("Ada").contains("canary-amended-too"));
    for outsider in ["Bob", "Eve"] {
        let seen = session.seen_by(outsider);
        assert!(!seen.contains("canary") && !seen.contains("INC-104001"), "{outsider}: {seen}");
        let viewer = session.state.viewer(session.person(outsider));
        assert!(session.state.unassigned_for(&viewer).is_empty());
        assert_eq!(session.state.open_for(&viewer).len(), 1);
    }
}

#[test]
fn numbers_leave_no_gap_where_a_private_incident_is() {
    let mut session = Session::of(SECRET);
    session.told.clear();
    session.run("\n15:10 Bob declare {\"title\": \"Search slow\"}\n");
    assert!(session.told.contains("declared INC-2 "), "{}", session.told);
}

#[test]
fn a_private_incident_answers_as_an_absent_one() {
    // The same commands about INC-104001, which Bob can't see, and INC-9, which is not there.
    let answers = |name: &str, did: &str| {
        let mut session = Session::of(SECRET);
        session.told.clear();
        session.run(&format!(
            r##"
15:10 Bob severity {{"incident": "{name}", "severity": 1}}
15:10 Bob severity seen=0 {{"incident": "{name}", "severity": 1}}
15:10 Bob close {{"incident": "{name}"}}
15:10 Bob reopen {{"incident": "{name}"}}
15:10 Bob did {{"text": "x", "incident": "{name}"}}
15:10 Bob assign {{"fact": "$5", "incident": "{name}"}}
15:10 Bob same-as {{"incident": "INC-1", "same_as": "{name}"}}
15:10 Bob privacy {{"incident": "{name}", "private": false}}
15:10 Eve privacy {{"incident": "{name}", "private": true, "add": ["$3"]}}
15:10 Bob role {{"incident": "{name}", "role": "scribe", "person": "$2"}}
15:11 Bob undo {{"fact": "{did}"}}
15:11 Bob amend {{"fact": "{did}", "text": "x"}}
15:11 Bob star {{"incident": "INC-1", "fact": "{did}", "on": true}}
15:11 Bob result {{"action": "{did}", "outcome": "helped"}}
15:11 Bob move {{"fact": "{did}", "to": "INC-1"}}
15:11 Bob undo-temporary {{"measure": "{did}"}}
15:11 Bob impact {{"incident": "INC-1", "who": "x", "evidence": "{did}"}}
15:11 Bob scope {{"incident": "INC-1", "sources": ["canary-source"]}}
"##
        ));
        let absent = crate::session::id(did[1..].parse().unwrap()).to_string();
        session.told.replace(name, "INC-?").replace(&absent, "FACT")
    };
    let absent = answers("INC-9", "$999");
    assert_eq!(answers("INC-104001", "$6"), absent, "an entry of the incident");
    assert_eq!(answers("INC-104001", "$7"), absent, "an entry that was assigned to it");
    assert_eq!(answers("INC-104001", "$4"), absent, "its declaration");
    assert!(absent.contains("NotFound no-such-incident") && !absent.contains("in INC-104001"), "{absent}");
}

#[test]
fn members_come_and_go() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:00 Ada add-person {"name": "Cid"}
15:01 Ada declare {"title": "Checkout down"}
15:01 Bob role {"incident": "INC-1", "role": "commander", "person": "$3"}
15:02 Bob privacy {"incident": "INC-1", "private": true}
15:02 Bob privacy {"incident": "INC-1", "private": true}
15:02 Bob privacy {"incident": "INC-1", "private": true, "remove": ["$1"]}
15:02 Bob privacy {"incident": "INC-1", "private": true, "remove": ["$3"]}
15:02 Cid did {"text": "sees nothing", "incident": "INC-1"}
15:02 Bob role {"incident": "INC-1", "role": "scribe", "person": "$3"}
15:02 Bob hand-over {"incident": "INC-1", "to": "$3", "brief": "x"}
15:02 Bob privacy {"incident": "INC-1", "private": true, "remove": ["$2"]}
15:02 Bob did {"text": "is out", "incident": "INC-1"}
15:03 Ada privacy {"incident": "INC-1", "private": true, "add": ["$2"]}
15:03 Ada privacy {"incident": "INC-1", "private": false}
15:03 Cid did {"text": "sees it again"}
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    15:00 state added Bob as responder
    15:00 state added Cid as responder
    15:01 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 role Cid is commander of INC-1
      in INC-1 v2
    15:02 state INC-1 is private to Ada, Bob, Cid
      in INC-1 v3
    = so already
    ! Invalid declarer-stays: whoever declared a private incident stays a member
    15:02 state INC-1 is private to Ada, Bob
      in INC-1 v4
    ! NotFound no-such-incident: there is no incident `INC-1`
    ! Conflict not-a-member: Cid is no member of INC-1
    ! Conflict not-a-member: Cid is no member of INC-1
    15:02 state INC-1 is private to Ada
      in INC-1 v5
    ! NotFound no-such-incident: there is no incident `INC-1`
    15:03 state INC-1 is private to Ada, Bob
      in INC-1 v6
    15:03 state INC-1 is seen by everybody
      in INC-1 v7
    15:03 action sees it again
      in INC-1 v8
    "#);
}

#[test]
fn who_was_joined_into_a_member_sees_what_the_member_sees() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "ada2"}
15:01 Ada declare {"title": "Checkout down", "private": true}
15:01 ada2 did {"text": "sees nothing", "incident": "INC-103001"}
15:01 Ada join-people {"into": "$1", "other": "$2"}
"#,
    );
    assert!(session.told.contains("no-such-incident"));
    let joined = session.state.viewer(fact::PersonId(crate::session::id(2).0));
    assert_eq!(joined, session.state.viewer(session.person("Ada")));
    assert_eq!(session.state.incidents_for(&joined).len(), 1);
}

#[test]
fn what_was_public_does_not_become_private_by_moving() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:01 Ada declare {"title": "Checkout down"}
15:01 Ada declare {"title": "Secret", "private": true}
15:01 Ada did {"text": "typed in the wrong one", "incident": "INC-1"}
15:02 Ada move {"fact": "$5", "to": "INC-104001"}
15:02 Ada same-as {"incident": "INC-1", "same_as": "INC-104001"}
15:02 Ada did {"text": "secret", "incident": "INC-104001"}
15:02 Ada move {"fact": "$8", "to": "INC-1"}
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    15:00 state added Bob as responder
    15:01 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 state declared INC-104001 "Secret" (severity 3)
      in INC-104001 v1
    15:01 action typed in the wrong one
      in INC-1 v2
    ! Conflict was-public: INC-1 has readers who may not know of INC-104001
    ! Conflict would-reveal: INC-1 is seen by people who may not know of INC-104001
    15:02 action secret
      in INC-104001 v2
    15:02 correction put a fact into INC-1
    15:02 correction took a fact out of INC-104001
      in INC-1 v3
    "#);
}
