//! `timeline`: what happened when.

use std::time::Duration;

use api::{News, Row, Timeline as Page, TimelineFact};
use clap::Args;
use incident::IncidentRef;

use super::brief::named_or_only_open;
use super::result::outcome_word;
use crate::client::{Client, Trouble, segment};
use crate::failure::{Ending, Failure};
use crate::output::{Moments, elapsed, faint, hanging, one_line, printable, strong, width};
use crate::reference;
use crate::session::Session;

/// How long `--follow` waits before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Reads an incident's timeline, oldest first.
#[derive(Debug, Args)]
pub struct Timeline {
    /// The incident, if not the only open one
    #[arg(value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// Only this source; may be repeated
    #[arg(long = "source", value_name = "NAME")]
    sources: Vec<String>,
    /// Only this kind (alert, change, command, message, ...); may be repeated
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<fact::Kind>,
    /// Only starred facts
    #[arg(long)]
    starred: bool,
    /// Also what was hidden or taken back
    #[arg(long)]
    hidden: bool,
    /// Go on with what is recorded from now on; with --json one object a line
    #[arg(long)]
    follow: bool,
}

impl Timeline {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let name = named_or_only_open(&client, self.incident.clone())?;
        let path = format!("/api/v1/incidents/{}/timeline", segment(&name));
        let filters = self.filters();
        if session.out.json && !self.follow {
            return session.out.print(&facts(&client, &path, &filters)?, String::new);
        }
        let mut telling = Telling::new(session);
        let mut position = 0;
        pages(&client, &path, &filters, |page| {
            position = page.position;
            telling.page(&page)
        })?;
        if !self.follow {
            telling.end()?;
            return Ok(Ending::Done);
        }
        let path = format!("/api/v1/incidents/{}/news", segment(&name));
        loop {
            // A server that is away for a moment is waited for: it may be part of the incident.
            let news = match client.read::<News>(&format!("{path}?after={position}{filters}")) {
                Ok(news) => news,
                Err(Trouble::Away(_)) => {
                    std::thread::sleep(LOOK_AGAIN);
                    continue;
                }
                Err(Trouble::Answered(failure)) => return Err(failure),
            };
            news.rows.iter().try_for_each(|row| telling.row(row))?;
            position = news.position;
            if !news.more {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
    }

    fn filters(&self) -> String {
        let kinds = self.kinds.iter().map(fact::Kind::as_str).collect::<Vec<_>>().join(",");
        format!(
            "&sources={}&kinds={}&starred={}&hidden={}",
            segment(&self.sources.join(",")),
            segment(&kinds),
            self.starred,
            self.hidden
        )
    }
}

/// All facts of a timeline, in order.
pub fn facts(client: &Client, path: &str, filters: &str) -> Result<Vec<TimelineFact>, Failure> {
    let mut facts = Vec::new();
    pages(client, path, filters, |page| {
        facts.extend(page.rows.into_iter().map(|row| row.fact));
        Ok(())
    })?;
    Ok(facts)
}

/// All pages of a timeline, in order.
pub fn pages(
    client: &Client,
    path: &str,
    filters: &str,
    mut each: impl FnMut(Page) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut beyond = String::new();
    loop {
        let page: Page = client.read(&format!("{path}?view=full&limit=1000{filters}{beyond}"))?;
        let next = page.next.clone().filter(|_| !page.rows.is_empty());
        each(page)?;
        match next {
            Some(next) => beyond = format!("&beyond={}", segment(&next)),
            None => return Ok(()),
        }
    }
}

/// Tells rows for people or scripts, with a heading for each day.
struct Telling<'a> {
    session: &'a Session,
    moments: Moments,
    day: String,
    rows: usize,
    notes: Vec<String>,
}

impl<'a> Telling<'a> {
    fn new(session: &'a Session) -> Self {
        Telling { session, moments: session.moments(), day: String::new(), rows: 0, notes: Vec::new() }
    }

    fn page(&mut self, page: &Page) -> Result<(), Failure> {
        page.rows.iter().try_for_each(|row| self.row(row))?;
        if page.next.is_none() {
            self.notes = self.notes_of(page);
        }
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Failure> {
        self.rows += 1;
        let out = self.session.out;
        if out.json {
            return out.line(&serde_json::to_string(&row.fact).expect("a fact is plain data"));
        }
        let day = format!(
            "{} {}",
            self.moments.date(row.fact.occurred_at),
            self.moments.zone_at(row.fact.occurred_at)
        );
        if day != self.day {
            out.line(&strong(&day))?;
            self.day = day;
        }
        out.line(&line(row, &self.moments))
    }

    fn notes_of(&self, page: &Page) -> Vec<String> {
        let mut notes = Vec::new();
        notes.extend(page.gaps.iter().map(|gap| {
            let until = gap.until.map_or_else(|| "now".into(), |until| self.moments.full(until));
            format!("gap in {} from {} until {until}: {}", gap.source, self.moments.full(gap.from), gap.text)
        }));
        notes.extend(
            page.expired.iter().map(|note| format!("about {} facts of {} expired", note.count, note.source)),
        );
        notes.extend((page.hidden > 0).then(|| format!("{} hidden: --hidden shows them", page.hidden)));
        notes
    }

    fn end(&self) -> Result<(), Failure> {
        let out = self.session.out;
        if self.rows == 0 && !out.json {
            out.line(
                "Nothing was recorded in this window. `deadstick sources add` says where facts come from.",
            )?;
        }
        self.notes.iter().try_for_each(|note| out.line(&faint(&one_line(note, 300))))
    }
}

/// `15:10:00  #4711  ops       message   ana: text  [marks]`.
fn line(row: &Row, moments: &Moments) -> String {
    let fact = &row.fact;
    let place = faint(&format!("#{:<6}", fact.position));
    let source = one_line(&fact.source, 14);
    let kind = one_line(fact.kind.as_str(), 10);
    let actor = fact.actor.as_deref().map(|actor| format!("{}: ", one_line(actor, 40))).unwrap_or_default();
    let text = if fact.redacted { "(redacted)".to_owned() } else { printable(fact.text.trim_end()) };
    let told = hanging(&format!("{actor}{text}"), INDENT, width());
    let marks = marks(row, moments);
    format!("{}  {place} {source:<14} {kind:<10} {told}{marks}", moments.clock(fact.occurred_at))
}

/// Columns before actor and text: time, number, source, kind.
const INDENT: usize = 8 + 2 + 7 + 1 + 14 + 1 + 10 + 1;

fn marks(row: &Row, moments: &Moments) -> String {
    let mut marks: Vec<String> = Vec::new();
    if row.late {
        marks.push(format!("recorded {} later", elapsed(row.fact.recorded_at, row.fact.occurred_at)));
    }
    if let Some(amended) = &row.amended {
        let was = amended.was_at.map_or_else(String::new, |at| format!(", was {}", moments.clock(at)));
        marks.push(format!("amended{was}"));
    }
    if let Some(temporary) = &row.temporary {
        marks.push(if temporary.in_place { "temporary, in place" } else { "temporary, settled" }.into());
    }
    if let Some(result) = &row.result {
        marks.push(format!("result: {}", outcome_word(result.outcome)));
    }
    let flags = [
        (row.starred, "★"),
        (row.hidden, "hidden"),
        (row.undone, "taken back"),
        (row.moved_in, "moved here"),
        (row.deleted, "deleted at its source"),
        (row.imported, "imported"),
    ];
    marks.extend(flags.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned()));
    if marks.is_empty() { String::new() } else { format!("  {}", faint(&format!("[{}]", marks.join("; ")))) }
}
