//! Whatever is changed behind the log's back is found, and named by its first position.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::path::Path;

use fact::{Header, Kind, Tile, Timestamp, leaf};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::Verdict;
use store::contract::{id, source};
use store_sqlite::DATABASE;
use support::{copy, everything, place, verdict};

/// Changes a copy of the log by SQL; tells what `verify` says.
fn tampered(whole: &Path, change: impl FnOnce(&Connection)) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    copy(whole, dir.path());
    let db = Connection::open(dir.path().join(DATABASE)).unwrap();
    change(&db);
    drop(db);
    verdict(dir.path())
}

fn check(whole: &Path, sql: &str, expected: u64) {
    let verdict = tampered(whole, |db| db.execute_batch(sql).unwrap());
    match verdict {
        Verdict::Broken { position, what } => assert_eq!(position, expected, "{sql}: {what}"),
        Verdict::Whole(_) => panic!("{sql}: not found"),
    }
}

fn whole() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    everything(dir.path());
    assert!(support::is_whole(dir.path()));
    dir
}

/// A row of each table, and the position that a change of it is named by. `None`: found, but not
/// at one position.
const ROWS: &[(&str, &str, Option<u64>)] = &[
    ("log", "one = 1", None),
    ("sources", "number = (SELECT source FROM facts WHERE position = 321)", Some(321)),
    ("kinds", "name = 'alert'", Some(place::FIRES)),
    ("facts", "position = 321", Some(place::MESSAGE)),
    ("facts", "position = 330", Some(place::FIRES)),
    ("facts", "position = 340", Some(place::STATE)),
    ("facts", "position = 700", Some(place::LAST)),
    ("spans", "1", Some(place::FIRES)),
    ("quotes", "position = 350", Some(place::QUOTE)),
    ("tiles", "tile = 0", Some(1)),
    ("tiles", "tile = 1", Some(257)),
    ("stubs", "position = 270", Some(place::EXPIRED)),
    ("stubs", "position = 360", Some(place::REDACTED)),
    ("redacted", "position = 360", Some(place::REDACTED)),
    ("expired", "tile = 0", Some(place::EXPIRED_TILE)),
];

/// What is no part of the log.
const BESIDE: &[&str] = &["invites", "sessions", "tokens"];

#[test]
fn every_column_of_every_table_counts() {
    let whole = whole();
    let db = Connection::open(whole.path().join(DATABASE)).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for table in &tables {
        let known = ROWS.iter().any(|(name, ..)| name == table) || BESIDE.contains(&table.as_str());
        assert!(known, "`{table}` has no row in this test");
    }
    for (table, row, expected) in ROWS {
        let columns: Vec<(String, String)> = db
            .prepare("SELECT name, type FROM pragma_table_info(?)")
            .unwrap()
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (column, kind) in columns {
            if (*table, column.as_str()) == ("log", "one") {
                continue;
            }
            let select = format!("SELECT {column} FROM {table} WHERE {row}");
            let was: Value = db.query_row(&select, [], |row| row.get(0)).unwrap();
            let update = format!("UPDATE {table} SET {column} = ? WHERE {row}");
            let verdict = tampered(whole.path(), |db| {
                let changed = changed(&was, &kind);
                assert_eq!(db.execute(&update, [changed]).unwrap(), 1, "{update}");
            });
            match (verdict, expected) {
                (Verdict::Whole(_), _) => panic!("{update}: not found"),
                (Verdict::Broken { position, what }, Some(expected)) => {
                    let expected = shows_at(table, &column, *expected);
                    assert_eq!(position, expected, "{update}: {what}");
                }
                (Verdict::Broken { .. }, None) => {}
            }
        }
    }
}

/// Where a change shows: a stub's leaf can be computed from nothing, so that its tile tells.
fn shows_at(table: &str, column: &str, row: u64) -> u64 {
    if (table, column) == ("stubs", "leaf") { Tile::of(row).first() } else { row }
}

fn changed(was: &Value, kind: &str) -> Value {
    match (was, kind) {
        (Value::Integer(n), _) => Value::Integer(n + 10_000),
        (Value::Text(text), _) => Value::Text(format!("{text}x")),
        (Value::Blob(bytes), _) => {
            let mut bytes = bytes.clone();
            bytes[0] ^= 0x80;
            Value::Blob(bytes)
        }
        (_, "BLOB") => Value::Blob(vec![7; 16]),
        _ => Value::Integer(7),
    }
}

#[test]
fn rows_that_go_come_or_swap_are_found() {
    let whole = whole();
    let swap = "UPDATE facts SET position = -1 WHERE position = 400;
        UPDATE facts SET position = 400 WHERE position = 401;
        UPDATE facts SET position = 401 WHERE position = -1;";
    let insert =
        "INSERT INTO facts SELECT position + 1000, randomblob(16), source, kind, recorded_at, occurred_at,
        randomblob(16), revision, thread, span_begin, span_end, entity, NULL, live, salt, leaf, content
        FROM facts WHERE position = 321;";
    for (sql, expected) in [
        ("DELETE FROM facts WHERE position = 500", 500),
        ("DELETE FROM facts WHERE position IN (500, 450)", 450),
        ("DELETE FROM facts WHERE position >= 705", 705),
        ("DELETE FROM facts WHERE position = 702", place::EXPIRED_TILE),
        ("DELETE FROM facts WHERE position = 701", place::REDACTED),
        ("DELETE FROM stubs WHERE position = 270", 270),
        ("DELETE FROM stubs WHERE position = 360; DELETE FROM redacted WHERE position = 360", 360),
        ("DELETE FROM redacted WHERE position = 360", 360),
        ("DELETE FROM expired", 1),
        ("DELETE FROM tiles WHERE tile = 1", 257),
        ("DELETE FROM spans", place::FIRES),
        ("DELETE FROM quotes", place::QUOTE),
        ("DELETE FROM log", 0),
        ("INSERT INTO tiles VALUES (2, randomblob(32))", 513),
        ("INSERT INTO quotes VALUES (randomblob(16), 321)", 321),
        ("INSERT INTO quotes VALUES (randomblob(16), 270)", 270),
        ("INSERT INTO spans VALUES (1, randomblob(16), 5, NULL, NULL, 60000000, 322, NULL)", 322),
        ("INSERT INTO expired VALUES (0, 701, 1)", 1),
        ("INSERT INTO expired VALUES (1, 702, 256)", 257),
        ("UPDATE log SET size = 713", 713),
        ("UPDATE log SET size = 600", 601),
        ("UPDATE log SET format = 2", 0),
        (swap, 400),
        (insert, 1_321),
    ] {
        check(whole.path(), sql, expected);
    }
}

#[test]
fn a_fact_passed_off_as_expired_is_found() {
    let whole = whole();
    // Of the source and in the range of a true expiry it can't be: its positions are all gone.
    let other = "INSERT INTO stubs SELECT position, source, 702, leaf FROM facts WHERE position = 400;
        DELETE FROM facts WHERE position = 400;";
    check(whole.path(), other, 400);
    let unrecorded = other.replace("702", "699");
    check(whole.path(), &unrecorded, 400);
    let redacted = "INSERT INTO stubs SELECT position, source, 701, leaf FROM facts WHERE position = 400;
        INSERT INTO redacted SELECT position, id, identity, revision, occurred_at, recorded_at, entity
        FROM facts WHERE position = 400;
        DELETE FROM facts WHERE position = 400;";
    check(whole.path(), redacted, 400);
}

#[test]
fn a_consistent_forgery_does_not_fit_its_tile_or_the_head() {
    let whole = whole();
    for (at, expected) in [(330, 257), (600, 513)] {
        let verdict = tampered(whole.path(), |db| forge(db, at));
        let Verdict::Broken { position, what } = verdict else { panic!("position {at}: not found") };
        assert_eq!(position, expected, "{what}");
    }
}

/// Rewrites salt and leaf so that the fact fits by itself.
fn forge(db: &Connection, at: u64) {
    let (recorded, content): (i64, Vec<u8>) = db
        .query_row("SELECT recorded_at, content FROM facts WHERE position = ?", [at.cast_signed()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let header = Header {
        position: at,
        id: id(at.into()),
        source: source(1),
        kind: if at == place::FIRES { Kind::ALERT } else { Kind::MESSAGE },
        recorded_at: Timestamp::from_micros(recorded),
    };
    let salt = [9; 16];
    let leaf = leaf(&header, &salt, &content);
    let update = "UPDATE facts SET salt = ?, leaf = ? WHERE position = ?";
    assert_eq!(db.execute(update, (salt, leaf.0, at.cast_signed())).unwrap(), 1);
}

#[test]
fn a_flipped_byte_in_the_file_is_found() {
    let whole = whole();
    let file = whole.path().join(DATABASE);
    let bytes = std::fs::read(&file).unwrap();
    let needle = b"message 600";
    let found = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut flipped = bytes;
    flipped[found] ^= 0x20;
    std::fs::write(dir.path().join(DATABASE), flipped).unwrap();
    let Verdict::Broken { position, .. } = verdict(dir.path()) else { panic!("not found") };
    assert_eq!(position, 600);
}

/// The check of a part finds what it looks at: here all tiles, since there are few.
#[test]
fn a_spot_check_finds_what_it_looks_at() {
    let whole = whole();
    let look = |sql: &str, most: usize| {
        let dir = tempfile::tempdir().unwrap();
        copy(whole.path(), dir.path());
        Connection::open(dir.path().join(DATABASE)).unwrap().execute_batch(sql).unwrap();
        store_sqlite::spot_check(dir.path(), most).unwrap()
    };
    let found = look("", 100);
    let Verdict::Whole(head) = found.verdict else { panic!("{found:?}") };
    // Tile 0 has expired as a whole: its root is one item.
    assert_eq!((found.checked, found.tiles), (head.size - Tile(0).last() + 1, head.size / 256));
    assert_eq!(look("", 0).checked, head.size % 256, "the newest only");
    for (sql, expected) in [
        ("UPDATE facts SET content = CAST(content || ' ' AS BLOB) WHERE position = 321", 321),
        ("UPDATE facts SET occurred_at = 1 WHERE position = 700", 700),
        ("DELETE FROM facts WHERE position = 330", 330),
        ("DELETE FROM facts WHERE position = 700", 700),
        ("UPDATE stubs SET leaf = randomblob(32) WHERE position = 270", 257),
        ("UPDATE tiles SET root = randomblob(32) WHERE tile = 1", 513),
        ("DELETE FROM tiles WHERE tile = 1", 257),
        ("UPDATE log SET root = randomblob(32)", 513),
    ] {
        match look(sql, 100).verdict {
            Verdict::Broken { position, what } => assert_eq!(position, expected, "{sql}: {what}"),
            Verdict::Whole(_) => panic!("{sql}: not found"),
        }
    }
}
