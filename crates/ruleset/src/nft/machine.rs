//! Expressions to statements: registers are followed until something is done with them.
//!
//! What is not followed becomes one opaque statement with a text of its own; nothing is left out.

use super::expression::{Expression, Operator, Verdict};
use super::kind::Kind;
use super::raise::Raiser;
use super::selector::{PLACES, Selector, Source, by_key};
use super::statement::{Comparison, Item, Relation, Statement, items};
use crate::{Action, Ends, Family, Name, NftSet, Range, Rule, Syntax, Values};

mod effects;
mod lookups;

/// What the expressions alone don't tell.
pub struct Surroundings<'a> {
    /// Family of the table.
    pub family: Family,
    /// Sets of the table, with the elements of the anonymous ones.
    pub sets: &'a [NftSet],
    /// Names of interfaces by number.
    pub interfaces: &'a dyn Fn(u32) -> Option<String>,
    /// Text of an x_tables extension in iptables' words.
    pub extension: &'a dyn Fn(&super::expression::Extension<'_>, bool) -> Option<String>,
}

/// What a register holds.
#[derive(Clone, Debug)]
enum Held {
    /// Something of the packet: which bits of it, and in which byte order its number is.
    Loaded { what: Selector, mask: Option<u128>, xor: u128, is_host_order: bool },
    /// Constant bytes.
    Constant(Vec<u8>),
    /// A value of a map, in words.
    Mapped(String),
    /// Something that is not followed, in words.
    Other(String),
}

/// The machine with its 16 registers of 4 bytes.
pub(super) struct Machine<'a> {
    around: &'a Surroundings<'a>,
    registers: [Option<Held>; 16],
    raiser: Raiser,
    words: Vec<String>,
    /// The last words, if they are tests of versions and protocols that the next ones say as well: the headers.
    implied: Vec<&'static str>,
    /// How many of the next expressions were taken together with the one before.
    skip: usize,
}

/// The rule of these expressions in nft's words.
pub fn rule(expressions: &[Expression<'_>], comment: Option<&str>, around: &Surroundings<'_>) -> Rule {
    let mut machine = Machine {
        around,
        registers: Default::default(),
        raiser: Raiser::new(around.family),
        words: Vec::new(),
        implied: Vec::new(),
        skip: 0,
    };
    let mut counters = None;
    for (at, expression) in expressions.iter().enumerate() {
        if let Expression::Counter { packets, bytes } = expression {
            counters = counters.or(Some(crate::Counters { packets: *packets, bytes: *bytes }));
        }
        match machine.skip {
            0 => machine.run(expression, &expressions[at + 1..]),
            _ => machine.skip -= 1,
        }
    }
    let mut text = machine.words.join(" ");
    if let Some(comment) = comment {
        text.push_str(&format!(" comment \"{comment}\""));
    }
    Rule {
        handle: None,
        counters,
        text,
        syntax: Syntax::Nft,
        steps: machine.raiser.into_steps(),
        comment: comment.map(str::to_owned),
        lie: None,
        raw: None,
    }
}

/// Registers 1 to 4 are of 16 bytes, 8 to 23 of 4 bytes.
fn slot(register: u32) -> Option<usize> {
    match register {
        1..=4 => usize::try_from((register - 1) * 4).ok(),
        8..=23 => usize::try_from(register - 8).ok(),
        _ => None,
    }
}

impl Machine<'_> {
    fn hold(&mut self, register: u32, held: Held) {
        let Some(at) = slot(register) else { return };
        let bits = match &held {
            Held::Loaded { what, .. } => what.bits(),
            Held::Constant(bytes) => u32::try_from(bytes.len() * 8).unwrap_or(128),
            Held::Mapped(_) | Held::Other(_) => 128,
        };
        let end = at + usize::try_from(bits.div_ceil(32)).unwrap_or(4);
        // What lay there before is gone, also where the new value is longer.
        for slot in self.registers.iter_mut().take(end).skip(at) {
            *slot = None;
        }
        if let Some(slot) = self.registers.get_mut(at) {
            *slot = Some(held);
        }
    }

    fn held(&self, register: u32) -> Option<&Held> {
        self.registers.get(slot(register)?)?.as_ref()
    }

    /// Words for what a register holds.
    fn held_text(&self, register: u32) -> String {
        match self.held(register) {
            Some(Held::Loaded { what, mask: None, xor: 0, .. }) => what.text(),
            Some(Held::Loaded { what, mask, xor, .. }) => {
                let mask = mask.unwrap_or(u128::MAX);
                format!("{} & {mask:#x} ^ {xor:#x}", what.text())
            }
            Some(Held::Constant(bytes)) => hex(bytes),
            Some(Held::Mapped(text) | Held::Other(text)) => text.clone(),
            None => format!("register {register}"),
        }
    }

    fn load(&mut self, register: u32, what: Selector, is_host_order: bool) {
        self.hold(register, Held::Loaded { what, mask: None, xor: 0, is_host_order });
    }

    fn add(&mut self, statement: Statement) {
        self.imply(&statement);
        self.raiser.add(&statement);
        if matches!(statement, Statement::Need(_)) {
            return;
        }
        self.words.push(statement.text());
        match implied(&statement) {
            Some(header) => self.implied.push(header),
            None => self.implied.clear(),
        }
    }

    /// `meta l4proto tcp tcp dport 22` is written `tcp dport 22`.
    fn imply(&mut self, statement: &Statement) {
        let keys: &[Selector] = match statement {
            Statement::Compare(comparison) => std::slice::from_ref(&comparison.left),
            Statement::Member { keys, .. } | Statement::VerdictMap { keys, .. } | Statement::Need(keys) => {
                keys
            }
            _ => return,
        };
        let says = |implied: &str| {
            keys.iter().any(|key| match key {
                Selector::Payload { header: Some(header), .. } => {
                    *header == implied
                        || matches!((*header, implied), ("icmp" | "igmp", "ip") | ("icmpv6", "ip6"))
                }
                _ => false,
            })
        };
        while self.implied.last().is_some_and(|header| says(header)) {
            self.implied.pop();
            self.words.pop();
        }
    }

    fn opaque(&mut self, text: impl Into<String>) {
        self.add(Statement::Opaque(text.into()));
    }

    fn act(&mut self, text: impl Into<String>, action: Action) {
        self.add(Statement::Act { text: text.into(), action });
    }

    fn run(&mut self, expression: &Expression<'_>, rest: &[Expression<'_>]) {
        match expression {
            Expression::Payload { register, base, offset, length } => {
                let what = self.payload(*base, *offset, *length);
                self.load(*register, what, false);
            }
            Expression::Meta { key, register } => match by_key(Source::Meta, *key, None) {
                // The kernel keeps these as bytes or in network order.
                Some(named) => {
                    self.load(*register, Selector::Named(named), named.bits > 8 && *key != 1);
                }
                None => self.hold(*register, Held::Other(format!("meta key {key}"))),
            },
            Expression::Ct { key, direction, register } => self.ct(*key, *direction, *register),
            Expression::Immediate { register, data } => self.hold(*register, Held::Constant(data.to_vec())),
            Expression::Bitwise { source, destination, mask, xor } => {
                self.bitwise(*source, *destination, mask, xor);
            }
            Expression::Byteorder { source, destination, .. } => {
                let held = match self.held(*source).cloned() {
                    Some(Held::Loaded { what, mask, xor, is_host_order }) => {
                        Held::Loaded { what, mask, xor, is_host_order: !is_host_order }
                    }
                    _ => Held::Other(format!("reordered {}", self.held_text(*source))),
                };
                self.hold(*destination, held);
            }
            Expression::BitwiseOther { source, destination, operation, data } => {
                let text = format!("({} operation {operation} {})", self.held_text(*source), hex(data));
                self.hold(*destination, Held::Other(text));
            }
            Expression::Compare { register, operator, data } => {
                self.compare(*register, *operator, data, rest)
            }
            Expression::Range { register, negated, first, last } => {
                self.range(*register, *negated, first, last);
            }
            Expression::Fib { register, result, flags } => {
                let kind = match result {
                    _ if flags & 32 != 0 => Kind::Presence,
                    3 => Kind::AddressType,
                    _ => Kind::Integer,
                };
                self.load(*register, Selector::Other(fib(*result, *flags), kind), true);
            }
            Expression::Exthdr { .. }
            | Expression::Socket { .. }
            | Expression::Rt { .. }
            | Expression::Numgen { .. }
            | Expression::Hash { .. } => self.other_load(expression),
            Expression::Lookup { set, source, destination, negated } => {
                self.lookup(set, *source, *destination, *negated);
            }
            Expression::Verdict(verdict) => self.verdict(verdict),
            _ => self.effect(expression),
        }
    }

    /// A place in a header, by the name that nft has for it.
    fn payload(&self, base: u32, offset: u32, length: u32) -> Selector {
        let base = u8::try_from(base).unwrap_or(u8::MAX);
        let bits = |bytes: u32| u16::try_from(bytes.saturating_mul(8)).unwrap_or(u16::MAX);
        let (offset, length) = (bits(offset), bits(length));
        let header = match (base, self.raiser.version()) {
            (0, _) => Some("ether"),
            (1, Some(4)) => Some("ip"),
            (1, Some(6)) => Some("ip6"),
            (1, None) if self.around.family == Family::Arp => Some("arp"),
            (2, _) => self.raiser.transport(),
            _ => None,
        };
        Selector::Payload { base, offset, length, header }
    }

    fn ct(&mut self, key: u32, direction: Option<u8>, register: u32) {
        // Addresses without a family of their own are those of the table's family.
        let key = match (key, self.raiser.version()) {
            (8, Some(4)) => 19,
            (9, Some(4)) => 20,
            (8, Some(6)) => 21,
            (9, Some(6)) => 22,
            _ => key,
        };
        match by_key(Source::Ct, key, direction) {
            Some(named) => {
                let is_network_order = matches!(key, 11 | 12 | 19..=22);
                self.load(register, Selector::Named(named), named.bits > 8 && !is_network_order);
            }
            None => self.hold(register, Held::Other(format!("ct key {key}"))),
        }
    }

    fn bitwise(&mut self, source: u32, destination: u32, mask: &[u8], xor: &[u8]) {
        let held = match self.held(source).cloned() {
            Some(Held::Loaded { what, mask: None, xor: 0, is_host_order }) if mask.len() <= 16 => {
                Held::Loaded {
                    mask: Some(number(mask, is_host_order)),
                    xor: number(xor, is_host_order),
                    what,
                    is_host_order,
                }
            }
            _ => Held::Other(format!("({} & {} ^ {})", self.held_text(source), hex(mask), hex(xor))),
        };
        self.hold(destination, held);
    }

    fn compare(&mut self, register: u32, operator: Operator, data: &[u8], rest: &[Expression<'_>]) {
        let Some(Held::Loaded { what, mask, xor: 0, is_host_order }) = self.held(register).cloned() else {
            let text = format!("{} {} {}", self.held_text(register), sign(operator), hex(data));
            return self.opaque(text);
        };
        if is_link_test(&what, data, rest) {
            return;
        }
        if what.kind() == Kind::Interface && operator_is_equality(operator) && mask.is_none() {
            return self.name(what, operator, data);
        }
        let bits = u32::try_from(data.len() * 8).unwrap_or(u32::MAX);
        let fits = bits == what.bits() || (matches!(what, Selector::Other(..)) && bits <= 64);
        if data.is_empty() || !fits {
            let text = format!("{} {} {}", self.held_text(register), sign(operator), hex(data));
            return self.opaque(text);
        }
        let number = number(data, is_host_order);
        // "At least" and "at most" of one load are a range.
        if let (
            Operator::GreaterOrEqual,
            Some(Expression::Compare { register: same, operator: Operator::LessOrEqual, data: last }),
        ) = (operator, rest.first())
            && *same == register
            && last.len() == data.len()
        {
            self.skip = 1;
            return self.range(register, false, data, last);
        }
        if self.both_ports(&what, operator, mask, number) {
            return;
        }
        let comparison = comparison(what, mask, operator, number, is_host_order);
        match comparison {
            Some(comparison) => self.add(Statement::Compare(comparison)),
            None => {
                let text = format!("{} {} {}", self.held_text(register), sign(operator), hex(data));
                self.opaque(text);
            }
        }
    }

    /// Both ports compared at once.
    fn both_ports(&mut self, what: &Selector, operator: Operator, mask: Option<u128>, number: u128) -> bool {
        let Selector::Payload { base: 2, offset: 0, length: 32, header: Some(header) } = *what else {
            return false;
        };
        let ports =
            super::selector::place_of(header, "sport").zip(super::selector::place_of(header, "dport"));
        let (Operator::Equal, None, Some((from, to))) = (operator, mask, ports) else { return false };
        for (place, port) in [(from, number >> 16), (to, number & 0xffff)] {
            self.add(Statement::Compare(Comparison::is(place.selector(), vec![Item::number(port)], false)));
        }
        true
    }

    fn name(&mut self, what: Selector, operator: Operator, data: &[u8]) {
        let is_index = matches!(&what, Selector::Named(named) if matches!(named.text, "iif" | "oif"));
        let name = if is_index {
            let index = data.first_chunk().map_or(0, |bytes| u32::from_ne_bytes(*bytes));
            match (self.around.interfaces)(index) {
                Some(text) => Name { text, is_prefix: false },
                None => return self.opaque(format!("{} {} {index}", what.text(), sign(operator))),
            }
        } else {
            let end = data.iter().position(|byte| *byte == 0);
            let text = crate::iptables::from_bytes(&data[..end.unwrap_or(data.len())]).into_owned();
            Name { text, is_prefix: end.is_none() && data.len() < 16 }
        };
        let right = vec![Item::Name(name)];
        self.add(Statement::Compare(Comparison::is(what, right, operator == Operator::NotEqual)));
    }

    fn range(&mut self, register: u32, negated: bool, first: &[u8], last: &[u8]) {
        let found = match self.held(register).cloned() {
            Some(Held::Loaded { what, mask: None, xor: 0, is_host_order: false })
                if first.len() == last.len() && usize::try_from(what.bits()) == Ok(8 * first.len()) =>
            {
                Some(what)
            }
            _ => None,
        };
        let not = if negated { "!= " } else { "" };
        let Some(what) = found else {
            let text = format!("{} {not}{}-{}", self.held_text(register), hex(first), hex(last));
            return self.opaque(text);
        };
        let range = Range { first: number(first, false), last: number(last, false) };
        self.add(Statement::Compare(Comparison::is(what, vec![Item::Numbers(range)], negated)));
    }

    fn verdict(&mut self, verdict: &Verdict<'_>) {
        let (text, action) = match verdict {
            Verdict::Accept => ("accept".to_owned(), Action::Accept),
            Verdict::Drop => ("drop".to_owned(), Action::Drop),
            Verdict::Return => ("return".to_owned(), Action::Return),
            Verdict::Jump(chain) => (format!("jump {chain}"), Action::Jump((*chain).to_owned())),
            Verdict::Goto(chain) => (format!("goto {chain}"), Action::Goto((*chain).to_owned())),
            Verdict::Continue => {
                let action = Action::Other { text: "continue".to_owned(), ends: Ends::GoesOn };
                ("continue".to_owned(), action)
            }
            Verdict::Queue => ("queue".to_owned(), Action::Queue("queue".to_owned())),
            Verdict::Break | Verdict::Unknown(_) => {
                let text = format!("verdict {verdict:?}");
                (text.clone(), Action::Other { text, ends: Ends::Unknown })
            }
        };
        self.act(text, action);
    }
}

/// The header whose fields nft lets stand for this test.
fn implied(statement: &Statement) -> Option<&'static str> {
    let Statement::Compare(Comparison { left: Selector::Named(named), relation, right, mask: None }) =
        statement
    else {
        return None;
    };
    let [Item::Numbers(Range { first, last })] = right[..] else { return None };
    if *relation != Relation::Is || first != last {
        return None;
    }
    match (named.text, first) {
        ("meta l4proto", protocol) => super::selector::header_of(u8::try_from(protocol).ok()?),
        ("meta nfproto", 2) => Some("ip"),
        ("meta nfproto", 10) => Some("ip6"),
        _ => None,
    }
}

/// A comparison in its plainest form; `None` where there is none.
fn comparison(
    what: Selector,
    mask: Option<u128>,
    operator: Operator,
    number: u128,
    is_host_order: bool,
) -> Option<Comparison> {
    let bits = what.bits();
    let all = if bits >= 128 { u128::MAX } else { (1 << bits) - 1 };
    let negated = operator == Operator::NotEqual;
    if !operator_is_equality(operator) {
        // Memory is compared, so "less" of a number in host order means something else.
        if mask.is_some() || (is_host_order && bits > 8) {
            return None;
        }
        let range = match operator {
            Operator::Less => Range { first: 0, last: number.checked_sub(1)? },
            Operator::LessOrEqual => Range { first: 0, last: number },
            Operator::Greater => {
                Range { first: number.checked_add(1).filter(|first| *first <= all)?, last: all }
            }
            _ => Range { first: number, last: all },
        };
        return Some(Comparison::is(what, vec![Item::Numbers(range)], false));
    }
    let Some(mask) = mask else {
        let (what, range) = widened(what, number);
        return Some(Comparison::is(what, vec![Item::Numbers(range)], negated));
    };
    if what.kind().is_bits() && number == 0 {
        let relation = if negated { Relation::HasBit } else { Relation::HasNoBit };
        return Some(Comparison { left: what, mask: None, relation, right: vec![Item::number(mask)] });
    }
    if number & !mask != 0 {
        return None;
    }
    let (what, mask, number) = narrowed(what, mask, number);
    let free = all & !mask;
    if free & free.wrapping_add(1) == 0 && what.bits() == bits {
        let range = Range { first: number, last: number | free };
        return Some(Comparison::is(what, vec![Item::Numbers(range)], negated));
    }
    let relation = if negated { Relation::IsNot } else { Relation::Is };
    let all = if what.bits() >= 128 { u128::MAX } else { (1 << what.bits()) - 1 };
    let mask = (mask != all).then_some(mask);
    Some(Comparison { left: what, mask, relation, right: vec![Item::number(number)] })
}

/// The first bytes of an address are its network.
fn widened(what: Selector, number: u128) -> (Selector, Range) {
    let one = Range { first: number, last: number };
    let Selector::Payload { base, offset, length, header: Some(header) } = what else { return (what, one) };
    if what.place().is_some() {
        return (what, one);
    }
    let whole = PLACES.iter().find(|place| {
        place.header == header
            && place.base == base
            && place.offset == offset
            && place.length > length
            && matches!(place.kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Ether)
    });
    match whole {
        Some(place) => {
            let low = place.length - length;
            let first = number << low;
            (place.selector(), Range { first, last: first | ((1 << low) - 1) })
        }
        None => (what, one),
    }
}

/// A run of bits that has a name of its own, as DSCP has.
fn narrowed(what: Selector, mask: u128, number: u128) -> (Selector, u128, u128) {
    let Selector::Payload { base, offset, length, header } = what else { return (what, mask, number) };
    if what.place().is_some() || mask == 0 || length > 128 {
        return (what, mask, number);
    }
    let low = mask.trailing_zeros();
    let run = (mask >> low).trailing_ones();
    if mask >> low >> run != 0 {
        return (what, mask, number);
    }
    let (Ok(run_bits), Ok(low_bits)) = (u16::try_from(run), u16::try_from(low)) else {
        return (what, mask, number);
    };
    let narrow = Selector::Payload {
        base,
        offset: offset.saturating_add(length).saturating_sub(low_bits + run_bits),
        length: run_bits,
        header,
    };
    match narrow.place() {
        Some(_) => (narrow, mask >> low, number >> low),
        None => (what, mask, number),
    }
}

/// nft tests that the link is Ethernet before it looks at a MAC address, and doesn't say so.
fn is_link_test(what: &Selector, data: &[u8], rest: &[Expression<'_>]) -> bool {
    let is_type = matches!(what, Selector::Named(named) if named.text == "meta iiftype");
    is_type
        && data == 1_u16.to_ne_bytes()
        && matches!(rest.first(), Some(Expression::Payload { base: 0, .. }))
}

fn operator_is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::NotEqual)
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}

/// Bytes as a number of at most 128 bits.
pub fn number(bytes: &[u8], is_host_order: bool) -> u128 {
    let fold = |sum: u128, byte: &u8| sum << 8 | u128::from(*byte);
    if is_host_order && cfg!(target_endian = "little") {
        bytes.iter().take(16).rev().fold(0, fold)
    } else {
        bytes.iter().take(16).fold(0, fold)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}

/// `fib daddr . iif type`.
pub(super) fn fib(result: u32, flags: u32) -> String {
    let names = [(1, "saddr"), (2, "daddr"), (4, "mark"), (8, "iif"), (16, "oif")];
    let keys: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    let result = ["", "oif", "oifname", "type"].get(usize::try_from(result).unwrap_or(0)).unwrap_or(&"");
    format!("fib {} {result}", keys.join(" . "))
}

/// Values of an element as nft writes them.
fn values_text(values: &Values, kind: Kind, bits: u32) -> String {
    let list: Vec<Item> = match values {
        Values::Ranges(ranges) => ranges.iter().copied().map(Item::Numbers).collect(),
        Values::Names(names) => names.iter().cloned().map(Item::Name).collect(),
        Values::Masked(_) | Values::AnyBit(_) => Vec::new(),
    };
    items(&list, kind, bits)
}
