//! What a plan does to the living: each flow, each service, each way in, before and after.

use super::replay::{Fate, Replay};
use super::{Change, Flows, Impact, Operation, ServiceImpact, State, WayInImpact};
use crate::openness::{Openings, Openness};
use crate::{Backend, Endpoint, Flow, FlowSource, Listener, Ruleset, Tuple, WayIn};

/// TCP states in which nothing is alive any more.
const DEAD: [&str; 4] = ["TIME_WAIT", "CLOSE", "LAST_ACK", "CLOSING"];
const TCP: u8 = 6;

/// What these changes do.
pub(super) fn impact(after: &Ruleset, state: &State<'_>, changes: &[Change]) -> Impact {
    let mut impact = Impact { lost_state: lost_state(state.ruleset, changes), ..Impact::default() };
    if changes.is_empty() {
        return impact;
    }
    if !state.flows.is_empty() || !state.ways_in.is_empty() {
        let replay = Replay::new(state.ruleset, after);
        for flow in state.flows.iter().filter(|flow| is_alive(flow)) {
            match replay.flow(flow) {
                Fate::Lives => {}
                Fate::Cut(_) => impact.cut.push(flow.clone()),
                Fate::Unsure(because) => impact.unsure.push(Flows { flow: flow.clone(), because }),
            }
        }
        impact.ways_in = state.ways_in.iter().map(|way| way_in(&replay, state, way)).collect();
    }
    impact.services = services(state, after);
    impact
}

fn is_alive(flow: &Flow) -> bool {
    flow.tcp_state.as_deref().is_none_or(|state| !DEAD.contains(&state))
}

/// Does this session go on, and could the same peer come again?
fn way_in(replay: &Replay<'_>, state: &State<'_>, way: &WayIn) -> WayInImpact {
    let session = session(state, way);
    let (session_survives, mut because) = match replay.flow(&session) {
        Fate::Lives => (Some(true), String::new()),
        Fate::Cut(because) => (Some(false), because),
        Fate::Unsure(because) => (None, because),
    };
    let login = Flow { source: FlowSource::Tracked, status: 0, mark: 0, tcp_state: None, ..session };
    let (login_works, by) = replay.login(&login);
    if because.is_empty() || login_works == Some(false) {
        because = by;
    }
    let is_affected = session_survives != Some(true) || replay.touches_login(&login);
    WayInImpact { way_in: way.clone(), session_survives, login_works, is_affected, because }
}

/// The flow of a way in; one that is not known is taken for an untracked one.
fn session(state: &State<'_>, way: &WayIn) -> Flow {
    let is_it =
        |flow: &&Flow| flow.protocol == TCP && flow.original.from == way.peer && flow.reply.from == way.here;
    let known = state.flows.iter().find(is_it);
    known.cloned().unwrap_or_else(|| Flow {
        protocol: TCP,
        original: Tuple { from: way.peer, to: way.here },
        reply: Tuple { from: way.here, to: way.peer },
        source: FlowSource::Socket,
        status: 0,
        mark: 0,
        zone: 0,
        tcp_state: Some("ESTABLISHED".to_owned()),
        is_local: true,
        is_outgoing: Some(false),
        process: None,
    })
}

/// Services that become open to others than before.
fn services(state: &State<'_>, after: &Ruleset) -> Vec<ServiceImpact> {
    if state.listeners.is_empty() {
        return Vec::new();
    }
    let (old, new) = (Openings::new(state.ruleset), Openings::new(after));
    let mut seen: Vec<(u8, Endpoint)> = Vec::new();
    let mut services = Vec::new();
    for listener in state.listeners {
        if seen.contains(&(listener.protocol, listener.at)) {
            continue;
        }
        seen.push((listener.protocol, listener.at));
        for version in [4, 6] {
            let (Some(before), Some(then)) = (old.of(listener, version), new.of(listener, version)) else {
                continue;
            };
            if before != then {
                let text = format!("IPv{version}: open to {}, then to {}", before.text(), then.text());
                let loses = loses(&before, &then);
                services.push(ServiceImpact { listener: listener.clone(), text, loses });
            }
        }
    }
    services
}

/// Is it open to fewer than before?
fn loses(before: &Openness, then: &Openness) -> bool {
    let openness = |of: &Openness| match of {
        Openness::Nobody => 0,
        Openness::Only(networks) => 1 + networks.len(),
        Openness::ThisHost => 1,
        Openness::Unknown(_) | Openness::ByInterface(_) => usize::MAX / 2,
        Openness::AllBut(networks) => usize::MAX - 1 - networks.len(),
        Openness::Everyone => usize::MAX,
    };
    openness(then) < openness(before)
}

/// What rules keep for themselves, and lose when they or their neighbours are written anew.
fn lost_state(ruleset: &Ruleset, changes: &[Change]) -> Vec<String> {
    let mut lost = Vec::new();
    for change in changes {
        let counters = change.removed.as_ref().and_then(|removed| removed.counters);
        if let (Operation::Delete | Operation::Replace, Some(counters)) = (change.op, counters)
            && counters.packets > 0
        {
            lost.push(format!(
                "the counters of rule {} of {} ({} packets)",
                change.position, change.chain, counters.packets
            ));
        }
    }
    let legacy = changes.iter().filter(|change| change.backend == Backend::IptablesLegacy);
    let mut tables: Vec<_> = legacy.map(|change| (change.family, change.table.as_str())).collect();
    tables.dedup();
    for (family, name) in tables {
        let Some(table) = ruleset.table(Backend::IptablesLegacy, family, name) else { continue };
        for chain in &table.chains {
            for (index, rule) in chain.rules.iter().enumerate() {
                let holds =
                    ["-m quota", "-m limit", "-m statistic"].iter().find(|word| rule.text.contains(*word));
                if let Some(word) = holds {
                    lost.push(format!(
                        "what `{}` of rule {} of {} has counted: iptables-legacy writes the whole table {name} anew",
                        word.trim_start_matches("-m "),
                        index + 1,
                        chain.name
                    ));
                }
            }
        }
    }
    lost
}

/// Established flows of this host that could not be made anew: what `--kill-established` ends. Never a way in.
pub fn forbidden(after: &Ruleset, flows: &[Flow], ways_in: &[WayIn]) -> Vec<Flow> {
    let replay = Replay::new(after, after);
    let is_way_in =
        |flow: &Flow| ways_in.iter().any(|way| flow.original.from == way.peer && flow.reply.from == way.here);
    let is_forbidden = |flow: &&Flow| !is_way_in(flow) && replay.login(flow).0 == Some(false);
    flows.iter().filter(|flow| is_alive(flow)).filter(is_forbidden).cloned().collect()
}

/// Why a plan isn't carried out without `--cut`: it cuts what lives, or the way in.
pub fn refusal(plan: &super::Plan) -> Option<super::Refusal> {
    let impact = &plan.impact;
    let mut reasons = Vec::new();
    for way in impact.ways_in.iter().filter(|way| way.is_affected) {
        let peer = way.way_in.peer.address;
        if way.session_survives == Some(false) {
            reasons.push(format!("it cuts the session from {peer} ({})", way.because));
        }
        match way.login_works {
            Some(false) => {
                reasons.push(format!("nobody could log in from {peer} any more ({})", way.because))
            }
            None => reasons.push(format!("can't tell whether {peer} could log in again ({})", way.because)),
            Some(true) if way.session_survives.is_none() => {
                reasons.push(format!("can't tell whether the session from {peer} goes on ({})", way.because));
            }
            Some(true) => {}
        }
    }
    match impact.cut.len() {
        0 => {}
        1 => reasons.push("it cuts 1 live connection".to_owned()),
        many => reasons.push(format!("it cuts {many} live connections")),
    }
    let unsure = impact.unsure.len();
    if unsure > 0 {
        reasons.push(format!("can't tell whether {unsure} more go on"));
    }
    (!reasons.is_empty()).then(|| super::Refusal::Cuts(reasons.join("; ")))
}

/// Services by their port, for people.
pub fn service_name(listener: &Listener) -> String {
    let protocol = if listener.protocol == TCP { "tcp" } else { "udp" };
    let process = listener.process.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{}/{protocol}{process}", listener.at.port)
}
