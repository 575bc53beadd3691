//! A plan, for people: what would be changed, and what that means.

use std::collections::BTreeMap;

use ruleset::plan::{Because, Change, Operation, Plan, WayInImpact};
use ruleset::{Flow, iptables};

use super::{Align, Table, Tone, faint, printable, strong, toned};

/// More flows than this are counted rather than listed.
const FLOWS: usize = 12;

/// The plan as text.
pub fn text(plan: &Plan) -> String {
    if plan.noop {
        let notes: String = plan.impact.notes.iter().map(|note| format!("\n  {}", printable(note))).collect();
        return format!(
            "{}{notes}",
            plan.because.as_ref().map_or_else(|| "Nothing to change.".into(), already)
        );
    }
    let impact = &plan.impact;
    let mut text = if impact.picture.is_empty() { changes(&plan.changes) } else { picture(&impact.picture) };
    section(&mut text, "What that means", impact.traffic.iter().map(|line| printable(line)));
    if !impact.cut.is_empty() {
        let title = toned(&format!("Cuts {}", count(impact.cut.len(), "live connection")), Tone::Bad);
        section(&mut text, &title, flows(&impact.cut));
    }
    if !impact.unsure.is_empty() {
        let title = format!("Can't tell of {}", count(impact.unsure.len(), "live connection"));
        let lines = impact
            .unsure
            .iter()
            .take(FLOWS)
            .map(|one| format!("{}: {}", flow(&one.flow), printable(&one.because)));
        section(&mut text, &toned(&title, Tone::Warning), lines);
    }
    let services = impact.services.iter().map(|service| {
        let tone = if service.loses { Tone::Bad } else { Tone::Good };
        let name = service.listener.process.as_deref().unwrap_or("?");
        let protocol = iptables::protocol_name(service.listener.protocol).unwrap_or("?");
        toned(&printable(&format!("{name} {}/{protocol}: {}", service.listener.at.port, service.text)), tone)
    });
    section(&mut text, "Services", services);
    section(&mut text, "Lost", impact.lost_state.iter().map(|line| toned(&printable(line), Tone::Warning)));
    section(&mut text, "Your way in", impact.ways_in.iter().map(way_in));
    section(&mut text, "Notes", impact.notes.iter().map(|line| printable(line)));
    text
}

/// The chains that change, with neighbours and numbers.
fn picture(lines: &[String]) -> String {
    let drawn = |line: &String| {
        let shown = printable(line);
        match line.chars().next() {
            Some('+') => toned(&shown, Tone::Good),
            Some('-') => toned(&shown, Tone::Bad),
            Some(' ') => shown,
            _ => strong(&shown),
        }
    };
    lines.iter().map(|line| format!("{}\n", drawn(line))).collect()
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn already(because: &Because) -> String {
    let place =
        format!("{} of {} ({} {})", place(because), because.chain, because.family.as_str(), because.table);
    format!("{}: {}: {}", strong("Already so"), printable(&place), printable(&because.text))
}

fn place(because: &Because) -> String {
    because.rule.map_or_else(|| "the policy".into(), |number| format!("rule {number}"))
}

/// The changes, one a line.
pub fn changes(changes: &[Change]) -> String {
    let heading = [
        ("", Align::Left),
        ("where", Align::Left),
        ("table", Align::Left),
        ("chain", Align::Left),
        ("num", Align::Right),
        ("rule", Align::Left),
    ];
    let mut table = Table::new(&heading);
    for change in changes {
        let (sign, tone) = match change.op {
            Operation::Insert => ("+", Tone::Good),
            Operation::Delete => ("-", Tone::Bad),
            Operation::Replace => ("~", Tone::Warning),
            Operation::Policy => ("=", Tone::Warning),
        };
        let number = if change.op == Operation::Policy { String::new() } else { change.position.to_string() };
        let rule = if change.op == Operation::Policy {
            format!("policy {}", change.rule)
        } else {
            change.rule.clone()
        };
        let plain = anstyle::Style::new();
        let family = match change.backend {
            ruleset::Backend::IptablesNft => change.family.as_str().to_owned(),
            backend => format!("{} {}", change.family.as_str(), backend.as_str()),
        };
        table.styled([
            (sign.to_owned(), tone.style()),
            (family, plain),
            (change.table.clone(), plain),
            (change.chain.clone(), plain),
            (number, plain),
            (rule, tone.style()),
        ]);
        if let Some(removed) = change.removed.as_ref().filter(|_| change.op != Operation::Delete) {
            table.below(format!("instead of: {}", removed.rule));
        }
    }
    format!("{}\n{}", strong(&count(changes.len(), "change")), table.lines(2))
}

fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let lines: Vec<String> = lines.into_iter().collect();
    if !lines.is_empty() {
        text.push_str(&format!("{title}\n"));
        lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
}

/// Flows by their ends; those that differ by the client's port only are one line.
fn flows(all: &[Flow]) -> Vec<String> {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for one in all {
        *lines.entry(flow(one)).or_default() += 1;
    }
    let more = lines.len().saturating_sub(FLOWS);
    let shown = lines.into_iter().take(FLOWS);
    let mut told: Vec<String> = shown
        .map(|(line, number)| if number == 1 { line } else { format!("{line} ({number} times)") })
        .collect();
    if more > 0 {
        told.push(faint(&format!("and {more} more")));
    }
    told
}

/// A flow in one line.
pub fn flow(flow: &Flow) -> String {
    let protocol = iptables::protocol_name(flow.protocol).unwrap_or("?");
    let program = flow.process.as_deref().map_or_else(String::new, |name| format!(" ({name})"));
    let (from, to) = match flow.is_outgoing {
        // Of a socket that tracking doesn't know the peer stands first; told as a person would.
        Some(true) if flow.source == ruleset::FlowSource::Socket => (flow.original.to, flow.original.from),
        _ => (flow.original.from, flow.original.to),
    };
    printable(&format!("{} to {} port {}/{protocol}{program}", from.address, to.address, to.port))
}

/// A way in, and what becomes of it.
pub fn way_in(impact: &WayInImpact) -> String {
    let say = |value: Option<bool>, yes: &str, no: &str| match value {
        Some(true) => toned(yes, Tone::Good),
        Some(false) => toned(no, Tone::Bad),
        None => toned(&format!("can't tell whether it {yes}"), Tone::Warning),
    };
    format!(
        "ssh from {} to port {}: the session {}, a new login {} ({})",
        impact.way_in.peer.address,
        impact.way_in.here.port,
        say(impact.session_survives, "goes on", "ends"),
        say(impact.login_works, "works", "does not work"),
        printable(&impact.because)
    )
}
