//! Walks along the expressions of one rule.

use std::fmt::Write as _;

use super::head::{Head, Interface, Network, bits, test};
use super::meaning::Meanings;
use super::{Extensions, Refusal, matches, targets};
use crate::iptables::{from_bytes, push_text};
use crate::nft::expression::{Expression, Operator, Verdict};
use crate::{Action, Counters, Family, Field, Range, Rule, Step, Syntax, Values};

/// NFT_META_*.
const MARK: u32 = 3;
const IIFNAME: u32 = 6;
const OIFNAME: u32 = 7;
const NFTRACE: u32 = 12;
const L4PROTO: u32 = 16;
const TCP: u8 = 6;
const UDP: u8 = 17;
/// What iptables-nft compares with where no interface shall match (`! -i +`).
const NO_INTERFACE: &str = "INVAL/D";

pub(super) struct Walk<'a> {
    family: Family,
    extensions: &'a dyn Extensions,
    meanings: &'a mut Meanings,
    head: Head<'a>,
    /// `-m ...`, each with a blank before it.
    body: String,
    steps: Vec<Step>,
    ports: Option<Ports>,
    comment: Option<String>,
    counters: Option<Counters>,
    lie: Option<String>,
}

/// What iptables-nft writes natively for `-m tcp` and `-m udp`.
#[derive(Clone, Copy, Default)]
struct Ports {
    source: Option<(u16, u16, bool)>,
    destination: Option<(u16, u16, bool)>,
    /// Mask, value, "not".
    flags: Option<(u8, u8, bool)>,
    /// Both ports as one number, of which the kernel only knows that it is not that.
    lie: Option<u32>,
}

/// What a rule's only register holds.
enum Loaded {
    Meta(u32),
    Payload { base: u32, offset: u32, length: u32 },
}

impl<'a> Walk<'a> {
    pub fn new(family: Family, extensions: &'a dyn Extensions, meanings: &'a mut Meanings) -> Self {
        Self {
            family,
            extensions,
            meanings,
            head: Head::default(),
            body: String::new(),
            steps: Vec::new(),
            ports: None,
            comment: None,
            counters: None,
            lie: None,
        }
    }

    pub fn rule(mut self, expressions: &[Expression<'a>]) -> Result<Rule, Refusal> {
        let counter = expressions
            .iter()
            .position(|one| matches!(one, Expression::Counter { .. }))
            .ok_or(Refusal::Native)?;
        let (tests, rest) = expressions.split_at(counter);
        let mut tests = tests;
        while let Some((first, others)) = tests.split_first() {
            tests = self.test(first, others)?;
        }
        self.flush_ports();
        let Expression::Counter { packets, bytes } = rest[0] else { return Err(Refusal::Native) };
        self.counters = Some(Counters { packets, bytes });
        let target = self.target(&rest[1..])?;
        let mut steps = Vec::with_capacity(self.steps.len() + self.head.len());
        self.head.steps(&mut steps, self.family);
        steps.append(&mut self.steps);
        let mut text = String::with_capacity(self.body.len() + target.len() + 48);
        self.head.write(&mut text, self.family);
        text.push_str(&self.body);
        text.push_str(&target);
        if text.starts_with(' ') {
            text.remove(0);
        }
        Ok(Rule {
            handle: None,
            counters: self.counters,
            text,
            syntax: Syntax::Iptables,
            steps,
            comment: self.comment,
            lie: self.lie,
            raw: None,
        })
    }

    /// One test, which may take several expressions; gives those that are left.
    fn test<'e>(
        &mut self,
        first: &Expression<'a>,
        rest: &'e [Expression<'a>],
    ) -> Result<&'e [Expression<'a>], Refusal> {
        let loaded = match *first {
            Expression::Meta { key, .. } => Loaded::Meta(key),
            Expression::Payload { base, offset, length, .. } => Loaded::Payload { base, offset, length },
            Expression::Match(extension) => {
                self.flush_ports();
                let at = self.body.len();
                matches::write(&extension, self.family, self.extensions, &mut self.body)
                    .ok_or(Refusal::Extension)?;
                match extension.name {
                    "comment" => self.comment = matches::comment(&extension),
                    _ => self.learn_match(at),
                }
                return Ok(rest);
            }
            Expression::Limit { rate, unit, burst, is_bytes: false, negated: false } => {
                self.flush_ports();
                let at = self.body.len();
                matches::limit(rate, unit, burst, &mut self.body).ok_or(Refusal::Native)?;
                self.learn_match(at);
                return Ok(rest);
            }
            _ => return Err(Refusal::Native),
        };
        let register = register(first);
        let (mask, rest) = match rest.split_first() {
            Some((Expression::Bitwise { source, destination, mask, xor }, after))
                if *source == register && *destination == register && xor.iter().all(|byte| *byte == 0) =>
            {
                (Some(*mask), after)
            }
            _ => (None, rest),
        };
        match rest.split_first() {
            Some((Expression::Compare { register: compared, operator, data }, after))
                if *compared == register =>
            {
                let negated = match operator {
                    Operator::Equal => false,
                    Operator::NotEqual => true,
                    _ if mask.is_none() => {
                        self.port_bound(&loaded, *operator, data).ok_or(Refusal::Native)?;
                        return Ok(after);
                    }
                    _ => return Err(Refusal::Native),
                };
                self.compare(&loaded, mask, data, negated).ok_or(Refusal::Native)?;
                Ok(after)
            }
            Some((Expression::Range { register: compared, negated, first, last }, after))
                if *compared == register && mask.is_none() =>
            {
                self.port_range(&loaded, first, last, *negated).ok_or(Refusal::Native)?;
                Ok(after)
            }
            // `-i +` leaves a load without a comparison.
            _ if matches!(loaded, Loaded::Meta(IIFNAME | OIFNAME)) && mask.is_none() => Ok(rest),
            _ => Err(Refusal::Native),
        }
    }

    /// Adds what the extension means whose text begins there in the body.
    fn learn_match(&mut self, at: usize) {
        let steps = self.meanings.of(self.body[at..].trim_start(), self.head.protocol, self.family);
        self.steps.extend_from_slice(steps);
    }

    fn learn(&mut self, segment: &str) {
        let steps = self.meanings.of(segment, self.head.protocol, self.family);
        self.steps.extend_from_slice(steps);
    }

    /// `None`: iptables-nft doesn't write this.
    fn compare(
        &mut self,
        loaded: &Loaded,
        mask: Option<&'a [u8]>,
        data: &'a [u8],
        negated: bool,
    ) -> Option<()> {
        match *loaded {
            Loaded::Payload { base: 2, offset, length } => {
                self.transport(offset, length, mask, data, negated)
            }
            Loaded::Payload { base: 1, offset, length } => {
                self.flush_ports();
                self.network(offset, length, mask, data, negated)
            }
            Loaded::Payload { .. } => None,
            Loaded::Meta(L4PROTO) => {
                self.flush_ports();
                let [number] = *data else { return None };
                if self.head.protocol.is_some() || mask.is_some() {
                    return None;
                }
                self.head.protocol = Some((number, negated));
                Some(())
            }
            Loaded::Meta(key @ (IIFNAME | OIFNAME)) if mask.is_none() => {
                self.flush_ports();
                self.interface(key, data, negated)
            }
            Loaded::Meta(MARK) => {
                self.flush_ports();
                let value = u32::from_ne_bytes(data.try_into().ok()?);
                let mask = match mask {
                    Some(mask) => u32::from_ne_bytes(mask.try_into().ok()?),
                    None => u32::MAX,
                };
                self.body.push_str(" -m mark");
                matches::mark(value, mask, negated, &mut self.body);
                self.steps.push(matches::mark_test(Field::Mark, value, mask, negated));
                Some(())
            }
            Loaded::Meta(_) => None,
        }
    }

    fn interface(&mut self, key: u32, data: &'a [u8], negated: bool) -> Option<()> {
        let slot = match key {
            IIFNAME => &mut self.head.input,
            _ => &mut self.head.output,
        };
        if slot.is_some() {
            return None;
        }
        let end = data.iter().position(|byte| *byte == 0);
        let text = std::str::from_utf8(&data[..end.unwrap_or(data.len())]).ok()?;
        let found = match (text, negated) {
            (NO_INTERFACE, false) => Interface { text: "", is_prefix: true, negated: true },
            _ => Interface { text, is_prefix: end.is_none(), negated },
        };
        *slot = Some(found);
        Some(())
    }

    fn network(
        &mut self,
        offset: u32,
        length: u32,
        mask: Option<&[u8]>,
        data: &[u8],
        negated: bool,
    ) -> Option<()> {
        let bytes = bits(self.family) / 8;
        let start = if self.family == Family::Ip6 { 8 } else { 12 };
        if self.family == Family::Ip && (offset, length, mask) == (6, 2, Some(&[0x1f, 0xff])) {
            if data != [0, 0] || self.head.fragment.is_some() {
                return None;
            }
            // "not equal to zero" is a later fragment.
            self.head.fragment = Some(!negated);
            return Some(());
        }
        let slot = match offset {
            _ if offset == start => &mut self.head.source,
            _ if offset == start + bytes => &mut self.head.destination,
            _ => return None,
        };
        if slot.is_some() || length == 0 || length > bytes || usize::try_from(length) != Ok(data.len()) {
            return None;
        }
        let number = |part: &[u8]| {
            let low = 8 * (bytes - length);
            part.iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte)) << low
        };
        let mask = match mask {
            Some(mask) if mask.len() == data.len() => number(mask),
            Some(_) => return None,
            None => number(&vec![0xff; data.len()]),
        };
        let network = Network { value: number(data), mask, negated };
        if network.value & !mask != 0 {
            return None;
        }
        *slot = Some(network);
        Some(())
    }

    fn transport(
        &mut self,
        offset: u32,
        length: u32,
        mask: Option<&[u8]>,
        data: &[u8],
        negated: bool,
    ) -> Option<()> {
        let Some((protocol @ (TCP | UDP), false)) = self.head.protocol else { return None };
        match (offset, length, mask) {
            (13, 1, mask) if protocol == TCP => {
                let ([value], mask) = (data, mask.map_or(Some(0xff), |mask| mask.first().copied())?) else {
                    return None;
                };
                if value & !mask != 0 {
                    return None;
                }
                self.ports_free(|ports| ports.flags.is_none()).flags = Some((mask, *value, negated));
            }
            (0 | 2, 2, None) => {
                let port = u16::from_be_bytes(data.try_into().ok()?);
                self.port(offset == 0, port, port, negated);
            }
            (0, 4, None) => {
                let both: [u8; 4] = data.try_into().ok()?;
                let (from, to) =
                    (u16::from_be_bytes([both[0], both[1]]), u16::from_be_bytes([both[2], both[3]]));
                if negated {
                    self.lying_ports(from, to, u32::from_be_bytes(both));
                } else {
                    self.port(true, from, from, false);
                    self.port(false, to, to, false);
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// A range that begins with the first port or ends with the last one.
    fn port_bound(&mut self, loaded: &Loaded, operator: Operator, data: &[u8]) -> Option<()> {
        let port = u16::from_be_bytes(data.try_into().ok()?);
        let (first, last) = match operator {
            Operator::Less => (0, port.checked_sub(1)?),
            Operator::LessOrEqual => (0, port),
            Operator::Greater => (port.checked_add(1)?, u16::MAX),
            _ => (port, u16::MAX),
        };
        self.port_range(loaded, &first.to_be_bytes(), &last.to_be_bytes(), false)
    }

    fn port_range(&mut self, loaded: &Loaded, first: &[u8], last: &[u8], negated: bool) -> Option<()> {
        let Loaded::Payload { base: 2, offset: offset @ (0 | 2), length: 2 } = *loaded else { return None };
        let Some((TCP | UDP, false)) = self.head.protocol else { return None };
        let port = |bytes: &[u8]| bytes.try_into().ok().map(u16::from_be_bytes);
        self.port(offset == 0, port(first)?, port(last)?, negated);
        Some(())
    }

    fn port(&mut self, is_source: bool, first: u16, last: u16, negated: bool) {
        let ports =
            self.ports_free(|ports| if is_source { ports.source } else { ports.destination }.is_none());
        *if is_source { &mut ports.source } else { &mut ports.destination } = Some((first, last, negated));
    }

    /// `! --sport A ! --dport B` as 1.8.9 compiles it: "not both".
    fn lying_ports(&mut self, from: u16, to: u16, both: u32) {
        let ports = self.ports_free(|ports| ports.source.is_none() && ports.destination.is_none());
        ports.source = Some((from, from, true));
        ports.destination = Some((to, to, true));
        ports.lie = Some(both);
        self.lie = Some(format!(
            "the kernel compares both ports at once: every packet passes this test unless its source port is {from} and its destination port is {to}"
        ));
    }

    /// The ports that are being collected, if `is_free` in them; else those of a further `-m tcp`.
    ///
    /// iptables-nft-save merges two of them and prints only the last value; that would be another rule.
    fn ports_free(&mut self, is_free: impl Fn(&Ports) -> bool) -> &mut Ports {
        if self.ports.as_ref().is_some_and(|ports| !is_free(ports)) {
            self.flush_ports();
        }
        self.ports.get_or_insert_default()
    }

    fn flush_ports(&mut self) {
        let Some(ports) = self.ports.take() else { return };
        let is_tcp = matches!(self.head.protocol, Some((TCP, _)));
        self.body.push_str(if is_tcp { " -m tcp" } else { " -m udp" });
        let sides = [
            ("--sport", Field::SourcePort, ports.source),
            ("--dport", Field::DestinationPort, ports.destination),
        ];
        for (option, field, side) in sides {
            matches::ports(side, option, &mut self.body);
            if let (Some((first, last, negated)), None) = (side, ports.lie) {
                let values = Values::Ranges(vec![Range { first: first.into(), last: last.into() }]);
                self.steps.push(test(field, values, negated));
            }
        }
        if let Some(both) = ports.lie {
            let field = Field::Bits { base: 2, offset: 0, length: 32 };
            self.steps.push(test(field, Values::one(both.into()), true));
        }
        if let Some((mask, value, negated)) = ports.flags {
            matches::tcp_flags(mask, value, negated, &mut self.body);
            self.steps.push(matches::flags_test(mask, value, negated));
        }
    }

    fn target(&mut self, rest: &[Expression<'a>]) -> Result<String, Refusal> {
        let action = |name: &str, action: Action, steps: &mut Vec<Step>| {
            steps.push(Step::Do(action));
            Ok(format!(" -j {name}"))
        };
        match rest {
            [] => Ok(String::new()),
            [Expression::Verdict(verdict)] => match verdict {
                Verdict::Accept => action("ACCEPT", Action::Accept, &mut self.steps),
                Verdict::Drop => action("DROP", Action::Drop, &mut self.steps),
                Verdict::Return => action("RETURN", Action::Return, &mut self.steps),
                Verdict::Jump(chain) => action(chain, Action::Jump((*chain).to_owned()), &mut self.steps),
                Verdict::Goto(chain) => {
                    self.steps.push(Step::Do(Action::Goto((*chain).to_owned())));
                    Ok(format!(" -g {chain}"))
                }
                _ => Err(Refusal::Native),
            },
            [Expression::Target(extension)] => {
                let text =
                    targets::write(extension, self.family, self.extensions).ok_or(Refusal::Extension)?;
                self.learn(text.trim_start());
                Ok(text)
            }
            [Expression::Log { prefix, group: Some(group), length, threshold, level: None, flags: 0 }] => {
                let mut text = String::from(" -j NFLOG");
                if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) {
                    text.push_str(" --nflog-prefix ");
                    push_text(&mut text, &from_bytes(prefix));
                }
                let mut number = |option: &str, number: Option<u32>| {
                    if let Some(number) = number.filter(|number| *number != 0) {
                        write!(text, " --nflog-{option} {number}").expect("a string takes everything");
                    }
                };
                number("group", Some((*group).into()));
                number("size", *length);
                number("threshold", threshold.map(u32::from));
                self.learn(text.trim_start());
                Ok(text)
            }
            [
                Expression::Immediate { register, data: [1] | [1, 0, 0, 0] },
                Expression::MetaSet { key: NFTRACE, register: set },
            ] if register == set => action("TRACE", Action::Log("TRACE".to_owned()), &mut self.steps),
            _ => Err(Refusal::Native),
        }
    }
}

fn register(expression: &Expression<'_>) -> u32 {
    match expression {
        Expression::Meta { register, .. } | Expression::Payload { register, .. } => *register,
        _ => 0,
    }
}
