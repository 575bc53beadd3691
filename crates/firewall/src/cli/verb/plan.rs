//! `plan`: what a command would change, and what that means; nothing is changed.

use std::path::PathBuf;

use clap::Args;
use ruleset::plan;

use crate::cli::edit::{self, Placement};
use crate::cli::{EditOptions, Ending, Failure, Session};
use crate::view;

/// Shows what a command would change, and what that means.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deadstick-fw plan allow from 10.0.0.0/8 to any port 5432 proto tcp\n  \
    deadstick-fw plan default deny incoming --keep-present\n  \
    deadstick-fw plan deny 8080/tcp -o deny.json && deadstick-fw apply deny.json\n  \
    deadstick-fw plan allow 443/tcp --as-iptables")]
pub struct Plan {
    /// The command, beginning with its verb
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
    /// Write the plan to a file, for `apply FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the plain commands of iptables that do the same
    #[arg(long)]
    as_iptables: bool,
    #[command(flatten)]
    options: EditOptions,
}

impl Plan {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let edit = edit::understood(session, &self.words, &self.options, |options| {
            self.placement.adjust(options);
            options.keep_present = self.keep_present || self.keep_services;
            options.keep_services = self.keep_services;
        })?;
        let made = edit::only_planned(session, &edit)?;
        if let Some(path) = &self.output {
            let text = serde_json::to_string_pretty(&made).expect("a plan is plain data") + "\n";
            std::fs::write(path, text).map_err(|error| {
                Failure::new("unwritable", format!("{} can't be written.", path.display())).because(&error)
            })?;
        }
        let refusal = plan::refusal(&made).filter(|_| !self.options.cut);
        if self.as_iptables {
            let commands = plan::commands(&made.changes);
            session.out.print(&commands, || commands.join("\n"))?;
        } else {
            session.out.print(&made, || {
                let mut text = view::plan::text(&made);
                if let Some(refusal) = &refusal {
                    text.push_str(&format!(
                        "\nRefused unless with --cut: {}.",
                        view::printable(&refusal.to_string())
                    ));
                }
                text
            })?;
        }
        Ok(match refusal {
            Some(_) => Ending::Refused,
            None if self.options.check && !made.noop => Ending::WouldChange,
            None => Ending::Done,
        })
    }
}
