//! Statements of nft's JSON.

use serde_json::Value;

use super::value::{element, flattened, number, right, text, word, words};
use crate::nft::builder::Building;
use crate::nft::compare::compare;
use crate::nft::expression::Expression;
use crate::nft::kind::Kind;
use crate::nft::selector::{Selector, named, place_of};
use crate::nft::statement::{Statement, joined};
use crate::nft::wording;
use crate::{Action, Counters, Ends, Nat};

/// Adds one statement to a rule.
pub(super) fn read(value: &Value, rule: &mut Building<'_>, unknown: &mut usize) {
    let Some((kind, body)) = value.as_object().and_then(|object| object.iter().next()) else { return };
    let known = match kind.as_str() {
        "match" => matched(body, rule),
        "vmap" => verdict_map(body, rule),
        "counter" => {
            if let Some(packets) = number(body.get("packets")) {
                rule.counters = Some(Counters { packets, bytes: number(body.get("bytes")).unwrap_or(0) });
            }
            let words = match body {
                Value::String(name) => format!("counter name \"{name}\""),
                _ => {
                    format!("counter packets {} bytes {}", text(body.get("packets")), text(body.get("bytes")))
                }
            };
            Some(Statement::Silent(words))
        }
        "xt" => {
            *unknown += 1;
            let name = text(body.get("name"));
            let words = format!("xt {} \"{name}\" # {unknown}", text(body.get("type")));
            Some(match text(body.get("type")).as_str() {
                "match" => Statement::Opaque(words),
                _ => act(words.clone(), Action::Other { text: words, ends: Ends::Unknown }),
            })
        }
        "set" => dynset(body, rule),
        _ => test(kind, body).or_else(|| effect(kind, body, rule)),
    };
    rule.statements.push(known.unwrap_or_else(|| {
        let words = value.to_string();
        match kind.as_str() {
            "match" | "limit" | "quota" | "ct count" => Statement::Opaque(words),
            _ => act(words.clone(), Action::Other { text: words, ends: Ends::Unknown }),
        }
    }));
}

fn act(text: String, action: Action) -> Statement {
    Statement::Act { text, action }
}

fn matched(body: &Value, rule: &mut Building<'_>) -> Option<Statement> {
    let operator = text(body.get("op"));
    let left = body.get("left")?;
    let to = body.get("right")?;
    if let Some(Value::Array(list)) = left.get("concat") {
        let keys: Vec<Selector> = list.iter().map(selector).collect::<Option<_>>()?;
        let negated = operator == "!=";
        if let Value::String(name) = to
            && let Some(set) = name.strip_prefix('@')
        {
            return Some(Statement::Member { keys, set: set.to_owned(), elements: None, negated });
        }
        let Some(Value::Array(list)) = to.get("set") else { return None };
        let elements: Vec<_> = list.iter().map(|one| element(one, false)).collect();
        let (set, words) = rule.anonymous(&keys, &elements, false);
        return Some(Statement::Member { keys, set, elements: Some(words), negated });
    }
    if let Some(Value::Array(pair)) = left.get("&") {
        let mask = flattened(std::slice::from_ref(pair.get(1)?))?;
        return compare(selector(pair.first()?)?, Some(&mask), &operator, &right(to)?);
    }
    compare(selector(left)?, None, &operator, &right(to)?)
}

fn verdict_map(body: &Value, rule: &mut Building<'_>) -> Option<Statement> {
    let key = body.get("key")?;
    let keys: Vec<Selector> = match key.get("concat") {
        Some(Value::Array(list)) => list.iter().map(selector).collect::<Option<_>>()?,
        _ => vec![selector(key)?],
    };
    match body.get("data")? {
        Value::String(name) => {
            Some(Statement::VerdictMap { keys, map: name.strip_prefix('@')?.to_owned(), elements: None })
        }
        data => {
            let Some(Value::Array(list)) = data.get("set") else { return None };
            let elements: Vec<_> = list.iter().map(|one| element(one, true)).collect();
            let (map, words) = rule.anonymous(&keys, &elements, true);
            Some(Statement::VerdictMap { keys, map, elements: Some(words) })
        }
    }
}

/// What is looked at.
fn selector(value: &Value) -> Option<Selector> {
    let (kind, body) = value.as_object()?.iter().next()?;
    match kind.as_str() {
        "payload" => match body.get("base") {
            Some(base) => {
                let base = ["ll", "nh", "th", "ih"].iter().position(|name| *name == text(Some(base)))?;
                let bits = |name| u16::try_from(number(body.get(name))?).ok();
                Some(Selector::Payload {
                    base: u8::try_from(base).ok()?,
                    offset: bits("offset")?,
                    length: bits("len")?,
                    header: None,
                })
            }
            None => Some(place_of(&text(body.get("protocol")), &text(body.get("field")))?.selector()),
        },
        "meta" => {
            let key = text(body.get("key"));
            named(&key).or_else(|| named(&format!("meta {key}"))).map(Selector::Named)
        }
        "ct" => {
            let key = text(body.get("key"));
            let words = match body.get("dir") {
                Some(direction) => format!("ct {} {key}", text(Some(direction))),
                None => format!("ct {key}"),
            };
            named(&words).map(Selector::Named)
        }
        "fib" => {
            let result = text(body.get("result"));
            let flags = words(body.get("flags"));
            let order = ["saddr", "daddr", "mark", "iif", "oif"];
            let flags: Vec<&str> =
                order.into_iter().filter(|name| flags.iter().any(|flag| flag == name)).collect();
            let kind = if result == "type" { Kind::AddressType } else { Kind::Presence };
            Some(Selector::Other(format!("fib {} {result}", flags.join(" . ")), kind))
        }
        "numgen" => {
            let offset = number(body.get("offset")).filter(|offset| *offset > 0);
            let offset = offset.map_or_else(String::new, |offset| format!(" offset {offset}"));
            let (mode, modulus) = (text(body.get("mode")), text(body.get("mod")));
            Some(Selector::Other(format!("numgen {mode} mod {modulus}{offset}"), Kind::Integer))
        }
        "socket" => {
            let key = text(body.get("key"));
            let kind = if key == "mark" { Kind::Hex } else { Kind::Integer };
            Some(Selector::Other(format!("socket {key}"), kind))
        }
        "rt" => Some(Selector::Other(format!("rt {}", text(body.get("key"))), Kind::Integer)),
        _ => None,
    }
}

/// Tests that rules alone can't decide.
fn test(kind: &str, body: &Value) -> Option<Statement> {
    let is_over = body.get("inv").and_then(Value::as_bool).unwrap_or(false);
    let scale = |unit: Option<&Value>| match text(unit).as_str() {
        "kbytes" => 1 << 10,
        "mbytes" => 1 << 20,
        _ => 1_u64,
    };
    Some(Statement::Opaque(match kind {
        "limit" if body.is_object() => {
            let unit = match text(body.get("per")).as_str() {
                "second" => 1,
                "minute" => 60,
                "hour" => 3_600,
                "day" => 86_400,
                _ => 604_800,
            };
            let rate = number(body.get("rate"))?;
            let burst = number(body.get("burst")).unwrap_or(0);
            match body.get("rate_unit") {
                Some(size) if text(Some(size)) != "packets" => {
                    let burst = burst.checked_mul(scale(body.get("burst_unit")))?;
                    wording::limit(
                        rate.checked_mul(scale(Some(size)))?,
                        unit,
                        u32::try_from(burst).ok()?,
                        true,
                        is_over,
                    )
                }
                _ => wording::limit(rate, unit, u32::try_from(burst).ok()?, false, is_over),
            }
        }
        "quota" if body.is_object() => {
            let limit = number(body.get("val"))?.checked_mul(scale(body.get("val_unit")))?;
            let used = number(body.get("used")).unwrap_or(0).checked_mul(scale(body.get("used_unit")))?;
            wording::quota(limit, is_over, used)
        }
        "limit" | "quota" => format!("{kind} name \"{}\"", text(Some(body))),
        "ct count" => {
            format!("ct count {}{}", if is_over { "over " } else { "" }, text(body.get("val")))
        }
        _ => return None,
    }))
}

fn effect(kind: &str, body: &Value, rule: &Building<'_>) -> Option<Statement> {
    let target = || text(body.get("target"));
    let simple = |action| Some(act(kind.to_owned(), action));
    match kind {
        "accept" => simple(Action::Accept),
        "drop" => simple(Action::Drop),
        "return" => simple(Action::Return),
        "continue" => simple(Action::Other { text: kind.to_owned(), ends: Ends::GoesOn }),
        "notrack" => simple(Action::Notrack),
        "jump" => Some(act(format!("jump {}", target()), Action::Jump(target()))),
        "goto" => Some(act(format!("goto {}", target()), Action::Goto(target()))),
        "log" => log(body),
        "reject" => {
            let (kind, name) = (text(body.get("type")), text(body.get("expr")));
            let name = name.trim_start_matches("type ");
            Some(wording::reject_named(&kind, name, rule.family(), rule.version()))
        }
        "queue" => {
            let queue = body.get("num").and_then(word).unwrap_or_else(|| "0".to_owned());
            let flags = words(body.get("flags"));
            let flags = if flags.is_empty() { String::new() } else { format!(" flags {}", flags.join(",")) };
            let text = format!("queue{flags} to {queue}");
            Some(act(text.clone(), Action::Queue(text)))
        }
        "mangle" => mangle(body),
        "dnat" | "snat" | "masquerade" | "redirect" => nat(kind, body),
        "ct helper" | "ct timeout" | "ct expectation" => {
            let text = format!("{kind} set \"{}\"", text(Some(body)));
            Some(act(text.clone(), Action::Other { text, ends: Ends::GoesOn }))
        }
        _ => None,
    }
}

fn log(body: &Value) -> Option<Statement> {
    let levels = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"];
    let level = body.get("level").map(|level| text(Some(level)));
    let flags = words(body.get("flags")).iter().fold(0, |bits, flag| {
        bits | match flag.as_str() {
            "tcp sequence" => 1,
            "tcp options" => 2,
            "ip options" => 4,
            "skuid" => 8,
            "ether" => 0x20,
            _ => 0x2f,
        }
    });
    let prefix = body.get("prefix").map(|prefix| text(Some(prefix)));
    let small = |name| number(body.get(name)).and_then(|number| u16::try_from(number).ok());
    let text = wording::log(&Expression::Log {
        prefix: prefix.as_deref().map(str::as_bytes),
        group: small("group"),
        length: number(body.get("snaplen")).and_then(|number| u32::try_from(number).ok()),
        threshold: small("queue-threshold"),
        level: level
            .and_then(|level| levels.iter().position(|name| *name == level))
            .and_then(|level| u32::try_from(level).ok()),
        flags,
    });
    Some(act(text.clone(), Action::Log(text)))
}

fn dynset(body: &Value, rule: &mut Building<'_>) -> Option<Statement> {
    let set = text(body.get("set"));
    let element = body.get("elem")?;
    let inner = element.get("elem");
    let key = inner.and_then(|inner| inner.get("val")).unwrap_or(element);
    let keys: Vec<Selector> = match key.get("concat") {
        Some(Value::Array(list)) => list.iter().map(selector).collect::<Option<_>>()?,
        _ => vec![selector(key)?],
    };
    let mut words = joined(&keys);
    if let Some(seconds) = inner.and_then(|inner| number(inner.get("timeout"))) {
        words.push_str(&format!(" timeout {}", wording::duration(seconds.saturating_mul(1_000))));
    }
    if let Some(Value::Array(list)) = body.get("stmt") {
        for one in list {
            let (kind, body) = one.as_object()?.iter().next()?;
            match test(kind, body) {
                Some(Statement::Opaque(text)) => words.push_str(&format!(" {text}")),
                _ => words.push_str(&format!(" {kind}")),
            }
        }
    }
    let operation = text(body.get("op"));
    rule.statements.push(Statement::Need(keys));
    Some(Statement::Opaque(format!("{operation} {set} {{ {words} }}")))
}

fn mangle(body: &Value) -> Option<Statement> {
    let key = selector(body.get("key")?)?;
    let value = body.get("value")?;
    Some(wording::mangle(&key, &operand(value)?))
}

/// What a mark is set to.
fn operand(value: &Value) -> Option<wording::Operand> {
    if let Some(constant) = value.as_u64() {
        return Some(wording::Operand { from: None, kept: 0, turned: u32::try_from(constant).ok()? });
    }
    let object = value.as_object()?;
    let (sign, body) = object.iter().next()?;
    match (sign.as_str(), body) {
        ("&" | "|" | "^", Value::Array(pair)) => {
            let of = operand(pair.first()?)?;
            let number = u32::try_from(pair.get(1)?.as_u64()?).ok()?;
            Some(of.with(sign, number))
        }
        _ => Some(wording::Operand { from: Some(selector(value)?), kept: u32::MAX, turned: 0 }),
    }
}

fn nat(verb: &str, body: &Value) -> Option<Statement> {
    let word_of = |name: &str| match body.get(name) {
        None => Some(None),
        Some(value) => word(value).map(Some),
    };
    let addresses = match word_of("addr")? {
        None => None,
        Some(word) => {
            let (first, last) = word.split_once('-').unwrap_or((&word, &word));
            Some((first.parse().ok()?, last.parse().ok()?))
        }
    };
    let ports = match word_of("port")? {
        None => None,
        Some(word) => {
            let (first, last) = word.split_once('-').unwrap_or((&word, &word));
            Some((first.parse().ok()?, last.parse().ok()?))
        }
    };
    let nat = Nat { addresses, ports, flags: words(body.get("flags")).join(",") };
    let family = text(body.get("family"));
    let verb_words = if family.is_empty() { verb.to_owned() } else { format!("{verb} {family}") };
    let text = wording::nat(&verb_words, &nat);
    Some(act(text, wording::nat_action(verb, nat)))
}
