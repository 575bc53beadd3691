//! `status`: tells others how it stands, or shows it.

use clap::Args;
use incident::{Command, IncidentRef};

use super::{change, now};
use crate::failure::{Ending, Failure};
use crate::output::one_line;
use crate::reference;
use crate::session::Session;

/// Tells others how an incident stands; without a text, shows it.
#[derive(Debug, Args)]
pub struct Status {
    /// The incident, if not the only open one; then how it stands
    #[arg(value_name = "[INC] [TEXT]")]
    words: Vec<String>,
    /// The incident, if not the only open one
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// When the next update is due: 30m, 16:30, RFC 3339
    #[arg(long, visible_alias = "next-due", value_name = "TIME")]
    next: Option<String>,
}

impl Status {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let (incident, text) = target_and_text(&self.words, self.incident)?;
        let next_due = session.due(self.next.as_deref())?;
        match (text, incident) {
            (Some(text), incident) => {
                let sentence = format!("told: {}", one_line(&text, 200));
                change(session, Command::Status { incident, text, next_due }, &sentence)
            }
            (None, _) if next_due.is_some() => Err(Failure::usage("empty-text", "The status has no text.")
                .hint("deadstick status TEXT --next 30m")),
            (None, Some(incident)) => super::brief::Brief::of(incident).run(session),
            (None, None) => now::Now {}.run(session),
        }
    }
}

/// `[INC] [TEXT]`: the first word is the incident if it looks like one and none is named.
pub fn target_and_text(
    words: &[String],
    named: Option<IncidentRef>,
) -> Result<(Option<IncidentRef>, Option<String>), Failure> {
    let joined = |words: &[String]| Some(words.join(" ")).filter(|text| !text.trim().is_empty());
    match (words, named) {
        ([first, rest @ ..], None) => match reference::incident(first) {
            // "5 nodes are back" is no word about INC-5.
            Ok(incident) if rest.is_empty() || first.parse::<u64>().is_err() => {
                Ok((Some(incident), joined(rest)))
            }
            _ => Ok((None, joined(words))),
        },
        (words, named) => Ok((named, joined(words))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_may_be_the_incident() {
        let check = |words: &[&str], named: Option<&str>, expected: (Option<&str>, Option<&str>)| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let named = named.map(|name| IncidentRef(name.into()));
            let (incident, text) = target_and_text(&words, named).unwrap();
            assert_eq!((incident.as_ref().map(|i| i.0.as_str()), text.as_deref()), expected);
        };
        check(&["INC-1", "all", "well"], None, (Some("INC-1"), Some("all well")));
        check(&["inc-1"], None, (Some("INC-1"), None));
        check(&["all well"], None, (None, Some("all well")));
        check(&["5", "nodes are back"], Some("INC-2"), (Some("INC-2"), Some("5 nodes are back")));
        check(&["5", "nodes are back"], None, (None, Some("5 nodes are back")));
        check(&["5"], None, (Some("INC-5"), None));
        check(&[], None, (None, None));
    }
}
