//! Sessions about what people say, and its correction.

use crate::session::{Session, id, told};
use incident::{Incident, State};

/// What an incident shows of its entries.
fn shown(incident: &Incident) -> String {
    let mut text = format!("{} {}\n", incident.name(), incident.status);
    for action in &incident.actions {
        let temporary = action.temporary.as_ref().map_or("", |it| match &it.settled {
            None => " (temporary)",
            Some(end) if end.accepted => " (accepted)",
            Some(_) => " (undone)",
        });
        let results: Vec<_> = incident.results_of(action.fact).values().map(ToString::to_string).collect();
        text += &format!("did {}{temporary} → {results:?}\n", action.text);
    }
    incident.questions.iter().for_each(|question| text += &format!("why {}\n", question.text));
    incident.updates.iter().for_each(|update| text += &format!("status {}\n", update.text));
    text
}

fn all(state: &State) -> String {
    let mut text: String = state.incidents.values().map(shown).collect();
    for entry in state.unassigned.values() {
        text += &format!("unassigned {:?} {}\n", entry.kind, entry.said.text);
    }
    text
}

#[test]
fn without_an_incident_it_is_kept_and_assigned_later() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada did {"text": "none open"}
15:00 Ada close
15:01 Ada declare {"title": "Checkout down"}
15:01 Ada declare {"title": "Mail down"}
15:02 Ada did {"text": "several open", "temporary": true}
15:02 Ada why {"text": "two at once?"}
15:02 Ada note {"text": "a remark"}
15:02 Ada close
15:02 Ada status {"text": "x"}
15:02 Ada did {"text": "named", "incident": "INC-2"}
15:03 Ada assign {"fact": "$2", "incident": "INC-1"}
15:03 Ada assign {"fact": "$2", "incident": "INC-1"}
15:03 Ada assign {"fact": "$2", "incident": "INC-2"}
15:03 Ada assign {"fact": "$7", "incident": "INC-2"}
15:03 Ada assign {"fact": "$4", "incident": "INC-2"}
15:03 Ada assign {"fact": "$99", "incident": "INC-2"}
15:04 Ada undo-temporary {"measure": "$6"}
15:04 Ada undo {"fact": "$8"}
15:05 Ada move {"fact": "$11", "from": "INC-1", "to": "INC-2"}
15:05 Ada move {"fact": "$11", "from": "INC-2", "to": "INC-1"}
15:05 Ada move {"fact": "$11", "to": "INC-1"}
15:05 Ada move {"fact": "$11", "from": "INC-1"}
"#,
    );
    insta::assert_snapshot!(session.told, @r#"
    15:00 state added Ada as admin
    15:00 action none open
    ! Ambiguous no-open-incident: no incident is open
    15:01 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 state declared INC-2 "Mail down" (severity 3)
      in INC-2 v1
    15:02 action several open
      choices: INC-2, INC-1
    15:02 question two at once?
      choices: INC-2, INC-1
    15:02 note a remark
      choices: INC-2, INC-1
    ! Ambiguous several-open-incidents: 2 incidents are open [INC-2, INC-1]
    ! Ambiguous several-open-incidents: 2 incidents are open [INC-2, INC-1]
    15:02 action named
      in INC-2 v2
    15:03 correction put a fact into INC-1
      in INC-1 v2
    = so already
    ! Conflict already-assigned: it belongs to an incident already
    15:03 correction put a fact into INC-2
      in INC-2 v3
    ! Invalid not-an-entry: only a did, note or why typed without an incident can be assigned
    ! NotFound no-such-fact: there is no fact 00000000-0000-0000-0000-000000000063
    15:04 action undid a temporary measure
    15:04 correction took back an entry
    ! Conflict not-there: it is not in INC-1
    15:05 correction put a fact into INC-1
    15:05 correction took a fact out of INC-2
      in INC-1 v3
    = so already
    ! Invalid nowhere: an entry belongs somewhere
    "#);
    insta::assert_snapshot!(all(&session.state), @r"
    INC-1 open
    did none open → []
    did named → []
    INC-2 open
    why two at once?
    unassigned Did several open
    ");
}

#[test]
fn actions_have_results_and_measures_an_end() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-person {"name": "Bob"}
15:00 Ada add-source {"kind": "ndjson", "name": "host"}
15:00 Ada declare {"title": "Checkout down"}
15:01 Ada did {"text": "opened the firewall", "temporary": true, "because": "against-policy"}
15:02 Ada did {"text": "doubled the pool", "temporary": true, "because": "costly"}
15:02 * host command
15:03 * host alert
15:04 Bob result {"action": "$5", "outcome": "no-change", "text": "still 502"}
15:04 Bob result {"action": "$7", "outcome": "worse"}
15:04 Bob result {"action": "$99", "outcome": "worse"}
15:05 Bob verdict {"incident": "INC-1", "action": "$6", "result": "$8", "outcome": "helped", "rule": "alert-resolved", "confirmed": true}
15:05 Bob verdict {"incident": "INC-1", "action": "$6", "result": "$8", "outcome": "helped", "confirmed": true}
15:05 Bob verdict {"incident": "INC-1", "action": "$5", "result": "$8", "outcome": "helped", "confirmed": false}
15:06 Ada close
15:07 Bob undo-temporary {"measure": "$5", "text": "closed it again"}
15:07 Ada undo-temporary {"measure": "$5"}
15:07 Bob accept-temporary {"measure": "$6", "why": "cheaper than an outage"}
15:07 Bob accept-temporary {"measure": "$7", "why": "x"}
15:08 Bob undo {"fact": "$18"}
15:08 Ada undo {"fact": "$12", "why": "it was the other one"}
15:08 Bob undo {"fact": "$9"}
15:08 Bob undo {"fact": "$9"}
15:08 Bob undo {"fact": "$8"}
15:08 Bob undo {"fact": "$4"}
15:09 Ada result {"action": "$6", "outcome": "helped"}
"#,
    );
    insta::assert_snapshot!(session.told, @r#"
    15:00 state added Ada as admin
    15:00 state added Bob as responder
    15:00 state added source host (ndjson)
    15:00 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 action opened the firewall
      in INC-1 v2
    15:02 action doubled the pool
      in INC-1 v3
    15:04 result still 502
      in INC-1 v4
    15:04 result worse
      in INC-1 v5
    ! NotFound no-such-fact: there is no fact 00000000-0000-0000-0000-000000000063
    15:05 decision confirmed as the result of an action: helped
      in INC-1 v6
    = so already
    15:05 decision denied as the result of an action
      in INC-1 v7
    15:06 state closed INC-1
      in INC-1 v8
    15:07 action undid a temporary measure: closed it again
      in INC-1 v9
    ! Conflict already-settled: it was undone by Bob at 2026-02-20 15:07:00 UTC already
    15:07 decision accepted a temporary measure: cheaper than an outage
      in INC-1 v10
    ! NotFound no-such-measure: fact 00000000-0000-0000-0000-000000000007 is no temporary measure
    15:08 correction took back an entry
      in INC-1 v11
    15:08 correction took back an entry of Bob: it was the other one
      in INC-1 v12
    15:08 correction took back an entry
      in INC-1 v13
    ! Conflict taken-back: it was taken back already
    ! Invalid not-an-entry: only what somebody typed can be taken back: hide it, or have it redacted
    ! Invalid not-an-entry: only what somebody typed can be taken back: hide it, or have it redacted
    15:09 result helped
      in INC-1 v14
    "#);
    insta::assert_snapshot!(all(&session.state), @r#"
    INC-1 closed
    did opened the firewall (undone) → []
    did doubled the pool (temporary) → ["helped"]
    "#);
}

#[test]
fn corrections_keep_the_first_telling() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada add-source {"kind": "ndjson", "name": "host"}
15:00 Ada declare {"title": "Checkout down"}
15:01 Ada did {"text": "rolled bakc"}
15:02 Ada did {"text": "restarted"}
15:02 * host message
15:03 Ada amend {"fact": "$4", "text": "rolled back", "why": "typo"}
15:03 Ada amend {"fact": "$4", "occurred_at": "@15:05"}
15:03 Ada amend {"fact": "$6", "occurred_at": "@14:55"}
15:03 Ada amend {"fact": "$6", "occurred_at": "@14:56", "text": "what was said"}
15:03 Ada amend {"fact": "$6"}
15:03 Ada amend {"fact": "$3", "text": "x"}
15:04 Ada undo {"fact": "$10"}
15:04 Ada undo {"fact": "$7"}
15:05 Ada star {"incident": "INC-1", "fact": "$6", "on": true}
15:05 Ada star {"incident": "INC-1", "fact": "$6", "on": true}
15:05 Ada hide {"incident": "INC-1", "fact": "$6", "on": true}
15:05 Ada move {"fact": "$6", "to": "INC-1"}
15:05 Ada move {"fact": "$6", "from": "INC-1"}
15:05 Ada move {"fact": "$6", "from": "INC-1"}
15:06 Ada undo {"fact": "$5"}
15:06 Ada result {"action": "$5", "outcome": "helped"}
"#,
    );
    insta::assert_snapshot!(session.told, @r#"
    15:00 state added Ada as admin
    15:00 state added source host (ndjson)
    15:00 state declared INC-1 "Checkout down" (severity 3)
      in INC-1 v1
    15:01 action rolled bakc
      in INC-1 v2
    15:02 action restarted
      in INC-1 v3
    15:03 correction amended: rolled back
      in INC-1 v4
    15:03 correction amended: at 2026-02-20 15:05:00 UTC
      in INC-1 v5
    15:03 correction (of its source) amended: at 2026-02-20 14:55:00 UTC
    15:03 correction (of its source) amended: at 2026-02-20 14:56:00 UTC: what was said
    ! Invalid nothing-to-amend: give the right time or the right text
    ! Invalid not-amendable: a change of state can't be amended
    15:04 correction (of its source) took back an entry
    15:04 correction took back an entry
      in INC-1 v6
    15:05 correction starred a fact
      in INC-1 v7
    = so already
    15:05 correction hid a fact
      in INC-1 v8
    15:05 correction put a fact into INC-1
      in INC-1 v9
    15:05 correction took a fact out of INC-1
      in INC-1 v10
    ! Conflict not-there: it was taken out already
    15:06 correction took back an entry
      in INC-1 v11
    ! Conflict taken-back: this action was taken back
    "#);
    insta::assert_snapshot!(all(&session.state), @r"
    INC-1 open
    did rolled bakc → []
    ");
    let corrected = &session.state.corrections[&id(6)];
    assert_eq!(corrected.occurred_at(), Some(crate::session::at("14:55")));
    assert_eq!(corrected.text(), None, "the amendment of the text was taken back");
    assert_eq!(session.state.entries[&id(4)].at, crate::session::at("15:05"));
}

#[test]
fn moving_an_action_takes_its_results_along() {
    let session = Session::of(
        r#"
15:00 Ada add-person {"name": "Ada"}
15:00 Ada declare {"title": "Checkout down"}
15:00 Ada did {"text": "rolled back"}
15:01 Ada result {"action": "$3", "outcome": "helped"}
15:02 Ada declare {"title": "Mail down"}
15:03 Ada move {"fact": "$3", "to": "INC-2"}
"#,
    );
    insta::assert_snapshot!(all(&session.state), @r#"
    INC-1 open
    INC-2 open
    did rolled back → ["helped"]
    "#);
    assert!(told("15:00 Ada add-person {\"name\": \"Ada\"}").contains("added Ada as admin"));
}

#[test]
fn long_texts_are_held_by_reference() {
    let long = "ä".repeat(2_000);
    let session = Session::of(&format!(
        "15:00 Ada add-person {{\"name\": \"Ada\"}}\n15:00 Ada declare {{\"title\": \"x\"}}\n15:00 Ada did {{\"text\": \"{long}\"}}"
    ));
    let incident = session.state.incidents.values().next().unwrap();
    assert_eq!(incident.actions[0].text, format!("{}…", "ä".repeat(1_000)));
    assert_eq!(session.log[2].fact.content.text, long, "all of it is in the fact");
}
