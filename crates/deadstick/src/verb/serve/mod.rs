//! `serve`: the server.

mod logging;
pub mod settings;
mod start;

use clap::Args;

use self::settings::{Options, Settings};
use self::start::Server;
use crate::failure::{Ending, Failure};
use crate::home::Home;
use crate::output::{faint, strong};
use crate::session::Session;

/// Runs the server until it is told to stop (SIGTERM, SIGINT, Ctrl-C).
///
/// Prints its address and a one-time login link; with --json exactly one line
/// {"url","login_url","token"} when it is ready, then nothing. The token is the first person's and
/// valid while the process lives. Logs go to stderr.
#[derive(Debug, Args)]
pub struct Serve {
    /// A throw-away data directory, filled with a worked example and removed at the end
    #[arg(long)]
    demo: bool,
    /// How to listen
    #[command(flatten)]
    options: Options,
}

impl Serve {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        if self.demo && session.globals.data.is_some() {
            return Err(Failure::usage("settings", "--demo makes a data directory of its own.")
                .hint("Leave --data away, or --demo."));
        }
        let data = session.globals.data.as_deref();
        let mut settings = Settings::of(&self.options, data, &session.environment)?;
        logging::start(settings.log_format);
        let throw_away = self.demo.then(throw_away_directory).transpose()?;
        if let Some(directory) = &throw_away {
            settings.data = directory.path().to_owned();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::environment("threads", "No threads can be started.").why(error))?;
        let home = Home::new(&settings.data);
        let user = session.environment.user.clone().unwrap_or_else(|| "admin".into());
        runtime.block_on(async {
            let server = Server::start(&settings, home, &user, self.demo).await?;
            greet(session, &settings, &server)?;
            server.run().await
        })?;
        Ok(Ending::Done)
    }
}

fn throw_away_directory() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("deadstick-demo-").tempdir().map_err(|error| {
        Failure::environment("data-directory", "No throw-away directory can be made.")
            .why(error)
            .hint("Name a writable one with TMPDIR.")
    })
}

/// Tells that the server is ready and how to get in.
fn greet(session: &Session, settings: &Settings, server: &Server) -> Result<(), Failure> {
    let ready = server.ready();
    let told = session
        .out
        .print(ready, || {
            let stop = faint("Ctrl-C stops it.");
            let (url, login) = (strong(&ready.url), strong(&ready.login_url));
            match server.demo() {
                Some(said) => format!(
                    "deadstick listens on {url} with a worked example, removed at the end\n\nLook at it:  {login}\n{}\n\n{said}\n{stop}",
                    faint("             (works once, for an hour)"),
                ),
                None => format!(
                    "deadstick listens on {url}\nIts data is in {}\n\nLog in:  {login}\n{}\n\n{stop}",
                    settings.data.display(),
                    faint("         (works once, for an hour; `deadstick people link NAME` makes another)"),
                ),
            }
        });
    match told {
        // Whoever started it may not care to read this.
        Err(failure) if failure.is_unread() => Ok(()),
        told => told.map(drop),
    }
}
