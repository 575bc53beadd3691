//! `did`: what somebody did; also how `note` and `why` are given and printed.

use clap::{Args, ValueEnum};
use incident::{Because, Command, IncidentRef};
use serde::Serialize;

use crate::failure::{Ending, Failure};
use crate::output::{one_line, strong};
use crate::reference;
use crate::session::{Given, Session};

/// Records what you did.
#[derive(Debug, Args)]
pub struct Did {
    /// What you did
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// The incident, if not the only open one
    #[arg(long, value_name = "INC", value_parser = reference::incident)]
    incident: Option<IncidentRef>,
    /// When it was, if earlier: 15:04, "10m ago", "yesterday 15:04", RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// It must be undone, or accepted by name, some day: stays listed until then
    #[arg(long)]
    temporary: bool,
    /// Why it can't stay
    #[arg(long, value_enum, requires = "temporary")]
    because: Option<Reason>,
}

/// Why a temporary measure can't stay.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Reason {
    /// It costs too much
    Costly,
    /// It is a risk
    Risky,
    /// A policy forbids it
    AgainstPolicy,
}

impl From<Reason> for Because {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Costly => Because::Costly,
            Reason::Risky => Because::Risky,
            Reason::AgainstPolicy => Because::AgainstPolicy,
        }
    }
}

impl Did {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let at = session.past(self.at.as_deref())?;
        let text = words(&self.text)?;
        let entry = Entry { what: "did", text: text.clone(), temporary: self.temporary };
        let command = Command::Did {
            text,
            incident: self.incident,
            at,
            temporary: self.temporary,
            because: self.because.map(Because::from),
        };
        entry.give(session, command)
    }
}

/// An entry that is never lost: given to the server, or queued.
pub struct Entry {
    /// `did`, `noted`, `parked`.
    pub what: &'static str,
    /// What it says.
    pub text: String,
    /// It must be undone some day.
    pub temporary: bool,
}

/// `{"fact":uuid,"incident":"INC-1"|null}`, with `"queued":true` while the server is away.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// The fact.
    pub fact: fact::FactId,
    /// The incident.
    pub incident: Option<String>,
    /// What it could have been about, when it was kept unassigned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// It waits on disk.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
}

impl Kept {
    /// As the server answered.
    pub fn done(done: api::Done) -> Self {
        Kept { fact: done.fact, incident: done.incident, choices: done.choices, queued: false }
    }

    /// As it waits on disk.
    pub fn queued(fact: fact::FactId) -> Self {
        Kept { fact, incident: None, choices: Vec::new(), queued: true }
    }
}

impl Entry {
    /// Gives the command, and prints what became of it.
    pub fn give(&self, session: &Session, command: Command) -> Result<Ending, Failure> {
        let kept = match session.give_or_queue(command)? {
            Given::Done(done) => Kept::done(done),
            Given::Queued(fact) => Kept::queued(fact),
        };
        session.out.print(&kept, || self.sentence(&kept))
    }

    fn sentence(&self, kept: &Kept) -> String {
        let text = one_line(&self.text, 200);
        let what = self.what;
        match &kept.incident {
            Some(incident) if self.temporary => format!(
                "{} {what}: {text}\nIt stays listed by `deadstick temporary` until it is undone or accepted.",
                strong(incident),
            ),
            Some(incident) => format!("{} {what}: {text}", strong(incident)),
            None if kept.queued => format!("queued: {text}"),
            None => {
                let target = kept.choices.first().map_or("INC", String::as_str);
                let why = if kept.choices.is_empty() {
                    "no incident is open".to_owned()
                } else {
                    format!("open are {}", kept.choices.join(", "))
                };
                format!(
                    "{what}, kept without an incident ({why}): {text}\nTo put it into one: deadstick assign {} {target}",
                    kept.fact
                )
            }
        }
    }
}

/// Words of the command line as one text.
pub fn words(words: &[String]) -> Result<String, Failure> {
    let text = words.join(" ");
    if text.trim().is_empty() {
        return Err(
            Failure::usage("empty-text", "The text is empty.").hint("Say it in a few words, in quotes.")
        );
    }
    Ok(text)
}

/// Why a measure can't stay, in words.
pub fn because_word(because: Because) -> String {
    match because {
        Because::Costly => "costly",
        Because::Risky => "risky",
        Because::AgainstPolicy => "against policy",
    }
    .into()
}
