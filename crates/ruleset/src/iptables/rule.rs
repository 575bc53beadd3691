//! The meaning of one rule's text.

use crate::{Action, Counters, Ends, Family, Field, Name, Range, Rule, Step, Syntax, Test, Values};

use super::given::{Given, ModuleKind};
use super::{matches, protocol, targets, value};

/// Reads the text of a rule, as iptables-save prints it after `-A CHAIN `, or as a person types it.
///
/// A text that isn't a rule is kept and means [`Ends::Unknown`]; an option that isn't understood makes its match
/// [`Test::Opaque`]. The name of an unknown target without options is taken for a chain.
pub fn parse_rule(text: &str, family: Family) -> Rule {
    read(text, family, &mut Given::default()).unwrap_or_else(|| Rule::unread(Syntax::Iptables, text))
}

/// The same with words that are used again. `None`: it isn't a rule.
pub(super) fn read<'a>(text: &'a str, family: Family, given: &mut Given<'a>) -> Option<Rule> {
    given.read(text)?;
    let mut steps = Vec::with_capacity(4);
    let mut comment = None;
    common(given, family, &mut steps);
    for (number, module) in given.modules.iter().enumerate().filter(|(_, m)| m.kind == ModuleKind::Match) {
        let name = given.name(module);
        let options = given.of(number);
        if name == "comment" {
            comment = options.iter().find_map(|option| option.value()).map(str::to_owned);
            continue;
        }
        let reading = matches::Reading { family, protocol: given.protocol(), options };
        let before = steps.len();
        if matches::read(name, reading, &mut steps).is_none() {
            steps.truncate(before);
            let text = options.text();
            let text = if text.is_empty() { format!("-m {name}") } else { format!("-m {name} {text}") };
            steps.push(Step::Test(Test::Opaque { text, negated: false }));
        }
    }
    if let Some((number, module)) =
        given.modules.iter().enumerate().find(|(_, module)| module.kind != ModuleKind::Match)
    {
        let name = given.name(module);
        steps.push(Step::Do(match module.kind {
            ModuleKind::Goto => Action::Goto(name.to_owned()),
            _ => targets::read(name, given.of(number), family),
        }));
    }
    let counters = given.counters.map(|(packets, bytes)| Counters { packets, bytes });
    steps.shrink_to_fit();
    Some(Rule {
        handle: None,
        counters,
        text: text.to_owned(),
        syntax: Syntax::Iptables,
        steps,
        comment,
        lie: None,
        raw: None,
    })
}

/// The tests that every rule can have: addresses, interfaces, protocol, fragment.
fn common(given: &Given<'_>, family: Family, steps: &mut Vec<Step>) {
    for (option, negated, value) in given.common() {
        let found = match option {
            "-s" => address(Field::Source, value, family),
            "-d" => address(Field::Destination, value, family),
            "-i" => Some((Field::InInterface, interface(value))),
            "-o" => Some((Field::OutInterface, interface(value))),
            "-p" => protocol::protocol_number(value).map(|number| {
                let all = Range { first: 0, last: 255 };
                let values = if number == 0 { Values::Ranges(vec![all]) } else { Values::one(number.into()) };
                (Field::Protocol, values)
            }),
            "-f" => Some((Field::Fragment, Values::one(1))),
            _ => None,
        };
        match found {
            Some((field, values)) if negated || !is_everything(field, &values, family) => {
                steps.push(Step::Test(Test::Field { field, values, negated }));
            }
            Some(_) => {}
            None => {
                let text = format!("{option} {value}");
                steps.push(Step::Test(Test::Opaque { text, negated }));
            }
        }
    }
}

fn address(field: Field, value: &str, family: Family) -> Option<(Field, Values)> {
    Some((field, value::networks(value, family)?))
}

/// `eth0`, or `eth+` for all that begin so.
fn interface(value: &str) -> Values {
    let name = match value.strip_suffix('+') {
        Some(start) => Name { text: start.to_owned(), is_prefix: true },
        None => Name { text: value.to_owned(), is_prefix: false },
    };
    Values::Names(vec![name])
}

/// Does every packet pass? Then iptables-save prints nothing, and there is nothing to test.
fn is_everything(field: Field, values: &Values, family: Family) -> bool {
    match (field, values) {
        (Field::Source | Field::Destination, Values::Ranges(ranges)) => {
            ranges[..] == [Range { first: 0, last: value::all_bits(family) }]
        }
        (Field::Protocol, Values::Ranges(ranges)) => ranges[..] == [Range { first: 0, last: 255 }],
        (_, Values::Names(names)) => names.iter().any(|name| name.is_prefix && name.text.is_empty()),
        _ => false,
    }
}

/// Turns jumps into chains that a table doesn't have into what they are: targets that we don't know.
pub(super) fn settle_jump(rule: &mut Rule, has_chain: impl Fn(&str) -> bool) -> bool {
    let Some(Step::Do(action)) = rule.steps.last_mut() else { return true };
    let (Action::Jump(name) | Action::Goto(name)) = &*action else { return true };
    if has_chain(name) {
        return true;
    }
    *action = Action::Other { text: name.clone(), ends: Ends::Unknown };
    false
}

#[cfg(test)]
mod tests;
