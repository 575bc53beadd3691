//! Sessions about the state of incidents.

use crate::session::{Session, told};

#[test]
fn from_the_first_person_to_the_end_and_back() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "Checkout down", "severity": 2, "started_at": "@14:50", "services": ["checkout"]}
15:01 Ada severity {"incident": "INC-1", "severity": 1, "why": "nobody can pay"}
15:01 Ada severity {"incident": "inc-1", "severity": 1}
15:02 Ada role {"incident": "1", "role": "commander", "person": "$1"}
15:02 Ada role {"incident": "1", "role": "commander", "person": "$1"}
15:03 Ada status {"text": "We roll back.", "next_due": "@15:30"}
15:03 Ada services {"incident": "INC-1", "add": ["cart", "checkout"], "remove": ["mail"]}
15:03 Ada impact {"incident": "INC-1", "who": "all who pay", "from": "@14:50", "how_known": "orders per minute"}
15:03 Ada detection {"incident": "INC-1", "at": "@14:52", "by": "a customer"}
15:04 Ada retitle {"incident": "INC-1", "title": "Nobody can pay"}
15:04 Ada began {"incident": "INC-1", "at": "@14:45"}
15:04 Ada began {"incident": "INC-1", "at": "@14:45"}
15:04 Ada began {"incident": "INC-1", "at": "@15:30"}
15:05 Ada mitigated {"text": "rolled back"}
15:05 Ada began {"incident": "INC-1", "at": "@15:06"}
15:06 Ada mitigated
15:07 Ada close {"at": "@15:04"}
15:07 Ada close {"at": "@15:06"}
15:08 Ada close {"incident": "INC-1"}
15:08 Ada mitigated {"incident": "INC-1"}
15:09 Ada reopen {"incident": "INC-1", "why": "it is back"}
15:10 Ada reopen {"incident": "INC-1"}
15:11 Ada close
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    15:00 state declared INC-1 "Checkout down" (severity 2)
      in INC-1 v1
    15:01 state severity 2 → 1: nobody can pay
      in INC-1 v2
    = so already
    15:02 role Ada is commander of INC-1
      in INC-1 v3
    = so already
    15:03 state We roll back.
      in INC-1 v4
    15:03 state affected services: added cart
      in INC-1 v5
    15:03 state impact: all who pay (known by orders per minute)
      in INC-1 v6
    15:03 state noticed at 2026-02-20 14:52:00 UTC by a customer
      in INC-1 v7
    15:04 state retitled INC-1 "Nobody can pay"
      in INC-1 v8
    15:04 correction INC-1 began at 2026-02-20 14:45:00 UTC, not at 2026-02-20 14:50:00 UTC
      in INC-1 v9
    = so already
    ! Invalid in-the-future: 2026-02-20 15:30:00 UTC is in the future (it is 2026-02-20 15:04:00 UTC here)
    15:05 state mitigated INC-1: rolled back
      in INC-1 v10
    ! Invalid wrong-order: INC-1 was over at 2026-02-20 15:05:00 UTC, before 2026-02-20 15:06:00 UTC
    ! Conflict already-mitigated: INC-1 was mitigated by Ada at 2026-02-20 15:05:00 UTC already
    ! Invalid wrong-order: INC-1 was mitigated at 2026-02-20 15:05:00 UTC, after 2026-02-20 15:04:00 UTC
    15:06 state closed INC-1
      in INC-1 v11
    ! Conflict already-closed: INC-1 was closed by Ada at 2026-02-20 15:06:00 UTC already
    ! Conflict already-closed: INC-1 was closed by Ada at 2026-02-20 15:06:00 UTC already
    15:09 state reopened INC-1: it is back
      in INC-1 v12
    ! Conflict not-closed: INC-1 is open
    15:11 state closed INC-1
      in INC-1 v13
    "#);
}

#[test]
fn values_that_cannot_be() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "  "}
15:00 Ada declare {"title": "a\nb"}
15:00 Ada declare {"title": "x", "severity": 0}
15:00 Ada declare {"title": "x", "started_at": "@15:06"}
15:00 Ada declare {"title": "x", "started_at": "1987-01-01T00:00:00Z"}
15:00 Ada declare {"title": "x", "started_at": "@15:04"}
15:00 Ada did {"text": "nul \u0000"}
15:00 Ada did {"text": "x", "because": "risky"}
15:00 Ada did {"text": "x", "at": "@15:20"}
15:00 Ada close {"at": "@14:00"}
15:00 Ada status {"text": "x", "next_due": "@14:00"}
15:00 Ada status {"text": "x", "next_due": "2027-01-01T00:00:00Z"}
15:00 Ada impact {"incident": "INC-1", "who": "x", "from": "@14:00", "until": "@13:00"}
15:00 Ada impact {"incident": "INC-1", "who": "x", "evidence": "$99"}
15:00 Ada window {"incident": "INC-1", "from": "@14:00", "until": "@13:00"}
15:00 Ada same-as {"incident": "INC-1", "same_as": "INC-1"}
15:00 Ada severity {"incident": "INC-7", "severity": 1}
15:00 Ada severity {"incident": "<script>", "severity": 1}
15:00 Ada hand-over {"incident": "INC-1", "to": "$1", "brief": ""}
15:00 Ada role {"incident": "INC-1", "role": "scribe", "person": "$99"}
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    ! Invalid empty: the title is empty
    ! Invalid control-character: the title holds a line break or another control character
    ! Invalid bad-severity: severity 0 can't be: 1 is worst, 5 least
    ! Invalid in-the-future: 2026-02-20 15:06:00 UTC is in the future (it is 2026-02-20 15:00:00 UTC here)
    ! Invalid absurd-time: 1987-01-01 00:00:00 UTC can't be: times lie between 2000 and 2200
    15:00 state declared INC-1 "x" (severity 3)
      in INC-1 v1
    ! Invalid nul-character: the action holds a NUL character
    ! Invalid not-temporary: only a temporary measure has a reason why it can't stay
    ! Invalid in-the-future: 2026-02-20 15:20:00 UTC is in the future (it is 2026-02-20 15:00:00 UTC here)
    ! Invalid before-start: INC-1 began at 2026-02-20 15:00:00 UTC, after 2026-02-20 14:00:00 UTC
    ! Invalid in-the-past: the next update can't be due at 2026-02-20T14:00:00.000000Z: that is over
    ! Invalid too-far: the next update is due within 31 days
    ! Invalid wrong-order: the impact ends before it begins
    ! NotFound no-such-fact: there is no fact 00000000-0000-0000-0000-000000000063
    ! Invalid wrong-order: the window ends before it begins
    ! Invalid same-as-itself: INC-1 is that one
    ! NotFound no-such-incident: there is no incident `INC-7`
    ! NotFound no-such-incident: there is no incident `<script>`
    ! Invalid empty: the brief is empty
    ! NotFound no-such-person: there is no person 00000000-0000-0000-0000-000000000063
    "#);
}

#[test]
fn what_was_typed_while_the_server_was_away_keeps_its_time() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare given=14:10 {"title": "Checkout down"}
15:00 Ada did given=14:20 {"text": "restarted api"}
15:00 Ada did given=14:58 {"text": "restarted web"}
15:00 Ada did given=14:58 {"text": "rolled back", "at": "@14:30"}
15:00 Ada close given=14:40
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    14:10 state (back-dated) declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    14:20 action (back-dated) restarted api
      in INC-1 v2
    14:58 action restarted web
      in INC-1 v3
    14:30 action (back-dated) rolled back
      in INC-1 v4
    14:40 state (back-dated) closed INC-1
      in INC-1 v5
    "#);
}

#[test]
fn two_people_at_once() {
    let found = told(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:00 Ada declare {"title": "Checkout down"}
15:01 Ada severity seen=1 {"incident": "INC-1", "severity": 1}
15:01 Bob severity seen=1 {"incident": "INC-1", "severity": 4}
15:01 Bob retitle seen=1 {"incident": "INC-1", "title": "Nobody can pay"}
15:01 Bob did seen=1 {"text": "rolled back"}
15:02 Ada role seen=1 {"incident": "INC-1", "role": "scribe", "person": "$1"}
15:02 Bob role seen=1 {"incident": "INC-1", "role": "operations", "person": "$2"}
15:02 Bob role seen=1 {"incident": "INC-1", "role": "scribe", "person": "$2"}
15:03 Ada close seen=1
15:03 Bob close seen=1 {"incident": "INC-1"}
15:04 Ada reopen {"incident": "INC-1"}
15:04 Bob mitigated seen=1
"#,
    );
    insta::assert_snapshot!(found, @r#"
    15:00 state added Ada as admin
    15:00 state added Bob as responder
    15:00 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 state severity 3 → 1
      in INC-1 v2
    ! Conflict changed-meanwhile: the severity of INC-1 was changed meanwhile
    15:01 state retitled INC-1 "Nobody can pay"
      in INC-1 v3
    15:01 action rolled back
      in INC-1 v4
    15:02 role Ada is scribe of INC-1
      in INC-1 v5
    15:02 role Bob is operations of INC-1
      in INC-1 v6
    ! Conflict changed-meanwhile: the scribe of INC-1 was changed meanwhile
    15:03 state closed INC-1
      in INC-1 v7
    ! Conflict already-closed: INC-1 was closed by Ada at 2026-02-20 15:03:00 UTC already
    15:04 state reopened INC-1
      in INC-1 v8
    ! Conflict changed-meanwhile: the status of INC-1 was changed meanwhile
    "#);
}

#[test]
fn doubles_and_windows() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-source {"kind": "json", "name": "room"}
15:00 Ada declare {"title": "Checkout down"}
15:01 Ada declare {"title": "Cart down"}
15:01 Ada same-as {"incident": "INC-2", "same_as": "INC-1"}
15:01 Ada same-as {"incident": "INC-2", "same_as": "INC-1"}
15:01 Ada same-as {"incident": "INC-1", "same_as": "INC-2"}
15:02 Ada did {"text": "goes to the only one left"}
15:02 Ada note {"text": "named, goes to the one that stays", "incident": "INC-2"}
15:03 Ada window {"incident": "INC-1", "from": "@13:00"}
15:03 Ada window {"incident": "INC-1", "from": "@13:00"}
15:03 Ada window {"incident": "INC-1"}
15:04 Ada scope {"incident": "INC-1", "sources": ["room"]}
15:04 Ada scope {"incident": "INC-1", "sources": ["nowhere"]}
15:04 Ada scope {"incident": "INC-1", "sources": []}
15:05 Ada add-person {"name": "Bob"}
15:05 Ada hand-over {"incident": "INC-1", "to": "$16", "brief": "Nothing helps."}
"#,
    );
    insta::assert_snapshot!(session.told, @r#"
    15:00 state added Ada as admin
    15:00 state added source room (json)
    15:00 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 state declared INC-2 "Cart down" (severity 3)
      in INC-2 v1
    15:01 correction INC-2 is a double: its timeline is read with another incident's
      in INC-2 v2
    = so already
    ! Invalid same-as-itself: INC-1 is that one
    15:02 action goes to the only one left
      in INC-1 v2
    15:02 note named, goes to the one that stays
      in INC-1 v3
    15:03 state window of INC-1: from 2026-02-20T13:00:00.000000Z, until as usual
      in INC-1 v4
    = so already
    15:03 state window of INC-1: from as usual, until as usual
      in INC-1 v5
    15:04 state INC-1 looks at one source
      in INC-1 v6
    ! NotFound no-such-source: there is no source `nowhere`
    15:04 state INC-1 looks at all sources
      in INC-1 v7
    15:05 state added Bob as responder
    15:05 role handed over INC-1 to Bob
      in INC-1 v8
    "#);
}
