//! `send`: what was queued while the server was away.

use clap::Args;

use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Sends what was queued while the server was away; every other verb does so first, too.
#[derive(Debug, Args)]
pub struct Send {}

impl Send {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let queue = session.queue();
        let waiting = queue.waiting()?;
        let sent = queue.send(&session.bare_client()?).map_err(|failure| {
            let hint = format!(
                "{waiting} commands wait on disk. {}",
                failure.problem.hint.clone().unwrap_or_default()
            );
            failure.hint(hint)
        })?;
        session.out.print(&sent, || match sent.sent {
            0 => "Nothing was queued.".into(),
            n => format!("Sent {n} queued command{}.", if n == 1 { "" } else { "s" }),
        })?;
        if !session.out.json {
            crate::queue::Sent { sent: 0, refused: sent.refused }.tell(session.out);
        }
        Ok(Ending::Done)
    }
}
