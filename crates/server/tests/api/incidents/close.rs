//! What is shown when an incident is closed.

use incident::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::scene::Scene;

async fn loose_ends(scene: &Scene, client: &Client, incident: &str) -> Value {
    let path = format!("/api/v1/incidents/{incident}?view=full");
    scene.server.get(client, &path).await.expect(200).json()["loose_ends"].clone()
}

#[tokio::test]
async fn a_closed_incident_tells_its_loose_ends() {
    let scene = Scene::new().await;
    let rita = scene.program("Rita", Role::Viewer).await;
    let irc = scene.server.source("ndjson", "irc").await;
    scene.server.source("ndjson", "mail").await;
    let secret = json!({"kind": "ndjson", "name": "secret-room", "private": true});
    scene.server.post(&scene.ada, "/api/v1/sources", &secret).await.expect(200);
    scene.message(&irc, "15:01:00", "db-1 is slow").await;
    let gap = json!({"occurred_at": "2026-02-20T15:02:00Z", "kind": "gap", "text": "no connection",
        "span": {"begin": "2026-02-20T15:02:00Z", "end": "2026-02-20T15:04:00Z"}});
    let gap = scene.deliver(&irc, vec![gap]).await.remove(0);
    let incident = scene.declare("Slow").await;
    let told = scene.command(json!({"verb": "did", "text": "restarted db-1"})).await;
    scene.command(json!({"verb": "result", "action": told, "outcome": "helped", "text": "fast again"})).await;
    let untold = scene.command(json!({"verb": "did", "text": "turned it off", "temporary": true})).await;
    let open = loose_ends(&scene, &scene.ada, &incident).await;
    assert!(open.as_array().is_none_or(Vec::is_empty), "none while it is open: {open}");
    scene.command(json!({"verb": "close", "incident": incident})).await;

    let shared = [
        json!({"what": "gap", "text": "irc could not be recorded for a while.", "fact": gap}),
        json!({"what": "no-result", "text": "Nobody told what came of: turned it off", "fact": untold}),
        json!({"what": "no-impact", "text": "Nobody recorded who was hit, from when until when.", "fact": null}),
        json!({"what": "no-detection", "text": "Nobody recorded when and by what it was noticed.", "fact": null}),
        json!({"what": "temporary", "text": "Still in place: turned it off", "fact": untold}),
    ];
    let silent = |name: &str| json!({"what": "silent-source", "text": format!("{name} recorded nothing in this window."), "fact": null});
    let expected = |sources: &[&str]| {
        let silent = sources.iter().map(|name| silent(name));
        Value::Array(silent.chain(shared.iter().cloned()).collect())
    };
    assert_eq!(loose_ends(&scene, &scene.ada, &incident).await, expected(&["mail", "secret-room"]));
    assert_eq!(
        loose_ends(&scene, &rita, &incident).await,
        expected(&["mail"]),
        "a viewer sees their sources"
    );
    let page = scene.server.get(&scene.server.browser(scene.server.admin).await, "/incidents/INC-1").await;
    let page = page.expect(200).text();
    for told in ["mail recorded nothing in this window.", "irc could not be recorded for a while."] {
        assert!(page.contains(told), "{told}");
    }
}
