//! `nft -j list ruleset`, also where it ends early: a table with an owner makes nft 1.0.6 stop in the middle, with exit status 0.

mod statement;
mod value;

use serde_json::{Map, Value};

use super::builder::{Building, fill, kind_of};
use crate::{Backend, Base, Chain, ChainKind, Family, Hook, NftSet, Note, Policy, Ruleset, Table};
use value::{element, number, text, words};

type Object = Map<String, Value>;

/// Reads it. What is whole is kept; what is not is noted.
pub fn parse_json(json: &str) -> (Ruleset, Vec<Note>) {
    let mut reader = Reader::default();
    let (objects, rest) = objects(json);
    for (at, object) in objects.iter().enumerate() {
        match serde_json::from_str::<Object>(object) {
            Ok(object) => reader.object(&object),
            Err(error) => reader.note(format!("object {}", at + 1), format!("not understood: {error}")),
        }
    }
    if let Some(rest) = rest {
        let begin: String = rest.chars().take(60).collect();
        reader.note(
            "end".to_owned(),
            format!("the listing ends in the middle, so rules may be missing: nft does that when a table has an owner ({begin})"),
        );
    }
    (reader.ruleset, reader.notes)
}

#[derive(Default)]
struct Reader {
    ruleset: Ruleset,
    notes: Vec<Note>,
    /// How many parameterless matches of iptables were seen: each is a test of its own.
    unknown: usize,
}

impl Reader {
    fn note(&mut self, place: String, text: String) {
        self.notes.push(Note { place, text });
    }

    fn object(&mut self, object: &Object) {
        let Some((kind, Value::Object(body))) = object.iter().next() else { return };
        match kind.as_str() {
            "metainfo" => {}
            "table" => self.table(body),
            "chain" => self.chain(body),
            "set" | "map" => self.set(body),
            "rule" => self.rule(body),
            other => {
                let name = text(body.get("name"));
                if let Some(table) = self.table_of(body) {
                    table.others.push(format!("{other} {name}"));
                }
            }
        }
    }

    fn table(&mut self, body: &Object) {
        let Some(family) = family(&text(body.get("family"))) else {
            return self
                .note("table".to_owned(), format!("of an unknown family: {}", text(body.get("family"))));
        };
        let flags = words(body.get("flags"));
        self.ruleset.tables.push(Table {
            backend: Backend::Nft,
            family,
            name: text(body.get("name")),
            owner: flags.iter().any(|flag| flag == "owner").then_some(0),
            is_dormant: flags.iter().any(|flag| flag == "dormant"),
            chains: Vec::new(),
            sets: Vec::new(),
            others: Vec::new(),
        });
    }

    fn table_of(&mut self, body: &Object) -> Option<&mut Table> {
        let family = family(&text(body.get("family")))?;
        let name = text(body.get("table"));
        self.ruleset.tables.iter_mut().find(|table| table.family == family && table.name == name)
    }

    fn chain(&mut self, body: &Object) {
        let chain = Chain {
            name: text(body.get("name")),
            handle: number(body.get("handle")),
            base: base(body),
            counters: None,
            rules: Vec::new(),
        };
        if let Some(table) = self.table_of(body) {
            table.chains.push(chain);
        }
    }

    fn set(&mut self, body: &Object) {
        let key = match body.get("type") {
            Some(Value::Array(list)) => list.iter().map(|one| text(Some(one))).collect(),
            one => vec![text(one)],
        };
        let kinds: Option<Vec<_>> = key.iter().map(|name: &String| kind_of(name)).collect();
        let value = body.get("map").map(|map| text(Some(map)));
        let mut flags = words(body.get("flags"));
        flags.sort();
        let mut set = NftSet {
            name: text(body.get("name")),
            handle: number(body.get("handle")),
            key,
            value,
            flags,
            elements: Vec::new(),
            is_complete: kinds.is_some(),
        };
        if let (Some(kinds), Some(Value::Array(list))) = (kinds, body.get("elem")) {
            let elements: Vec<_> = list.iter().map(|one| element(one, set.value.is_some())).collect();
            fill(&mut set, &kinds, &elements);
        }
        if let Some(table) = self.table_of(body) {
            table.sets.push(set);
        }
    }

    fn rule(&mut self, body: &Object) {
        let mut unknown = self.unknown;
        let chain = text(body.get("chain"));
        let place = format!("{} {}", text(body.get("table")), chain);
        let Some(table) = self.table_of(body) else {
            return self.note(place, "a rule of a table that is not listed".to_owned());
        };
        let mut building = Building::new(table);
        building.handle = number(body.get("handle"));
        building.comment = body.get("comment").map(|comment| text(Some(comment)));
        if let Some(Value::Array(list)) = body.get("expr") {
            for one in list {
                statement::read(one, &mut building, &mut unknown);
            }
        }
        let rule = building.rule(None);
        match table.chains.iter_mut().find(|one| one.name == chain) {
            Some(chain) => chain.rules.push(rule),
            None => self.note(place, "a rule of a chain that is not listed".to_owned()),
        }
        self.unknown = unknown;
    }
}

fn base(body: &Object) -> Option<Base> {
    let hook = hook(&text(body.get("hook")))?;
    Some(Base {
        kind: match text(body.get("type")).as_str() {
            "nat" => ChainKind::Nat,
            "route" => ChainKind::Route,
            _ => ChainKind::Filter,
        },
        hook,
        priority: body
            .get("prio")
            .and_then(Value::as_i64)
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or(0),
        policy: if text(body.get("policy")) == "drop" { Policy::Drop } else { Policy::Accept },
        devices: words(body.get("dev")),
    })
}

/// A hook by nft's name.
pub(in crate::nft) fn hook(name: &str) -> Option<Hook> {
    let hooks = [
        Hook::Ingress,
        Hook::Prerouting,
        Hook::Input,
        Hook::Forward,
        Hook::Output,
        Hook::Postrouting,
        Hook::Egress,
    ];
    hooks.into_iter().find(|hook| hook.as_str() == name)
}

/// A family by nft's name.
pub(in crate::nft) fn family(name: &str) -> Option<Family> {
    let families = [Family::Ip, Family::Ip6, Family::Inet, Family::Arp, Family::Bridge, Family::Netdev];
    families.into_iter().find(|family| family.as_str() == name)
}

/// The objects of the list, and what is left if the last one is cut off.
fn objects(json: &str) -> (Vec<&str>, Option<&str>) {
    let start = json.find('[').map_or(json.len(), |at| at + 1);
    let mut found = Vec::new();
    let (mut depth, mut begin) = (0_usize, start);
    let (mut is_text, mut is_escaped, mut is_closed) = (false, false, false);
    for (at, byte) in json.bytes().enumerate().skip(start) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' => {
                if depth == 0 {
                    begin = at;
                }
                depth += 1;
            }
            b']' if depth == 0 => is_closed = true,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !is_closed {
                    found.push(&json[begin..=at]);
                    begin = at + 1;
                }
            }
            _ => {}
        }
        if is_closed {
            break;
        }
    }
    (found, (!is_closed).then(|| json[begin.min(json.len())..].trim()))
}
