//! `history`: what was changed, by whom, and what came of it.

use ruleset::{Counters, plan::Operation};

use super::{Align, Table, Tone, local_time, plan, printable, strong};
use crate::journal::{Entry, RuleAt, Status};

/// All entries, newest last.
pub fn list(entries: &[Entry]) -> String {
    let heading = [
        ("num", Align::Right),
        ("when", Align::Left),
        ("who", Align::Left),
        ("outcome", Align::Left),
        ("what", Align::Left),
    ];
    let mut table = Table::new(&heading);
    for entry in entries {
        let plain = anstyle::Style::new();
        let why: String = [&entry.data.incident, &entry.data.reason]
            .into_iter()
            .flatten()
            .map(|why| format!(" ({why})"))
            .collect();
        table.styled([
            (entry.number.to_string(), plain),
            (local_time(entry.at), plain),
            (entry.actor.clone(), plain),
            outcome(entry),
            (format!("{}{why}", command(entry)), plain),
        ]);
    }
    table.lines(0)
}

fn command(entry: &Entry) -> &str {
    entry.text.strip_prefix("deadstick-fw ").unwrap_or(&entry.text)
}

fn outcome(entry: &Entry) -> (String, anstyle::Style) {
    match entry.status() {
        Some(status @ (Status::Applied | Status::Confirmed)) => (status.to_string(), Tone::Good.style()),
        Some(status @ (Status::RolledBack | Status::Failed)) => (status.to_string(), anstyle::Style::new()),
        Some(status) => (status.to_string(), Tone::Bad.style()),
        None => ("never ended".into(), Tone::Warning.style()),
    }
}

/// One entry with everything.
pub fn one(entry: &Entry) -> String {
    let data = &entry.data;
    let mut text =
        format!("{} {}\n", strong(&format!("Change {}:", entry.number)), printable(command(entry)));
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!("  {name:<9} {}\n", printable(&value)));
        }
    };
    let who = &data.who;
    let also = [("sudo by", &who.sudo), ("as", &who.user), ("ssh from", &who.ssh_peer)];
    let also = also.into_iter().filter_map(|(word, name)| name.as_ref().map(|name| format!("{word} {name}")));
    row("when", Some(local_time(entry.at)));
    row("who", Some(format!("{} ({})", entry.actor, also.collect::<Vec<_>>().join(", "))));
    row("incident", data.incident.clone());
    row("why", data.reason.clone());
    row("for", data.plan.for_seconds.map(|seconds| format!("{seconds} s")));
    row("id", Some(entry.id.to_string()));
    text.push_str(&plan::changes(&data.plan.changes));
    let has_counters = data.before.iter().any(|rule| rule.counters.is_some());
    let is_gone = |op| matches!(op, Operation::Delete | Operation::Replace);
    if has_counters && data.plan.changes.iter().any(|change| is_gone(change.op)) {
        text.push_str(&format!("{}\n", strong("Counters of what went")));
        for rule in &data.before {
            if let Some(counters) = rule.counters {
                text.push_str(&format!("  {}\n", printable(&counted(rule, counters))));
            }
        }
    }
    text.push_str(&format!("{}\n", strong("Outcome")));
    for outcome in &data.outcomes {
        let more = if outcome.text.is_empty() { String::new() } else { format!(": {}", outcome.text) };
        let line = format!("{}{more}", outcome.status);
        text.push_str(&format!("  {}  {}\n", local_time(outcome.at), printable(&line)));
    }
    if data.outcomes.is_empty() {
        text.push_str(
            "  begun, and never ended: the tool was stopped; `deadstick-fw show` tells what is there\n",
        );
    }
    text
}

fn counted(rule: &RuleAt, counters: Counters) -> String {
    format!("{} packets, {} bytes: {} {}", counters.packets, counters.bytes, rule.chain, rule.rule)
}
