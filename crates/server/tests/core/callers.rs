//! Who may do what with which proof.

use incident::Role;
use serde_json::json;
use store::TokenScope;
use testkit::{Client, TestServer};

async fn declare(server: &TestServer, client: &Client) -> (u16, String) {
    let body = json!({"id": server.fresh_id(), "verb": "declare", "title": "The api answers 500"});
    let reply = server.post(client, "/api/v1/commands", &body).await;
    let code = if reply.status.is_success() { String::new() } else { reply.problem() };
    (reply.status.as_u16(), code)
}

#[tokio::test]
async fn a_cookie_changes_things_only_from_our_own_pages() {
    let server = TestServer::start().await;
    let own = server.browser(server.admin).await;
    let bare = own.clone().without("sec-fetch-site");
    let check = async |client: Client, expected: (u16, &str)| {
        let said = declare(&server, &client).await;
        assert_eq!((said.0, said.1.as_str()), expected, "{client:?}");
    };
    let refused = (403, "foreign-origin");
    check(own.clone(), (200, "")).await;
    check(own.clone().header("sec-fetch-site", "none"), (200, "")).await;
    check(own.clone().header("sec-fetch-site", "cross-site"), refused).await;
    check(own.clone().header("sec-fetch-site", "same-site"), refused).await;
    check(bare.clone(), refused).await;
    check(bare.clone().header("origin", "http://127.0.0.1:7700"), (200, "")).await;
    check(bare.clone().header("origin", "http://evil.example"), refused).await;
    check(bare.clone().header("origin", "null"), refused).await;
    // Reading is no change.
    server.get(&own.header("sec-fetch-site", "cross-site"), "/api/v1/incidents").await.expect(200);
}

#[tokio::test]
async fn tokens_do_what_their_scope_says() {
    let server = TestServer::start().await;
    let owner = testkit_owner(&server);
    let mut clients = Vec::new();
    for scope in [TokenScope::Read, TokenScope::Act] {
        let (_, secret) = server.app.issue_token(owner, scope, "test".into(), None).await.unwrap();
        clients.push(Client::with_token(&secret.0));
    }
    let (read, act) = (&clients[0], &clients[1]);
    server.get(read, "/api/v1/incidents").await.expect(200);
    server.get(act, "/api/v1/incidents").await.expect(200);
    assert_eq!(declare(&server, read).await, (403, "token-reads-only".into()));
    assert_eq!(declare(&server, act).await.0, 200);
    // A read token makes no token that acts.
    let body = json!({"label": "more", "scope": "act"});
    server.post(read, "/api/v1/tokens", &body).await.expect(403);
}

fn testkit_owner(server: &TestServer) -> server::auth::Owner {
    server::auth::Owner::Person(server.admin)
}

#[tokio::test]
async fn wrong_expired_and_revoked_tokens_are_nobody() {
    let server = TestServer::start().await;
    let expires = Some(server.now().plus_minutes(10));
    let owner = testkit_owner(&server);
    let (token, secret) =
        server.app.issue_token(owner, TokenScope::Act, "short".into(), expires).await.unwrap();
    let client = Client::with_token(&secret.0);
    server.get(&client, "/api/v1/incidents").await.expect(200);
    for wrong in ["", "ds_", "ds_x", &secret.0[3..], &format!("{}x", secret.0), "Bearer"] {
        server.get(&Client::with_token(wrong), "/api/v1/incidents").await.expect(401);
    }
    for scheme in [format!("Basic {}", secret.0), secret.0.clone(), format!("bearer\t{}", secret.0)] {
        let client = Client::stranger().header("authorization", &scheme);
        server.get(&client, "/api/v1/incidents").await.expect(401);
    }
    // A wrong token is not made right by a good cookie.
    let browser = server.browser(server.admin).await;
    server.get(&browser.header("authorization", "Bearer ds_x"), "/api/v1/incidents").await.expect(401);
    server.clock.advance_minutes(11);
    server.get(&client, "/api/v1/incidents").await.expect(401);

    let (token_2, secret) = server.app.issue_token(owner, TokenScope::Act, "x".into(), None).await.unwrap();
    assert_ne!(token.id, token_2.id);
    let client = Client::with_token(&secret.0);
    let path = format!("/api/v1/tokens/{}", token_2.id);
    server.send(&client, "DELETE", &path, Vec::new()).await.expect(204);
    server.get(&client, "/api/v1/incidents").await.expect(401);
}

#[tokio::test]
async fn a_sources_token_records_and_nothing_else() {
    let server = TestServer::start().await;
    server.source("ndjson", "deploys").await;
    let body = json!({"label": "agent", "scope": "record", "source": "deploys"});
    let made = server.post(&server.ada(), "/api/v1/tokens", &body).await.expect(200).json();
    let client = Client::with_token(made["token"].as_str().unwrap());
    for path in ["/api/v1/incidents", "/api/v1/sources", "/api/v1/people", "/api/v1/tokens"] {
        server.get(&client, path).await.expect(401);
    }
    assert_eq!(declare(&server, &client).await.0, 401);
    server.send(&client, "POST", "/api/v1/facts", Vec::new()).await.expect(200);
    // And a person's token records nothing.
    let reply = server.send(&server.ada(), "POST", "/api/v1/facts", Vec::new()).await.expect(403);
    assert_eq!(reply.problem(), "not-a-recorder");
}

#[tokio::test]
async fn roles_bind_whatever_the_proof() {
    let server = TestServer::start().await;
    let viewer = server.person("Vera", Role::Viewer).await;
    for client in [server.program(viewer), server.browser(viewer).await] {
        server.get(&client, "/api/v1/incidents").await.expect(200);
        assert_eq!(declare(&server, &client).await.0, 403);
        let body = json!({"name": "Mallory"});
        server.post(&client, "/api/v1/people", &body).await.expect(403);
        let body = json!({"kind": "json", "name": "x"});
        server.post(&client, "/api/v1/sources", &body).await.expect(403);
    }
}
