//! `show`: the rules as they are, whoever made them.

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use ruleset::{Backend, Family, Ruleset, iptables};

use crate::cli::{Ending, Failure, Session};
use crate::live::Want;
use crate::view::printable;
use crate::view::show::{self, Selection};

/// Shows tables, chains and rules of every backend, with numbers, counters and owners.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deadstick-fw show                      everything\n  \
    deadstick-fw show filter INPUT         one chain\n  \
    deadstick-fw show filter INPUT --explain\n  \
    deadstick-fw show --format save > rules.v4     what iptables-restore loads; IPv6 with -6")]
pub struct Show {
    /// Only tables of this name: filter, nat, ...
    #[arg(value_name = "TABLE")]
    table: Option<String>,
    /// Only chains of this name: INPUT, DOCKER-USER, ...
    #[arg(value_name = "CHAIN")]
    chain: Option<String>,
    /// A plain sentence for each rule
    #[arg(long)]
    explain: bool,
    /// How: for people, as iptables-save prints it, or as JSON (like --json)
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
    /// With `--format save`: the IPv6 rules
    #[arg(short = '6', long)]
    ipv6: bool,
    /// With `--format save`: the rules of iptables-legacy
    #[arg(long)]
    legacy: bool,
    /// With `--format save`: counters of rules too (iptables-save -c)
    #[arg(short, long)]
    counters: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Save,
    Json,
}

impl Show {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let snapshot = session.snapshot(Want::default())?;
        let ruleset = &snapshot.ruleset;
        let is_json = session.out.json || self.format == Format::Json;
        if !is_json {
            session.tell_notes(ruleset);
        }
        let selection = Selection { table: self.table, chain: self.chain, is_explained: self.explain };
        if (selection.table.is_some() || selection.chain.is_some()) && selection.is_empty(ruleset) {
            return Err(nothing_there(&selection, ruleset));
        }
        if is_json {
            let document = show::document(ruleset, &selection);
            session.out.text(&serde_json::to_string(&document).expect("a ruleset is plain data"))?;
            return Ok(Ending::Done);
        }
        if self.format == Format::Save {
            let wanted = (self.ipv6.then_some(Family::Ip6), self.legacy.then_some(Backend::IptablesLegacy));
            return save(session, ruleset, &selection, wanted, self.counters);
        }
        let text = show::text(ruleset, &selection);
        session.out.text(if text.is_empty() {
            "No rules at all: everything passes."
        } else {
            text.trim_end()
        })?;
        Ok(Ending::Done)
    }
}

fn nothing_there(selection: &Selection, ruleset: &Ruleset) -> Failure {
    let name = |text: &Option<String>| text.clone().unwrap_or_default();
    let table = ruleset.tables.iter().any(|table| Some(&table.name) == selection.table.as_ref());
    if !table {
        let mut names: Vec<String> = ruleset.tables.iter().map(|table| table.name.clone()).collect();
        names.sort();
        names.dedup();
        return Failure::new("no-such-table", format!("There is no table {}.", name(&selection.table)))
            .choices(names)
            .hint("the table comes first: `deadstick-fw show filter INPUT`");
    }
    let chains = ruleset.tables.iter().filter(|table| Some(&table.name) == selection.table.as_ref());
    let mut names: Vec<String> =
        chains.flat_map(|table| &table.chains).map(|chain| chain.name.clone()).collect();
    names.sort();
    names.dedup();
    let title = format!("Table {} has no chain {}.", name(&selection.table), name(&selection.chain));
    Failure::new("no-such-chain", title).choices(names)
}

/// What iptables-restore loads is of one backend and one family; what else there is, is named on stderr.
fn save(
    session: &Session,
    ruleset: &Ruleset,
    selection: &Selection,
    (family, backend): (Option<Family>, Option<Backend>),
    with_counters: bool,
) -> Result<Ending, Failure> {
    let mut held: Vec<(Family, Backend)> = Vec::new();
    for family in [Family::Ip, Family::Ip6] {
        for backend in [Backend::IptablesNft, Backend::IptablesLegacy] {
            if ruleset.tables.iter().any(|table| (table.family, table.backend) == (family, backend)) {
                held.push((family, backend));
            }
        }
    }
    let is_wanted = |one: &&(Family, Backend)| {
        family.is_none_or(|family| one.0 == family) && backend.is_none_or(|backend| one.1 == backend)
    };
    let chosen = held.iter().find(is_wanted).copied();
    for (family, backend) in held.iter().filter(|one| Some(**one) != chosen) {
        let version = if *family == Family::Ip6 { "IPv6" } else { "IPv4" };
        let option = if *family == Family::Ip6 { "-6" } else { "" };
        let legacy = if *backend == Backend::IptablesLegacy { " --legacy" } else { "" };
        session.out.remark(&format!(
            "not printed: the {version} rules of {} (deadstick-fw show --format save {option}{legacy})",
            backend.as_str()
        ));
    }
    let mut text = String::new();
    if let Some((family, backend)) = chosen {
        let mut part = Ruleset { tables: ruleset.tables.clone(), ..Ruleset::default() };
        part.tables.retain(|table| selection.table.as_ref().is_none_or(|name| table.name == *name));
        // What a file has, it gets back; what the kernel counts is printed if asked for.
        text = iptables::print(&part, family, backend, with_counters || !session.is_live());
    }
    for table in ruleset.tables.iter().filter(|table| table.backend == Backend::Nft) {
        text.push_str(&format!(
            "# not iptables: table {} {} of nft; `nft list table {} {}` prints it\n",
            table.family.as_str(),
            one_word(&table.name),
            table.family.as_str(),
            one_word(&table.name)
        ));
    }
    for set in &ruleset.ipsets {
        text.push_str(&format!(
            "# needs the set {}: ipset save {}\n",
            one_word(&set.name),
            one_word(&set.name)
        ));
    }
    if std::io::stdout().is_terminal() {
        // Nobody loads this: then comments must not steer the terminal.
        session.out.text(printable(&text).trim_end())?;
    } else {
        session.out.raw(&iptables::to_bytes(&text))?;
    }
    Ok(Ending::Done)
}

/// A name in a comment line must not end it.
fn one_word(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
