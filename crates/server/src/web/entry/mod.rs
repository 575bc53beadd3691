//! One line of a timeline, as pages and the live stream show it.

use api::{ProposalState, Row};
use askama::Template;
use fact::FactId;
use incident::{Because, ResultOutcome};

use super::zone::{Zone, stretch};

/// Longer texts are cut in a timeline; the fact's own page has them whole.
const SHOWN: usize = 600;

/// A small word beside an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Says by colour what the word says, too.
    pub(crate) class: &'static str,
    pub(crate) word: String,
    pub(crate) title: String,
}

impl Mark {
    fn new(class: &'static str, word: impl Into<String>, title: impl Into<String>) -> Self {
        Mark { class, word: word.into(), title: title.into() }
    }
}

/// A line of a timeline, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct EntryView {
    pub(crate) id: FactId,
    pub(crate) position: u64,
    pub(crate) micros: i64,
    pub(crate) datetime: String,
    pub(crate) date: String,
    pub(crate) clock: String,
    pub(crate) zone: String,
    /// The heading under which it stands.
    pub(crate) day: String,
    pub(crate) source: String,
    pub(crate) classes: String,
    pub(crate) label: String,
    pub(crate) actor: Option<String>,
    pub(crate) text: String,
    pub(crate) is_cut: bool,
    pub(crate) marks: Vec<Mark>,
    pub(crate) starred: bool,
    pub(crate) hidden: bool,
    pub(crate) redacted: bool,
}

impl EntryView {
    /// A row in a zone.
    pub(crate) fn new(row: &Row, zone: &Zone) -> Self {
        let fact = &row.fact;
        let at = &fact.occurred_at;
        let label = label(row);
        // An alert's text often begins with what its label says: said once is enough.
        let told = beyond_label(row, &label);
        let (text, is_cut) = cut(told.unwrap_or(&fact.text));
        let label = if told.is_some() { format!("{label}:") } else { label };
        EntryView {
            id: fact.id,
            position: fact.position,
            micros: at.micros(),
            datetime: at.to_string(),
            date: zone.date(at),
            clock: zone.clock(at),
            zone: zone.abbreviation(at),
            day: format!("{} · {}", zone.day(at), zone.abbreviation(at)),
            source: fact.source.clone(),
            classes: classes(row),
            label,
            actor: row.person.as_ref().map(|person| person.name.clone()).or_else(|| fact.actor.clone()),
            text,
            is_cut,
            marks: marks(row, zone),
            starred: row.starred,
            hidden: row.hidden,
            redacted: fact.redacted,
        }
    }

    /// The text beside the label, however long it is.
    pub(crate) fn whole<'a>(&self, row: &'a Row) -> &'a str {
        beyond_label(row, &label(row)).unwrap_or(&row.fact.text)
    }
}

/// What follows the label in a text that begins with it.
fn beyond_label<'a>(row: &'a Row, label: &str) -> Option<&'a str> {
    row.fact.text.strip_prefix(label).and_then(|rest| rest.strip_prefix(": "))
}

fn cut(text: &str) -> (String, bool) {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => (text[..end].to_owned(), true),
        None => (text.to_owned(), false),
    }
}

fn classes(row: &Row) -> String {
    let mut classes = format!("k-{}", row.fact.kind);
    let is = [
        (is_firing(row), " is-firing"),
        (is_resolved(row), " is-resolved"),
        (row.starred, " starred"),
        (row.hidden, " is-hidden"),
        (row.undone, " is-undone"),
        (row.fact.redacted, " is-redacted"),
    ];
    is.into_iter().filter(|(is, _)| *is).for_each(|(_, class)| classes.push_str(class));
    classes
}

fn is_resolved(row: &Row) -> bool {
    row.fact.kind.as_str() == "alert" && row.span.is_some_and(|span| span.end.is_some())
}

fn is_firing(row: &Row) -> bool {
    row.fact.kind.as_str() == "alert" && !is_resolved(row)
}

/// The kind as a word; talk carries none, it is what one expects.
fn label(row: &Row) -> String {
    match row.fact.kind.as_str() {
        "message" => "",
        "alert" if is_resolved(row) => "resolved",
        "alert" => "firing",
        "action" => "did",
        "question" => "why",
        "gap" => "not recorded",
        "erasure" => "erased",
        "utterance" => "said",
        "unknown" => "not understood",
        kind => kind,
    }
    .to_owned()
}

fn marks(row: &Row, zone: &Zone) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(result) = &row.result {
        let by = result.by.as_ref().map_or(String::new(), |by| format!("{} says so", by.name));
        marks.push(Mark::new(outcome_class(result.outcome), outcome_word(result.outcome), by));
    }
    if let Some(temporary) = &row.temporary {
        let because = temporary.because.map_or("", because_word);
        let (class, word) =
            if temporary.in_place { ("temporary", "temporary") } else { ("", "was temporary") };
        marks.push(Mark::new(class, word, because));
    }
    let open = row.proposals.iter().filter(|proposal| proposal.state == ProposalState::Proposed).count();
    if open > 0 {
        marks.push(Mark::new("", "result?", format!("{open} proposed, see \"Tried\"")));
    }
    if row.late {
        let recorded = &row.fact.recorded_at;
        let after = stretch(recorded.micros_since(row.fact.occurred_at));
        marks.push(Mark::new("late", format!("recorded {after} later"), zone.exact_text(recorded)));
    }
    if let Some(seconds) = row.uncertainty_s {
        let off = stretch(i64::from(seconds) * 1_000_000);
        marks.push(Mark::new("late", format!("± {off}"), "its time may be off by so much"));
    }
    if row.imported {
        marks.push(Mark::new("", "imported", "recorded afterwards"));
    }
    if let Some(amended) = &row.amended {
        let who = amended.history.last().map_or(String::new(), |last| format!("by {}", last.by.name));
        marks.push(Mark::new("", "amended", who));
    }
    let told: [(bool, &str, &str); 5] = [
        (row.edits > 0, "edited", "its source changed it"),
        (row.deleted, "deleted there", "its source says that it was deleted"),
        (row.fact.redacted, "redacted", "removed for good; only this line is left"),
        (row.undone, "taken back", "by whoever entered it"),
        (row.moved_in, "moved in", "put into this timeline by hand"),
    ];
    marks.extend(told.into_iter().filter(|(is, ..)| *is).map(|(_, word, title)| Mark::new("", word, title)));
    marks
}

/// An outcome as a word.
pub(crate) fn outcome_word(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Helped => "helped",
        ResultOutcome::NoChange => "no change",
        ResultOutcome::Worse => "worse",
        ResultOutcome::Finished => "finished",
        ResultOutcome::Failed => "failed",
    }
}

/// An outcome as a class of a mark.
pub(crate) fn outcome_class(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Helped => "helped",
        ResultOutcome::NoChange | ResultOutcome::Finished => "",
        ResultOutcome::Worse => "worse",
        ResultOutcome::Failed => "failed",
    }
}

/// Why a measure can't stay, as words.
pub(crate) fn because_word(because: Because) -> &'static str {
    match because {
        Because::Costly => "costly",
        Because::Risky => "risky",
        Because::AgainstPolicy => "against policy",
    }
}

/// Lines of one day, under its heading.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    pub(crate) heading: String,
    pub(crate) entries: Vec<EntryView>,
}

/// Entries grouped by the day on which they happened, in the order given.
pub(crate) fn days(rows: &[Row], zone: &Zone) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in rows.iter().map(|row| EntryView::new(row, zone)) {
        match days.last_mut().filter(|day| day.heading == entry.day) {
            Some(day) => day.entries.push(entry),
            None => days.push(Day { heading: entry.day.clone(), entries: vec![entry] }),
        }
    }
    days
}

/// One entry by itself, for the live stream.
#[derive(Template)]
#[template(path = "entry/one.html")]
pub(crate) struct One<'a> {
    pub(crate) entry: &'a EntryView,
    pub(crate) incident: &'a str,
}
