//! Sets and maps with their elements, stateful objects and flowtables.

use ruleset::nft::expression::Verdict;
use ruleset::nft::set::{self, Part};
use ruleset::{NftSet, Table, Values};

use super::decode::{text, verdict};
use super::dump::{Ask, dump};
use super::frame;
use crate::netlink::{Attribute, Attributes, NetlinkError, Socket};

const INTERVAL: u32 = 4;
const MAP: u32 = 8;
/// Of NFTA_SET_ELEM_FLAGS.
const INTERVAL_END: u32 = 1;
const CATCHALL: u32 = 2;

/// A set, and what is needed to read its elements.
struct Frame {
    set: NftSet,
    parts: Vec<Part>,
    value: Option<Part>,
    is_interval: bool,
}

/// An element as it came.
struct Element {
    first: Vec<u8>,
    last: Option<Vec<u8>>,
    flags: u32,
    value: Option<String>,
}

/// Reads the sets of a table, and names its objects.
pub(super) fn read(socket: &mut Socket, table: &mut Table) -> Result<(), NetlinkError> {
    let family = frame::number(table.family);
    let mut frames = Vec::new();
    dump(socket, Ask::Sets, family, &[(1, &table.name)], |_, attributes| {
        if attributes.find(1).map(text) == Some(&table.name) {
            frames.push(frame(&attributes));
        }
    })?;
    for mut one in frames {
        let mut elements = Vec::new();
        let narrow = [(1, table.name.as_str()), (2, one.set.name.as_str())];
        dump(socket, Ask::Elements, family, &narrow, |_, attributes| {
            if let Some(list) = attributes.find(3) {
                elements.extend(list.nested().map(|element| self::element(element.nested(), one.value)));
            }
        })?;
        fill(&mut one, elements);
        table.sets.push(one.set);
    }
    for (ask, word) in [(Ask::Objects, "object"), (Ask::Flowtables, "flowtable")] {
        dump(socket, ask, family, &[(1, &table.name)], |_, attributes| {
            if attributes.find(1).map(text) == Some(&table.name) {
                let name = attributes.find(2).map(text).unwrap_or_default();
                table.others.push(format!("{word} {name}"));
            }
        })?;
    }
    Ok(())
}

/// NFTA_SET_*: name 2, flags 3, key type 4, key length 5, data type 6, data length 7, handle 16.
fn frame(attributes: &Attributes<'_>) -> Frame {
    let number = |at| attributes.find(at).and_then(Attribute::be32).unwrap_or(0);
    let flags = number(3);
    let parts = set::parts(number(4), usize::try_from(number(5)).unwrap_or(0));
    let (value_type, value_length) = (number(6), usize::try_from(number(7)).unwrap_or(0));
    let is_map = flags & MAP != 0;
    // NFT_DATA_VERDICT has the highest bits set.
    let is_verdict = is_map && value_type >= 0xffff_ff00;
    let value = if is_map && !is_verdict { set::parts(value_type, value_length) } else { Vec::new() };
    let names =
        [(1, "anonymous"), (2, "constant"), (INTERVAL, "interval"), (0x10, "timeout"), (0x20, "dynamic")];
    let set = NftSet {
        name: attributes.find(2).map(Attribute::text).unwrap_or_default(),
        handle: attributes.find(16).and_then(Attribute::be64),
        key: parts.iter().map(|part| part.name.to_owned()).collect(),
        value: match (is_verdict, &value[..]) {
            (true, _) => Some("verdict".to_owned()),
            (false, [one]) => Some(one.name.to_owned()),
            (false, _) if flags & 0x40 != 0 => Some("object".to_owned()),
            (false, []) => None,
            (false, _) => Some("integer".to_owned()),
        },
        flags: names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| (*name).to_owned()).collect(),
        elements: Vec::new(),
        is_complete: true,
    };
    let value = match value[..] {
        [one] => Some(one),
        _ => None,
    };
    Frame { set, parts, value, is_interval: flags & INTERVAL != 0 }
}

/// NFTA_SET_ELEM_*: key 1, data 2, flags 3, objref 9, key end 10.
fn element(attributes: Attributes<'_>, value: Option<Part>) -> Element {
    let bytes =
        |at| attributes.find(at).and_then(|key| key.nested().find(1)).map(|data| data.payload.to_vec());
    let data = attributes.find(2).map(Attribute::nested);
    let value = match data {
        Some(data) => match (data.find(1), data.find(2)) {
            (Some(bytes), _) => Some(data_text(bytes.payload, value)),
            (_, Some(code)) => verdict(code).map(|verdict| verdict_text(&verdict)),
            _ => None,
        },
        None => attributes.find(9).map(|name| format!("\"{}\"", text(name))),
    };
    Element {
        first: bytes(1).unwrap_or_default(),
        last: bytes(10),
        flags: attributes.find(3).and_then(Attribute::be32).unwrap_or(0),
        value,
    }
}

fn data_text(bytes: &[u8], part: Option<Part>) -> String {
    let values = part.and_then(|part| Some((part.kind?, set::values(&[part], bytes, None, false)?)));
    match values {
        Some((kind, values)) => match &values[..] {
            [Values::Ranges(ranges)] => kind.word(ranges.first().map_or(0, |range| range.first)),
            [Values::Names(names)] => {
                names.first().map(|name| format!("\"{}\"", name.text)).unwrap_or_default()
            }
            _ => String::new(),
        },
        None => bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}")),
    }
}

fn verdict_text(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Accept => "accept".to_owned(),
        Verdict::Drop => "drop".to_owned(),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Return => "return".to_owned(),
        Verdict::Jump(chain) => format!("jump {chain}"),
        Verdict::Goto(chain) => format!("goto {chain}"),
        Verdict::Queue => "queue".to_owned(),
        Verdict::Break | Verdict::Unknown(_) => format!("{verdict:?}").to_lowercase(),
    }
}

fn fill(frame: &mut Frame, mut elements: Vec<Element>) {
    let Frame { set, parts, is_interval, .. } = frame;
    let everything =
        elements.iter().position(|element| element.flags & CATCHALL != 0).map(|at| elements.swap_remove(at));
    if *is_interval && parts.len() == 1 && elements.iter().all(|element| element.last.is_none()) {
        elements = intervals(elements);
    } else if !*is_interval {
        elements.sort_by(|left, right| left.first.cmp(&right.first));
    }
    for element in elements {
        match set::values(parts, &element.first, element.last.as_deref(), *is_interval) {
            Some(values) => set.elements.push((values, element.value)),
            None => set.is_complete = false,
        }
    }
    if let Some(element) = everything {
        set.elements.push((set::everything(parts), element.value));
    }
}

/// Where an interval begins and where it ends are elements of their own; the end is the first that is not in it.
fn intervals(mut elements: Vec<Element>) -> Vec<Element> {
    // An end before a beginning at the same place.
    elements.sort_by(|left, right| {
        let key = |element: &Element| (element.first.clone(), element.flags & INTERVAL_END == 0);
        key(left).cmp(&key(right))
    });
    let mut found: Vec<Element> = Vec::with_capacity(elements.len() / 2 + 1);
    let mut open: Option<Element> = None;
    for element in elements {
        if let Some(mut before) = open.take() {
            before.last = Some(one_less(&element.first));
            found.push(before);
        }
        open = (element.flags & INTERVAL_END == 0).then_some(element);
    }
    if let Some(mut last) = open {
        last.last = Some(vec![0xff; last.first.len()]);
        found.push(last);
    }
    found
}

/// The number before, in network order.
fn one_less(bytes: &[u8]) -> Vec<u8> {
    let mut less = bytes.to_vec();
    for byte in less.iter_mut().rev() {
        let (next, is_borrowed) = byte.overflowing_sub(1);
        *byte = next;
        if !is_borrowed {
            break;
        }
    }
    less
}
