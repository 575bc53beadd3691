//! The options that verbs share.

use std::path::PathBuf;

use clap::{Args, Parser};

use super::verb::{self, Verb};

/// See and change the firewall that is already there, safely.
#[derive(Debug, Parser)]
#[command(
    name = "deadstick-fw",
    version,
    about,
    max_term_width = 100,
    help_template = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}\nOptions:\n{options}{after-help}",
    before_help = verb::OVERVIEW,
    after_help = "`deadstick-fw help VERB` tells more. Exit status: 0 nothing to do or done, 1 error,\n\
                  2 changes would be made (--check), 3 refused."
)]
pub struct Cli {
    /// For all verbs.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of all verbs, before or after the verb.
#[derive(Debug, Clone, Default, Args)]
pub struct Globals {
    /// Print exactly one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Read rules from a file (iptables-save, nft text or nft JSON), not from the kernel; nothing is ever applied
    #[arg(long, global = true, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Read IPv6 rules from a file as well (ip6tables-save)
    #[arg(long, global = true, value_name = "FILE")]
    pub from6: Option<PathBuf>,
    /// Read ipsets from a file (`ipset save`), with --from
    #[arg(long, global = true, value_name = "FILE")]
    pub sets: Option<PathBuf>,
    /// Where the journal and a pending change are kept [default: /var/lib/deadstick-fw, one folder a network namespace]
    #[arg(long, global = true, value_name = "DIR", env = "DEADSTICK_FW_STATE", hide_env = true)]
    pub state_dir: Option<PathBuf>,
    /// Where boot files are looked for: the root of the file system
    #[arg(long, global = true, value_name = "DIR", default_value = "/", hide = true)]
    pub root: PathBuf,
}

/// Options of every verb that changes rules.
#[derive(Debug, Clone, Default, Args)]
pub struct EditOptions {
    /// Show the plan, change nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// Change nothing; exit status 2 if something would be changed
    #[arg(long)]
    pub check: bool,
    /// Go on even if the plan cuts live connections or the way in
    #[arg(long)]
    pub cut: bool,
    /// Ask nothing; never stands for --no-confirm or --cut
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// Take it back after this time: 90s, 15m, 2h, 3d
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    pub for_seconds: Option<u64>,
    /// The incident for which it is done, for the journal
    #[arg(long, value_name = "INC")]
    pub incident: Option<String>,
    /// Why it is done, for the journal
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Take it back unless `deadstick-fw confirm` comes within this time [default over ssh, or if the way in is affected: 60s]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub confirm_within: Option<u64>,
    /// Don't wait for a confirmation
    #[arg(long, conflicts_with = "confirm_within")]
    pub no_confirm: bool,
    /// After the confirmation also end established connections that the new rules forbid
    #[arg(long)]
    pub kill_established: bool,
}

/// A duration: a whole number with s, m, h or d; without a letter seconds.
pub fn seconds(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("`{text}` is no duration: expected 90s, 15m, 2h or 3d")),
    };
    let number: u64 =
        digits.parse().map_err(|_| format!("`{text}` is no duration: expected 90s, 15m, 2h or 3d"))?;
    number
        .checked_mul(unit)
        .filter(|seconds| (1..=366 * 86_400).contains(seconds))
        .ok_or_else(|| format!("`{text}` is not between a second and a year"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text, expected: Option<u64>| assert_eq!(seconds(text).ok(), expected, "{text}");
        check("90", Some(90));
        check("90s", Some(90));
        check("15m", Some(900));
        check("2h", Some(7_200));
        check("3d", Some(259_200));
        check("0s", None);
        check("400d", None);
        check("99999999999999999999h", None);
        check("2 h", None);
        check("h", None);
        check("-1", None);
        check("2ü", None);
    }
}
