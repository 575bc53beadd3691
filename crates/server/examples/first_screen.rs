//! Measures what a reader waits for: the first screen of a 100,000-fact incident, and the whole of
//! it in pages; and how long and how much memory folding 200,000 state facts takes.
//!
//! `cargo run --release -p server --example first_screen`

#![expect(clippy::unwrap_used, reason = "a measurement that can't go on stops")]

use std::time::{Duration, Instant};

use fact::{Content, EntityId, FactId, Kind, NewFact, PersonId, SourceId, Span, Timestamp};
use incident::{Command, Event, Recorded};
use serde_json::json;
use server::App;
use server::reading::{self, TimelineQuery};
use testkit::TestServer;

const FACTS: i64 = 100_000;
const STATE_FACTS: usize = 200_000;

#[tokio::main]
async fn main() {
    let server = TestServer::start_with(|config| config.max_body = 1 << 30).await;
    fill(&server).await;
    let declare = Command::Declare {
        title: "Checkout answers 502".into(),
        severity: 1,
        started_at: None,
        services: vec!["checkout".into()],
        private: false,
        external_id: None,
    };
    let incident = server.command(server.admin, declare).await.unwrap().incident.unwrap();
    for n in 0..20 {
        let text = format!("restarted db-{n}");
        let did = Command::Did { text, incident: None, at: None, temporary: n % 5 == 0, because: None };
        server.command(server.admin, did).await.unwrap();
    }
    first_screen(&server, incident).await;
    whole(&server).await;
    rebuild(&server).await;
}

/// Talk, alerts, changes and commands of one hour, from four sources.
async fn fill(server: &TestServer) {
    let mut ids = Vec::new();
    for name in ["ops", "dev", "alerts", "deploys"] {
        server.source("ndjson", name).await;
        ids.push(server.app.state().source_named(name).unwrap().id);
    }
    let from = server.now().plus_minutes(-59);
    let mut batch = Vec::new();
    for n in 0..FACTS {
        let at = from.plus_micros(n * 59 * 60_000_000 / FACTS);
        let (source, kind) = match n % 100 {
            0 => (ids[3], Kind::CHANGE),
            1 | 2 => (ids[2], Kind::ALERT),
            3..=5 => (ids[3], Kind::COMMAND),
            even if even % 2 == 0 => (ids[0], Kind::MESSAGE),
            _ => (ids[1], Kind::MESSAGE),
        };
        let text = format!("message {n}: pool db-{} has no free connection, retrying in a moment", n % 40);
        let mut content = Content::new(format!("n{n}"), at, text);
        content.live = true;
        content.actor = Some(format!("person-{}", n % 25));
        if kind == Kind::ALERT {
            content.thread = Some(format!("alert-{}", n % 50));
            let end = (n % 3 == 0).then(|| at.plus_micros(30_000_000));
            content.span = Some(Span { begin: at, end });
        }
        batch.push(NewFact { id: server.fresh_id(), source, kind, content });
        if batch.len() == 1_000 {
            server.app.store.append(std::mem::take(&mut batch)).await.unwrap();
        }
    }
}

async fn first_screen(server: &TestServer, incident: EntityId) {
    let viewer = server.app.state().viewer(server.admin);
    let app = &*server.app;
    let query = TimelineQuery { order: store::Order::Descending, ..TimelineQuery::default() };
    let page = server.get(&server.ada(), "/incidents/INC-1").await.expect(200);
    println!("the page has {} bytes before compression", page.bytes.len());
    for (what, is_anew) in [("first look after a change of state", true), ("look while facts come in", false)]
    {
        let mut parts = [const { Vec::new() }; 4];
        for n in 0..21 {
            // What was read before is no longer good after a change of state.
            let disturb = async || match is_anew {
                true => note(server).await,
                false => message(server, n).await,
            };
            disturb().await;
            let (rows, took) = timed(reading::timeline(app, &viewer, incident, &query)).await;
            assert!(rows.unwrap().total > FACTS as u64);
            parts[0].push(took);
            parts[1].push(timed(reading::incident_view(app, &viewer, incident)).await.1);
            parts[2].push(timed(reading::brief(app, &viewer, incident)).await.1);
            disturb().await;
            let ada = server.ada();
            parts[3].push(timed(server.get(&ada, "/incidents/INC-1")).await.1);
        }
        let names = ["timeline, 200 lines", "incident", "brief", "whole page by HTTP"];
        for (name, times) in names.iter().zip(&mut parts) {
            times.sort_unstable();
            let (wall, work) = times[10];
            println!("{what}: {name}: median {:.1} ms, {:.1} ms of processor", millis(wall), millis(work));
        }
    }
}

async fn whole(server: &TestServer) {
    let begun = Instant::now();
    let mut path = Some("/api/v1/incidents/INC-1/timeline?limit=1000".to_owned());
    let (mut pages, mut bytes, mut lines) = (0, 0, 0);
    while let Some(next) = path {
        let reply = server.get(&server.ada(), &next).await.expect(200);
        pages += 1;
        bytes += reply.bytes.len();
        lines += reply.json().as_array().unwrap().len();
        path = reply.header("link").map(|link| {
            let url = link.trim_start_matches('<').split('>').next().unwrap();
            url.strip_prefix("http://127.0.0.1:7700").unwrap().to_owned()
        });
    }
    println!(
        "whole timeline as JSON: {lines} facts in {pages} pages, {} MB, {:.2} s",
        bytes / 1_000_000,
        begun.elapsed().as_secs_f64()
    );
}

/// Many incidents, each with entries; folded from the log as at start.
async fn rebuild(server: &TestServer) {
    let by = server.admin;
    let at = server.now();
    let mut batch = Vec::new();
    for n in 0..STATE_FACTS {
        let entity = EntityId(uuid(n / 100));
        let version = (n % 100) as u64 + 1;
        let event = match version {
            1 => Event::Declared {
                number: (n / 100) as u64 + 2,
                title: format!("Incident {n}"),
                severity: 2,
                started_at: at,
                services: Default::default(),
                members: None,
                external_id: None,
            },
            _ if version.is_multiple_of(10) => {
                Event::StatusTold { text: format!("still on it {n}"), next_due: None }
            }
            _ => Event::Did { text: format!("restarted db-{n}"), temporary: false, because: None },
        };
        batch.push(told(by, entity, version, event, at));
        if batch.len() == 1_000 {
            server.app.store.append(std::mem::take(&mut batch)).await.unwrap();
        }
    }
    let before = resident();
    let begun = Instant::now();
    let state = App::rebuild(server.app.store.as_ref()).await.unwrap();
    let took = begun.elapsed();
    println!(
        "{STATE_FACTS} state facts of {} incidents folded in {:.2} s, {} MB more memory",
        state.incidents.len(),
        took.as_secs_f64(),
        (resident().saturating_sub(before)) / 1_000_000
    );
}

fn told(by: PersonId, entity: EntityId, version: u64, event: Event, at: Timestamp) -> NewFact {
    let id = FactId(uuid(1_000_000 + entity.0.as_u128() as usize % 1_000_000 * 100 + version as usize));
    let mut content = Content::new(id.to_string(), at, "told");
    content.entity = Some(entity);
    content.version = Some(version);
    content.data.insert("event".into(), json!(Recorded { by, what: event }));
    NewFact { id, source: SourceId::OWN, kind: Kind::STATE, content }
}

fn uuid(n: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n as u128)
}

async fn note(server: &TestServer) {
    let note = Command::Note { text: "still looking".into(), incident: None, at: None };
    server.command(server.admin, note).await.unwrap();
}

async fn message(server: &TestServer, n: u32) {
    let source = server.app.state().source_named("ops").unwrap().id;
    let mut content = Content::new(format!("late-{n}-{}", server.fresh_id()), server.now(), "one more");
    content.live = true;
    let fact = NewFact { id: server.fresh_id(), source, kind: Kind::MESSAGE, content };
    server.app.store.append(vec![fact]).await.unwrap();
}

/// How long work took by the clock, and of the processor in all threads.
async fn timed<T>(work: impl Future<Output = T>) -> (T, (Duration, Duration)) {
    let (begun, before) = (Instant::now(), processor());
    let done = work.await;
    (done, (begun.elapsed(), processor().saturating_sub(before)))
}

fn processor() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

/// Bytes of memory that the process holds.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}
