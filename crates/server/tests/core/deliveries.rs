//! `/in/{source}` and `/in/{source}/{secret}`: proof, limits, what is kept.

use fact::Viewer;
use hmac::{Hmac, KeyInit, Mac};
use incident::Command;
use serde_json::json;
use sha2::Sha256;
use testkit::{Alert, Client, TestServer, alertmanager};

fn payload(server: &TestServer) -> serde_json::Value {
    alertmanager(&[Alert {
        name: "HighErrorRate",
        fingerprint: "00000000000000a1",
        starts_at: server.now().plus_minutes(-5),
        ends_at: None,
        summary: "5 % of requests fail",
    }])
}

#[tokio::test]
async fn a_plain_post_is_enough_and_sending_it_again_adds_nothing() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let body = payload(&server);
    let first = server.post(&Client::stranger(), &path, &body).await.expect(202);
    assert_eq!(first.text(), r#"{"stored":1,"known":0}"#);
    let again = server.post(&Client::stranger(), &path, &body).await.expect(202);
    assert_eq!(again.text(), r#"{"stored":0,"known":1}"#);
}

#[tokio::test]
async fn wrong_secrets_and_unknown_sources_answer_alike() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let body = payload(&server);
    let head = server.app.store.head().await.unwrap();
    let wrong =
        server.post(&Client::stranger(), "/in/alerts/AAAAAAAAAAAAAAAAAAAAAA", &body).await.expect(404);
    let others = [
        ("/in/nothing/AAAAAAAAAAAAAAAAAAAAAA".to_owned(), Client::stranger()),
        ("/in/deadstick/AAAAAAAAAAAAAAAAAAAAAA".to_owned(), Client::stranger()),
        ("/in/alerts".to_owned(), Client::stranger()),
        ("/in/nothing".to_owned(), Client::stranger()),
        ("/in/alerts".to_owned(), Client::with_token("ds_wrong")),
        ("/in/nothing".to_owned(), Client::with_token("ds_wrong")),
        ("/in/alerts".to_owned(), Client::stranger().header("x-hub-signature-256", "sha256=00")),
        (format!("{path}x"), Client::stranger()),
    ];
    for (path, client) in others {
        let reply = server.post(&client, &path, &body).await.expect(404);
        assert_eq!(reply.bytes, wrong.bytes, "{path}");
        assert_eq!(reply.headers, wrong.headers, "{path}");
    }
    assert_eq!(server.app.store.head().await.unwrap(), head, "nothing was kept");
}

#[tokio::test]
async fn signatures_and_tokens_in_headers_prove_it() {
    let server = TestServer::start().await;
    let path = server.source("github", "deploys").await;
    let secret = path.rsplit('/').next().unwrap();
    let body = json!({"zen": "Keep it logically awesome.", "hook_id": 1}).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let github = Client::stranger()
        .header("x-github-event", "ping")
        .header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    let signed = github.clone().header("x-hub-signature-256", &format!("sha256={hex}"));
    server.send(&signed, "POST", "/in/deploys", body.clone().into_bytes()).await.expect(202);
    server.send(&signed, "POST", "/in/deploys", format!("{body} ").into_bytes()).await.expect(404);
    let bearer = github.clone().header("authorization", &format!("Bearer {secret}"));
    server.send(&bearer, "POST", "/in/deploys", body.clone().into_bytes()).await.expect(202);
    let made = json!({"label": "ci", "scope": "record", "source": "deploys"});
    let token = server.post(&server.ada(), "/api/v1/tokens", &made).await.expect(200).json();
    let token = github.header("authorization", &format!("Bearer {}", token["token"].as_str().unwrap()));
    server.send(&token, "POST", "/in/deploys", body.clone().into_bytes()).await.expect(202);
    // A token of one source does not write to another.
    server.source("github", "other").await;
    server.send(&token, "POST", "/in/other", body.into_bytes()).await.expect(404);
}

#[tokio::test]
async fn a_rotated_secret_stops_working() {
    let server = TestServer::start().await;
    let old = server.source("alertmanager", "alerts").await;
    server.command(server.admin, Command::RotateSource { source: "alerts".into() }).await.unwrap();
    let new = server.source("alertmanager", "alerts").await;
    let body = payload(&server);
    server.post(&Client::stranger(), &old, &body).await.expect(404);
    server.post(&Client::stranger(), &new, &body).await.expect(202);
}

#[tokio::test]
async fn guessers_are_slowed_down_and_the_right_sender_is_not() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let body = payload(&server);
    for _ in 0..30 {
        server.post(&Client::stranger(), "/in/alerts/wrong", &body).await.expect(404);
    }
    let slowed = server.post(&Client::stranger(), "/in/alerts/wrong", &body).await.expect(429);
    assert_eq!(slowed.header("retry-after"), Some("60"));
    server.post(&Client::stranger(), &path, &body).await.expect(202);
}

#[tokio::test]
async fn bad_bodies_are_answered_clearly_and_nothing_is_half_stored() {
    let server = TestServer::start().await;
    let path = server.source("json", "hooks").await;
    let stranger = Client::stranger();
    let head = server.app.store.head().await.unwrap().size;
    let large = server.send(&stranger, "POST", &path, vec![b'x'; (1 << 20) + 1]).await.expect(413);
    assert_eq!(large.problem(), "body-too-large");
    let packed = stranger.clone().header("content-encoding", "gzip");
    let packed = server.send(&packed, "POST", &path, vec![0x1f, 0x8b]).await.expect(415);
    assert_eq!(packed.problem(), "encoded-body");
    assert_eq!(server.app.store.head().await.unwrap().size, head);
    // What can't be understood is kept as it came, and said to be so.
    let odd: [&[u8]; 5] = [b"", b"{", b"\xff\xfe\x00", b"null", b"{\"text\":\"a\\u0000b\"}"];
    for (n, body) in odd.into_iter().enumerate() {
        let reply = server.send(&stranger, "POST", &path, body.to_vec()).await.expect(202);
        assert_eq!(reply.json()["stored"], 1, "{n}: {}", reply.text());
    }
    assert_eq!(server.app.store.head().await.unwrap().size, head + 5);
}

#[tokio::test]
async fn what_is_older_than_the_retention_is_refused_and_counted() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let retention = Command::Retention { source: "alerts".into(), days: Some(30) };
    server.command(server.admin, retention).await.unwrap();
    let alert = |fingerprint, days: i64| Alert {
        name: "Old",
        fingerprint,
        starts_at: server.now().plus_minutes(-days * 24 * 60),
        ends_at: None,
        summary: "",
    };
    let body = alertmanager(&[alert("00000000000000a1", 31), alert("00000000000000a2", 29)]);
    let reply = server.post(&Client::stranger(), &path, &body).await.expect(202).json();
    assert_eq!((&reply["stored"], &reply["refused"]), (&json!(1), &json!(1)), "{reply}");
    assert!(reply["diagnostics"].to_string().contains("retention of 30 days"), "{reply}");
}

#[tokio::test]
async fn secrets_never_reach_the_log() {
    let server = TestServer::start().await;
    let path = server.source("json", "hooks").await;
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    let body = json!({"text": format!("deployed with {key}"), "env": {"AWS_ACCESS_KEY_ID": key}});
    server.post(&Client::stranger(), &path, &body).await.expect(202);
    let note = Command::Note { text: format!("the key is {key}"), incident: None, at: None };
    server.command(server.admin, note).await.unwrap();
    let found = server.app.store.containing(&Viewer::system(), &key, 10).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    let said = format!("{:?}", *server.app.state());
    assert!(!said.contains(&key), "memory holds what the log does not");
}

#[tokio::test]
async fn a_test_is_recorded_and_opens_nothing() {
    let server = TestServer::start().await;
    for kind in ["alertmanager", "grafana", "github", "gitlab", "json", "ndjson"] {
        server.source(kind, kind).await;
        let path = format!("/api/v1/sources/{kind}/test");
        let reply = server.post(&server.ada(), &path, &json!({})).await.expect(200);
        assert_eq!(reply.json()["stored"], 1, "{kind}: {}", reply.text());
    }
    let firing = server.app.store.firing(&Viewer::system(), 10).await.unwrap();
    assert!(firing.is_empty(), "{firing:?}");
    server.post(&server.ada(), "/api/v1/sources/nothing/test", &json!({})).await.expect(404);
}
