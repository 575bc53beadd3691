//! A window as several sorted streams of places, so that a page costs what it shows.
//!
//! A window is a union: what happened inside, live facts recorded inside though they happened
//! outside, the ends of overlapping intervals, the incident's own facts, what redaction left.
//! Each part has an index of its own; the parts are merged while they are read.

use std::sync::Arc;

use fact::{EntityId, Kind, Timestamp};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::{Cursor, Order, WindowQuery};

use super::late::Late;
use super::sight::{Named, Sight, VISIBLE, ids_json, json};
use crate::row::{Failed, sql};
use crate::schema::{IS_LATE, LATE, REACHES};

/// Up to so many sources are read one by one; with more, the timeline of all is filtered.
const FEW: usize = 4;

/// The first telling of a fact: usually revision 0, else the earliest revision that is known.
const IS_FIRST: &str = "(f.revision = 0 OR NOT EXISTS
    (SELECT 1 FROM facts e WHERE e.identity = f.identity AND e.revision < f.revision))";

/// Ends of the intervals that overlap `:from` to `:until`, each as its first telling; `:reaches` are
/// the lengths up to which intervals last, looked through one by one. Nearly all of them happened
/// inside, so that the other parts have them: the index of spans tells that without their rows.
const THREADS: &str = "
    WITH o AS MATERIALIZED (SELECT s.thread, s.begin, s.begun_by, s.ended_by FROM json_each(:reaches) r
        CROSS JOIN spans s INDEXED BY spans_reach ON s.reach = r.value
            AND s.begin BETWEEN :from - r.value AND :until
        WHERE coalesce(s.until, :until) >= :from),
    p AS (SELECT thread, begin, begun_by AS position FROM o
        UNION ALL SELECT thread, begin, ended_by FROM o WHERE ended_by <> begun_by),
    q AS (SELECT DISTINCT iif(t.revision = 0, t.position, (SELECT e.position FROM facts e
                WHERE e.identity = (SELECT g.identity FROM facts g WHERE g.position = t.position)
                ORDER BY e.revision LIMIT 1)) AS position
        FROM p CROSS JOIN facts t INDEXED BY facts_span
            ON t.thread = p.thread AND t.span_begin = p.begin AND t.position = p.position
        WHERE t.revision > 0 OR NOT t.occurred_at BETWEEN :from AND :until)";

/// First tellings of the facts named by `:with`.
const NAMED: &str = "
    WITH q AS (SELECT DISTINCT (SELECT e.position FROM facts e WHERE e.identity = g.identity
            ORDER BY e.revision LIMIT 1) AS position
        FROM json_each(:with) j CROSS JOIN facts g ON g.id = unhex(j.value))";

/// What redaction left, as it is read beside facts.
const LEFT: &str = "(SELECT r.occurred_at, r.position, b.source, r.entity, r.identity, r.revision
    FROM redacted r JOIN stubs b ON b.position = r.position) f";
const IS_FIRST_LEFT: &str =
    "NOT EXISTS (SELECT 1 FROM redacted e WHERE e.identity = f.identity AND e.revision < f.revision)";

/// A statement that tells places in order.
pub(crate) struct Stream {
    pub(crate) sql: String,
    pub(crate) named: Named,
    /// Whether its places are of redacted facts.
    pub(crate) redacted: bool,
}

/// What a window is made of, for one viewer.
pub(crate) struct Parts<'a> {
    query: &'a WindowQuery,
    sources: Option<Vec<i64>>,
    kinds: Option<Vec<i64>>,
    test: i64,
    entity: Option<EntityId>,
    /// First and last position recorded inside.
    recorded: (i64, i64),
    /// What came late, recorded inside and happened outside; `None`: too much to be listed.
    pub(crate) late: Option<Arc<Vec<i64>>>,
    /// Parameters for what the viewer sees, whatever sources are asked for.
    visible: Named,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(
        db: &Connection,
        sight: &Sight,
        late: &Late,
        query: &'a WindowQuery,
    ) -> Result<Self, Failed> {
        let kinds = query
            .kinds
            .as_ref()
            .map(|kinds| kinds.iter().filter_map(|kind| sight.numbers.known_kind(kind)).collect());
        let recorded = (first_at(db, query.from)?, first_at(db, query.until.plus_micros(1))? - 1);
        Ok(Parts {
            query,
            sources: sight.among(query.sources.as_deref()),
            kinds,
            test: sight.numbers.known_kind(&Kind::TEST).unwrap_or(0),
            entity: query.entity.filter(|entity| sight.sees_entity(*entity)),
            recorded,
            late: late.outside(db, (query.from.micros(), query.until.micros()), recorded)?,
            visible: sight.named(),
        })
    }

    /// Statements for a page: places in the order asked for, beyond the place given.
    pub(crate) fn pages(&self) -> Vec<Stream> {
        let mut streams = Vec::new();
        let order = match self.query.order {
            Order::Ascending => "ORDER BY f.occurred_at, f.position",
            Order::Descending => "ORDER BY f.occurred_at DESC, f.position DESC",
        };
        self.each(|part, beyond, redacted| {
            let (from_where, named) = part;
            let sql = format!(
                "{} {} {order}",
                from_where.replace("{columns}", "f.occurred_at, f.position"),
                beyond.0
            );
            streams.push(Stream { sql, named: [named, beyond.1].concat(), redacted });
        });
        for ((from_where, named), redacted) in self.named() {
            let (beyond, more) = self.beyond();
            let sql =
                format!("{} {beyond} {order}", from_where.replace("{columns}", "f.occurred_at, f.position"));
            streams.push(Stream { sql, named: [named, more].concat(), redacted });
        }
        streams
    }

    /// Facts named one by one: they are in wherever they lie, and so not part of the counts.
    fn named(&self) -> Vec<((String, Named), bool)> {
        if self.query.with.is_empty() {
            return vec![];
        }
        let with = (":with", ids_json(&self.query.with));
        let (kinds, kinds_named) = self.kind_filter();
        let facts = format!(
            "{NAMED} SELECT {{columns}} FROM q CROSS JOIN facts f ON f.position = q.position WHERE {VISIBLE} {kinds}"
        );
        let mut named =
            vec![((facts, [vec![with.clone()], self.visible.clone(), kinds_named].concat()), false)];
        if self.query.kinds.is_none() {
            let left = format!(
                "SELECT {{columns}} FROM {LEFT} WHERE {VISIBLE} AND {IS_FIRST_LEFT} AND f.identity IN
                    (SELECT g.identity FROM json_each(:with) j CROSS JOIN redacted g ON g.id = unhex(j.value))"
            );
            named.push(((left, [vec![with], self.visible.clone()].concat()), true));
        }
        named
    }

    /// Statements that tell source, kind and position of every fact, to be counted by who reads them: SQLite
    /// would sort them to group them. The parts don't overlap, except that of the
    /// threads, which leaves out what the others have.
    pub(crate) fn counts(&self) -> Vec<Stream> {
        let mut streams = Vec::new();
        self.each(|(from_where, named), _, redacted| {
            let sql = from_where.replace("{columns}", "f.source, f.kind, f.position");
            if !redacted {
                streams.push(Stream { sql, named, redacted });
            }
        });
        streams
    }

    fn each(&self, mut told: impl FnMut((String, Named), (String, Named), bool)) {
        let (from, until) = (self.query.from.micros(), self.query.until.micros());
        let beyond = self.beyond();
        // A range of times of recording is one of positions, which the index has.
        let live_inside = "AND f.live AND f.position BETWEEN :first AND :last \
            AND abs(f.recorded_at - f.occurred_at) <= 60000000";
        let window = || vec![(":from", from.into()), (":until", until.into())];
        let (first, last) = self.recorded;
        let recorded = || vec![(":first", Value::Integer(first)), (":last", Value::Integer(last))];
        for (low, high, only, named) in [
            (from, until, "", vec![]),
            (from.saturating_sub(LATE), from.saturating_sub(1), live_inside, recorded()),
            (until.saturating_add(1), until.saturating_add(LATE), live_inside, recorded()),
        ] {
            for part in self.timeline(low, high, only, &named) {
                told(part, beyond.clone(), false);
            }
        }
        told(self.late(recorded(), window()), beyond.clone(), false);
        let (filter, named) = self.filter();
        // What the other parts have is left out, so that counts add up.
        let threads = format!(
            "{THREADS} SELECT {{columns}} FROM q CROSS JOIN facts f ON f.position = q.position
             WHERE f.entity IS NULL AND NOT f.occurred_at BETWEEN :from AND :until
             AND NOT (f.live AND f.recorded_at BETWEEN :from AND :until) {filter}"
        );
        let reaches = vec![(":reaches", json(&REACHES))];
        told((threads, [window(), reaches, named.clone()].concat()), beyond.clone(), false);
        if let Some(entity) = self.entity {
            let own = format!(
                "SELECT {{columns}} FROM facts f INDEXED BY facts_version WHERE f.entity = :entity {filter}"
            );
            let entity = (":entity", Value::Blob(entity.as_bytes().to_vec()));
            told((own, [vec![entity], named].concat()), beyond.clone(), false);
        }
        if self.kinds.is_none() {
            told(self.redacted(from, until), beyond, true);
        }
    }

    /// What came late: recorded inside, happened outside.
    fn late(&self, recorded: Named, window: Named) -> (String, Named) {
        let (filter, named) = self.filter();
        match &self.late {
            Some(few) => {
                let sql = format!(
                    "SELECT {{columns}} FROM json_each(:late) j CROSS JOIN facts f ON f.position = j.value
                     WHERE f.entity IS NULL {filter}"
                );
                (sql, [vec![(":late", json(few))], named].concat())
            }
            None => {
                let sql = format!(
                    "SELECT {{columns}} FROM facts f INDEXED BY facts_late WHERE {IS_LATE}
                     AND f.position BETWEEN :first AND :last AND NOT f.occurred_at BETWEEN :from AND :until {filter}"
                );
                (sql, [recorded, window, named].concat())
            }
        }
    }

    /// The timeline between two moments: of few sources one by one, else of all, filtered.
    fn timeline(&self, low: i64, high: i64, only: &str, more: &Named) -> Vec<(String, Named)> {
        let (low, high) = self.clipped(low, high);
        let range = [(":low", Value::Integer(low)), (":high", Value::Integer(high))];
        let between = "f.entity IS NULL AND f.occurred_at BETWEEN :low AND :high";
        let (kinds, kinds_named) = self.kind_filter();
        match &self.sources {
            Some(few) if few.len() <= FEW => few
                .iter()
                .map(|source| {
                    let sql = format!(
                        "SELECT {{columns}} FROM facts f INDEXED BY facts_source_timeline
                         WHERE f.source = :source AND {between} {only} {kinds} AND {IS_FIRST}"
                    );
                    let source = [(":source", Value::Integer(*source))];
                    (sql, [&source[..], &range, &more[..], &kinds_named[..]].concat())
                })
                .collect(),
            _ => {
                let (filter, named) = self.filter();
                let sql = format!(
                    "SELECT {{columns}} FROM facts f INDEXED BY facts_timeline WHERE {between} {only} {filter}"
                );
                vec![(sql, [&range[..], &more[..], &named[..]].concat())]
            }
        }
    }

    /// What redaction left: in by when it had happened, or if it was about the incident.
    fn redacted(&self, from: i64, until: i64) -> (String, Named) {
        let (sources, mut named) = self.source_filter();
        let sql = format!(
            "SELECT {{columns}} FROM {LEFT}
             WHERE ((f.entity IS NULL AND f.occurred_at BETWEEN :from AND :until) OR f.entity = :entity)
             {sources} AND {IS_FIRST_LEFT}"
        );
        let entity = self.entity.map_or(Value::Null, |entity| Value::Blob(entity.as_bytes().to_vec()));
        named.extend([(":from", from.into()), (":until", until.into()), (":entity", entity)]);
        (sql, named)
    }

    fn filter(&self) -> (String, Named) {
        let (sources, mut named) = self.source_filter();
        let (kinds, more) = self.kind_filter();
        named.extend(more);
        (format!("{sources} {kinds} AND {IS_FIRST}"), named)
    }

    fn source_filter(&self) -> (&'static str, Named) {
        match &self.sources {
            None => ("", vec![]),
            Some(sources) => (
                "AND +f.source IN (SELECT value FROM json_each(:sources))",
                vec![(":sources", json(sources))],
            ),
        }
    }

    fn kind_filter(&self) -> (&'static str, Named) {
        let test = (":test", Value::Integer(self.test));
        match &self.kinds {
            None => ("AND +f.kind <> :test", vec![test]),
            Some(kinds) => (
                "AND +f.kind <> :test AND +f.kind IN (SELECT value FROM json_each(:kinds))",
                vec![test, (":kinds", json(kinds))],
            ),
        }
    }

    /// The condition for places beyond the one given.
    fn beyond(&self) -> (String, Named) {
        let Some(Cursor { occurred_at, position }) = self.query.beyond else {
            return (String::new(), vec![]);
        };
        let sign = if self.query.order == Order::Ascending { '>' } else { '<' };
        let sql = format!(
            "AND (f.occurred_at {sign} :beyond_at OR (f.occurred_at = :beyond_at AND f.position {sign} :beyond))"
        );
        (sql, vec![(":beyond_at", occurred_at.micros().into()), (":beyond", sql_position(position))])
    }

    /// A range of times without what lies before the place to go on from: that is what the index
    /// can skip.
    fn clipped(&self, low: i64, high: i64) -> (i64, i64) {
        match (self.query.beyond, self.query.order) {
            (None, _) => (low, high),
            (Some(beyond), Order::Ascending) => (low.max(beyond.occurred_at.micros()), high),
            (Some(beyond), Order::Descending) => (low, high.min(beyond.occurred_at.micros())),
        }
    }
}

fn sql_position(position: u64) -> Value {
    Value::Integer(sql(position))
}

/// The first position recorded at or after a moment, one past the end if there is none: times of
/// recording never go backwards, so it is found by halving.
fn first_at(db: &Connection, at: Timestamp) -> Result<i64, Failed> {
    let mut probe = db.prepare_cached(PROBE)?;
    let end: i64 = db.prepare_cached(END)?.query_row([], |row| row.get(0))?;
    let (mut low, mut high) = (1, end + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut rows = probe.query([middle])?;
        match rows.next()? {
            Some(row) if row.get::<_, i64>(1)? < at.micros() => low = row.get::<_, i64>(0)? + 1,
            Some(_) => high = middle,
            None => high = middle,
        }
    }
    Ok(low)
}

pub(crate) const PROBE: &str =
    "SELECT position, recorded_at FROM facts WHERE position >= ? ORDER BY position LIMIT 1";
pub(crate) const END: &str = "SELECT coalesce(max(position), 0) FROM facts";
