//! The brief as text, to read out or to paste: Markdown that reads as plain text too.

use std::fmt::{self, Write};

use fact::Timestamp;
use incident::Because;

use crate::{Brief, spoken};

impl Brief {
    /// As Markdown; absolute times in UTC, the date where it is another day than the start's.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("a String takes all");
        text
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let Brief { incident, title, severity, status, .. } = self;
        writeln!(out, "# {incident}: {title}\n")?;
        writeln!(
            out,
            "{status}, severity {severity}, began {} UTC, {} so far. Read at {}.\n",
            day_and_time(self.started_at),
            spoken(self.elapsed_s),
            self.time(self.at)
        )?;
        self.write_standing(out)?;
        self.write_tried(out)?;
        self.write_people(out)?;
        self.write_temporary(out)?;
        self.write_rest(out)
    }

    fn write_standing(&self, out: &mut String) -> fmt::Result {
        if !self.services.is_empty() {
            writeln!(out, "- Services: {}", self.services.join(", "))?;
        }
        match &self.impact {
            Some(impact) => {
                let from = impact.from.map_or(String::new(), |at| format!(", from {}", self.time(at)));
                let until = impact.until.map_or(String::new(), |at| format!(", until {}", self.time(at)));
                let known = impact
                    .how_known
                    .as_ref()
                    .map_or(String::new(), |how| format!(" (known by {})", one_line(how)));
                writeln!(out, "- Impact: {}{from}{until}{known}", one_line(&impact.who))?;
            }
            None => writeln!(out, "- Impact: not recorded")?,
        }
        match &self.detection {
            Some(detection) => {
                writeln!(out, "- Noticed: {} by {}", self.time(detection.at), one_line(&detection.by))?;
            }
            None => writeln!(out, "- Noticed: not recorded")?,
        }
        match &self.last_update {
            Some(update) => {
                writeln!(
                    out,
                    "- Last status ({}, {}): {}",
                    self.time(update.at),
                    update.by,
                    one_line(&update.text)
                )?;
            }
            None => writeln!(out, "- Last status: none yet")?,
        }
        match (self.next_update_due, self.overdue_s) {
            (Some(due), Some(overdue)) => {
                writeln!(out, "- Next update: was due {}, {} ago", self.time(due), spoken(overdue))
            }
            (Some(due), None) => writeln!(out, "- Next update: due {}", self.time(due)),
            (None, _) => writeln!(out, "- Next update: none promised"),
        }
    }

    fn write_tried(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Tried\n")?;
        if self.tried.is_empty() {
            writeln!(out, "Nothing yet.")?;
        }
        for tried in &self.tried {
            let by = tried.by.as_ref().map_or(String::new(), |by| format!(" {by}:"));
            writeln!(out, "- {}{by} {}", self.time(tried.at), tried.text)?;
            for result in &tried.results {
                // One fact tells both what was done and how it ended: nothing is left to confirm.
                let sure = if result.confirmed || result.fact == tried.fact {
                    ""
                } else {
                    " (proposed, nobody confirmed it)"
                };
                match result.text == result.outcome.to_string() {
                    true => writeln!(out, "  - → {}{sure}", result.outcome)?,
                    false => writeln!(out, "  - → {}: {}{sure}", result.outcome, result.text)?,
                }
            }
            if tried.results.is_empty() {
                writeln!(out, "  - → nothing known")?;
            }
        }
        Ok(())
    }

    fn write_people(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Who is on what\n")?;
        if self.roles.is_empty() {
            writeln!(out, "- Nobody has a role.")?;
        }
        for (role, person) in &self.roles {
            writeln!(out, "- {role}: {person}")?;
        }
        if !self.present.is_empty() {
            writeln!(out, "- Here: {}", self.present.join(", "))?;
        }
        Ok(())
    }

    fn write_temporary(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Temporary measures in place\n")?;
        if self.temporary.is_empty() {
            writeln!(out, "None.")?;
        }
        for measure in &self.temporary {
            let because = match measure.because {
                Some(Because::Costly) => " (costly)",
                Some(Because::Risky) => " (risky)",
                Some(Because::AgainstPolicy) => " (against policy)",
                None => "",
            };
            writeln!(
                out,
                "- {} {}: {}{because}",
                self.time(measure.at),
                measure.by,
                one_line(&measure.text)
            )?;
        }
        Ok(())
    }

    fn write_rest(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n## Firing\n")?;
        if self.firing.is_empty() {
            writeln!(out, "Nothing.")?;
        }
        for alert in &self.firing {
            writeln!(out, "- since {}: {}", self.time(alert.at), alert.text)?;
        }
        writeln!(out, "\n## Changed in the two hours before\n")?;
        if self.changes.is_empty() {
            writeln!(out, "Nothing recorded.")?;
        }
        for change in &self.changes {
            writeln!(out, "- {} {}", self.time(change.at), change.text)?;
        }
        match self.questions {
            0 => Ok(()),
            1 => writeln!(out, "\nOne question is parked for the investigation."),
            several => writeln!(out, "\n{several} questions are parked for the investigation."),
        }
    }

    /// `15:10`, with the date on another day than the start's.
    fn time(&self, at: Timestamp) -> String {
        let full = day_and_time(at);
        match full.split_once(' ') {
            Some((day, time)) if day_and_time(self.started_at).starts_with(day) => time.to_owned(),
            _ => full,
        }
    }
}

/// `2026-02-20 15:10`.
fn day_and_time(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M").to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
