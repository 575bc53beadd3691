//! Who may be one person.

use fact::{EntityId, FactId, PersonId, SourceId, Timestamp};
use incident::{State, StateFact};
use insight::{Alike, SeenActor, alike};
use serde_json::json;

fn person(n: u128) -> PersonId {
    PersonId(FactId::from_bytes(n.to_be_bytes()).0)
}

/// People by name, with the handle after `=`, if any; then what looks alike.
fn found(people: &[&str], actors: &[&str]) -> String {
    let mut state = State::default();
    for (n, told) in people.iter().enumerate() {
        let entity = EntityId::from(person(n as u128 + 1));
        let (name, handle) =
            told.split_once('=').map_or((*told, None), |(name, handle)| (name, Some(handle)));
        let added = json!({"person-added": {"name": name, "role": "responder"}});
        let handle = handle.map(|handle| json!({"handle-added": {"handle": handle}}));
        for (version, what) in [Some(added), handle].into_iter().flatten().enumerate() {
            let at = Timestamp::from_secs(1_771_600_200);
            let id = FactId(entity.0);
            let event = json!({"by": person(1), "what": what});
            let version = version as u64 + 1;
            state.apply(&StateFact {
                position: 1,
                recorded_at: at,
                id,
                entity,
                version,
                occurred_at: at,
                event,
            });
        }
    }
    let seen: Vec<_> =
        actors.iter().map(|handle| SeenActor { source: SourceId::OWN, handle: (*handle).into() }).collect();
    let name = |id| state.person(id).map_or("?", |person| person.name.as_str());
    let lines = alike(&state, &seen).into_iter().map(|it| match it {
        Alike::Handle { person, handle, reason, .. } => format!("{handle} → {}: {reason}", name(person)),
        Alike::People { into, other, reason } => format!("{} = {}: {reason}", name(other), name(into)),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn handles_that_look_like_a_person() {
    let people = ["Ada Lovelace", "Bob=bobby.tables", "Grace Brewster Hopper"];
    let actors = [
        "ada.lovelace",
        "AdaLovelace",
        "ada_lovelace[away]",
        "Lovelace, Ada",
        "ada.lovelace+alerts@example.org",
        "alovelace",
        "AdaL",
        "bob",
        "bob_",
        "BobbyTables",
        "gbh",
        "ghopper",
        "Bob",
        "ada",
        "bo",
        "root",
        "bobby.tables",
    ];
    insta::assert_snapshot!(found(&people, &actors), @r"
    ada.lovelace → Ada Lovelace: it is the same but for case and punctuation
    AdaLovelace → Ada Lovelace: it is the same but for case and punctuation
    ada_lovelace[away] → Ada Lovelace: it is the same but for case and punctuation
    Lovelace, Ada → Ada Lovelace: it is the same words in another order as the name
    ada.lovelace+alerts@example.org → Ada Lovelace: the mail address begins like the name
    alovelace → Ada Lovelace: it is made of the name's initials
    AdaL → Ada Lovelace: it is made of the name's initials
    bob → Bob: it is the same but for case and punctuation
    bob_ → Bob: it is the same but for case and punctuation
    BobbyTables → Bob: it is like another of their handles
    gbh → Grace Brewster Hopper: it is made of the name's initials
    ghopper → Grace Brewster Hopper: it is made of the name's initials
    ada → Ada Lovelace: it is their first name
    ");
}

#[test]
fn what_looks_like_two_people_is_left_alone() {
    assert_eq!(found(&["Ada Lovelace", "Alan Lovelace"], &["alovelace"]), "");
    assert_eq!(found(&["Ada", "Bob"], &["carol", "", "@", "…"]), "");
}

#[test]
fn people_who_look_alike() {
    insta::assert_snapshot!(found(&["Ada Lovelace", "ada.lovelace@example.org", "Lovelace Ada", "Bob"], &[]), @r"
    ada.lovelace@example.org = Ada Lovelace: one is named like the other's mail address
    Lovelace Ada = Ada Lovelace: their names are the same words in another order
    ");
}
