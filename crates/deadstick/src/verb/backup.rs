//! `backup`: a copy of the whole log.

use std::path::PathBuf;

use clap::Args;

use crate::failure::{Ending, Failure, chain};
use crate::session::Session;

/// Copies the whole log and the server's key into a new directory, consistent while the server
/// runs. `deadstick serve --data COPY` starts from it, `deadstick verify --data COPY` checks it.
#[derive(Debug, Args)]
pub struct Backup {
    /// The directory to make
    #[arg(value_name = "COPY")]
    to: PathBuf,
}

impl Backup {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let home = session.home();
        let head = store_sqlite::backup(home.path(), &self.to).map_err(|error| {
            Failure::environment(
                "backup",
                format!("The log in {} can't be copied to {}.", home.path().display(), self.to.display()),
            )
            .why(chain(&error))
            .hint("The target must not exist, and this user must be able to read the one and make the other.")
        })?;
        home.copy_key(&self.to)?;
        let told = serde_json::json!({ "backup": self.to, "size": head.size, "root": head.root.hex() });
        session.out.print(&told, || {
            format!(
                "Copied {} positions to {}. It holds the server's key: keep it as safe as the original.",
                head.size,
                self.to.display()
            )
        })
    }
}
