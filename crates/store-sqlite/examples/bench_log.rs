//! How fast the log is, side by side with bare SQL where that is the measure.
//!
//! `cargo run --release -p store-sqlite --example bench_log -- [append|latency|state|large|all]`
//!
//! Works in a directory of its own below `TMPDIR`; that must be on a real disk for the figures of
//! durable writes to mean anything.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use fact::{EntityId, FactId, Kind, NewFact, SourceId, Timestamp, Viewer};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::{Log as _, Order, Read as _, StateRow, WindowQuery};
use store_sqlite::{DATABASE, Options, SqliteStore, verify};
use uuid::Uuid;

const BATCH: u64 = 1_000;
const START: i64 = 1_771_599_600;

fn main() {
    let what = std::env::args().nth(1).unwrap_or("all".into());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let is = |name: &str| what == name || what == "all";
    runtime.block_on(async {
        if is("append") {
            append().await;
        }
        if is("latency") {
            paced().await;
            latency().await;
        }
        if is("state") {
            state().await;
        }
        if is("large") {
            large().await;
        }
    });
}

fn open(dir: &Path) -> SqliteStore {
    let ticks = AtomicI64::new(0);
    let clock = move || Timestamp::from_secs(START).plus_micros(ticks.fetch_add(1_000, Ordering::Relaxed));
    SqliteStore::open(dir, Options::new(clock)).unwrap()
}

/// A chat message of usual size, with one alert and one edit among fifty.
fn message(n: u64) -> NewFact {
    let at = Timestamp::from_secs(START).plus_micros(i64::try_from(n).unwrap() * 1_000);
    let text =
        format!("{n}: looks like the pool on db-{} is full again, {} connections wait", n % 17, n % 400);
    let mut content = fact::Content::new(format!("C0123ABC/{n}.000200"), at, text);
    content.actor = Some(format!("person{}", n % 40));
    content.live = true;
    content.data.insert("client".into(), "desktop".into());
    if n % 50 == 7 {
        content.native_id = format!("C0123ABC/{}.000200", n - 1);
        content.revision = 1;
    }
    let mut kind = Kind::MESSAGE;
    if n % 50 == 9 {
        kind = Kind::ALERT;
        content.thread = Some(format!("fingerprint-{}", n % 1_000));
        content.span = Some(fact::Span { begin: at, end: None });
    }
    let source = SourceId(Uuid::from_u128(0x8000 + u128::from(n % 8)));
    // All revisions are of one source.
    let source =
        if n % 50 == 7 { SourceId(Uuid::from_u128(0x8000 + u128::from((n - 1) % 8))) } else { source };
    NewFact { id: FactId(fact::uuid_v7(at, spread(n))), source, kind, content }
}

/// Ten bytes that differ.
fn spread(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn append() {
    let (ours, bare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(ours.path());
    drop(open(bare.path()));
    let bare = bare_connection(bare.path());
    let read = Connection::open(ours.path().join(DATABASE)).unwrap();
    let (mut our_times, mut bare_times) = (Vec::new(), Vec::new());
    for batch in 0..200_u64 {
        let facts: Vec<NewFact> = (batch * BATCH..(batch + 1) * BATCH).map(message).collect();
        let start = Instant::now();
        store.append(facts).await.unwrap();
        our_times.push(start.elapsed());
        let rows = rows(&read, batch * BATCH);
        let start = Instant::now();
        insert_bare(&bare, &rows);
        bare_times.push(start.elapsed());
    }
    let (ours, bare) = (median(our_times), median(bare_times));
    println!("batches of 1,000 facts, 200 batches into a growing log, median of a batch:");
    println!("  the log            {ours:>10.2?}  {:>9.0} facts/s", rate(ours));
    println!("  bare inserts       {bare:>10.2?}  {:>9.0} rows/s", rate(bare));
    println!("  share of bare rate {:.2}", bare.as_secs_f64() / ours.as_secs_f64());
}

fn rate(batch: Duration) -> f64 {
    1_000.0 / batch.as_secs_f64()
}

/// The same tables, indexes, journal and durability as the log's.
fn bare_connection(dir: &Path) -> Connection {
    let db = Connection::open(dir.join(DATABASE)).unwrap();
    for (pragma, value) in [("synchronous", "FULL"), ("secure_delete", "ON"), ("temp_store", "MEMORY")] {
        db.pragma_update(None, pragma, value).unwrap();
    }
    db.pragma_update(None, "cache_size", -16_384).unwrap();
    db
}

/// Rows as the log wrote them.
fn rows(db: &Connection, after: u64) -> Vec<Vec<Value>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM facts WHERE position > ? ORDER BY position LIMIT 1000").unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([after.cast_signed()], |row| (0..columns).map(|i| row.get(i)).collect());
    rows.unwrap().map(Result::unwrap).collect()
}

fn insert_bare(db: &Connection, rows: &[Vec<Value>]) {
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    for chunk in rows.chunks(125) {
        let row = format!("(?{})", ",?".repeat(chunk[0].len() - 1));
        let text = format!("INSERT INTO facts VALUES {row}{}", format!(",{row}").repeat(chunk.len() - 1));
        let mut statement = db.prepare_cached(&text).unwrap();
        for (i, value) in chunk.iter().flatten().enumerate() {
            statement.raw_bind_parameter(i + 1, value).unwrap();
        }
        statement.raw_execute().unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
}

async fn latency() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(dir.path()));
    let mut writers = Vec::new();
    for writer in 0..500_u64 {
        let store = Arc::clone(&store);
        writers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for n in 0..100 {
                let fact = message((writer * 100 + n) * 50);
                let start = Instant::now();
                store.append(vec![fact]).await.unwrap();
                times.push(start.elapsed());
            }
            times
        }));
    }
    let start = Instant::now();
    let mut times = Vec::new();
    for writer in writers {
        times.extend(writer.await.unwrap());
    }
    let took = start.elapsed();
    times.sort();
    println!("one durable fact at a time, 500 writers at once, 50,000 facts:");
    println!("  median {:.2?}, p99 {:.2?}, worst {:.2?}", times[25_000], times[49_500], times[49_999]);
    println!("  {:.0} facts/s", 50_000.0 / took.as_secs_f64());
}

/// Five hundred writers that together record 1,000 facts a second.
async fn paced() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(dir.path()));
    let mut writers = Vec::new();
    for writer in 0..500_u64 {
        let store = Arc::clone(&store);
        writers.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(writer)).await;
            let mut ticks = tokio::time::interval(Duration::from_millis(500));
            let mut times = Vec::new();
            for n in 0..20 {
                ticks.tick().await;
                let fact = message((writer * 100 + n) * 50);
                let start = Instant::now();
                store.append(vec![fact]).await.unwrap();
                times.push(start.elapsed());
            }
            times
        }));
    }
    let mut times = Vec::new();
    for writer in writers {
        times.extend(writer.await.unwrap());
    }
    times.sort();
    println!("one durable fact at a time, 500 writers at 1,000 facts/s together, 10,000 facts:");
    println!("  median {:.2?}, p99 {:.2?}, worst {:.2?}", times[5_000], times[9_900], times[9_999]);
}

async fn state() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for batch in 0..200_u64 {
        let facts = (batch * BATCH..(batch + 1) * BATCH).map(|n| {
            let mut fact = NewFact { source: SourceId::OWN, kind: Kind::STATE, ..message(n * 50) };
            fact.content.entity = Some(EntityId(Uuid::from_u128(0x9000 + u128::from(n % 500))));
            fact.content.version = Some(n / 500 + 1);
            let event = serde_json::json!({"event": "severity", "severity": n % 5, "by": "someone"});
            fact.content.data.insert("event".into(), event);
            fact
        });
        store.append(facts.collect()).await.unwrap();
    }
    let mut times = Vec::new();
    for _ in 0..5 {
        let mut count = 0;
        let start = Instant::now();
        store.state_facts(&mut |row| count += usize::from(is_readable(&row))).await.unwrap();
        times.push(start.elapsed());
        assert_eq!(count, 200_000);
    }
    println!("200,000 state facts read and decoded: {:.2?} (median of 5)", median(times));
}

fn is_readable(row: &StateRow<'_>) -> bool {
    matches!(row, StateRow::Fact { content, .. } if fact::decode_state(content).is_ok())
}

async fn large() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let start = Instant::now();
    for batch in 0..1_000_u64 {
        store.append((batch * BATCH..(batch + 1) * BATCH).map(message).collect()).await.unwrap();
    }
    let file = dir.path().join(DATABASE);
    let megabytes = std::fs::metadata(&file).unwrap().len() / 1_048_576;
    println!("1,000,000 facts: written in {:.1?}, {megabytes} MB", start.elapsed());
    drop(store);
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        drop(open(dir.path()));
        times.push(start.elapsed());
    }
    println!("  opened and closed in {:.2?} (median of 5)", median(times));
    let start = Instant::now();
    let verdict = verify(dir.path(), &mut |_, _| {}).unwrap();
    assert!(matches!(verdict, store::Verdict::Whole(_)), "{verdict:?}");
    println!("  verified in {:.2?}", start.elapsed());
    let store = open(dir.path());
    windows(&store).await;
    let start = Instant::now();
    let request = store::ExpireRequest {
        source: SourceId(Uuid::from_u128(0x8003)),
        recorded_before: Timestamp::MAX,
        keep_evidence: vec![],
        keep_all: vec![],
        keep_facts: vec![],
        why: "retention of 30 days".into(),
    };
    let expired = store.expire(request).await.unwrap();
    println!("  {} facts of one source expired in {:.2?}", expired.count, start.elapsed());
    let start = Instant::now();
    let facts = store.containing(&Viewer::system(), "nowhere in it", 10).await.unwrap();
    println!("  looked through for a text in {:.2?}, {} found", start.elapsed(), facts.len());
}

async fn windows(store: &SqliteStore) {
    let from = Timestamp::from_secs(START).plus_micros(450_000 * 1_000);
    let mut query = WindowQuery {
        from,
        until: from.plus_micros(99_999 * 1_000),
        entity: None,
        sources: None,
        kinds: None,
        with: vec![],
        without: vec![],
        order: Order::Descending,
        beyond: None,
        limit: 200,
    };
    let viewer = Viewer::system();
    let (mut pages, mut quiet, mut tallies, mut firing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..9 {
        query.sources = None;
        let start = Instant::now();
        assert_eq!(store.window(&viewer, &query).await.unwrap().entries.len(), 200);
        pages.push(start.elapsed());
        let start = Instant::now();
        store.tally(&viewer, &query).await.unwrap();
        tallies.push(start.elapsed());
        query.sources = Some(vec![SourceId(Uuid::from_u128(0x8001))]);
        let start = Instant::now();
        assert_eq!(store.window(&viewer, &query).await.unwrap().entries.len(), 200);
        quiet.push(start.elapsed());
        let start = Instant::now();
        store.firing(&viewer, 100).await.unwrap();
        firing.push(start.elapsed());
    }
    println!("  a window of 100,000 facts among 1,000,000, medians of 9:");
    println!("    page of 200 {:.2?}, of one source {:.2?}", median(pages), median(quiet));
    println!("    counted by source and kind {:.2?}; what fires {:.2?}", median(tallies), median(firing));
}
