//! From what was asked to a plan.

use super::picture;
use super::planner::Planner;
use super::{
    Change, Impact, Operation, Plan, Refusal, State, StateId, after, default, delete, impact, rules,
};
use crate::ufw::{Ask, Edit};
use crate::{Backend, Family, explain};

/// The plan of an edit, or why there is none. Nothing is changed.
pub fn make(edit: &Edit, state: &State<'_>) -> Result<Plan, Refusal> {
    let mut planner = Planner::new(state, edit);
    match &edit.ask {
        Ask::Rule(wanted) => rules::plan(&mut planner, wanted)?,
        Ask::Delete(wanted) => delete::by_text(&mut planner, wanted)?,
        Ask::DeleteNumber(number) => delete::by_number(&mut planner, *number)?,
        Ask::Default(verb, direction) => default::plan(&mut planner, *verb, *direction)?,
        // Typed by habit: nothing is changed.
        Ask::Habit(_) => {}
    }
    let noop = planner.changes.is_empty();
    let alive = impact::impact(&planner.rules, state, &planner.changes);
    let picture = picture::picture(state.ruleset, &planner.rules, &planner.changes);
    let impact = Impact { picture, traffic: traffic(&planner), notes: planner.notes, ..alive };
    Ok(Plan {
        id: String::new(),
        command: edit.command.clone(),
        noop,
        because: planner.because.filter(|_| noop),
        changes: planner.changes,
        impact,
        made_for: StateId { digest: after::digest(state.ruleset), namespace: None, boot: None },
        for_seconds: edit.options.for_seconds,
        reason: edit.options.reason.clone(),
        incident: edit.options.incident.clone(),
    })
}

/// The same plan, with what it does to what is alive now.
pub fn renewed(plan: &Plan, state: &State<'_>) -> Plan {
    let then = after(state.ruleset, &plan.changes);
    let alive = impact::impact(&then, state, &plan.changes);
    let picture = picture::picture(state.ruleset, &then, &plan.changes);
    let told =
        Impact { picture, traffic: plan.impact.traffic.clone(), notes: plan.impact.notes.clone(), ..alive };
    Plan { impact: told, ..plan.clone() }
}

/// What each change means, in a sentence.
fn traffic(planner: &Planner<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    for change in &planner.changes {
        let version = if change.family == Family::Ip6 { "IPv6" } else { "IPv4" };
        let sentence =
            |text: &str| explain::sentence(&after::parsed(text, change.family, &[]), change.family);
        let gone = change.removed.as_ref().map(|removed| removed.rule.as_str()).unwrap_or_default();
        sentences.push(match change.op {
            Operation::Insert => format!("{version}, new: {}", sentence(&change.rule)),
            Operation::Delete => format!("{version}, no longer: {}", sentence(&change.rule)),
            Operation::Replace => format!("{version}, instead of `{gone}`: {}", sentence(&change.rule)),
            Operation::Policy => {
                let does = if change.rule == "DROP" { "dropped" } else { "let pass" };
                format!("{version}: what no rule of {} decides is {does} (before: {gone})", change.chain)
            }
        });
    }
    sentences
}

/// The plain commands of iptables that do the same, one a line.
pub fn commands(changes: &[Change]) -> Vec<String> {
    let command = |change: &Change| {
        let program = match (change.backend, change.family) {
            (Backend::IptablesLegacy, Family::Ip6) => "ip6tables-legacy",
            (Backend::IptablesLegacy, _) => "iptables-legacy",
            (_, Family::Ip6) => "ip6tables",
            _ => "iptables",
        };
        let table = if change.table == "filter" { String::new() } else { format!(" -t {}", change.table) };
        let (chain, position, rule) = (&change.chain, change.position, &change.rule);
        let words = match change.op {
            Operation::Insert => format!("-I {chain} {position} {rule}"),
            Operation::Delete => format!("-D {chain} {position}"),
            Operation::Replace => format!("-R {chain} {position} {rule}"),
            Operation::Policy => format!("-P {chain} {rule}"),
        };
        format!("{program}{table} {words}")
    };
    changes.iter().map(command).collect()
}
