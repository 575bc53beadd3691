//! What is erased leaves no trace in any file, and stays erased.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::path::Path;

use fact::{Kind, NewFact, Viewer};
use store::contract::{Clock, Facts as _, at, id, source};
use store::{ExpireRequest, Log as _, Read as _, Receipt};
use support::{expiry, is_whole, open, redaction, run};

/// How often a text is in the files of a directory.
fn occurrences(dir: &Path, text: &str) -> usize {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()).sum()
}

/// A fact, its edit, its payload as it came, and a quote of it.
fn canaries() -> Vec<NewFact> {
    let mut raw = NewFact::message(1, 10, "the password is CANARY");
    raw.content.raw = Some("{\"text\":\"CANARY\"}".repeat(2_000));
    vec![
        raw,
        NewFact::message(2, 11, "the password is CANARY, I said").edit_of(1, 1),
        NewFact::message(3, 12, "> CANARY\ndon't write it here").quoting(&[id(1)]),
    ]
}

#[test]
fn a_redacted_word_is_in_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::new();
    let store = open(dir.path(), &clock);
    run(async {
        // Among others, so that pages are split, moved and shared.
        let filler =
            |range: std::ops::Range<u128>| range.map(|n| NewFact::message(n, 5, &"x".repeat(300))).collect();
        store.append(filler(1_000..2_000)).await.unwrap();
        store.append(canaries()).await.unwrap();
        store.append(filler(2_000..3_000)).await.unwrap();
        assert!(occurrences(dir.path(), "CANARY") > 0, "the test would not see it");
        let redacted = store.redact(redaction(9_000, &[id(1)])).await.unwrap();
        assert_eq!(redacted.count, 3);
        assert_eq!(occurrences(dir.path(), "CANARY"), 0, "while the store is open");
        let head = store.head().await.unwrap();
        let again = store.append(canaries()).await.unwrap();
        assert!(again.iter().all(|receipt| matches!(receipt, Receipt::Known { .. })), "{again:?}");
        assert_eq!(store.head().await.unwrap(), head);
    });
    drop(store);
    assert_eq!(occurrences(dir.path(), "CANARY"), 0);
    assert!(is_whole(dir.path()));
    let store = open(dir.path(), &clock);
    let again = run(store.append(canaries())).unwrap();
    assert!(again.iter().all(|receipt| matches!(receipt, Receipt::Known { .. })), "after a restart too");
}

#[test]
fn a_reader_in_the_way_only_delays_it() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::new();
    let store = open(dir.path(), &clock);
    run(store.append(canaries())).unwrap();
    let reader = rusqlite::Connection::open(dir.path().join(store_sqlite::DATABASE)).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM facts;").unwrap();
    run(store.redact(redaction(9_000, &[id(1)]))).unwrap();
    assert!(occurrences(dir.path(), "CANARY") > 0, "the reader still needs it");
    reader.execute_batch("COMMIT").unwrap();
    run(store.append(vec![NewFact::message(50, 5, "the next commit")])).unwrap();
    // The attempt follows the commit; the next answer comes after it.
    run(store.append(vec![NewFact::message(51, 5, "and the next")])).unwrap();
    assert_eq!(occurrences(dir.path(), "CANARY"), 0);
}

/// How many facts the large log has: a million takes a minute without optimization.
fn size() -> u64 {
    let full = std::env::var("DEADSTICK_FULL").is_ok_and(|full| full == "1");
    if full { 1_000_000 } else { 60_000 }
}

/// The size of the database with what is still in the write-ahead log.
fn pages(file: &Path) -> u64 {
    let db = rusqlite::Connection::open(file).unwrap();
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    db.query_row(size, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

#[test]
fn retention_shrinks_the_file_and_keeps_what_it_must() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::new();
    let store = open(dir.path(), &clock);
    let size = size();
    let file = dir.path().join(store_sqlite::DATABASE);
    run(async {
        for start in (0..size).step_by(5_000) {
            clock.set(at(start.cast_signed()));
            let facts = (start..start + 5_000).map(|n| {
                let text = format!("{n} {}", "and what was said about it ".repeat(8));
                let kind = if n % 50 == 0 { Kind::ALERT } else { Kind::MESSAGE };
                NewFact::message(n.into(), n.cast_signed(), &text)
                    .of(source(u128::from(n % 3) + 1))
                    .kind(kind)
            });
            store.append(facts.collect()).await.unwrap();
        }
        clock.set(at(size.cast_signed() + 10));
        let before = pages(&file);
        let kept = (at(20_000), at(20_999));
        // Nothing of the first source is old enough; of the second and third nearly all is.
        let size = size.cast_signed();
        for (source_number, age, expected) in [(1, size + 1, 0), (2, size / 10, 1), (3, 0, 1)] {
            let request = ExpireRequest { keep_all: vec![kept], ..expiry(source(source_number), size - age) };
            let done = store.expire(request).await.unwrap();
            assert!(
                if expected == 0 { done.count == 0 } else { done.count > size.cast_unsigned() / 4 },
                "{done:?}"
            );
            // Appends go on.
            let id = 90_000_000 + source_number;
            store.append(vec![NewFact::message(id, size, "meanwhile")]).await.unwrap();
        }
        let after = std::fs::metadata(&file).unwrap().len();
        // A third stays, spread over all pages: neighbours are merged only where they fit into one.
        assert!(after < before / 3 * 2, "{before} bytes became {after}");
        let query = store::WindowQuery {
            from: kept.0,
            until: kept.1,
            entity: None,
            sources: None,
            kinds: None,
            with: vec![],
            without: vec![],
            order: store::Order::Ascending,
            beyond: None,
            limit: 10_000,
        };
        let page = store.window(&Viewer::system(), &query).await.unwrap();
        assert_eq!(page.entries.len(), 1_000, "the kept window is as it was");
    });
    drop(store);
    assert!(is_whole(dir.path()));
}
