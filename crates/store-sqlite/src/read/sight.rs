//! What a viewer sees, as SQL understands it.

use std::collections::BTreeSet;

use fact::{EntityId, FactId, SourceId, Viewer};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::row::Failed;
use crate::writer::Numbers;

/// Parameters of a statement, by name.
pub(crate) type Named = Vec<(&'static str, Value)>;

/// True for `facts f` that the viewer may see; takes `:all`, `:sources` and `:hidden`.
///
/// A correction is as visible as what it corrects.
pub(crate) const VISIBLE: &str = "
    (:all OR +f.source IN (SELECT value FROM json_each(:sources)))
    AND (f.entity IS NULL OR (
        hex(f.entity) NOT IN (SELECT value FROM json_each(:hidden))
        AND NOT EXISTS (SELECT 1 FROM facts c WHERE c.id = f.entity
            AND hex(c.entity) IN (SELECT value FROM json_each(:hidden)))))";

/// A viewer with the numbers of its sources.
pub(crate) struct Sight {
    pub(crate) numbers: Numbers,
    /// `None` is all.
    sources: Option<Vec<i64>>,
    hidden: Vec<EntityId>,
}

impl Sight {
    /// What the viewer sees of the log as it is in this snapshot.
    pub(crate) fn of(db: &Connection, viewer: &Viewer) -> Result<Self, Failed> {
        let numbers = Numbers::load(db)?;
        let seen = |seen: &BTreeSet<SourceId>| -> Vec<i64> {
            seen.iter().filter_map(|source| numbers.known_source(*source)).collect()
        };
        let sources = unless_all(&numbers, viewer.sources().map(seen));
        Ok(Sight { numbers, sources, hidden: viewer.hidden().iter().copied().collect() })
    }

    /// The parameters that [`VISIBLE`] takes.
    pub(crate) fn named(&self) -> Named {
        let sources = self.sources.as_deref().unwrap_or_default();
        vec![
            (":all", Value::Integer(self.sources.is_none().into())),
            (":sources", json(sources)),
            (":hidden", hex_json(self.hidden.iter().map(|entity| entity.0))),
        ]
    }

    pub(crate) fn sees_entity(&self, entity: EntityId) -> bool {
        !self.hidden.contains(&entity)
    }

    pub(crate) fn sees_number(&self, source: i64) -> bool {
        self.sources.as_ref().is_none_or(|seen| seen.contains(&source))
    }

    /// The numbers of those of `wanted` that are seen; `None` is all there are.
    pub(crate) fn among(&self, wanted: Option<&[SourceId]>) -> Option<Vec<i64>> {
        let Some(wanted) = wanted else { return self.sources.clone() };
        let mut numbers: Vec<i64> = wanted
            .iter()
            .chain([&SourceId::OWN])
            .filter_map(|source| self.numbers.known_source(*source))
            .filter(|number| self.sees_number(*number))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        unless_all(&self.numbers, Some(numbers))
    }
}

/// A list that holds every source of this snapshot leaves nothing out: not to look into it at each
/// row saves a third of counting a window.
fn unless_all(numbers: &Numbers, listed: Option<Vec<i64>>) -> Option<Vec<i64>> {
    listed.filter(|listed| listed.len() < numbers.sources().count())
}

/// A list of numbers for `json_each`.
pub(crate) fn json(numbers: &[i64]) -> Value {
    let listed: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Value::Text(format!("[{}]", listed.join(",")))
}

/// A list of ids for `json_each`, as `hex` writes them.
pub(crate) fn ids_json(ids: &[FactId]) -> Value {
    hex_json(ids.iter().map(|id| id.0))
}

fn hex_json(ids: impl Iterator<Item = uuid::Uuid>) -> Value {
    let listed: Vec<String> = ids.map(|id| format!("\"{:X}\"", id.simple())).collect();
    Value::Text(format!("[{}]", listed.join(",")))
}

/// Parameters as a statement takes them.
pub(crate) fn borrowed(named: &Named) -> Vec<(&'static str, &dyn rusqlite::ToSql)> {
    named.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect()
}
