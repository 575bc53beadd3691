//! The promises that every store makes.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;

use store::contract::{Clock, Fresh, all};
use store_sqlite::{Options, SqliteStore};

fn open(clock: Clock) -> Fresh {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Options::new(move || clock.now())).unwrap();
    Fresh { store: Arc::new(store), hold: Box::new(dir) }
}

#[test]
fn keeps_every_promise() {
    for (promise, check) in all() {
        eprintln!("{promise}");
        check(&open);
    }
}
