//! The legacy tables as `iptables-legacy-save -c` prints them, only as far as an edit needs them.

use std::collections::BTreeMap;

use ruleset::{Counters, Family};

use crate::apply::program::{self, ProgramError};

/// The lock is ours: the programs are sent to another one. Locking it is free, and nobody else does.
const ELSEWHERE: &[(&str, &str)] = &[("XTABLES_LOCKFILE", "/dev/null")];

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub text: String,
    pub counters: Option<Counters>,
}

/// A chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LegacyChain {
    /// Of a base chain: its word.
    pub policy: Option<String>,
    pub lines: Vec<Line>,
}

/// Chains by table and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tables(pub BTreeMap<(String, String), LegacyChain>);

fn name(family: Family, rest: &str) -> String {
    match family {
        Family::Ip6 => format!("ip6tables-legacy-{rest}"),
        _ => format!("iptables-legacy-{rest}"),
    }
}

/// Reads all tables that exist; makes none (naming a table with `-t` would).
pub(super) fn read(family: Family) -> Result<Tables, ProgramError> {
    let text = program::start(&name(family, "save"), &["-c"], ELSEWHERE, "")?.finish()?;
    Ok(parse(&text))
}

/// Runs `iptables-legacy-restore --noflush` on lines for one table after the other.
pub(super) fn write(family: Family, lines: &BTreeMap<String, Vec<String>>) -> Result<(), ProgramError> {
    let mut text = String::new();
    for (table, lines) in lines {
        text.push_str(&format!("*{table}\n{}\nCOMMIT\n", lines.join("\n")));
    }
    program::start(&name(family, "restore"), &["--noflush", "--counters"], ELSEWHERE, &text)?.finish()?;
    Ok(())
}

fn parse(text: &str) -> Tables {
    let mut tables = Tables::default();
    let mut table = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('*') {
            name.clone_into(&mut table);
        } else if let Some(chain) = line.strip_prefix(':') {
            let mut words = chain.split(' ');
            let name = words.next().unwrap_or_default().to_owned();
            let policy = words.next().filter(|policy| *policy != "-").map(str::to_owned);
            tables.0.insert((table.clone(), name), LegacyChain { policy, lines: Vec::new() });
        } else if let Some((counters, rule)) = line.split_once(" -A ") {
            let (chain, text) = rule.split_once(' ').unwrap_or((rule, ""));
            let chain = tables.0.entry((table.clone(), chain.to_owned())).or_default();
            chain.lines.push(Line { text: text.to_owned(), counters: counted(counters) });
        }
    }
    tables
}

/// `[packets:bytes]`.
fn counted(text: &str) -> Option<Counters> {
    let (packets, bytes) = text.strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    Some(Counters { packets: packets.parse().ok()?, bytes: bytes.parse().ok()? })
}

impl Tables {
    /// The chain; a base chain of a table that does not exist yet is empty and accepts.
    pub fn chain(&self, table: &str, chain: &str) -> Option<LegacyChain> {
        if let Some(found) = self.0.get(&(table.to_owned(), chain.to_owned())) {
            return Some(found.clone());
        }
        let is_base = matches!(chain, "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING");
        let is_table = self.0.keys().any(|(name, _)| name == table);
        (is_base && !is_table).then(|| LegacyChain { policy: Some("ACCEPT".to_owned()), lines: Vec::new() })
    }
}

impl LegacyChain {
    /// The texts of its rules.
    pub fn texts(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_with_their_counters() {
        let text = "*filter\n:INPUT DROP [1:2]\n:own - [0:0]\n[3:4] -A INPUT -s 10.0.0.1/32 -j own\n[0:0] -A own\nCOMMIT\n";
        let tables = parse(text);
        let input = tables.chain("filter", "INPUT").unwrap();
        assert_eq!(input.policy.as_deref(), Some("DROP"));
        assert_eq!(input.texts(), ["-s 10.0.0.1/32 -j own"]);
        assert_eq!(input.lines[0].counters, Some(Counters { packets: 3, bytes: 4 }));
        let own = tables.chain("filter", "own").unwrap();
        assert_eq!((own.policy.as_deref(), own.texts()), (None, vec![""]));
        assert_eq!(tables.chain("filter", "other"), None);
        assert!(tables.chain("nat", "PREROUTING").is_some(), "a table that is made by its first rule");
    }
}
