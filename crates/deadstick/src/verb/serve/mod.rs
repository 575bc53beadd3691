//! `serve`: the server.

pub mod settings;

use clap::Args;

use self::settings::Options;
use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Runs the server.
#[derive(Debug, Args)]
pub struct Serve {
    /// A throw-away data directory, filled with a worked example and removed at the end
    #[arg(long, conflicts_with = "data")]
    demo: bool,
    /// How to listen
    #[command(flatten)]
    options: Options,
}

impl Serve {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let _ = session;
        Ok(Ending::Done)
    }
}
