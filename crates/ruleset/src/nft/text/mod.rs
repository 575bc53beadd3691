//! `nft list ruleset`, with or without handles, and files in that form.

mod rule;
mod scan;
mod statement;

use super::builder::{Building, fill, kind_of};
use super::json::{family, hook};
use crate::{
    Backend, Base, Chain, ChainKind, Counters, Ends, NftSet, Note, Policy, Ruleset, Step, Syntax, Table,
};
use scan::{Piece, list, pieces, words};

/// Reads it. It never fails: what isn't understood is kept as it is, and noted.
pub fn parse_text(text: &str) -> (Ruleset, Vec<Note>) {
    let mut reader = Reader::default();
    for piece in pieces(text, true) {
        match piece {
            Piece::Line(line)
                if line.starts_with('#') || line == "flush ruleset" || line.starts_with("#!") => {}
            Piece::Line(line) => reader.note("file", format!("not understood, and left out: {line}")),
            Piece::Block { head, body, is_closed } => {
                reader.table(head, body);
                if !is_closed {
                    reader.note(head, "it ends in the middle, so rules may be missing".to_owned());
                }
            }
        }
    }
    (reader.ruleset, reader.notes)
}

#[derive(Default)]
struct Reader {
    ruleset: Ruleset,
    notes: Vec<Note>,
}

impl Reader {
    fn note(&mut self, place: &str, text: String) {
        self.notes.push(Note { place: place.to_owned(), text });
    }

    fn table(&mut self, head: &str, body: &str) {
        // A comment may stand before it.
        let head = head.lines().last().unwrap_or_default().trim();
        let parts = words(head);
        let parts = parts.strip_prefix(&["add"]).unwrap_or(&parts);
        let (family, name) = match parts {
            ["table", name] => (Some(crate::Family::Ip), *name),
            ["table", of, name] => (family(of), *name),
            _ => (None, ""),
        };
        let Some(family) = family else {
            return self.note("file", format!("not understood, and left out: {head}"));
        };
        let mut table = Table {
            backend: Backend::Nft,
            family,
            name: unquoted(name).to_owned(),
            owner: None,
            is_dormant: false,
            chains: Vec::new(),
            sets: Vec::new(),
            others: Vec::new(),
        };
        let pieces = pieces(body, true);
        // Sets first: rules ask them, wherever they stand.
        for piece in &pieces {
            match piece {
                Piece::Line(line) => flags(line, &mut table),
                Piece::Block { head, body, .. } => self.object(head, body, &mut table),
            }
        }
        for piece in &pieces {
            if let Piece::Block { head, body, .. } = piece
                && let Some(name) = name_of(head, "chain")
            {
                self.chain(name, head, body, &mut table);
            }
        }
        self.ruleset.tables.push(table);
    }

    /// Whatever is not a chain.
    fn object(&mut self, head: &str, body: &str, table: &mut Table) {
        let head = last_line(head);
        if name_of(head, "chain").is_some() {
            return;
        }
        for kind in ["set", "map", "meter"] {
            if let Some(name) = name_of(head, kind) {
                let set = set(name, kind == "map", body);
                table.sets.push(set);
                return;
            }
        }
        table.others.push(head.to_owned());
    }

    fn chain(&mut self, name: &str, head: &str, body: &str, table: &mut Table) {
        let mut chain = Chain {
            name: unquoted(name).to_owned(),
            handle: handle(body.lines().next().unwrap_or_default()).or_else(|| handle(head)),
            base: None,
            counters: None,
            rules: Vec::new(),
        };
        for piece in pieces(body, false) {
            let Piece::Line(line) = piece else { continue };
            if line.starts_with('#') || line.starts_with("comment ") || line == "flags offload" {
                continue;
            }
            if let Some(rest) = line.strip_prefix("type ") {
                chain.base = base(rest);
                if chain.base.is_none() {
                    self.note(name, format!("of a place that is not understood: {line}"));
                }
                continue;
            }
            if let Some(policy) = line.strip_prefix("policy ") {
                if let Some(base) = &mut chain.base {
                    base.policy = if policy.trim() == "drop" { Policy::Drop } else { Policy::Accept };
                }
                continue;
            }
            chain.rules.push(rule(line, table));
        }
        table.chains.push(chain);
    }
}

fn last_line(head: &str) -> &str {
    head.lines().last().unwrap_or_default().trim()
}

fn name_of<'a>(head: &'a str, kind: &str) -> Option<&'a str> {
    match words(last_line(head))[..] {
        [first, name] if first == kind => Some(name),
        _ => None,
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches('"')
}

fn flags(line: &str, table: &mut Table) {
    let Some(flags) = line.strip_prefix("flags ") else { return };
    for flag in list(flags) {
        match flag {
            "dormant" => table.is_dormant = true,
            "owner" => table.owner = Some(0),
            _ => {}
        }
    }
}

/// `# handle 5` at the end.
fn handle(text: &str) -> Option<u64> {
    text.rsplit_once("# handle ")?.1.trim().parse().ok()
}

/// `filter hook input priority filter - 5`, policy apart.
fn base(text: &str) -> Option<Base> {
    let parts = words(text);
    let after = |word: &str| parts.iter().position(|part| *part == word).map(|at| at + 1);
    let hook = hook(parts.get(after("hook")?)?)?;
    let at = after("priority")?;
    let sum: String = parts.get(at..)?.concat();
    let mut devices = Vec::new();
    if let Some(at) = after("device") {
        devices.push(unquoted(parts.get(at)?).to_owned());
    }
    if let Some(at) = after("devices") {
        let names = parts.get(at..)?.concat();
        let names = names.trim_start_matches('=').trim_matches(['{', '}']).to_owned();
        devices.extend(list(&names).into_iter().map(|name| unquoted(name).to_owned()));
    }
    Some(Base {
        kind: match *parts.first()? {
            "nat" => ChainKind::Nat,
            "route" => ChainKind::Route,
            _ => ChainKind::Filter,
        },
        hook,
        priority: priority(&sum)?,
        policy: Policy::Accept,
        devices,
    })
}

fn priority(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let names = [
        ("raw", -300),
        ("mangle", -150),
        ("dstnat", -100),
        ("filter", 0),
        ("security", 50),
        ("srcnat", 100),
        ("out", 100),
    ];
    let (name, number) = names.iter().find(|(name, _)| text.starts_with(name))?;
    match &text[name.len()..] {
        "" => Some(*number),
        rest => number.checked_add(rest.strip_prefix('+').unwrap_or(rest).parse().ok()?),
    }
}

fn set(name: &str, is_map: bool, body: &str) -> NftSet {
    let mut set = NftSet {
        name: unquoted(name).to_owned(),
        handle: handle(body.lines().next().unwrap_or_default()),
        key: Vec::new(),
        value: None,
        flags: Vec::new(),
        elements: Vec::new(),
        is_complete: true,
    };
    let mut elements = "";
    for piece in pieces(body, false) {
        let Piece::Line(line) = piece else { continue };
        if let Some(kind) = line.strip_prefix("type ").or_else(|| line.strip_prefix("typeof ")) {
            let (key, value) = match kind.split_once(" : ") {
                Some((key, value)) => (key, Some(value.trim().to_owned())),
                None => (kind, None),
            };
            set.key = key.split(" . ").map(|part| part.trim().to_owned()).collect();
            set.value = value.filter(|_| is_map);
        } else if let Some(flags) = line.strip_prefix("flags ") {
            set.flags = list(flags).into_iter().map(str::to_owned).collect();
            set.flags.sort();
        } else if let Some(list) = line.strip_prefix("elements") {
            elements = list.trim_start_matches([' ', '=']).trim();
        }
    }
    let inner = elements.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(elements);
    let elements: Vec<_> = list(inner).into_iter().map(element).collect();
    match set.key.iter().map(|name| kind_of(name)).collect::<Option<Vec<_>>>() {
        Some(kinds) => fill(&mut set, &kinds, &elements),
        None => set.is_complete = false,
    }
    set
}

/// `10.0.0.1 . 22 timeout 5m : accept`: its parts, and what a map gives.
fn element(text: &str) -> (Vec<String>, Option<String>) {
    let (key, value) = match text.split_once(" : ") {
        Some((key, value)) => (key, Some(value.split_whitespace().collect::<Vec<_>>().join(" "))),
        None => (text, None),
    };
    let parts = key.split(" . ").map(|part| {
        // Behind the value stand its timeout, counters, comment.
        words(part).first().copied().unwrap_or_default().to_owned()
    });
    (parts.collect(), value)
}

/// One rule; its handle is not a part of its text.
fn rule(line: &str, table: &mut Table) -> crate::Rule {
    let number = handle(line);
    let text = match number {
        Some(_) => line.rsplit_once("# handle ").map_or(line, |(text, _)| text).trim_end(),
        None => line,
    };
    let mut building = Building::new(table);
    building.handle = number;
    let is_read = rule::read(text, &mut building);
    let counters: Option<Counters> = building.counters;
    let mut rule = building.rule(Some(text.to_owned()));
    if !is_read {
        // What stands before is true; what comes is not known.
        let action = crate::Action::Other { text: text.to_owned(), ends: Ends::Unknown };
        rule.steps.push(Step::Do(action));
    }
    debug_assert_eq!(rule.syntax, Syntax::Nft);
    rule.counters = counters;
    rule
}
