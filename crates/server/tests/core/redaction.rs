//! Redaction: gone from the log, from memory, from every answer.

use incident::{Command, Role};
use serde_json::json;
use testkit::{Client, TestServer};

const CANARY: &str = "canary-7f3a9";

#[tokio::test]
async fn a_title_vanishes_from_memory_and_from_the_log() {
    let server = TestServer::start().await;
    let declare = Command::Declare {
        title: format!("Customer {CANARY} sees 500"),
        severity: 2,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    };
    server.command(server.admin, declare).await.unwrap();
    let hooks = server.source("json", "hooks").await;
    let body = json!({"text": format!("it is {CANARY} again"), "deep": {"er": CANARY}});
    server.post(&Client::stranger(), &hooks, &body).await.expect(202);
    let erasures = server.app.erasures();

    let ask = json!({"containing": CANARY, "why": "a customer's name", "dry_run": true});
    let would = server.post(&server.ada(), "/api/v1/redactions", &ask).await.expect(200).json();
    assert_eq!((&would["count"], &would["position"]), (&json!(2), &json!(null)));
    let ask = json!({"containing": CANARY, "why": "a customer's name"});
    let done = server.post(&server.ada(), "/api/v1/redactions", &ask).await.expect(200).json();
    assert_eq!(done["count"], 2, "{done}");

    assert!(erasures.has_changed().unwrap(), "pages are told to read anew");
    assert!(!format!("{:?}", *server.app.state()).contains(CANARY));
    assert_eq!(server.app.state().incidents.len(), 1, "the incident is still there");
    let before = server.app.state().clone();
    let server = server.restarted().await;
    assert_eq!(*server.app.state(), before, "a restart leads to the same");
    for file in std::fs::read_dir(server.dir()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        assert!(!found, "{} still holds it", path.display());
    }
}

#[tokio::test]
async fn a_correction_goes_with_what_it_corrects() {
    let server = TestServer::start().await;
    let hooks = server.source("ndjson", "hooks").await;
    let id = server.fresh_id();
    let line = json!({"id": id, "occurred_at": server.now(), "kind": "message", "text": "wrong words"});
    server.send(&Client::stranger(), "POST", &hooks, line.to_string().into_bytes()).await.expect(200);
    let amend = Command::Amend { fact: id, occurred_at: None, text: Some(CANARY.into()), why: None };
    server.command(server.admin, amend).await.unwrap();
    let ask = json!({"facts": [id], "why": "should not have been said"});
    server.post(&server.ada(), "/api/v1/redactions", &ask).await.expect(200);
    assert!(!format!("{:?}", *server.app.state()).contains(CANARY));
}

#[tokio::test]
async fn refuses_who_may_not_and_what_can_not_be() {
    let server = TestServer::start().await;
    let responder = server.program(server.person("Rita", Role::Responder).await);
    let ask = json!({"containing": "abc", "why": "x"});
    server.post(&responder, "/api/v1/redactions", &ask).await.expect(403);
    let check = async |body: serde_json::Value, status: u16, code: &str| {
        let reply = server.post(&server.ada(), "/api/v1/redactions", &body).await.expect(status);
        assert_eq!(reply.problem(), code, "{body}");
    };
    check(json!({"containing": "abc", "why": " "}), 422, "no-reason").await;
    check(json!({"containing": "ab", "why": "x"}), 422, "text-too-short").await;
    check(json!({"containing": "abc", "why": "it said abc"}), 422, "reason-repeats-it").await;
    check(json!({"why": "x"}), 422, "nothing-named").await;
    check(json!({"facts": [server.fresh_id()], "why": "x"}), 404, "not-found").await;
}

#[tokio::test]
async fn a_private_incident_can_not_be_redacted_by_who_does_not_see_it() {
    let server = TestServer::start().await;
    let fay = server.person("Fay", Role::Facilitator).await;
    let declare = Command::Declare {
        title: format!("About {CANARY}"),
        severity: 2,
        started_at: None,
        services: vec![],
        private: true,
        external_id: None,
    };
    let done = server.command(server.admin, declare).await.unwrap();
    let ask = json!({"containing": CANARY, "why": "x"});
    let found = server.post(&server.program(fay), "/api/v1/redactions", &ask).await.expect(200).json();
    assert_eq!(found["count"], 0);
    let ask = json!({"facts": [done.fact], "why": "x"});
    server.post(&server.program(fay), "/api/v1/redactions", &ask).await.expect(404);
    let titles = server.app.state().incidents.values().map(|it| it.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles, [format!("About {CANARY}")]);
}
