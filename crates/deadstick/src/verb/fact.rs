//! `fact`: one fact with all its tellings and the payloads as they came.

use clap::Args;

use crate::failure::{Ending, Failure};
use crate::output::{faint, one_line, printable, strong};
use crate::reference::FactArgument;
use crate::session::Session;

/// Shows one fact with all its tellings.
#[derive(Debug, Args)]
pub struct Fact {
    /// The fact: #4711 or its UUID
    #[arg(value_name = "FACT")]
    fact: FactArgument,
    /// Also the payload as it came
    #[arg(long)]
    raw: bool,
}

impl Fact {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let id = self.fact.id(&client, None)?;
        let view: api::FactView = client.read(&format!("/api/v1/facts/{id}"))?;
        let moments = session.moments();
        session.out.print(&view, || {
            let fact = &view.row.fact;
            let mut text = format!(
                "{} {} {} from {}\n  {}\n  happened {}, recorded {}",
                strong(&format!("#{}", fact.position)),
                fact.id,
                fact.kind,
                one_line(&fact.source, 80),
                if fact.redacted { "(redacted)".into() } else { printable(&fact.text) },
                moments.full(fact.occurred_at),
                moments.full(fact.recorded_at),
            );
            if !view.incidents.is_empty() {
                text.push_str(&format!("\n  in {}", view.incidents.join(", ")));
            }
            for telling in &view.revisions {
                text.push_str(&format!(
                    "\n  telling {}: {} {}",
                    telling.revision,
                    moments.full(telling.occurred_at),
                    one_line(&telling.text, 200)
                ));
                if let Some(raw) = telling.raw.as_ref().filter(|_| self.raw) {
                    text.push_str(&format!("\n{}", faint(&printable(raw))));
                }
            }
            text
        })
    }
}
