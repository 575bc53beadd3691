//! `status`: what there is, on one screen.

use std::collections::BTreeMap;

use ruleset::openness::{Openings, Openness};
use ruleset::{Backend, ChainKind, Family, Hook, Listener, Policy, Ruleset, iptables, owners};
use serde::Serialize;

use super::{Align, Table, Tone, faint, printable, strong};
use crate::live::Snapshot;

/// Everything that `status` tells; its JSON is the answer of `status --json`.
#[derive(Debug, Serialize)]
pub struct Status {
    /// `live`, or the files that were read.
    pub source: String,
    /// Backends that hold rules.
    pub backends: Vec<Backend>,
    /// Tables.
    pub tables: Vec<TableLine>,
    /// The default policies.
    pub policies: Vec<PolicyLine>,
    /// Who owns chains.
    pub owners: Vec<OwnerLine>,
    /// Listening services.
    pub services: Vec<ServiceLine>,
    /// By which way this session came in.
    pub ways_in: Vec<WayInLine>,
    /// Temporary changes.
    pub temporary: Vec<ChangeLine>,
    /// The change that waits for its confirmation.
    pub pending: Option<ChangeLine>,
    /// With `--boot`: what the next boot would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<Vec<String>>,
    /// What could not be read or understood.
    pub notes: Vec<String>,
}

/// A table with rules.
#[derive(Debug, Serialize)]
pub struct TableLine {
    backend: Backend,
    family: Family,
    table: String,
    chains: usize,
    rules: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'static str>,
    /// The process that alone may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_by: Option<u32>,
    dormant: bool,
}

/// What happens at a hook to what no rule decides.
#[derive(Debug, Serialize)]
pub struct PolicyLine {
    hook: Hook,
    family: Family,
    /// `DROP` if any base chain there drops; nothing if there is no dump of this family.
    policy: Option<&'static str>,
    /// The chain that drops, or the first one.
    by: Option<String>,
}

/// An owner of chains.
#[derive(Debug, Serialize)]
pub struct OwnerLine {
    owner: String,
    chains: Vec<String>,
    rules: usize,
}

/// A listening service.
#[derive(Debug, Serialize)]
pub struct ServiceLine {
    protocol: String,
    port: u16,
    address: std::net::IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    process: Option<String>,
    pid: Option<u32>,
    /// To whom, by IPv4.
    open_v4: Option<String>,
    /// To whom, by IPv6.
    open_v6: Option<String>,
    #[serde(skip)]
    tone: Option<Tone>,
}

/// A way in.
#[derive(Debug, Serialize)]
pub struct WayInLine {
    #[serde(flatten)]
    way: ruleset::WayIn,
}

/// A change that can go back by itself.
#[derive(Debug, Serialize)]
pub struct ChangeLine {
    /// Its id.
    pub id: String,
    /// What was typed.
    pub command: String,
    /// Since when.
    pub since: fact::Timestamp,
    /// Seconds until it goes back.
    pub seconds_left: Option<u64>,
    /// Why it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For which incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

impl Status {
    /// Of a snapshot; what else is known is filled in by the caller.
    pub fn of(source: String, snapshot: &Snapshot) -> Self {
        let ruleset = &snapshot.ruleset;
        let mut backends: Vec<Backend> =
            ruleset.tables.iter().filter(|table| holds(table)).map(|table| table.backend).collect();
        backends.sort_unstable();
        backends.dedup();
        Self {
            source,
            backends,
            tables: tables(ruleset),
            policies: policies(ruleset),
            owners: owners_of(ruleset),
            services: services(ruleset, &snapshot.listeners),
            ways_in: snapshot.ways_in.iter().map(|way| WayInLine { way: way.clone() }).collect(),
            temporary: Vec::new(),
            pending: None,
            boot: None,
            notes: ruleset.notes.iter().map(|note| format!("{}: {}", note.place, note.text)).collect(),
        }
    }
}

/// Does anything hang on it?
fn holds(table: &ruleset::Table) -> bool {
    table.chains.iter().any(|chain| {
        !chain.rules.is_empty() || chain.base.as_ref().is_some_and(|base| base.policy == Policy::Drop)
    })
}

fn tables(ruleset: &Ruleset) -> Vec<TableLine> {
    let line = |table: &ruleset::Table| TableLine {
        backend: table.backend,
        family: table.family,
        table: table.name.clone(),
        chains: table.chains.len(),
        rules: table.chains.iter().map(|chain| chain.rules.len()).sum(),
        owner: owners::owner_of_table(&table.name)
            .filter(|_| table.backend == Backend::Nft)
            .map(|owner| owner.name),
        locked_by: table.owner,
        dormant: table.is_dormant,
    };
    ruleset.tables.iter().map(line).collect()
}

fn policies(ruleset: &Ruleset) -> Vec<PolicyLine> {
    let has =
        |family| ruleset.tables.iter().any(|table| table.family == family || table.family == Family::Inet);
    // A dump has often but one family, the kernel always both.
    let is_known = |family| ruleset.host.is_known || has(family);
    let mut lines = Vec::new();
    for hook in [Hook::Input, Hook::Forward, Hook::Output] {
        for family in [Family::Ip, Family::Ip6] {
            let chains = ruleset
                .tables
                .iter()
                .filter(|table| !table.is_dormant && (table.family == family || table.family == Family::Inet))
                .flat_map(|table| table.chains.iter().map(move |chain| (table, chain)))
                .filter_map(|(table, chain)| Some((table, chain, chain.base.as_ref()?)))
                .filter(|(_, _, base)| base.hook == hook && base.kind != ChainKind::Nat);
            let all: Vec<_> = chains.collect();
            let drops = all.iter().find(|(_, _, base)| base.policy == Policy::Drop);
            let by = drops.or(all.first());
            lines.push(PolicyLine {
                hook,
                family,
                policy: if is_known(family) { Some(drops.map_or("ACCEPT", |_| "DROP")) } else { None },
                by: by.map(|(table, chain, _)| {
                    format!("{} {} {}", table.backend.as_str(), table.name, chain.name)
                }),
            });
        }
    }
    lines
}

fn owners_of(ruleset: &Ruleset) -> Vec<OwnerLine> {
    let mut found: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
    for table in &ruleset.tables {
        for chain in &table.chains {
            let owner = owners::owner_of_chain(&chain.name)
                .or_else(|| owners::owner_of_table(&table.name).filter(|_| table.backend == Backend::Nft));
            let is_built_in = owner.is_none() && chain.base.is_some() && chain.rules.is_empty();
            if is_built_in {
                continue;
            }
            let name = owner.map_or("admin", |owner| owner.name);
            let (chains, rules) = found.entry(name.to_owned()).or_default();
            if !chains.contains(&chain.name) {
                chains.push(chain.name.clone());
            }
            *rules += chain.rules.len();
        }
    }
    let line = |(owner, (chains, rules))| OwnerLine { owner, chains, rules };
    found.into_iter().map(line).collect()
}

fn services(ruleset: &Ruleset, listeners: &[Listener]) -> Vec<ServiceLine> {
    if listeners.is_empty() {
        return Vec::new();
    }
    let openings = Openings::new(ruleset);
    let line = |listener: &Listener| {
        let (v4, v6) = (openings.of(listener, 4), openings.of(listener, 6));
        let protocol = iptables::protocol_name(listener.protocol)
            .map_or_else(|| listener.protocol.to_string(), Into::into);
        ServiceLine {
            protocol,
            port: listener.at.port,
            address: listener.at.address,
            interface: listener.interface.clone(),
            process: listener.process.clone(),
            pid: listener.pid,
            tone: tone(&[&v4, &v6]),
            open_v4: v4.map(|openness| openness.text()),
            open_v6: v6.map(|openness| openness.text()),
        }
    };
    listeners.iter().map(line).collect()
}

/// Open to everyone is what a person looks for; nobody is closed, and what can't be told is worth a look.
fn tone(all: &[&Option<Openness>]) -> Option<Tone> {
    let is = |wanted: fn(&Openness) -> bool| all.iter().any(|one| one.as_ref().is_some_and(wanted));
    if is(|one| matches!(one, Openness::Everyone | Openness::AllBut(_))) {
        return Some(Tone::Good);
    }
    is(|one| matches!(one, Openness::Unknown(_))).then_some(Tone::Warning)
}

impl Status {
    /// As text for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Some(pending) = &self.pending {
            let left = pending.seconds_left.unwrap_or(0);
            text.push_str(&super::toned(
                &format!(
                    "UNCONFIRMED: `{}` goes back in {left} s: deadstick-fw confirm, or rollback\n",
                    printable(&pending.command)
                ),
                Tone::Warning,
            ));
        }
        text.push_str(&self.headline());
        text.push_str(&self.policy_table());
        text.push_str(&self.table_table());
        text.push_str(&self.owner_table());
        text.push_str(&self.service_table());
        for way in &self.ways_in {
            let (peer, here) = (way.way.peer.address, way.way.here.port);
            let sure = match way.way.source {
                ruleset::WayInSource::EveryPeer => "somebody is logged in",
                _ => "you are logged in",
            };
            text.push_str(&format!("{} {sure} by ssh from {peer} to port {here}\n", strong("Way in:")));
        }
        for change in &self.temporary {
            let left =
                change.seconds_left.map_or_else(String::new, |left| format!(", ends in {}", duration(left)));
            let since = super::local_time(change.since);
            let why: String = [&change.incident, &change.reason]
                .into_iter()
                .flatten()
                .map(|why| format!(" ({why})"))
                .collect();
            let line = format!("`{}` since {since}{left}{why}  [{}]", change.command, change.id);
            text.push_str(&format!("{} {}\n", strong("Temporary:"), printable(&line)));
        }
        for line in self.boot.iter().flatten() {
            text.push_str(&format!("{} {}\n", strong("Boot:"), printable(line)));
        }
        for note in &self.notes {
            text.push_str(&format!("{} {}\n", super::toned("Note:", Tone::Warning), printable(note)));
        }
        text
    }

    fn headline(&self) -> String {
        let rules: usize = self.tables.iter().map(|table| table.rules).sum();
        let names: Vec<&str> = self.backends.iter().map(|backend| backend.as_str()).collect();
        let what = match names.as_slice() {
            [] => "no rules; everything passes".into(),
            names => format!("{} in {}", super::plan::count(rules, "rule"), names.join(" and ")),
        };
        let title = if self.source == "live" { "Firewall:".to_owned() } else { format!("{}:", self.source) };
        format!("{} {what}\n\n", strong(&printable(&title)))
    }

    fn policy_table(&self) -> String {
        let mut table = Table::new(&[("default", Align::Left), ("ipv4", Align::Left), ("ipv6", Align::Left)]);
        for pair in self.policies.chunks(2) {
            let [v4, v6] = pair else { continue };
            let name = match v4.hook {
                Hook::Input => "incoming",
                Hook::Forward => "routed",
                _ => "outgoing",
            };
            let cell = |line: &PolicyLine| {
                let style = if line.policy == Some("DROP") { Tone::Bad.style() } else { Tone::Good.style() };
                (line.policy.unwrap_or("unknown").to_owned(), style)
            };
            table.styled([(name.to_owned(), anstyle::Style::new()), cell(v4), cell(v6)]);
        }
        format!("{}\n", table.lines(0))
    }

    fn table_table(&self) -> String {
        let heading = [
            ("backend", Align::Left),
            ("family", Align::Left),
            ("table", Align::Left),
            ("chains", Align::Right),
            ("rules", Align::Right),
            ("remark", Align::Left),
        ];
        let mut table = Table::new(&heading);
        for line in self.tables.iter().filter(|line| line.rules > 0) {
            let mut remarks: Vec<String> = Vec::new();
            remarks.extend(line.owner.map(|owner| format!("made by {owner}")));
            remarks.extend(line.locked_by.map(|port| format!("only process {port} may change it")));
            remarks.extend(line.dormant.then(|| "dormant".into()));
            table.row([
                line.backend.as_str().to_owned(),
                line.family.as_str().to_owned(),
                line.table.clone(),
                line.chains.to_string(),
                line.rules.to_string(),
                remarks.join(", "),
            ]);
        }
        if table.is_empty() { String::new() } else { format!("{}\n", table.lines(0)) }
    }

    fn owner_table(&self) -> String {
        let mut table =
            Table::new(&[("owner", Align::Left), ("rules", Align::Right), ("chains", Align::Left)]);
        for line in self.owners.iter().filter(|line| line.rules > 0) {
            let shown = line.chains.iter().take(6).cloned().collect::<Vec<_>>().join(" ");
            let more = line.chains.len().saturating_sub(6);
            let chains = if more > 0 { format!("{shown} and {more} more") } else { shown };
            table.row([line.owner.clone(), line.rules.to_string(), chains]);
        }
        if table.is_empty() { String::new() } else { format!("{}\n", table.lines(0)) }
    }

    fn service_table(&self) -> String {
        if self.services.is_empty() {
            return String::new();
        }
        let heading = [
            ("port", Align::Left),
            ("program", Align::Left),
            ("listens at", Align::Left),
            ("open to", Align::Left),
        ];
        let mut table = Table::new(&heading);
        for line in &self.services {
            let address = match (line.address.is_unspecified(), &line.interface) {
                (true, None) => "everywhere".to_owned(),
                (true, Some(interface)) => interface.clone(),
                (false, _) => line.address.to_string(),
            };
            let open = match (&line.open_v4, &line.open_v6) {
                (Some(v4), Some(v6)) if v4 == v6 => v4.clone(),
                (Some(v4), Some(v6)) => format!("{v4}; IPv6: {v6}"),
                (Some(v4), None) => v4.clone(),
                (None, Some(v6)) => format!("IPv6: {v6}"),
                (None, None) => String::new(),
            };
            let plain = anstyle::Style::new();
            table.styled([
                (format!("{}/{}", line.port, line.protocol), plain),
                (line.process.clone().unwrap_or_else(|| "?".into()), plain),
                (address, plain),
                (open, line.tone.map_or(plain, Tone::style)),
            ]);
        }
        format!("{}{}\n", table.lines(0), faint(""))
    }
}

/// `90 s`, `15 min`, `2 h`.
fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}
