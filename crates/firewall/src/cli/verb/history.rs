//! `history`: the journal, for people.

use clap::{Args, Subcommand};

use crate::cli::{Ending, Failure, Session};
use crate::journal::{Entry, History as Journal};
use crate::view::history;

/// Shows what was changed with this tool: when, by whom, why, and what came of it.
#[derive(Debug, Args)]
pub struct History {
    #[command(subcommand)]
    what: Option<What>,
    /// Only the last so many
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// One change with its plan, the rules before and after, and its outcomes
    Show {
        /// Its number in `history`
        #[arg(value_name = "N")]
        number: usize,
    },
}

impl History {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let history = session.journal().history();
        for damage in &history.damage {
            session.out.remark(&format!("note: {damage}"));
        }
        match self.what {
            Some(What::Show { number }) => {
                let entry = find(&history, number)?;
                session.out.print(&document(entry), || history::one(entry))
            }
            None => {
                let skipped = self.last.map_or(0, |last| history.entries.len().saturating_sub(last));
                let entries = &history.entries[skipped..];
                let documents: Vec<serde_json::Value> = entries.iter().map(document).collect();
                session.out.print(&documents, || match entries.is_empty() {
                    true => "Nothing was changed with deadstick-fw yet.".into(),
                    false => history::list(entries),
                })
            }
        }
    }
}

/// The entry of this number.
pub fn find(history: &Journal, number: usize) -> Result<&Entry, Failure> {
    history.entries.iter().find(|entry| entry.number == number).ok_or_else(|| {
        Failure::new("no-such-entry", format!("The journal has no change {number}."))
            .hint("`deadstick-fw history` lists all")
    })
}

fn document(entry: &Entry) -> serde_json::Value {
    serde_json::json!({
        "number": entry.number,
        "id": entry.id,
        "occurred_at": entry.at,
        "actor": entry.actor,
        "text": entry.text,
        "status": entry.status(),
        "data": entry.data,
    })
}
