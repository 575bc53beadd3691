use incident::{Command, Role};
use serde_json::{Value, json};
use testkit::TestServer;

/// A line of NDJSON.
fn line(n: usize, at: &str, text: &str) -> Value {
    json!({"native_id": format!("n{n}"), "occurred_at": at, "kind": "message", "text": text, "actor": "bob"})
}

async fn deliver(server: &TestServer, path: &str, lines: &[Value]) {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let reply = server.send(&testkit::Client::stranger(), "POST", path, body.into_bytes()).await;
    assert!(
        reply.status.is_success() && !reply.text().contains("refused"),
        "{} {}",
        reply.status,
        reply.text()
    );
}

async fn declare(server: &TestServer, title: &str) -> String {
    let reply = server
        .post(
            &server.ada(),
            "/api/v1/commands",
            &json!({"id": server.fresh_id(), "verb": "declare", "title": title}),
        )
        .await
        .expect(200);
    reply.json()["incident"].as_str().unwrap().to_owned()
}

async fn texts(server: &TestServer, path: &str) -> Vec<String> {
    let reply = server.get(&server.ada(), path).await.expect(200);
    reply.json().as_array().unwrap().iter().map(|fact| fact["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn holds_what_was_recorded_before_the_declaration_in_the_contracts_shape() {
    let server = TestServer::start().await;
    let path = server.source("ndjson", "ops").await;
    deliver(&server, &path, &[line(1, "2026-02-20T15:05:00Z", "the db is slow")]).await;
    server.clock.advance_minutes(10);
    let incident = declare(&server, "Slow").await;
    let reply =
        server.get(&server.ada(), &format!("/api/v1/incidents/{incident}/timeline")).await.expect(200);
    let facts = reply.json();
    let first = &facts[0];
    let fields: Vec<&String> = first.as_object().unwrap().keys().collect();
    let mut expected = vec![
        "id",
        "position",
        "occurred_at",
        "recorded_at",
        "source",
        "kind",
        "actor",
        "text",
        "thread",
        "result_of",
        "redacted",
    ];
    let mut fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
    fields.sort_unstable();
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(first["text"], "the db is slow");
    assert_eq!(first["occurred_at"], "2026-02-20T15:05:00.000000Z");
    assert_eq!(first["actor"], "bob");
    let raw = reply.text();
    assert!(raw.starts_with("[{\"id\":"), "{raw}");
}
