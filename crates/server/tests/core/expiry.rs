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

fn declare(title: &str) -> Command {
    Command::Declare {
        title: title.into(),
        severity: 1,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    }
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
    server.command(server.admin, declare("Down")).await.unwrap();
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

/// Nobody closes a double: it ends with the incident that it lives on as.
#[tokio::test]
async fn a_double_that_is_not_closed_keeps_nothing_for_ever() {
    let server = TestServer::start().await;
    let room = server.source("ndjson", "room").await;
    let retention = Command::Retention { source: "room".into(), days: Some(30) };
    server.command(server.admin, retention).await.unwrap();
    for title in ["Down", "Also down"] {
        server.command(server.admin, declare(title)).await.unwrap();
    }
    let named = |name: &str| IncidentRef(name.into());
    let double = Command::SameAs { incident: named("INC-2"), same_as: named("INC-1") };
    server.command(server.admin, double).await.unwrap();
    let during = record(&server, &room, "message", "during").await;
    let close = Command::Close { incident: Some(named("INC-1")), at: None, text: None };
    server.command(server.admin, close).await.unwrap();
    server.clock.advance_minutes(30);
    let after = record(&server, &room, "message", "after the window").await;
    let shown = async || {
        let path = "/api/v1/incidents/INC-1/timeline?view=full";
        server.get(&server.ada(), path).await.expect(200).text()
    };
    let page = shown().await;
    assert!(page.contains(&during.to_string()) && !page.contains(&after.to_string()), "{page}");
    server.clock.advance_days(31);
    server.app.expire_now().await.unwrap();
    assert!(is_there(&server, during).await, "the investigation may go on");
    assert!(!is_there(&server, after).await, "it lies in no window");
    server.clock.advance_days(61);
    server.app.expire_now().await.unwrap();
    assert!(!is_there(&server, during).await);
}
