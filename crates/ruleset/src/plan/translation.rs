//! Ports that are translated before the rules see them: Docker's published ports, redirects.

use super::planner::Planner;
use super::region::Region;
use super::rules::{Task, plain_task};
use super::walk::Fate;
use super::{texts, way};
use crate::routing::{Routes, Way};
use crate::ufw::{Direction, Lane, Wanted, number};
use crate::{Family, Field, Hook, Nat, Rule, Test, Values};

/// DNAT, as a bit of [`Field::CtStatus`].
const DNAT: u128 = 32;

/// What has to be planned for one lane: the traffic as it arrives, and what becomes of it where it is translated.
pub(super) fn tasks<'w>(
    planner: &mut Planner<'_>,
    wanted: &'w Wanted,
    lane: &'w Lane,
    family: Family,
) -> Vec<Task<'w>> {
    let plain = plain_task(wanted, lane, family);
    if wanted.direction != Direction::In || planner.edit.options.chain.is_some() || lane.protocol.is_none() {
        return vec![plain];
    }
    let rules = planner.snapshot();
    let stations = way::stations(&rules, family, &[Hook::Prerouting], &plain.region, true);
    let mut found: Vec<Task<'w>> = Vec::new();
    for part in stations.iter().flat_map(|station| &station.parts) {
        let Fate::Translated(nat) = &part.fate else { continue };
        if found.iter().any(|task| {
            *task.region.ranges(Field::DestinationPort).unwrap_or_default()
                == *translated(&part.region, nat).ranges(Field::DestinationPort).unwrap_or_default()
        }) {
            continue;
        }
        let is_away = nat.addresses.is_some_and(|(first, _)| !is_here(planner, first));
        let mut region = translated(&part.region, nat);
        let direction = if is_away { Direction::Routed } else { Direction::In };
        if is_away {
            region.free(Field::DestinationType);
            match out_interface(planner, part.rule(), nat) {
                Some(name) => region.fix_name(Field::OutInterface, name),
                None => region.free(Field::OutInterface),
            }
            let to = nat.addresses.map_or_else(String::new, |(first, _)| first.to_string());
            planner.note(format!(
                "the port is translated to {to} before INPUT sees it ({}): the rule belongs where forwarded traffic goes",
                part.rule().map_or("", |rule| rule.text.as_str())
            ));
        }
        found.push(Task {
            wanted,
            lane,
            family,
            region,
            texts: texts::translated_texts(wanted, lane, family),
            hooks: way::hooks(direction),
        });
    }
    // Rules that look at the original port say the same for every target.
    found.truncate(1);
    if found.is_empty() || is_heard_here(planner, lane, family) {
        found.push(plain);
    }
    found
}

/// As it looks after the translation.
fn translated(region: &Region, nat: &Nat) -> Region {
    let mut region = region.clone();
    region.fix(Field::CtStatus, DNAT);
    if let Some(ports) = region.ranges(Field::DestinationPort)
        && let [only] = ports
        && only.first == only.last
    {
        region.fix(Field::CtOriginalDestinationPort, only.first);
    }
    if let Some((first, last)) = nat.addresses
        && first == last
    {
        region.fix(Field::Destination, number(first));
    }
    match nat.ports {
        Some((first, last)) if first == last => region.fix(Field::DestinationPort, first.into()),
        Some(_) => region.free(Field::DestinationPort),
        None => {}
    }
    region
}

/// By which interface the translated traffic goes out: by the routes; of a dump, by the bridge that the rule itself leaves out.
fn out_interface(planner: &Planner<'_>, rule: Option<&Rule>, nat: &Nat) -> Option<String> {
    let routes = Routes::new(&planner.state.ruleset.host);
    if routes.is_known() {
        let (to, _) = nat.addresses?;
        return match routes.way(to, None, Some(0), None) {
            Way::Out(names) if names.len() == 1 => names.into_iter().next(),
            _ => None,
        };
    }
    rule?.tests().find_map(|test| match test {
        Test::Field { field: Field::InInterface, values: Values::Names(names), negated: true } => {
            names.first().filter(|name| !name.is_prefix).map(|name| name.text.clone())
        }
        _ => None,
    })
}

fn is_here(planner: &Planner<'_>, address: std::net::IpAddr) -> bool {
    let host = &planner.state.ruleset.host;
    address.is_loopback()
        || host.interfaces.iter().flat_map(|interface| &interface.addresses).any(|own| own.address == address)
}

/// Does a program of this host (such as docker-proxy) listen on one of the ports?
fn is_heard_here(planner: &Planner<'_>, lane: &Lane, family: Family) -> bool {
    let number = if lane.protocol == Some("tcp") { 6 } else { 17 };
    planner.state.listeners.iter().any(|listener| {
        let version = listener.at.address.is_ipv4() == (family == Family::Ip) || listener.is_dual;
        let port = listener.at.port;
        let asked = lane.destination_ports.0.iter().any(|(first, last)| (*first..=*last).contains(&port));
        listener.protocol == number && version && asked
    })
}
