use serde_json::json;

use crate::scene::Scene;

/// Three messages and an incident.
async fn three() -> (Scene, String, [String; 3]) {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let ids = [
        scene.message(&ops, "15:01:00", "one").await,
        scene.message(&ops, "15:02:00", "two").await,
        scene.message(&ops, "15:03:00", "three").await,
    ];
    let incident = scene.declare("Slow").await;
    (scene, incident, ids)
}

#[tokio::test]
async fn an_amended_time_puts_a_fact_in_its_right_place() {
    let (scene, incident, [one, ..]) = three().await;
    scene
        .command(json!({"verb": "amend", "fact": one, "occurred_at": "2026-02-20T15:02:30Z", "text": "uno"}))
        .await;
    assert_eq!(scene.texts(&incident, "").await, ["two", "uno", "three"]);
    assert_eq!(scene.texts(&incident, "limit=2").await, ["two", "uno"]);
    assert_eq!(scene.texts(&incident, "limit=2&beyond=2026-02-20T15:02:30Z,99").await, ["three"]);
    assert_eq!(scene.texts(&incident, "order=descending").await, ["three", "uno", "two"]);
    assert_eq!(scene.texts(&incident, &format!("around={one}&limit=2")).await, ["two", "uno"]);

    let full = scene.get(&format!("/api/v1/incidents/{incident}/timeline?view=full")).await;
    let row = full["rows"].as_array().unwrap().iter().find(|row| row["id"] == one.as_str()).unwrap();
    assert_eq!(row["amended"]["was_at"], "2026-02-20T15:01:00.000000Z");
    assert_eq!(row["amended"]["was_text"], "one");
    assert_eq!(row["amended"]["history"][0]["by"]["name"], "Ada");
    assert_eq!(full["counts"][0]["count"].as_u64().map(|n| n > 0), Some(true));
}

#[tokio::test]
async fn an_amended_time_brings_a_fact_in_and_never_makes_one_vanish() {
    let (scene, incident, [one, ..]) = three().await;
    let ops = scene.server.source("ndjson", "ops").await;
    scene.server.clock.advance_days(2);
    let outside = scene
        .deliver(&ops, vec![json!({"occurred_at": "2026-02-22T15:00:00Z", "text": "late", "live": false})])
        .await
        .remove(0);
    scene.command(json!({"verb": "close", "incident": incident, "at": "2026-02-20T15:30:00Z"})).await;
    assert_eq!(scene.texts(&incident, "").await, ["one", "two", "three"]);
    scene.command(json!({"verb": "amend", "fact": outside, "occurred_at": "2026-02-20T15:01:30Z"})).await;
    assert_eq!(scene.texts(&incident, "").await, ["one", "late", "two", "three"]);
    scene.command(json!({"verb": "amend", "fact": one, "occurred_at": "2026-02-22T15:00:00Z"})).await;
    assert_eq!(scene.texts(&incident, "").await, ["late", "two", "three", "one"]);
}

#[tokio::test]
async fn moved_facts_are_in_one_timeline_and_not_in_the_other() {
    let (scene, incident, [one, ..]) = three().await;
    let other = scene.declare("Other").await;
    scene.command(json!({"verb": "move", "fact": one, "from": incident, "to": other})).await;
    assert_eq!(scene.texts(&incident, "").await, ["two", "three"]);
    assert!(scene.texts(&other, "").await.contains(&"one".to_owned()));
    let fact = scene.get(&format!("/api/v1/facts/{one}")).await;
    assert_eq!(fact["incidents"], json!([other]));
}

#[tokio::test]
async fn hidden_and_starred_facts() {
    let (scene, incident, [one, two, _]) = three().await;
    scene.command(json!({"verb": "hide", "incident": incident, "fact": one, "on": true})).await;
    scene.command(json!({"verb": "star", "incident": incident, "fact": two, "on": true})).await;
    assert_eq!(scene.texts(&incident, "").await, ["two", "three"]);
    assert_eq!(scene.texts(&incident, "hidden=true").await, ["one", "two", "three"]);
    assert_eq!(scene.texts(&incident, "starred=true").await, ["two"]);
    scene.command(json!({"verb": "hide", "incident": incident, "fact": one, "on": false})).await;
    assert_eq!(scene.texts(&incident, "").await, ["one", "two", "three"]);
}

#[tokio::test]
async fn an_entry_is_assigned_undone_and_told_with_its_result() {
    let scene = Scene::new().await;
    let first = scene.declare("One").await;
    let _second = scene.declare("Two").await;
    let reply =
        scene.try_command(&scene.ada, json!({"verb": "did", "text": "restarted db-1"})).await.expect(200);
    let told = reply.json();
    assert_eq!(told["incident"], json!(null));
    assert_eq!(told["choices"].as_array().unwrap().len(), 2);
    let did = told["fact"].as_str().unwrap().to_owned();
    assert_eq!(scene.get("/api/v1/now").await["unassigned"][0]["fact"], json!(did));

    scene.command(json!({"verb": "assign", "fact": did, "incident": first})).await;
    assert_eq!(scene.get("/api/v1/now").await["unassigned"], json!([]));
    let result = scene
        .command(json!({"verb": "result", "action": did, "outcome": "helped", "text": "it is fast again"}))
        .await;
    let facts = scene.get(&format!("/api/v1/incidents/{first}/timeline")).await;
    let line = facts.as_array().unwrap().iter().find(|fact| fact["id"] == result.as_str()).unwrap();
    assert_eq!(line["result_of"], json!(did));
    let brief = scene.get(&format!("/api/v1/incidents/{first}/brief")).await;
    assert_eq!(brief["tried"][0]["fact"], json!(did));
    assert_eq!(brief["tried"][0]["results"][0]["outcome"], "helped");

    scene.command(json!({"verb": "undo", "fact": did, "why": "it was db-2"})).await;
    let facts = scene.get(&format!("/api/v1/incidents/{first}/timeline")).await;
    assert!(!facts.as_array().unwrap().iter().any(|fact| fact["id"] == did.as_str()));
    let facts = scene.get(&format!("/api/v1/incidents/{first}/timeline?hidden=true")).await;
    assert!(facts.as_array().unwrap().iter().any(|fact| fact["id"] == did.as_str()));
}

#[tokio::test]
async fn a_double_is_read_where_it_lives_on() {
    let (scene, incident, _) = three().await;
    let double = scene.declare("The same").await;
    let note = scene.command(json!({"verb": "note", "incident": double, "text": "seen here too"})).await;
    scene.command(json!({"verb": "same-as", "incident": double, "same_as": incident})).await;
    for name in [&incident, &double] {
        let full = scene.get(&format!("/api/v1/incidents/{name}/timeline?view=full")).await;
        assert_eq!(full["incident"], json!(incident));
        let ids: Vec<&str> =
            full["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids.iter().filter(|id| **id == note).count(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_proposed_result_is_confirmed() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let incident = scene.declare("Slow").await;
    let did = scene.command(json!({"verb": "did", "text": "restarted db-1"})).await;
    scene.server.clock.advance_minutes(2);
    let said = scene.message(&ops, "15:12:00", "that fixed it").await;
    let proposals = scene.get(&format!("/api/v1/incidents/{incident}/proposals")).await;
    assert_eq!(proposals[0]["action"], json!(did), "{proposals}");
    assert_eq!(proposals[0]["result"], json!(said));
    assert_eq!(proposals[0]["state"], "proposed");
    scene
        .command(json!({"verb": "verdict", "incident": incident, "action": did, "result": said,
            "outcome": "helped", "confirmed": true}))
        .await;
    let proposals = scene.get(&format!("/api/v1/incidents/{incident}/proposals")).await;
    assert_eq!(proposals[0]["state"], "confirmed");
    let facts = scene.get(&format!("/api/v1/incidents/{incident}/timeline")).await;
    let line = facts.as_array().unwrap().iter().find(|fact| fact["id"] == said.as_str()).unwrap();
    assert_eq!(line["result_of"], json!(did));
}
