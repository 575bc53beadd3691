//! How recording goes: never silent.

use serde_json::{Value, json};
use testkit::{Alert, Client, TestServer, alertmanager};

async fn health(server: &TestServer) -> Value {
    server.get(&server.ada(), "/api/v1/sources").await.expect(200).json()[0]["health"].clone()
}

async fn deliver(server: &TestServer, path: &str, fingerprint: &str, client: &Client) {
    let alert = Alert {
        name: "A",
        fingerprint,
        starts_at: server.now().plus_minutes(-1),
        ends_at: None,
        summary: "",
    };
    server.post(client, path, &alertmanager(&[alert])).await.expect(202);
}

#[tokio::test]
async fn tells_new_recording_failing_and_silent_sources_apart() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let stranger = Client::stranger();
    assert_eq!(health(&server).await["state"], "new");
    for n in 0..6 {
        deliver(&server, &path, &format!("00000000000000a{n}"), &stranger).await;
        server.clock.advance_minutes(10);
    }
    let told = health(&server).await;
    assert_eq!((&told["state"], &told["facts"], &told["deliveries"]), (&json!("ok"), &json!(6), &json!(6)));
    assert_eq!(told["lag_ms"], 60_000);
    server.send(&stranger, "POST", &path, vec![b' '; 2 << 20]).await.expect(413);
    let told = health(&server).await;
    assert_eq!((&told["state"], &told["refused"]), (&json!("failing"), &json!(1)));
    assert!(told["says"].as_str().unwrap().contains("more than the 1048576 bytes allowed"), "{told}");
    deliver(&server, &path, "00000000000000b0", &stranger).await;
    assert_eq!(health(&server).await["state"], "ok");
    server.clock.advance_days(3);
    let told = health(&server).await;
    assert_eq!(told["state"], "silent");
    assert!(told["says"].as_str().unwrap().contains("Nothing came for 3 days"), "{told}");
}

#[tokio::test]
async fn shows_deliveries_without_proof_but_does_not_blame_the_source() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    deliver(&server, &path, "00000000000000a1", &Client::stranger()).await;
    server.post(&Client::stranger(), "/in/alerts/wrong", &json!({})).await.expect(404);
    let told = health(&server).await;
    assert_eq!(told["state"], "ok");
    assert!(
        told["says"]
            .as_str()
            .unwrap()
            .contains("Deliveries with a wrong secret or signature since the start: 1"),
        "{told}"
    );
}

#[tokio::test]
async fn estimates_a_clock_that_is_off() {
    let server = TestServer::start().await;
    let path = server.source("alertmanager", "alerts").await;
    let ahead = server.now().plus_micros(90_000_000);
    let client = Client::stranger().header("x-deadstick-sent-at", &ahead.to_string());
    deliver(&server, &path, "00000000000000a1", &client).await;
    assert_eq!(health(&server).await["clock_ahead_ms"], 90_000);
}

#[tokio::test]
async fn tells_of_gaps_that_a_recorder_had() {
    let server = TestServer::start().await;
    let path = server.source("ndjson", "irc").await;
    let gap = json!({
        "id": server.fresh_id(), "occurred_at": server.now(), "kind": "gap",
        "text": "no connection to the network for 4 minutes",
    });
    server.send(&Client::stranger(), "POST", &path, gap.to_string().into_bytes()).await.expect(200);
    let told = health(&server).await;
    let says = told["says"].as_str().unwrap();
    assert!(
        says.ends_with("Gaps in its recording in the last 7 days: 1, the last at 2026-02-20 15:10:00 UTC."),
        "{says}"
    );
    server.clock.advance_days(8);
    assert!(!health(&server).await["says"].as_str().unwrap().contains("gaps"));
}

/// Clocks told by senders are remembered in memory only: after a restart nothing is claimed.
#[tokio::test]
async fn a_clock_that_was_not_measured_since_the_start_is_not_in_step() {
    let server = TestServer::start().await;
    let chat = server.source("ndjson", "chat").await;
    let line = serde_json::json!({"id": server.fresh_id(), "occurred_at": server.now(), "kind": "message", "text": "x"});
    let sender = Client::stranger().header("x-deadstick-sent-at", &server.now().to_string());
    server.send(&sender, "POST", &chat, line.to_string().into_bytes()).await.expect(200);
    let page = server.get(&server.browser(server.admin).await, "/sources").await.expect(200).text();
    assert!(page.contains("in step"), "{page}");
    let server = server.restarted().await;
    let page = server.get(&server.browser(server.admin).await, "/sources").await.expect(200).text();
    assert!(page.contains("not measured since the start") && !page.contains("in step"), "{page}");
}
