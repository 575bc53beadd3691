//! `redact`: recorded content is removed for good.

use std::io::{IsTerminal, Write};

use api::{RedactionDone, RedactionRequest};
use clap::Args;

use crate::failure::{Ending, Failure};
use crate::reference::FactArgument;
use crate::session::Session;

/// Removes recorded content for good, with all its revisions, payloads and quotes. A stub stays, so
/// that the log can still be verified.
#[derive(Debug, Args)]
pub struct Redact {
    /// The facts: #4711 or UUIDs
    #[arg(value_name = "FACT", required_unless_present = "containing")]
    facts: Vec<FactArgument>,
    /// All facts whose content holds this text, of those that you see
    #[arg(long, value_name = "TEXT")]
    containing: Option<String>,
    /// The reason; it stays in the log, so don't repeat what is removed
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Only tell what would go
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl Redact {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let facts = self.facts.iter().map(|fact| fact.id(&client, None)).collect::<Result<_, _>>()?;
        let mut request =
            RedactionRequest { facts, containing: self.containing, why: self.why, dry_run: true };
        let asks = !self.yes && !session.out.json && std::io::stdin().is_terminal();
        if asks && !self.dry_run {
            let would: RedactionDone = client.post("/api/v1/redactions", &request)?;
            if would.count == 0 || !is_sure(would.count) {
                return session.out.print(&would, || "Nothing was removed.".into());
            }
        }
        request.dry_run = self.dry_run;
        let done: RedactionDone = client.post("/api/v1/redactions", &request)?;
        session.out.print(&done, || {
            let gone = if done.count == 1 { "1 fact".into() } else { format!("{} facts", done.count) };
            let would = if self.dry_run { "Would be removed" } else { "Removed" };
            format!("{would} for good: {gone}, quotes and revisions included.")
        })
    }
}

fn is_sure(count: u64) -> bool {
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{count} facts will be removed for good. This can't be undone. Type yes: ");
    let _ = stderr.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
