//! `show`: tables, chains and rules as they are.

use std::collections::BTreeMap;

use ruleset::{Backend, Chain, Family, Rule, Ruleset, Table as RuleTable, explain, owners};
use serde::Serialize;

use super::{Align, Table, Tone, faint, printable, strong, toned};

/// What of a ruleset is shown.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only tables of this name.
    pub table: Option<String>,
    /// Only chains of this name.
    pub chain: Option<String>,
    /// A sentence for each rule.
    pub is_explained: bool,
}

impl Selection {
    /// The tables, each with its chains, that are shown. An empty table is shown unless a chain was asked for.
    fn of<'a>(&'a self, ruleset: &'a Ruleset) -> impl Iterator<Item = (&'a RuleTable, Vec<&'a Chain>)> {
        let is_wanted = |table: &&RuleTable| self.table.as_ref().is_none_or(|name| table.name == *name);
        ruleset.tables.iter().filter(is_wanted).filter_map(|table| {
            let chains = table
                .chains
                .iter()
                .filter(|chain| self.chain.as_ref().is_none_or(|name| chain.name == *name));
            let chains: Vec<&Chain> = chains.collect();
            (self.chain.is_none() || !chains.is_empty()).then_some((table, chains))
        })
    }

    /// Is there nothing of that name?
    pub fn is_empty(&self, ruleset: &Ruleset) -> bool {
        self.of(ruleset).next().is_none()
    }
}

/// As text for people.
pub fn text(ruleset: &Ruleset, selection: &Selection) -> String {
    let mut text = String::new();
    for (table, chains) in selection.of(ruleset) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&heading(table));
        for chain in chains {
            text.push('\n');
            text.push_str(&chain_text(table, chain, selection.is_explained));
        }
        let is_named = |set: &&ruleset::NftSet| {
            !set.flags.iter().any(|flag| flag == "anonymous") && !set.name.starts_with("__")
        };
        for set in table.sets.iter().filter(is_named).filter(|_| selection.chain.is_none()) {
            let what = if set.value.is_some() { "map" } else { "set" };
            let size = super::plan::count(set.elements.len(), "element");
            let name = strong(&printable(&set.name));
            text.push_str(&format!("\n{what} {name} ({}): {size}\n", printable(&set.key.join(" . "))));
        }
        for other in &table.others {
            text.push_str(&format!("\n  not understood: {}\n", printable(other)));
        }
    }
    if selection.table.is_none() && selection.chain.is_none() {
        for set in &ruleset.ipsets {
            text.push_str(&format!(
                "\nipset {} ({} {}): {}\n",
                strong(&printable(&set.name)),
                printable(&set.kind),
                printable(&set.options),
                super::plan::count(set.elements.len(), "element")
            ));
        }
    }
    text
}

fn heading(table: &RuleTable) -> String {
    let mut words = vec![table.backend.as_str().to_owned()];
    if let Some(owner) = owners::owner_of_table(&table.name).filter(|_| table.backend == Backend::Nft) {
        words.push(format!("made by {}", owner.name));
    }
    if let Some(port) = table.owner {
        words.push(format!("only process {port} may change it"));
    }
    if table.is_dormant {
        words.push("dormant: decides nothing".into());
    }
    let name = strong(&format!("table {} {}", table.family.as_str(), printable(&table.name)));
    format!("{name}  {}\n", faint(&words.join(", ")))
}

fn chain_text(table: &RuleTable, chain: &Chain, is_explained: bool) -> String {
    let mut text = format!("chain {}", strong(&printable(&chain.name)));
    if let Some(base) = &chain.base {
        let tone = if base.policy == ruleset::Policy::Drop { Tone::Bad } else { Tone::Good };
        text.push_str(&format!(
            "  {} priority {}, policy {}",
            base.hook.as_str(),
            base.priority,
            toned(base.policy.as_str(), tone)
        ));
        if !base.devices.is_empty() {
            text.push_str(&format!(", devices {}", printable(&base.devices.join(" "))));
        }
        if let Some(counters) = chain.counters {
            text.push_str(&faint(&format!(" ({} packets, {} bytes)", counters.packets, counters.bytes)));
        }
    }
    if let Some(owner) = owners::owner_of_chain(&chain.name) {
        text.push_str(&format!("  {}", faint(&format!("[{}]", owner.name))));
    }
    text.push('\n');
    if chain.rules.is_empty() {
        text.push_str(&faint("  no rules\n"));
        return text;
    }
    let heading =
        [("num", Align::Right), ("packets", Align::Right), ("bytes", Align::Right), ("rule", Align::Left)];
    let mut rules = Table::new(&heading);
    for (index, rule) in chain.rules.iter().enumerate() {
        let count = |of: fn(&ruleset::Counters) -> u64| {
            rule.counters.as_ref().map_or_else(String::new, |counters| of(counters).to_string())
        };
        let text = if rule.text.is_empty() { "(counts only)".into() } else { rule.text.clone() };
        rules.row([(index + 1).to_string(), count(|c| c.packets), count(|c| c.bytes), text]);
        if let Some(lie) = &rule.lie {
            rules.below(format!("! the kernel does something else: {lie}"));
        }
        if is_explained {
            rules.below(format!("= {}", explain::sentence(rule, table.family)));
        }
    }
    text.push_str(&rules.lines(2));
    text
}

/// As data.
pub fn document<'a>(ruleset: &'a Ruleset, selection: &'a Selection) -> Document<'a> {
    let tables = selection
        .of(ruleset)
        .map(|(table, chains)| TableView {
            backend: table.backend,
            family: table.family,
            name: &table.name,
            owner: owners::owner_of_table(&table.name)
                .filter(|_| table.backend == Backend::Nft)
                .map(|owner| owner.name),
            locked_by: table.owner,
            dormant: table.is_dormant,
            chains: chains
                .into_iter()
                .map(|chain| chain_view(table, chain, selection.is_explained))
                .collect(),
            sets: table.sets.iter().map(|set| set.name.as_str()).collect(),
            not_understood: &table.others,
        })
        .collect();
    let ipsets = ruleset.ipsets.iter().map(|set| {
        BTreeMap::from([
            ("name", serde_json::json!(set.name)),
            ("type", serde_json::json!(set.kind)),
            ("options", serde_json::json!(set.options)),
            ("elements", serde_json::json!(set.elements)),
        ])
    });
    let notes = ruleset.notes.iter().map(|note| NoteView { place: &note.place, text: &note.text });
    Document { tables, ipsets: ipsets.collect(), notes: notes.collect() }
}

fn chain_view<'a>(table: &'a RuleTable, chain: &'a Chain, is_explained: bool) -> ChainView<'a> {
    let base = chain.base.as_ref();
    let rule = |(index, rule): (usize, &'a Rule)| RuleView {
        number: index + 1,
        handle: rule.handle,
        packets: rule.counters.map(|counters| counters.packets),
        bytes: rule.counters.map(|counters| counters.bytes),
        text: &rule.text,
        syntax: rule.syntax,
        comment: rule.comment.as_deref(),
        lie: rule.lie.as_deref(),
        explained: is_explained.then(|| explain::sentence(rule, table.family)),
    };
    ChainView {
        name: &chain.name,
        owner: owners::owner_of_chain(&chain.name).map(|owner| owner.name),
        handle: chain.handle,
        hook: base.map(|base| base.hook),
        priority: base.map(|base| base.priority),
        policy: base.map(|base| base.policy.as_str()),
        packets: chain.counters.map(|counters| counters.packets),
        bytes: chain.counters.map(|counters| counters.bytes),
        rules: chain.rules.iter().enumerate().map(rule).collect(),
    }
}

/// `show --json`.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    tables: Vec<TableView<'a>>,
    ipsets: Vec<BTreeMap<&'static str, serde_json::Value>>,
    notes: Vec<NoteView<'a>>,
}

#[derive(Debug, Serialize)]
struct NoteView<'a> {
    place: &'a str,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct TableView<'a> {
    backend: Backend,
    family: Family,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_by: Option<u32>,
    dormant: bool,
    chains: Vec<ChainView<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sets: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    not_understood: &'a [String],
}

#[derive(Debug, Serialize)]
struct ChainView<'a> {
    name: &'a str,
    owner: Option<&'static str>,
    handle: Option<u64>,
    hook: Option<ruleset::Hook>,
    priority: Option<i32>,
    policy: Option<&'static str>,
    packets: Option<u64>,
    bytes: Option<u64>,
    rules: Vec<RuleView<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleView<'a> {
    number: usize,
    handle: Option<u64>,
    packets: Option<u64>,
    bytes: Option<u64>,
    text: &'a str,
    syntax: ruleset::Syntax,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lie: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<String>,
}
