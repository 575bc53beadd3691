//! Retention: talk goes, what others need stays.

use fact::{FactId, Viewer};
use incident::{Command, IncidentRef};
use serde_json::{Value, json};
use testkit::{Client, TestServer};

async fn record(server: &TestServer, path: &str, kind: &str, text: &str) -> FactId {
    let id = server.fresh_id();
    let line = json!({"id": id, "occurred_at": server.now(), "kind": kind, "text": text});
    let reply =
        server.send(&Client::stranger(), "POST", path, line.to_string().into_bytes()).await.expect(200);
    assert_eq!(reply.lines()[0]["status"], "stored");
    id
}

async fn is_there(server: &TestServer, id: FactId) -> bool {
    !server.app.store.facts(&Viewer::system(), &[id]).await.unwrap().is_empty()
}

#[tokio::test]
async fn keeps_evidence_and_open_investigations() {
    let server = TestServer::start().await;
    let room = server.source("ndjson", "room").await;
    server.source("ndjson", "forever").await;
    let forever = server.source("ndjson", "forever").await;
    let retention = Command::Retention { source: "room".into(), days: Some(30) };
    server.command(server.admin, retention).await.unwrap();

    let early = record(&server, &room, "message", "long before").await;
    let kept = record(&server, &forever, "message", "a room without retention").await;
    server.clock.advance_days(2);
    let talk = record(&server, &room, "message", "during").await;
    let starred = record(&server, &room, "message", "starred").await;
    let change = record(&server, &room, "change", "deployed 17").await;
    let declare = Command::Declare {
        title: "Down".into(),
        severity: 1,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    };
    server.command(server.admin, declare).await.unwrap();
    let incident = || IncidentRef("INC-1".into());
    let star = Command::Star { incident: incident(), fact: starred, on: true };
    server.command(server.admin, star).await.unwrap();

    server.clock.advance_days(31);
    server.app.expire_now().await.unwrap();
    assert!(!is_there(&server, early).await, "talk outside of any incident goes");
    assert!(is_there(&server, kept).await);
    assert!(is_there(&server, talk).await, "the incident is open");

    let close = Command::Close { incident: Some(incident()), at: None, text: None };
    server.command(server.admin, close).await.unwrap();
    server.clock.advance_days(89);
    server.app.expire_now().await.unwrap();
    assert!(is_there(&server, talk).await, "the investigation may go on");
    server.clock.advance_days(2);
    server.app.expire_now().await.unwrap();
    assert!(!is_there(&server, talk).await, "now it goes");
    assert!(is_there(&server, change).await, "evidence of an incident stays");
    assert!(is_there(&server, starred).await, "somebody starred it");
}

#[tokio::test]
async fn sending_an_expired_fact_again_brings_nothing_back() {
    let server = TestServer::start().await;
    let room = server.source("ndjson", "room").await;
    let retention = Command::Retention { source: "room".into(), days: Some(30) };
    server.command(server.admin, retention).await.unwrap();
    let line =
        json!({"id": server.fresh_id(), "occurred_at": server.now(), "kind": "message", "text": "gone"});
    let send = async || -> Value {
        let body = line.to_string().into_bytes();
        server.send(&Client::stranger(), "POST", &room, body).await.expect(200).lines()[0].clone()
    };
    assert_eq!(send().await["status"], "stored");
    server.clock.advance_days(31);
    assert_eq!(server.app.expire_now().await.unwrap(), 1);
    let again = send().await;
    assert_eq!(again["status"], "refused", "{again}");
    assert!(again["problem"].as_str().unwrap().contains("retention of 30 days"), "{again}");
}
