//! `/api/v1/tokens`, `/api/v1/people`.

use incident::Role;
use serde_json::{Value, json};
use testkit::TestServer;

#[tokio::test]
async fn lists_ones_own_and_all_with_the_role() {
    let server = TestServer::start().await;
    let grace = server.person("Grace", Role::Responder).await;
    let (ada, grace) = (server.ada(), server.program(grace));
    for (client, label) in [(&ada, "of ada"), (&grace, "of grace")] {
        let body = json!({"label": label, "scope": "read"});
        let made = server.post(client, "/api/v1/tokens", &body).await.expect(200).json();
        assert!(made["token"].as_str().unwrap().starts_with("ds_"));
        server.clock.advance_minutes(1);
    }
    let labels = async |client| {
        let listed = server.get(client, "/api/v1/tokens").await.expect(200);
        assert!(!listed.text().contains("ds_"), "a list tells no secret");
        let labels = listed.json().as_array().unwrap().iter().map(|it| it["label"].clone()).collect();
        Value::Array(labels)
    };
    assert_eq!(labels(&ada).await, json!(["of grace", "of ada"]));
    assert_eq!(labels(&grace).await, json!(["of grace"]));
    let all = server.get(&ada, "/api/v1/tokens").await.json();
    let of_ada = format!("/api/v1/tokens/{}", all[1]["id"].as_str().unwrap());
    server.send(&grace, "DELETE", &of_ada, Vec::new()).await.expect(404);
    server.send(&ada, "DELETE", &of_ada, Vec::new()).await.expect(204);
    server.send(&ada, "DELETE", &of_ada, Vec::new()).await.expect(404);
}

#[tokio::test]
async fn refuses_what_makes_no_sense() {
    let server = TestServer::start().await;
    server.source("json", "hooks").await;
    let check = async |body: Value, status: u16, code: &str| {
        let reply = server.post(&server.ada(), "/api/v1/tokens", &body).await.expect(status);
        assert_eq!(reply.problem(), code, "{body}");
    };
    check(json!({"label": " ", "scope": "act"}), 422, "bad-label").await;
    check(json!({"label": "a\nb", "scope": "act"}), 422, "bad-label").await;
    check(json!({"label": "a", "scope": "record"}), 422, "no-source").await;
    check(json!({"label": "a", "scope": "act", "source": "hooks"}), 422, "sources-record").await;
    check(json!({"label": "a", "scope": "record", "source": "nothing"}), 404, "not-found").await;
    check(
        json!({"label": "a", "scope": "act", "expires_at": "2000-01-01T00:00:00Z"}),
        422,
        "expired-already",
    )
    .await;
    check(json!({"label": "a", "scope": "everything"}), 400, "bad-json").await;
}

#[tokio::test]
async fn says_when_a_token_was_used_last() {
    let server = TestServer::start().await;
    let body = json!({"label": "script", "scope": "read"});
    let made = server.post(&server.ada(), "/api/v1/tokens", &body).await.expect(200).json();
    let script = testkit::Client::with_token(made["token"].as_str().unwrap());
    assert_eq!(server.get(&script, "/api/v1/tokens").await.json()[0]["last_used"], Value::Null);
    server.app.write_touches().await.unwrap();
    let used = server.get(&script, "/api/v1/tokens").await.json()[0]["last_used"].clone();
    assert_eq!(used, json!(server.now()));
}

#[tokio::test]
async fn adds_people_with_a_link() {
    let server = TestServer::start().await;
    let body = json!({"name": "Grace Hopper", "role": "viewer"});
    let added = server.post(&server.ada(), "/api/v1/people", &body).await.expect(200).json();
    assert_eq!(added["name"], "Grace Hopper");
    let url = added["url"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:7700/invite/"), "{url}");
    let id = added["id"].as_str().unwrap();
    let again = server.post(&server.ada(), "/api/v1/people", &body).await;
    assert_eq!(again.status.as_u16(), 409, "{}", again.text());
    let link = server.post(&server.ada(), &format!("/api/v1/people/{id}/link"), &json!({})).await.expect(200);
    assert_ne!(link.json()["url"], added["url"]);
    server.post(&server.ada(), "/api/v1/people/nobody/link", &json!({})).await.expect(404);
    let people = server.get(&server.ada(), "/api/v1/people").await.expect(200).json();
    assert_eq!(people.as_array().unwrap().len(), 2);
}
