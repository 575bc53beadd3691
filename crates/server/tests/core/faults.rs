//! A disk that is full: a clear error, nothing lost, nothing half stored.

use incident::{Command, Envelope};
use serde_json::json;
use testkit::{Client, TestServer};

#[tokio::test]
async fn a_full_disk_is_told_and_the_same_sending_works_later() {
    let server = TestServer::start().await;
    let hooks = server.source("json", "hooks").await;
    let host = server.source("ndjson", "host").await;
    let stranger = Client::stranger().header("idempotency-key", "delivery-1");
    let line = json!({"id": server.fresh_id(), "occurred_at": server.now(), "kind": "note", "text": "a"});
    let line = line.to_string().into_bytes();
    let command = Command::Declare {
        title: "Down".into(),
        severity: 1,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    };
    let envelope = Envelope { id: server.fresh_id(), given_at: None, seen_version: None, command };
    let head = server.app.store.head().await.unwrap();

    server.disk.fill();
    let state = server.app.state().clone();
    for reply in [
        server.post(&stranger, &hooks, &json!({"text": "x"})).await,
        server.send(&stranger, "POST", &host, line.clone()).await,
        server.post(&server.ada(), "/api/v1/commands", &serde_json::to_value(&envelope).unwrap()).await,
    ] {
        let reply = reply.expect(507);
        assert_eq!(reply.problem(), "log-unwritable");
        assert!(reply.json()["hint"].as_str().unwrap().contains("send it again"));
    }
    assert_eq!(server.app.store.head().await.unwrap(), head);
    assert_eq!(*server.app.state(), state);
    let sources = server.get(&server.ada(), "/api/v1/sources").await.json();
    let failing = sources.as_array().unwrap().iter().all(|it| it["health"]["state"] == "failing");
    assert!(failing, "{sources}");

    server.disk.make_room();
    server.post(&stranger, &hooks, &json!({"text": "x"})).await.expect(202);
    server.send(&stranger, "POST", &host, line).await.expect(200);
    server.app.execute(server.admin, envelope).await.unwrap();
    assert_eq!(server.app.store.head().await.unwrap().size, head.size + 3);
    assert_eq!(server.app.state().incidents.len(), 1);
}
