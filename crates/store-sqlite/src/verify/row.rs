//! One fact: its hash, and every column against what is hashed.

use std::collections::HashMap;

use fact::{Content, Digest, FactId, Header, IdentityKey, Kind, Salt, SourceId, decode_content, leaf};
use rusqlite::Connection;

use super::items::{FactRow, Item};
use super::{Broken, time};
use crate::row::sql;

/// What the small numbers stand for.
pub(super) struct Names {
    pub(super) sources: HashMap<i64, SourceId>,
    kinds: HashMap<i64, Kind>,
}

impl Names {
    /// What is not readable is left out, so that the facts that need it say so.
    pub(super) fn load(db: &Connection) -> rusqlite::Result<Self> {
        let mut names = Names { sources: HashMap::new(), kinds: HashMap::new() };
        let mut sources = db.prepare("SELECT number, id FROM sources")?;
        let mut rows = sources.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(id) = row.get(1) {
                names.sources.insert(row.get(0)?, SourceId::from_bytes(id));
            }
        }
        let mut kinds = db.prepare("SELECT number, name FROM kinds")?;
        let mut rows = kinds.query([])?;
        while let Some(row) = rows.next()? {
            if let Ok(kind) = row.get::<_, String>(1)?.parse() {
                names.kinds.insert(row.get(0)?, kind);
            }
        }
        Ok(names)
    }
}

/// What one fact says of an interval: thread, begin, end.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) thread: [u8; 16],
    pub(super) begin: i64,
    pub(super) end: Option<i64>,
}

/// A position that fits by itself.
#[derive(Debug)]
pub(super) struct Checked {
    /// Its leaf; of a whole tile none.
    pub(super) leaf: Option<Digest>,
    pub(super) told: Option<Told>,
}

/// Checks what can be checked at one position alone.
pub(super) fn check(item: &Item, names: &Names, key: &IdentityKey) -> Result<Checked, Broken> {
    match item {
        Item::Fact(row) => check_fact(row, names, key),
        Item::Stub(row) => match Digest::from_slice(&row.leaf) {
            Some(leaf) => Ok(Checked { leaf: Some(leaf), told: None }),
            None => Err(Broken::new(row.position, "the leaf of an erased fact is not readable")),
        },
        Item::Expired(_) => Ok(Checked { leaf: None, told: None }),
        Item::Wrong(broken) => Err(broken.clone()),
    }
}

fn check_fact(row: &FactRow, names: &Names, key: &IdentityKey) -> Result<Checked, Broken> {
    let broken = |what: &str| Broken::new(row.position, what);
    let id: [u8; 16] = row.id[..].try_into().map_err(|_| broken("the id is not readable"))?;
    let salt: Salt = row.salt[..].try_into().map_err(|_| broken("the salt is not readable"))?;
    let source = *names.sources.get(&row.source).ok_or_else(|| broken("the source is unknown"))?;
    let header = Header {
        position: row.position,
        id: FactId::from_bytes(id),
        source,
        kind: names.kinds.get(&row.kind).cloned().ok_or_else(|| broken("the kind is unknown"))?,
        recorded_at: time(row.recorded_at),
    };
    let leaf = leaf(&header, &salt, &row.content);
    if row.leaf != leaf.0 {
        let what =
            "the hash differs: its content, salt, leaf, id, source, kind or time of recording was changed";
        return Err(broken(what));
    }
    let content = decode_content(&row.content).map_err(|_| broken("the content is not readable"))?;
    let thread = content.thread.as_deref().map(|thread| key.thread(source, thread).0);
    let span = content.span.filter(|_| thread.is_some());
    let columns = [
        ("occurred_at", row.occurred_at == content.occurred_at.micros()),
        ("identity", row.identity == key.identity(source, &content.native_id).0),
        ("revision", row.revision == i64::from(content.revision)),
        ("thread", row.thread.as_deref() == thread.as_ref().map(|thread| &thread[..])),
        ("span_begin", row.span.0 == span.map(|span| span.begin.micros())),
        ("span_end", row.span.1 == span.and_then(|span| span.end).map(|end| end.micros())),
        ("entity", row.entity.as_deref() == content.entity.as_ref().map(|entity| &entity.as_bytes()[..])),
        ("version", row.version == content.version.map(sql)),
        ("live", row.live == i64::from(content.live)),
        ("about", row.quotes == quotes(&content)),
    ];
    if let Some((column, _)) = columns.iter().find(|(_, fits)| !fits) {
        return Err(broken(&format!("`{column}` differs from the content")));
    }
    let told = thread.zip(span).map(|(thread, span)| Told {
        thread,
        begin: span.begin.micros(),
        end: span.end.map(|end| end.micros()),
    });
    Ok(Checked { leaf: Some(leaf), told })
}

fn quotes(content: &Content) -> Vec<Vec<u8>> {
    let mut quotes: Vec<_> = content.about.iter().map(|id| id.as_bytes().to_vec()).collect();
    quotes.sort();
    quotes.dedup();
    quotes
}
