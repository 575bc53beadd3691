//! `GET /metrics`, `GET /healthz`, and what holds for every answer.

use axum::body::Body;
use incident::Role;
use serde_json::json;
use testkit::{Client, TestServer};

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_who_operates() {
    let server = TestServer::start().await;
    let path = server.source("json", "hooks").await;
    server.post(&Client::stranger(), &path, &json!({"text": "x"})).await.expect(202);
    let stranger = Client::stranger();
    let local = async |client: &Client| {
        server.send_from([127, 0, 0, 1].into(), client, "GET", "/metrics", Body::empty()).await
    };
    let text = local(&stranger).await.expect(200).text();
    assert!(text.contains("deadstick_facts_total{source=\"hooks\",result=\"stored\"} 1\n"), "{text}");
    assert!(!text.contains(path.rsplit('/').next().unwrap()), "a secret is in it");
    server.get(&stranger, "/metrics").await.expect(401);
    server.get(&server.ada(), "/metrics").await.expect(200);
    let viewer = server.person("Vera", Role::Viewer).await;
    server.get(&server.program(viewer), "/metrics").await.expect(403);
}

#[tokio::test]
async fn behind_a_proxy_nobody_is_local() {
    let server = TestServer::start_with(|config| config.behind_proxy = true).await;
    for client in [Client::stranger(), Client::stranger().header("x-forwarded-for", "127.0.0.1")] {
        let reply = server.send_from([127, 0, 0, 1].into(), &client, "GET", "/metrics", Body::empty()).await;
        let _ = reply.expect(401);
    }
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = TestServer::start().await;
    for path in ["/sign-in", "/healthz", "/api/v1/incidents", "/nothing/here", "/login/x", "/in/x/y"] {
        let reply = server.get(&Client::stranger(), path).await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        // Pages look at the referrer of their own forms; nobody else is ever told one.
        let referrer = reply.header("referrer-policy").unwrap();
        assert!(["no-referrer", "same-origin"].contains(&referrer), "{path}: {referrer}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
    }
    server.get(&Client::stranger(), "/healthz").await.expect(200);
}
