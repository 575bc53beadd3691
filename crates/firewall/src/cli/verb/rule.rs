//! `allow`, `deny`, `reject`, `limit`, `delete`, `insert`, `prepend`, `route`, `default`: edits in ufw's grammar.

use clap::Args;

use crate::cli::edit::{self, Placement};
use crate::cli::{EditOptions, Ending, Failure, Session};

/// A change of rules in ufw's grammar. It is made in the chains that are there, shown as a plan, refused if it cuts what lives, and taken back
/// unless it is confirmed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deadstick-fw allow 22/tcp\n  \
    deadstick-fw allow from 10.0.0.0/8 to any port 5432 proto tcp comment 'database'\n  \
    deadstick-fw deny from 192.0.2.7 --for 2h --incident INC-7\n  \
    deadstick-fw delete allow 22/tcp\n  \
    deadstick-fw delete 3                       a number of `deadstick-fw status numbered`\n  \
    deadstick-fw insert 1 deny from 192.0.2.7\n  \
    deadstick-fw route allow in on eth0 out on eth1\n  \
    deadstick-fw default deny incoming --keep-present\n\n\
    `-n` shows the plan only. Exit status: 0 nothing to do or done, 1 error, 2 would be changed (--check), 3 refused.")]
pub struct Rule {
    /// What, as ufw takes it
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    placement: Placement,
    /// With `default deny incoming`: add the rules that keep present services and peers
    #[arg(long)]
    keep_present: bool,
    /// The same, for the whole networks of present peers
    #[arg(long)]
    keep_services: bool,
    #[command(flatten)]
    options: EditOptions,
}

impl Rule {
    /// Runs it; `verb` is the word it came by.
    pub fn run(self, verb: &str, session: &Session) -> Result<Ending, Failure> {
        let words: Vec<String> = std::iter::once(verb.to_owned()).chain(self.words).collect();
        edit::run(session, &words, &self.options, |options| {
            self.placement.adjust(options);
            options.keep_present = self.keep_present || self.keep_services;
            options.keep_services = self.keep_services;
        })
    }
}
