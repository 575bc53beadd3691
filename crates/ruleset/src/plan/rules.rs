//! Plans a rule that comes in: in which base chains, where in them, or that it is so already.

use super::neighbour::{self, Kind};
use super::planner::{Place, Planner, is_same, is_same_match};
use super::region::Region;
use super::spot::{self, Exception};
use super::walk::{Extra, Fate, Part, walk_with};
use super::way::{self, Station};
use super::{Refusal, after, explicit, nft_text, texts, translation};
use crate::owners::Owner;
use crate::ufw::{At, Direction, Lane, Log, Verb, Wanted};
use crate::{Backend, Chain, Family, Hook, Rule, Ruleset};

/// Bans that are told one by one.
const MOST_TOLD: usize = 5;

/// One lane of one family: what one or a few rules say.
#[derive(Debug)]
pub(super) struct Task<'w> {
    pub wanted: &'w Wanted,
    pub lane: &'w Lane,
    pub family: Family,
    pub region: Region,
    pub texts: Vec<String>,
    pub hooks: &'static [Hook],
}

/// Plans all of a rule.
pub(super) fn plan(planner: &mut Planner<'_>, wanted: &Wanted) -> Result<(), Refusal> {
    for family in planner.families(&wanted.families)? {
        for lane in &wanted.lanes {
            for task in translation::tasks(planner, wanted, lane, family) {
                one(planner, &task)?;
            }
        }
    }
    Ok(())
}

fn one(planner: &mut Planner<'_>, task: &Task<'_>) -> Result<(), Refusal> {
    let options = &planner.edit.options;
    let is_told = options.chain.is_some() || options.before.is_some() || options.after.is_some();
    if (is_told || task.wanted.at != At::Natural) && explicit::plan(planner, task)? {
        return Ok(());
    }
    let rules = planner.snapshot();
    let stations = way::stations(&rules, task.family, task.hooks, &task.region, false);
    if task.wanted.verb.passes() {
        pass(planner, task, &stations)
    } else {
        stop(planner, task, &rules, &stations)
    }
}

/// Every base chain has to let it pass.
fn pass(planner: &mut Planner<'_>, task: &Task<'_>, stations: &[Station<'_>]) -> Result<(), Refusal> {
    let is_plain = task.texts.len() == 1;
    let mut has_changed = false;
    for station in stations {
        let (mut real, mut told) = (None, 0_usize);
        for part in &station.parts {
            if !is_plain && station.table.name != "filter" && part.fate == Fate::Accept {
                continue;
            }
            if is_plain && !spot::is_otherwise(part, task.wanted.verb) {
                continue;
            }
            match spot::exception(part, task.wanted, station) {
                Some(kind) => {
                    told += 1;
                    if told <= MOST_TOLD {
                        planner.note(kept(part, station, &kind));
                    }
                }
                None => {
                    real = Some(part);
                    break;
                }
            }
        }
        if told > MOST_TOLD {
            planner.note(format!("and {} rules more go first", told - MOST_TOLD));
        }
        let Some(part) = real else { continue };
        if !is_plain && is_there(planner, task, station) {
            planner.already(station.table, station.chain, part.path[0].1);
            continue;
        }
        if !part.region.assumed.is_empty() && spot::is_otherwise(part, task.wanted.verb) {
            planner.note(unsure(part, station));
        }
        let place = decide_place(planner, task, station, part)?;
        put(planner, task, station, &place.0, place.1);
        has_changed = true;
    }
    if !has_changed {
        already(planner, task, stations);
    }
    Ok(())
}

/// One base chain has to stop it.
fn stop(
    planner: &mut Planner<'_>,
    task: &Task<'_>,
    rules: &Ruleset,
    stations: &[Station<'_>],
) -> Result<(), Refusal> {
    let verb = task.wanted.verb;
    let asks_only = |station: &Station<'_>| {
        station.parts.iter().all(|part| !spot::is_otherwise(part, verb)) && !station.parts.is_empty()
    };
    let is_plain = task.texts.len() == 1;
    if is_plain
        && let Some(station) = stations.iter().find(|station| asks_only(station))
        // The last part is what no narrower rule took: `-s 192.0.2.7 -j DROP` is not why everybody is stopped.
        && let Some((chain, index)) = station.parts.last().and_then(|part| part.path.last())
    {
        planner.already(station.table, chain, *index);
        if verb == Verb::Deny && station.parts.iter().any(|part| part.fate == Fate::Reject) {
            planner.note("it is refused with an answer (REJECT), not dropped without one".to_owned());
        }
        return Ok(());
    }
    let Some(station) = natural(stations) else {
        let place = first_place(rules, task);
        for (offset, text) in task.texts.iter().enumerate() {
            planner.insert(&place, offset, text);
        }
        return Ok(());
    };
    if !is_plain && is_there(planner, task, station) {
        planner.already(station.table, station.chain, None);
        return Ok(());
    }
    let Some(part) = station.parts.iter().find(|part| spot::is_otherwise(part, verb)) else {
        // Another chain drops some of it and this one all: nothing is left to do here.
        return Ok(());
    };
    let (place, index) = decide_place(planner, task, station, part)?;
    put(planner, task, station, &place, index);
    Ok(())
}

/// Chain and index for the new rules, or why there is none.
fn decide_place(
    planner: &Planner<'_>,
    task: &Task<'_>,
    station: &Station<'_>,
    part: &Part<'_>,
) -> Result<(Place, usize), Refusal> {
    let (table, base) = (station.table, station.chain);
    let owner = neighbour::of_table(table)
        .map(|owner| (owner, table.name.clone()))
        .or_else(|| spot::foreign(part))
        .or_else(|| spot::front_end(table, base).map(|owner| (owner, base.name.clone())));
    if let Some((owner, name)) = owner {
        let user =
            table.chain("DOCKER-USER").filter(|_| neighbour::kind(owner) == Kind::Docker && is_forward(base));
        if let Some(user) = user {
            let index = first_deciding(user, &task.region);
            return Ok((Place::of(table, user), index));
        }
        return Err(foreign(planner, task, owner, format!("{} of table {}", name, table.name)));
    }
    if table.backend == Backend::Nft {
        let (chain, index) = *part.path.last().expect("a part is decided somewhere");
        let command = nft_text::command(task.wanted, task.lane, task.family, table, chain, index);
        let place = format!("{} {} {}", table.family.as_str(), table.name, chain.name);
        return Err(Refusal::Native { place, command });
    }
    let spot = spot::before(station, part, task.wanted, &task.region);
    let place = Place::of(table, spot.chain);
    if works(task, station, &place, spot.index) {
        return Ok((place, spot.index));
    }
    // Where the finer place does not do, the base chain itself does.
    let index = part.path[0].1.unwrap_or(base.rules.len());
    let place = Place::of(table, base);
    let index = if works(task, station, &place, index) { index } else { first_deciding(base, &task.region) };
    Ok((place, index))
}

/// Would the traffic then be decided as asked in this base chain?
fn works(task: &Task<'_>, station: &Station<'_>, place: &Place, index: usize) -> bool {
    let own: Vec<String> = station.table.chains.iter().map(|chain| chain.name.clone()).collect();
    let rules: Vec<Rule> = task.texts.iter().map(|text| after::parsed(text, task.family, &own)).collect();
    let extra = Extra { chain: &place.chain, index, rules: &rules };
    let verb = task.wanted.verb;
    let parts = walk_with(station.table, station.chain, vec![task.region.clone()], Some(extra));
    parts.iter().all(|part| {
        !spot::is_otherwise(part, verb)
            || verb == Verb::Limit
            || spot::exception(part, task.wanted, station).is_some()
    })
}

/// Before the first rule that could decide any of it.
fn first_deciding(chain: &Chain, region: &Region) -> usize {
    let meets = |rule: &Rule| rule.tests().all(|test| region.fit(test) != super::region::Fit::None);
    let decides = |rule: &Rule| !matches!(rule.action(), Some(crate::Action::Log(_)) | None);
    let first = chain.rules.iter().position(|rule| decides(rule) && meets(rule));
    first.unwrap_or(chain.rules.len())
}

fn is_forward(chain: &Chain) -> bool {
    chain.base.as_ref().is_some_and(|base| base.hook == Hook::Forward)
}

/// Plans the texts, without ever making a duplicate of one in its chain.
fn put(planner: &mut Planner<'_>, task: &Task<'_>, station: &Station<'_>, place: &Place, index: usize) {
    let chains: Vec<String> = station.table.chains.iter().map(|chain| chain.name.clone()).collect();
    let mut index = index;
    let parsed: Vec<Rule> = task.texts.iter().map(|text| after::parsed(text, task.family, &chains)).collect();
    if let [only] = parsed.as_slice()
        && let Some(old) = planner.chain(place).and_then(|chain| chain.rules.get(index))
        && is_same_match(old, only)
        && is_opposite(old, task.wanted.verb)
    {
        planner.replace(place, index, &only.text);
        return;
    }
    for rule in &parsed {
        let twin =
            planner.chain(place).and_then(|chain| chain.rules.iter().position(|own| is_same(own, rule)));
        match twin {
            Some(twin) if twin == index => {}
            Some(twin) => {
                // It stands where it has no effect: it moves.
                planner.delete(place, twin);
                index -= usize::from(twin < index);
                planner.insert(place, index, &rule.text);
            }
            None => planner.insert(place, index, &rule.text),
        }
        index += 1;
    }
}

/// Does the rule say the plain opposite?
fn is_opposite(rule: &Rule, verb: Verb) -> bool {
    let passes = matches!(rule.action(), Some(crate::Action::Accept));
    let stops = matches!(rule.action(), Some(crate::Action::Drop | crate::Action::Reject(_)));
    rule.syntax == crate::Syntax::Iptables && if verb.passes() { stops } else { passes || stops }
}

/// Are all these texts there already, in this order?
fn is_there(planner: &Planner<'_>, task: &Task<'_>, station: &Station<'_>) -> bool {
    let Some(table) = planner.rules.table(station.table.backend, station.table.family, &station.table.name)
    else {
        return false;
    };
    let chains: Vec<String> = table.chains.iter().map(|chain| chain.name.clone()).collect();
    let wanted: Vec<Rule> = task.texts.iter().map(|text| after::parsed(text, task.family, &chains)).collect();
    table.chains.iter().any(|chain| {
        chain.rules.windows(wanted.len()).any(|own| own.iter().zip(&wanted).all(|(a, b)| is_same(a, b)))
    })
}

/// The base chain in which a stop belongs: the filter table that holds rules, iptables' before nft's.
fn natural<'s, 'a>(stations: &'s [Station<'a>]) -> Option<&'s Station<'a>> {
    let weight = |station: &&Station<'_>| {
        let is_native = station.table.backend == Backend::Nft;
        let in_use = station.chain.rules.len()
            + usize::from(station.chain.base.as_ref().is_some_and(|base| base.policy == crate::Policy::Drop));
        let is_foreign = neighbour::of_table(station.table).is_some();
        (!is_foreign, in_use > 0, !is_native, station.table.backend == Backend::IptablesNft, in_use)
    };
    let is_filter = |station: &&Station<'_>| {
        let base = station.chain.base.as_ref();
        let at_hook =
            base.is_some_and(|base| matches!(base.hook, Hook::Input | Hook::Forward | Hook::Output));
        at_hook && (station.table.name == "filter" || station.table.backend == Backend::Nft)
    };
    stations.iter().filter(is_filter).max_by_key(weight)
}

/// Where iptables would make a place if there is none yet.
fn first_place(rules: &Ruleset, task: &Task<'_>) -> Place {
    let backend = super::default::backend_in_use(rules);
    let chain = match task.hooks {
        hooks if hooks.contains(&Hook::Input) => "INPUT",
        hooks if hooks.contains(&Hook::Forward) => "FORWARD",
        _ => "OUTPUT",
    };
    Place { backend, family: task.family, table: "filter".to_owned(), chain: chain.to_owned() }
}

/// It is so already: which rule says it, and does it only want another comment?
fn already(planner: &mut Planner<'_>, task: &Task<'_>, stations: &[Station<'_>]) {
    let decided = stations.iter().flat_map(|station| station.parts.iter().map(move |part| (station, part)));
    let passing = decided.filter(|(_, part)| part.fate == Fate::Accept);
    // The last part is what no narrower rule took.
    let by_filter = passing.clone().rfind(|(station, _)| station.table.name == "filter");
    let by_rule = passing.clone().rfind(|(_, part)| part.rule().is_some());
    let Some((station, part)) = by_filter.or(by_rule).or_else(|| passing.clone().next()) else {
        let chain = first_place(&planner.rules, task).chain;
        planner.nothing_filters(task.family, &chain);
        return;
    };
    let (chain, index) = *part.path.last().expect("a part is decided somewhere");
    if let (Some(index), [text], Some(comment), Log::None) =
        (index, task.texts.as_slice(), &task.wanted.comment, task.wanted.log)
    {
        let rule = &chain.rules[index];
        let same = is_same(rule, &after::parsed(text, task.family, &[]));
        if same && rule.comment.as_deref().unwrap_or_default() != comment {
            planner.replace(&Place::of(station.table, chain), index, text);
            return;
        }
    }
    planner.already(station.table, chain, index);
}

/// Why a part stays as it is.
fn kept(part: &Part<'_>, station: &Station<'_>, kind: &Exception) -> String {
    let place = place_of(part, station);
    match kind {
        Exception::Ban => {
            format!("{place} still goes first: whoever it stops stays out (--before overrides it)")
        }
        Exception::Unsure => format!("can't tell of {place}: what it does hangs on more than the rules"),
    }
}

fn unsure(part: &Part<'_>, station: &Station<'_>) -> String {
    let on: Vec<String> = part
        .region
        .assumed
        .iter()
        .map(|(test, _)| match test {
            crate::Test::Opaque { text, .. } => format!("`{text}`"),
            crate::Test::Set { set, .. } => format!("the set {}", set_name(set)),
            other => format!("{other:?}"),
        })
        .collect();
    format!(
        "can't tell whether {} stops it, because that hangs on {}",
        place_of(part, station),
        on.join(" and ")
    )
}

fn set_name(set: &crate::SetRef) -> &str {
    match set {
        crate::SetRef::Ipset(name) | crate::SetRef::Nft(name) => name,
    }
}

/// `rule 3 of INPUT (-s 10.0.0.1/32 -j DROP)`
fn place_of(part: &Part<'_>, station: &Station<'_>) -> String {
    let version = if station.table.family == Family::Ip6 { ", IPv6" } else { "" };
    match part.path.last() {
        Some((chain, Some(index))) => {
            format!("rule {} of {}{version} ({})", index + 1, chain.name, chain.rules[*index].text)
        }
        _ => format!("the policy of {}{version}", station.chain.name),
    }
}

/// Another program's rules decide: its own command.
fn foreign(planner: &Planner<'_>, task: &Task<'_>, owner: Owner, place: String) -> Refusal {
    let command = match owner.name {
        "ufw" => format!("ufw {}", quoted(&planner.edit.command)),
        "firewalld" => firewall_cmd(task),
        _ => owner.command.to_owned(),
    };
    Refusal::Foreign { owner: owner.name.to_owned(), place, command }
}

fn quoted(words: &[String]) -> String {
    let quote = |word: &String| {
        let is_plain =
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "/.:,-_+".contains(c));
        if is_plain { word.clone() } else { format!("'{word}'") }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

fn firewall_cmd(task: &Task<'_>) -> String {
    let (wanted, lane) = (task.wanted, task.lane);
    let ports = &lane.destination_ports;
    let is_simple = wanted.verb == Verb::Allow
        && wanted.source.is_none()
        && wanted.destination.is_none()
        && wanted.direction == Direction::In
        && lane.source_ports.0.is_empty();
    let one = |&(first, last): &(u16, u16)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    if let (true, Some(protocol)) = (is_simple && !ports.0.is_empty(), lane.protocol) {
        let adds: Vec<String> =
            ports.0.iter().map(|range| format!("--add-port={}/{protocol}", one(range))).collect();
        return format!("firewall-cmd {}", adds.join(" "));
    }
    let family = if task.family == Family::Ip6 { "ipv6" } else { "ipv4" };
    let mut rule = format!("rule family=\"{family}\"");
    if let Some(source) = wanted.source {
        rule.push_str(&format!(" source address=\"{source}\""));
    }
    if let Some(destination) = wanted.destination {
        rule.push_str(&format!(" destination address=\"{destination}\""));
    }
    if let (Some(range), Some(protocol)) = (ports.0.first(), lane.protocol) {
        rule.push_str(&format!(" port port=\"{}\" protocol=\"{protocol}\"", one(range)));
    }
    rule.push_str(match wanted.verb {
        Verb::Allow => " accept",
        Verb::Limit => " accept limit value=\"6/m\"",
        Verb::Deny => " drop",
        Verb::Reject => " reject",
    });
    format!("firewall-cmd --add-rich-rule='{rule}'")
}

/// Texts of a rule that isn't translated.
pub(super) fn plain_task<'w>(wanted: &'w Wanted, lane: &'w Lane, family: Family) -> Task<'w> {
    Task {
        wanted,
        lane,
        family,
        region: Region::of(wanted, lane, family),
        texts: texts::texts(wanted, lane, family),
        hooks: way::hooks(wanted.direction),
    }
}
