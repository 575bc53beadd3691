//! Measures how long a fact takes from its delivery to an open page: 1,000 facts a second come in
//! by webhook over the network's loopback, and the page's live stream is read as a browser would.
//!
//! `cargo run --release -p server --example webhook_to_browser`

#![expect(clippy::unwrap_used, reason = "a measurement that can't go on stops")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use incident::{Command, Envelope, SourceKind};
use serde_json::json;
use server::auth::source_secret;
use server::listening::bind;
use server::{App, Clock, Config, Listen, Shared, SystemClock, SystemIds};
use store_sqlite::{Options, SqliteStore};

const FACTS_PER_DELIVERY: usize = 10;
const DELIVERIES_PER_SECOND: usize = 100;
const SECONDS: usize = 15;
const SENDERS: usize = 4;

/// When each fact was sent, by its marker.
type Sent = Arc<Mutex<BTreeMap<usize, Instant>>>;

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Options::new(|| SystemClock.now())).unwrap();
    let state = App::rebuild(&store).await.unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let bound =
        bind(&Listen { address, certificate: None, behind_proxy: false, public_url: None }, true).unwrap();
    let config = Config {
        base_url: bound.base_url(),
        is_https: false,
        behind_proxy: false,
        key: [7; 32],
        max_body: 1 << 24,
        max_connections: 900,
    };
    let app = App::new(Arc::new(store), Arc::new(SystemClock), Arc::new(SystemIds), config, state);
    let (token, path) = prepare(&app).await;
    let (address, serving) = (bound.address(), app.clone());
    let served = tokio::spawn(async move {
        let stop = serving.clone();
        bound.serve(serving, async move { stop.stopped().await }).await
    });
    let sent = Sent::default();
    let reader = {
        let sent = sent.clone();
        let stream = follow(address, token).await;
        tokio::task::spawn_blocking(move || latencies(stream, &sent))
    };
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (path, sent) = (path.clone(), sent.clone());
            tokio::task::spawn_blocking(move || deliver(address, &path, sender, &sent))
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let mut latencies = reader.await.unwrap();
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    println!("facts seen in the page  {}", latencies.len());
    println!("p50                     {:?}", at(0.5));
    println!("p99                     {:?} (150 ms asked for)", at(0.99));
    println!("longest                 {:?}", at(1.0));
    app.stop();
    served.await.unwrap().unwrap();
}

/// A first person, a source and an open incident: a token, and where to deliver.
async fn prepare(app: &Shared) -> (String, String) {
    let admin = app.ensure_first_person("Ada").await.unwrap();
    let give = async |command| {
        let id = app.ids.fact_id(app.now());
        app.execute(admin, Envelope { id, given_at: None, seen_version: None, command }).await.unwrap();
    };
    give(Command::AddSource { kind: SourceKind::Alertmanager, name: "alerts".into(), private: false }).await;
    give(Command::Declare {
        title: "Checkout answers 502".into(),
        severity: 1,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    })
    .await;
    let secret = source_secret(&app.config.key, app.state().source_named("alerts").unwrap()).0;
    (app.process_token(admin).0, format!("/in/alerts/{secret}"))
}

/// Opens the page, then its live stream, as the page's script does.
async fn follow(address: SocketAddr, token: String) -> TcpStream {
    tokio::task::spawn_blocking(move || {
        let ask = |path: &str, keep: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = format!(
                "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: {keep}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        };
        let mut page = String::new();
        ask("/incidents/INC-1", "close").read_to_string(&mut page).unwrap();
        let attribute = |name: &str| {
            let rest = page.split_once(&format!("data-{name}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
        };
        let (live, position, assets) = (attribute("live"), attribute("position"), attribute("assets"));
        let join = if live.contains('?') { '&' } else { '?' };
        ask(&format!("{live}{join}after={position}&assets={assets}"), "keep-alive")
    })
    .await
    .unwrap()
}

/// Reads the stream until every fact was in it.
fn latencies(stream: TcpStream, sent: &Sent) -> Vec<Duration> {
    let all = FACTS_PER_DELIVERY * DELIVERIES_PER_SECOND * SECONDS;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut latencies = Vec::with_capacity(all);
    let mut lines = BufReader::new(stream).split(b'\n');
    while latencies.len() < all {
        let Some(Ok(line)) = lines.next() else { break };
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.starts_with("event: reload") {
            println!("the page fell behind and was told to read anew");
            break;
        }
        let now = Instant::now();
        for part in line.split("marker-").skip(1) {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            let begin = digits.parse().ok().and_then(|marker: usize| sent.lock().unwrap().remove(&marker));
            latencies.extend(begin.map(|begin| now - begin));
        }
    }
    latencies
}

/// Delivers its share on one connection, on a fixed beat whatever the answers take.
fn deliver(address: SocketAddr, path: &str, sender: usize, sent: &Sent) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let beat = Duration::from_secs(1) * SENDERS as u32 / DELIVERIES_PER_SECOND as u32;
    let begin = Instant::now();
    for n in 0..DELIVERIES_PER_SECOND * SECONDS / SENDERS {
        std::thread::sleep((begin + beat * n as u32).saturating_duration_since(Instant::now()));
        let first = (n * SENDERS + sender) * FACTS_PER_DELIVERY;
        let markers = first..first + FACTS_PER_DELIVERY;
        let body = payload(markers.clone());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let now = Instant::now();
        sent.lock().unwrap().extend(markers.map(|marker| (marker, now)));
        stream.write_all(request.as_bytes()).unwrap();
        answer(&mut stream);
    }
}

fn payload(markers: std::ops::Range<usize>) -> String {
    let now = SystemClock.now();
    let alert = |marker: usize| {
        json!({
            "status": "resolved",
            "labels": {"alertname": "HighErrorRate", "instance": format!("marker-{marker}"), "severity": "critical"},
            "annotations": {"summary": format!("marker-{marker} answers 502")},
            "startsAt": now.plus_micros(-1_000_000).to_string(),
            "endsAt": now.to_string(),
            "fingerprint": format!("{marker:016x}"),
        })
    };
    json!({"version": "4", "status": "resolved", "alerts": markers.map(alert).collect::<Vec<_>>()})
        .to_string()
}

/// Reads one answer whole, so that the connection can be used again.
fn answer(stream: &mut TcpStream) {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4_096];
        let got = stream.read(&mut chunk).unwrap();
        assert_ne!(got, 0, "the server hung up");
        read.extend_from_slice(&chunk[..got]);
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            assert!(head.starts_with("HTTP/1.1 202"), "{text}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.and_then(|length| length.parse().ok()) == Some(body.len()) {
                return;
            }
        }
    }
}
