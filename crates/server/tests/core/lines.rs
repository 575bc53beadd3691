//! `POST /api/v1/facts` and deliveries to sources of kind `ndjson`: line by line.

use serde_json::{Value, json};
use testkit::{Client, TestServer};

async fn recorder(server: &TestServer) -> Client {
    server.source("ndjson", "host").await;
    let body = json!({"label": "agent", "scope": "record", "source": "host"});
    let made = server.post(&server.ada(), "/api/v1/tokens", &body).await.expect(200).json();
    Client::with_token(made["token"].as_str().unwrap())
}

fn line(server: &TestServer, text: &str) -> Value {
    json!({
        "id": server.fresh_id(), "native_id": text, "occurred_at": server.now(),
        "kind": "command", "text": text, "data": {"exit_status": 0},
    })
}

fn joined(lines: &[Value]) -> Vec<u8> {
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

fn statuses(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn answers_every_line_in_order() {
    let server = TestServer::start().await;
    let client = recorder(&server).await;
    let lines = [line(&server, "a"), line(&server, "b")];
    let reply = server.send(&client, "POST", "/api/v1/facts", joined(&lines)).await.expect(200).lines();
    assert_eq!(statuses(&reply), ["stored", "stored"]);
    assert_eq!(reply[0]["id"], lines[0]["id"]);
    let position = reply[0]["position"].as_u64().unwrap();
    assert_eq!(reply[1]["position"], position + 1);
    let again = server.send(&client, "POST", "/api/v1/facts", joined(&lines)).await.expect(200).lines();
    assert_eq!(statuses(&again), ["known", "known"]);
    assert_eq!(again[0]["position"], position);
}

#[tokio::test]
async fn bad_lines_are_refused_and_the_good_ones_kept() {
    let server = TestServer::start().await;
    let client = recorder(&server).await;
    let mut other = line(&server, "other");
    other["source"] = json!("alerts");
    let mut taken = line(&server, "taken");
    let first = line(&server, "first");
    taken["id"] = first["id"].clone();
    let mut body = joined(&[first]);
    body.extend_from_slice(b"not json\n\n\xff\xfe\n");
    body.extend(joined(&[other, taken, line(&server, "last")]));
    let reply = server.send(&client, "POST", "/api/v1/facts", body).await.expect(200).lines();
    assert_eq!(statuses(&reply), ["stored", "refused", "refused", "refused", "refused", "stored"]);
    assert!(reply[3]["problem"].as_str().unwrap().contains("host only"), "{}", reply[3]);
    assert!(reply[4]["problem"].as_str().unwrap().contains("belongs to another"), "{}", reply[4]);
    let health = server.get(&server.ada(), "/api/v1/sources").await.json();
    assert_eq!(health[0]["health"]["refused"], 4, "{health}");
}

#[tokio::test]
async fn ten_megabytes_in_one_line_don_t_cost_the_others() {
    let server = TestServer::start().await;
    let client = recorder(&server).await;
    let mut body = joined(&[line(&server, "before")]);
    body.extend(std::iter::repeat_n(b'x', 10_000_000));
    body.push(b'\n');
    body.extend(joined(&[line(&server, "after")]));
    let reply = server.send(&client, "POST", "/api/v1/facts", body).await.expect(200).lines();
    assert_eq!(statuses(&reply), ["stored", "refused", "stored"]);
    assert!(reply[1]["problem"].as_str().unwrap().contains("10000000 bytes"), "{}", reply[1]);
}

#[tokio::test]
async fn a_body_beyond_all_limits_says_what_was_kept() {
    let server = TestServer::start_with(|config| config.max_body = 10_000).await;
    let client = recorder(&server).await;
    let mut body = joined(&[line(&server, "first")]);
    while body.len() < 200_000 {
        body.extend(joined(&[line(&server, &format!("n {}", body.len()))]));
    }
    let reply = server.send(&client, "POST", "/api/v1/facts", body).await.expect(413).lines();
    let (last, kept) = reply.split_last().unwrap();
    assert_eq!(last["status"], "refused");
    assert!(last["problem"].as_str().unwrap().contains("160000 bytes"), "{last}");
    for line in kept {
        assert_eq!(line["status"], "stored");
    }
}

#[tokio::test]
async fn thousands_of_lines_are_all_there_after_a_restart() {
    let server = TestServer::start().await;
    let client = recorder(&server).await;
    let lines: Vec<Value> = (0..2_500).map(|n| line(&server, &format!("line {n}"))).collect();
    let reply = server.send(&client, "POST", "/api/v1/facts", joined(&lines)).await.expect(200).lines();
    assert_eq!(reply.len(), 2_500);
    let server = server.restarted().await;
    let again = server.send(&client, "POST", "/api/v1/facts", joined(&lines)).await.expect(200).lines();
    for (n, (first, second)) in reply.iter().zip(&again).enumerate() {
        assert_eq!((&second["status"], &second["position"]), (&json!("known"), &first["position"]), "{n}");
    }
}

#[tokio::test]
async fn the_products_own_kinds_are_its_own() {
    let server = TestServer::start().await;
    let client = recorder(&server).await;
    for kind in ["state", "erasure", "correction"] {
        let mut forged = line(&server, kind);
        forged["kind"] = json!(kind);
        let reply =
            server.send(&client, "POST", "/api/v1/facts", joined(&[forged])).await.expect(200).lines();
        assert_eq!(statuses(&reply), ["refused"], "{kind}");
    }
}

#[tokio::test]
async fn delivers_to_the_address_of_the_source_too() {
    let server = TestServer::start().await;
    let path = server.source("ndjson", "host").await;
    let body = joined(&[line(&server, "a")]);
    let reply = server.send(&Client::stranger(), "POST", &path, body).await.expect(200).lines();
    assert_eq!(statuses(&reply), ["stored"]);
}
