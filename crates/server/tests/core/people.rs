//! Who may be whom, and who may say so.

use incident::{Command, IncidentRef, Role};
use serde_json::{Value, json};
use testkit::{Client, TestServer};

async fn alike(server: &TestServer) -> Value {
    server.get(&server.ada(), "/api/v1/people/alike").await.expect(200).json()
}

#[tokio::test]
async fn proposes_handles_and_people_and_joins_them_by_one_button() {
    let server = TestServer::start().await;
    let grace = server.person("Grace Hopper", Role::Responder).await;
    let again = server.person("hopper.grace", Role::Responder).await;
    let chat = server.source("ndjson", "chat").await;
    let line = json!({"id": server.fresh_id(), "occurred_at": server.now(), "kind": "message", "actor": "grace_hopper", "text": "hi"});
    let body = line.to_string().into_bytes();
    server.send(&Client::stranger(), "POST", &chat, body).await.expect(200);

    let found = alike(&server).await;
    assert_eq!(
        found[0],
        json!({"alike": "people", "into": {"id": grace, "name": "Grace Hopper"},
            "other": {"id": again, "name": "hopper.grace"},
            "reason": "their names are the same words in another order"})
    );
    let browser = server.browser(server.admin).await;
    let page = server.get(&browser, "/people").await.expect(200).text();
    assert!(page.contains("may be one person") && page.contains("same words in another order"), "{page}");

    let form = format!("verb=join-people&into={grace}&other={again}&back=/people");
    let browser = browser
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    server.send(&browser, "POST", "/do", form.into_bytes()).await.expect(303);
    let found = alike(&server).await;
    assert_eq!(found[0]["alike"], "handle", "{found}");
    assert_eq!((&found[0]["handle"], &found[0]["person"]["id"]), (&json!("grace_hopper"), &json!(grace)));
    assert_eq!(found.as_array().unwrap().len(), 1);
    let page = server.get(&browser, "/people").await.expect(200).text();
    assert!(!page.contains("may be one person"), "{page}");
}

/// Who is joined into somebody acts as they do and sees what they see: no way up for a facilitator.
#[tokio::test]
async fn only_admins_join_people() {
    let server = TestServer::start().await;
    let fay = server.person("Fay", Role::Facilitator).await;
    let fays = server.program(fay);
    let declare = Command::Declare {
        title: "Secret".into(),
        severity: 1,
        started_at: None,
        services: vec![],
        private: true,
        external_id: None,
    };
    server.command(server.admin, declare).await.unwrap();
    for (into, other) in [(server.admin, fay), (fay, server.admin)] {
        let refused = server.command(fay, Command::JoinPeople { into, other }).await.unwrap_err();
        assert_eq!(refused.body.code, "not-allowed");
    }
    let close = Command::Close { incident: Some(IncidentRef("1".into())), at: None, text: None };
    assert!(server.command(fay, close).await.is_err());
    assert_eq!(server.get(&fays, "/api/v1/incidents").await.expect(200).json(), json!([]));
    server.get(&fays, "/api/v1/people/alike").await.expect(200);
    let browser = server.browser(fay).await;
    let page = server.get(&browser, "/people").await.expect(200).text();
    assert!(!page.contains("join-people") && page.contains("add-handle"), "{page}");
}
