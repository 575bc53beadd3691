use incident::Role;
use serde_json::{Value, json};

use crate::scene::Scene;

/// An incident with a bit of everything.
async fn rich() -> (Scene, String) {
    let scene = Scene::new().await;
    let bob = scene.server.person("Bob", Role::Responder).await;
    let ops = scene.server.source("ndjson", "ops").await;
    let one = scene.message(&ops, "15:01:00", "one").await;
    let two = scene.message(&ops, "15:02:00", "two").await;
    let hidden = scene.message(&ops, "15:03:00", "noise").await;
    let edited = json!({"native_id": "e", "occurred_at": "2026-02-20T15:04:00Z", "text": "frist"});
    scene.deliver(&ops, vec![edited]).await;
    let edit =
        json!({"native_id": "e", "revision": 1, "occurred_at": "2026-02-20T15:04:00Z", "text": "first"});
    scene.deliver(&ops, vec![edit]).await;
    // Long before the window, but recorded inside it.
    scene.message(&ops, "11:00:00", "told late").await;
    let span = json!({"occurred_at": "2026-02-20T12:00:00Z", "kind": "alert", "text": "DbSlow", "thread": "f1",
        "data": {"status": "firing"}, "span": {"begin": "2026-02-20T12:00:00Z"}});
    scene.deliver(&ops, vec![span]).await;

    let incident = scene.declare("Slow").await;
    let _other = scene.declare("Another").await;
    let did = scene.command(json!({"verb": "did", "text": "restarted db-1", "temporary": true})).await;
    for told in [
        json!({"verb": "assign", "fact": did, "incident": incident}),
        json!({"verb": "role", "incident": incident, "role": "commander", "person": bob}),
        json!({"verb": "amend", "fact": one, "occurred_at": "2026-02-20T15:02:30Z", "why": "his clock"}),
        json!({"verb": "star", "incident": incident, "fact": two, "on": true}),
        json!({"verb": "hide", "incident": incident, "fact": hidden, "on": true}),
        json!({"verb": "status", "incident": incident, "text": "on it"}),
        json!({"verb": "why", "incident": incident, "text": "why did it page late?"}),
        json!({"verb": "verdict", "incident": incident, "action": did, "result": two, "outcome": "helped",
            "confirmed": true}),
        json!({"verb": "mitigated", "incident": incident}),
        json!({"verb": "close", "incident": incident}),
    ] {
        scene.command(told).await;
    }
    (scene, incident)
}

/// What of a timeline must be the same on both servers.
fn essence(full: &Value) -> Vec<Value> {
    let rows = full["rows"].as_array().unwrap();
    // Every server has ids of its own: lines are told apart by their place.
    let place = |id: &Value| rows.iter().position(|row| row["id"] == *id);
    let row = |row: &Value| {
        json!({
            "at": row["occurred_at"], "source": row["source"], "kind": row["kind"],
            "actor": row["actor"], "text": row["text"], "thread": row["thread"], "result_of": place(&row["result_of"]),
            "amended": row["amended"].is_object(), "edits": row["edits"], "starred": row["starred"],
            "hidden": row["hidden"], "temporary": row["temporary"], "span": row["span"],
        })
    };
    // What the import itself says is told by the other server only.
    let imported = |row: &&Value| row["text"].as_str().unwrap_or_default().ends_with("by an import");
    rows.iter().filter(|row| !imported(row)).map(row).collect()
}

async fn timeline(scene: &Scene, incident: &str) -> Vec<Value> {
    essence(&scene.get(&format!("/api/v1/incidents/{incident}/timeline?view=full&hidden=true")).await)
}

#[tokio::test]
async fn another_server_gets_the_same_timeline_once() {
    let (here, incident) = rich().await;
    let export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;

    let there = Scene::new().await;
    there.server.clock.advance_days(30);
    there.server.person("Bob", Role::Responder).await;
    for title in ["An older one", "And one more"] {
        there.declare(title).await;
    }
    let reply = there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    assert_eq!(reply["incident"], "INC-3", "{reply}");
    assert_eq!(reply["notes"], json!([]));
    assert_eq!(reply["stored"].as_u64().unwrap() as usize, export["facts"].as_array().unwrap().len());
    pretty_assert(timeline(&here, &incident).await, timeline(&there, "INC-3").await);

    let told = there.get("/api/v1/incidents/INC-3").await;
    let was = here.get(&format!("/api/v1/incidents/{incident}")).await;
    for field in ["title", "severity", "status", "started_at", "declared_at", "mitigated_at", "closed_at"] {
        assert_eq!(told[field], was[field], "{field}");
    }
    assert_eq!(told["external_id"], was["url"]);
    let full = there.get("/api/v1/incidents/INC-3?view=full").await;
    let bob = &full["roles"][0]["person"]["name"];
    assert_eq!(bob, "Bob-127.0.0.1-7700", "two people of one name stay two");
    assert_eq!(full["temporary"][0]["text"], "restarted db-1");

    let size = there.get("/api/v1/head").await["size"].clone();
    let again = there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    assert_eq!((&again["incident"], &again["stored"]), (&json!("INC-3"), &json!(0)), "{again}");
    assert_eq!(there.get("/api/v1/head").await["size"], size);
    assert_eq!(timeline(&there, "INC-3").await.len(), timeline(&here, &incident).await.len());
}

#[tokio::test]
async fn what_was_imported_can_be_exported_again() {
    let (here, incident) = rich().await;
    let export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    // Ids of tests are seeded: at another time they are others.
    let there = Scene::new().await;
    there.server.clock.advance_days(1);
    there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    let second = there.get("/api/v1/incidents/INC-1/export").await;
    let third = Scene::new().await;
    third.server.clock.advance_days(2);
    third.server.post(&third.ada, "/api/v1/incidents/import", &second).await.expect(200).json();
    pretty_assert(timeline(&here, &incident).await, timeline(&third, "INC-1").await);
}

#[tokio::test]
async fn an_incident_that_comes_home_adds_nothing() {
    let (here, incident) = rich().await;
    let export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    let there = Scene::new().await;
    there.server.clock.advance_days(1);
    there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    let back = there.get("/api/v1/incidents/INC-1/export").await;
    let was = timeline(&here, &incident).await;
    let reply = here.server.post(&here.ada, "/api/v1/incidents/import", &back).await.expect(200).json();
    assert_eq!(reply["incident"], incident, "{reply}");
    pretty_assert(was, timeline(&here, &incident).await);
}

#[tokio::test]
async fn a_double_is_imported_with_what_was_told_of_itself() {
    let here = Scene::new().await;
    let ops = here.server.source("ndjson", "ops").await;
    here.message(&ops, "15:01:00", "one").await;
    let double = here.declare("Slow logins").await;
    here.command(json!({"verb": "did", "incident": double, "text": "restarted db-1"})).await;
    here.command(json!({"verb": "status", "incident": double, "text": "on it"})).await;
    here.command(json!({"verb": "severity", "incident": double, "severity": 1})).await;
    let main = here.declare("Database down").await;
    // Before it became a double, its timeline was its own.
    let was = timeline(&here, &double).await;
    here.command(json!({"verb": "same-as", "incident": double, "same_as": main})).await;
    here.command(json!({"verb": "note", "incident": main, "text": "of the other one"})).await;
    let export = here.get(&format!("/api/v1/incidents/{double}/export")).await;

    // Ids of tests are seeded: at another time they are others.
    let there = Scene::new().await;
    there.server.clock.advance_days(1);
    let import = async |export: &Value| {
        there.server.post(&there.ada, "/api/v1/incidents/import", export).await.expect(200).json()
    };
    let reply = import(&export).await;
    assert_eq!((&reply["incident"], &reply["notes"]), (&json!("INC-1"), &json!([])), "{reply}");
    assert_eq!(reply["stored"].as_u64().unwrap() as usize, export["facts"].as_array().unwrap().len());
    let full = there.get("/api/v1/incidents/INC-1?view=full").await;
    assert_eq!((&full["title"], &full["severity"]), (&json!("Slow logins"), &json!(1)), "{full}");
    assert_eq!(full["updates"][0]["text"], "on it", "{full}");
    // One fact more: that it became a double.
    let is_new = |row: &Value| row["text"].as_str().unwrap().contains("is a double");
    let all = timeline(&there, "INC-1").await;
    let (new, old): (Vec<Value>, Vec<Value>) = all.into_iter().partition(is_new);
    assert_eq!(new.len(), 1);
    pretty_assert(was, old);
    let open = there.try_command(&there.ada, json!({"verb": "note", "text": "still open"})).await;
    assert_eq!(open.expect(200).json()["incident"], "INC-1", "it stands for itself");

    let size = there.get("/api/v1/head").await["size"].clone();
    assert_eq!(import(&export).await["stored"], 0);
    assert_eq!(there.get("/api/v1/head").await["size"], size);

    // The incident that it lives on as holds what was typed for its double.
    let export = here.get(&format!("/api/v1/incidents/{main}/export")).await;
    assert_eq!(import(&export).await["notes"], json!([]));
    let texts = |rows: Vec<Value>| rows.iter().map(|row| row["text"].clone()).collect::<Vec<_>>();
    let rows = texts(timeline(&there, "INC-2").await);
    assert_eq!(rows, texts(timeline(&here, &main).await));
    assert!(rows.contains(&json!("restarted db-1")) && rows.contains(&json!("of the other one")), "{rows:?}");
}

#[tokio::test]
async fn an_import_refuses_what_is_older_than_its_source_keeps() {
    let (here, incident) = rich().await;
    let export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    let there = Scene::new().await;
    there.server.clock.advance_days(30);
    there.server.source("ndjson", "ops").await;
    there.command(json!({"verb": "retention", "source": "ops", "days": 7})).await;
    let reply = there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    let facts = export["facts"].as_array().unwrap();
    // Facts of the source, and the correction of one.
    let own = "64656164-7374-7063-8b00-000000000001";
    let recorded = facts.iter().filter(|fact| fact["source"] != own).count();
    assert_eq!(reply["refused"], recorded, "{reply}");
    assert_eq!(reply["stored"], facts.len() - recorded, "{reply}");
    assert!(reply["notes"][0].as_str().unwrap().contains("retention of 7 days"), "{reply}");
    let left = timeline(&there, "INC-1").await;
    assert!(!left.is_empty() && left.iter().all(|row| row["source"] != "ops"), "{left:?}");
}

#[tokio::test]
async fn an_import_corrects_no_fact_that_it_does_not_hold() {
    let (here, incident) = rich().await;
    let mut export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    let there = Scene::new().await;
    there.server.clock.advance_days(1);
    let ops = there.server.source("ndjson", "other").await;
    let fact = there.message(&ops, "15:01:00", "as it was told").await;
    let facts = export["facts"].as_array_mut().unwrap();
    let correction =
        facts.iter_mut().find(|fact| !fact["data"]["event"]["what"]["amended"].is_null()).unwrap();
    correction["entity"] = json!(fact);
    let reply = there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    assert_eq!(reply["refused"], 1, "{reply}");
    let fact = there.get(&format!("/api/v1/facts/{fact}")).await;
    assert!(!fact.to_string().contains("his clock"), "{fact}");
}

#[tokio::test]
async fn a_viewers_export_holds_what_they_see_only() {
    let scene = Scene::new().await;
    let rita = scene.program("Rita", Role::Viewer).await;
    let new = json!({"kind": "ndjson", "name": "secret-room", "private": true});
    let added = scene.server.post(&scene.ada, "/api/v1/sources", &new).await.expect(200).json();
    let path = added["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:7700").unwrap().to_owned();
    scene.message(&path, "15:05:00", "secret-word").await;
    let incident = scene.declare("Slow").await;
    let path = format!("/api/v1/incidents/{incident}/export");
    assert!(scene.server.get(&scene.ada, &path).await.text().contains("secret-word"));
    let theirs = scene.server.get(&rita, &path).await.expect(200).text();
    assert!(!theirs.contains("secret"), "{theirs}");
}

#[tokio::test]
async fn an_import_makes_nobody_an_admin_and_nothing_of_the_log() {
    let (here, incident) = rich().await;
    let mut export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    let there = Scene::new().await;
    // Ids of tests are seeded: at another time they are others.
    there.server.clock.advance_days(1);
    let rita = there.server.person("Rita", Role::Responder).await;
    let state = |entity: Value, event: Value, n: u32| {
        json!({"id": there.server.fresh_id(), "position": 900 + n, "recorded_at": "2026-02-20T15:00:00Z",
            "source": "64656164-7374-7063-8b00-000000000001", "kind": "state", "native_id": format!("x{n}"),
            "occurred_at": "2026-02-20T15:00:00Z", "text": "x", "entity": entity, "version": 9,
            "data": {"event": {"by": rita, "what": event}}})
    };
    let forged = [
        state(json!(rita), json!({"person-role-set": {"role": "admin"}}), 1),
        state(json!("64656164-7374-7063-8b00-000000000002"), json!({"retitled": {"title": "x"}}), 2),
        state(json!(rita), json!("deactivated"), 3),
    ];
    export["facts"].as_array_mut().unwrap().extend(forged);
    let reply = there.server.post(&there.ada, "/api/v1/incidents/import", &export).await.expect(200).json();
    assert_eq!(reply["notes"].as_array().unwrap().len(), 3, "{reply}");
    let people = there.server.app.state().person(rita).cloned().unwrap();
    assert_eq!((people.role, people.active), (Role::Responder, true));
}

#[tokio::test]
async fn what_is_no_export_is_refused() {
    let scene = Scene::new().await;
    let (here, incident) = rich().await;
    let export = here.get(&format!("/api/v1/incidents/{incident}/export")).await;
    let post = async |body: &Value| scene.server.post(&scene.ada, "/api/v1/incidents/import", body).await;
    assert_eq!(post(&json!({})).await.status, 400);
    let mut other = export.clone();
    other["format"] = json!("deadstick-export/9");
    assert_eq!(post(&other).await.expect(422).problem(), "unknown-format");
    let mut empty = export.clone();
    empty["facts"] = json!([]);
    assert_eq!(post(&empty).await.expect(422).problem(), "no-declaration");
    let rita = scene.program("Rita", Role::Facilitator).await;
    assert_eq!(scene.server.post(&rita, "/api/v1/incidents/import", &export).await.status, 403);
    assert_eq!(scene.get("/api/v1/incidents").await, json!([]));
}

#[track_caller]
fn pretty_assert(left: Vec<Value>, right: Vec<Value>) {
    let lines = |rows: Vec<Value>| rows.iter().map(|row| format!("{row}\n")).collect::<String>();
    let (left, right) = (lines(left), lines(right));
    assert!(left == right, "first:\n{left}\nsecond:\n{right}");
}
