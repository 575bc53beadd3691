//! The words of one rule, from left to right.

use super::element;
use super::scan::{list, words};
use super::statement::{self, Words};
use crate::nft::builder::Building;
use crate::nft::compare::{Right, compare};
use crate::nft::kind::Kind;
use crate::nft::selector::{Selector, named, place_of};
use crate::nft::statement::Statement;

/// Reads a rule. `false`: the rest was not understood.
pub(super) fn read(text: &str, rule: &mut Building<'_>) -> bool {
    let words = words(text);
    let mut at = Words::new(&words);
    while let Some(word) = at.peek() {
        // What stands behind is a note of nft about something that it can't print.
        if word.starts_with('#') {
            return false;
        }
        if word == "comment" {
            at.next();
            rule.comment = at.next().map(|text| text.trim_matches('"').to_owned());
            continue;
        }
        let before = at.clone();
        if let Some(found) = statement::read(&mut at, rule) {
            rule.statements.push(found);
            continue;
        }
        at = before.clone();
        if let Some(found) = comparison(&mut at, rule) {
            rule.statements.push(found);
            continue;
        }
        return false;
    }
    true
}

fn comparison(at: &mut Words<'_>, rule: &mut Building<'_>) -> Option<Statement> {
    let start = at.clone();
    let mut keys = vec![selector(at)?];
    while at.take(".") {
        keys.push(selector(at)?);
    }
    if at.take("vmap") {
        return verdict_map(at, keys, rule);
    }
    if at.take("set") {
        let [key] = &keys[..] else { return None };
        return statement::set(key, at);
    }
    let mask = if at.take("&") { Some(bits(at)?) } else { None };
    let operator = match at.peek()? {
        word @ ("==" | "!=" | "<" | ">" | "<=" | ">=" | "!") => {
            at.next();
            word
        }
        _ => "",
    };
    let word = at.next()?;
    if let Some(inner) = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return in_braces(keys, mask.as_deref(), operator, inner, rule);
    }
    if keys.len() > 1 {
        let set = word.strip_prefix('@')?.to_owned();
        return Some(Statement::Member { keys, set, elements: None, negated: operator == "!=" });
    }
    let left = keys.pop()?;
    let right = match word.strip_prefix('@') {
        Some(set) => Right::Named(set.to_owned()),
        None if word.starts_with('(') => {
            at.back();
            Right::Flags(bits(at)?)
        }
        None if word.contains(',') => Right::Flags(word.split(',').map(str::to_owned).collect()),
        None => Right::One(word.to_owned()),
    };
    // `tcp flags syn / syn,ack`: bits, and which are looked at.
    if at.take("/") {
        let mask = bits(at)?;
        let operator = if operator.is_empty() { "==" } else { operator };
        return found(start, at, compare(left, Some(&mask), operator, &right));
    }
    // `syn | ack`
    let right = match (right, at.peek()) {
        (Right::One(first), Some("|")) => {
            let mut all = vec![first];
            while at.take("|") {
                all.push(at.next()?.to_owned());
            }
            Right::Flags(all)
        }
        (right, _) => right,
    };
    let operator = match operator {
        "" if left.kind().is_bits() => "in",
        "" => "==",
        other => other,
    };
    found(start, at, compare(left, mask.as_deref(), operator, &right))
}

/// The statement; or, if the values were not understood, one opaque test with its words.
#[expect(clippy::unnecessary_wraps, reason = "the callers return it as it is")]
fn found(start: Words<'_>, at: &Words<'_>, statement: Option<Statement>) -> Option<Statement> {
    Some(statement.unwrap_or_else(|| Statement::Opaque(start.until(at))))
}

fn in_braces(
    keys: Vec<Selector>,
    mask: Option<&[String]>,
    operator: &str,
    inner: &str,
    rule: &mut Building<'_>,
) -> Option<Statement> {
    let operator = if operator.is_empty() { "==" } else { operator };
    if let [left] = &keys[..] {
        let values = list(inner).into_iter().map(|one| element(one).0.concat()).collect();
        return compare(left.clone(), mask, operator, &Right::Set(values));
    }
    let elements: Vec<_> = list(inner).into_iter().map(element).collect();
    let (set, words) = rule.anonymous(&keys, &elements, false);
    Some(Statement::Member { keys, set, elements: Some(words), negated: operator == "!=" })
}

fn verdict_map(at: &mut Words<'_>, keys: Vec<Selector>, rule: &mut Building<'_>) -> Option<Statement> {
    let word = at.next()?;
    if let Some(map) = word.strip_prefix('@') {
        return Some(Statement::VerdictMap { keys, map: map.to_owned(), elements: None });
    }
    let inner = word.strip_prefix('{')?.strip_suffix('}')?;
    let elements: Vec<_> = list(inner).into_iter().map(element).collect();
    let (map, words) = rule.anonymous(&keys, &elements, true);
    Some(Statement::VerdictMap { keys, map, elements: Some(words) })
}

/// `syn`, `syn,ack`, `(syn | ack)`, `syn|ack`.
fn bits(at: &mut Words<'_>) -> Option<Vec<String>> {
    let first = at.next()?;
    let mut all = first.to_owned();
    if first.starts_with('(') {
        while !all.ends_with(')') {
            all.push_str(at.next()?);
        }
    }
    let all = all.trim_matches(['(', ')']).to_owned();
    Some(all.split(['|', ',']).map(|bit| bit.trim().to_owned()).filter(|bit| !bit.is_empty()).collect())
}

/// What is looked at.
pub(super) fn selector(at: &mut Words<'_>) -> Option<Selector> {
    let first = at.next()?;
    match first {
        "meta" => {
            let key = at.next()?;
            named(key).or_else(|| named(&format!("meta {key}"))).map(Selector::Named)
        }
        "ct" => connection(at),
        "fib" => {
            let mut keys = vec![at.next()?];
            while at.take(".") {
                keys.push(at.next()?);
            }
            let result = at.next()?;
            let kind = if result == "type" { Kind::AddressType } else { Kind::Presence };
            Some(Selector::Other(format!("fib {} {result}", keys.join(" . ")), kind))
        }
        "socket" => {
            let key = at.next()?;
            let kind = if key == "mark" { Kind::Hex } else { Kind::Integer };
            Some(Selector::Other(format!("socket {key}"), kind))
        }
        "rt" => Some(Selector::Other(format!("rt {}", at.next()?), Kind::Integer)),
        "numgen" => {
            let (mode, _, modulus) = (at.next()?, at.next()?, at.next()?);
            let mut text = format!("numgen {mode} mod {modulus}");
            if at.take("offset") {
                text.push_str(&format!(" offset {}", at.next()?));
            }
            Some(Selector::Other(text, Kind::Integer))
        }
        raw if raw.starts_with('@') => {
            let mut parts = raw[1..].split(',');
            let base = ["ll", "nh", "th", "ih"].iter().position(|name| Some(*name) == parts.next())?;
            let mut number = || parts.next()?.parse().ok();
            let (offset, length) = (number()?, number()?);
            Some(Selector::Payload { base: u8::try_from(base).ok()?, offset, length, header: None })
        }
        "mark" | "skuid" | "skgid" | "pkttype" | "l4proto" | "nfproto" | "cpu" | "iifgroup" | "oifgroup"
        | "iiftype" | "oiftype" => named(&format!("meta {first}")).map(Selector::Named),
        "iif" | "oif" | "iifname" | "oifname" => named(first).map(Selector::Named),
        header => {
            let field = at.next()?;
            if let Some(place) = place_of(header, field) {
                return Some(place.selector());
            }
            let version = at.next()?;
            place_of(header, &format!("{field} {version}")).map(crate::nft::selector::Place::selector)
        }
    }
}

fn connection(at: &mut Words<'_>) -> Option<Selector> {
    let mut text = String::from("ct");
    for _ in 0..3 {
        text.push(' ');
        text.push_str(at.next()?);
        if let Some(named) = named(&text) {
            return Some(Selector::Named(named));
        }
    }
    None
}
