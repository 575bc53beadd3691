//! Every SQL text of this crate is prepared against the schema, as a compiler would check it.

use fact::{EntityId, Kind, SourceId, Timestamp, Viewer};
use store::{Cursor, Order, WindowQuery};

use crate::read::{self, Sight};
use crate::{credentials, schema, verify, writer};

#[test]
fn every_statement_fits_the_schema() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = schema::writer(&dir.path().join(schema::DATABASE), "FULL").unwrap();
    schema::create(&mut db, &[7; 32]).unwrap();
    let mut texts: Vec<String> = Vec::new();
    texts.extend(credentials::STATEMENTS.iter().map(ToString::to_string));
    texts.extend(writer::statements());
    texts.extend(read::statements());
    texts.extend(verify::statements());
    let viewers = [Viewer::system(), Viewer::source(SourceId::OWN)];
    for viewer in viewers {
        let sight = Sight::of(&db, &viewer).unwrap();
        for query in queries() {
            texts.extend(read::window_statements(&db, &sight, &query));
        }
    }
    assert!(texts.len() > 100, "{}", texts.len());
    for text in texts {
        if let Err(error) = db.prepare(&text) {
            panic!("{error}\n{text}");
        }
    }
}

/// Windows that need every part, both ways, from a place on.
fn queries() -> Vec<WindowQuery> {
    let at = Timestamp::from_secs(1_771_599_600);
    let mut queries = Vec::new();
    for order in [Order::Ascending, Order::Descending] {
        for beyond in [None, Some(Cursor { occurred_at: at, position: 1 })] {
            for kinds in [None, Some(vec![Kind::ALERT])] {
                queries.push(WindowQuery {
                    from: at,
                    until: at,
                    entity: Some(EntityId::LOG),
                    sources: None,
                    kinds,
                    with: vec![fact::FactId(EntityId::LOG.0)],
                    without: vec![],
                    order,
                    beyond,
                    limit: 1,
                });
            }
        }
    }
    queries
}
