//! Tests as options, sorted by the module that has them.

use std::fmt::Write;

use crate::iptables::matches::{ADDRESS_TYPES, TCP_FLAGS};
use crate::iptables::{protocol_name, value};
use crate::{Family, Field, Range, SetRef, Test, Values};

/// The parts of a rule, in the order in which they are written.
#[derive(Default)]
pub(super) struct Parts {
    source: Option<String>,
    destination: Option<String>,
    input: Option<String>,
    output: Option<String>,
    /// The text, and the number if it is not negated.
    protocol: Option<(String, Option<u8>)>,
    fragment: Option<String>,
    sport: Option<(String, bool)>,
    dport: Option<(String, bool)>,
    flags: Option<String>,
    icmp: Option<(Test, Option<Test>)>,
    /// Whole modules, by their place in the order.
    modules: Vec<(u8, String)>,
    /// Options of `conntrack`, by their place in its own order.
    conntrack: Vec<(u8, String)>,
}

impl Parts {
    /// Takes one test. `None`: iptables can't say it.
    pub fn add(&mut self, test: &Test, family: Family) -> Option<()> {
        match test {
            Test::Field { field, values, negated } => self.field(*field, values, *negated, family),
            Test::Set { set: SetRef::Ipset(name), keys, negated } => {
                let keys: Option<Vec<&str>> = keys.iter().map(|key| direction(*key)).collect();
                let text = format!("-m set {}--match-set {name} {}", not(*negated), keys?.join(","));
                self.modules.push((9, text));
                Some(())
            }
            Test::Set { set: SetRef::Nft(_), .. } => None,
            Test::Opaque { text, negated: false } if text.starts_with("-m ") => {
                self.modules.push((20, text.clone()));
                Some(())
            }
            Test::Opaque { .. } => None,
            Test::Any(any) => self.any(any),
        }
    }

    fn field(&mut self, field: Field, values: &Values, negated: bool, family: Family) -> Option<()> {
        let not = not(negated);
        match field {
            Field::Version => values.has(if family == Family::Ip6 { 6 } else { 4 }).then_some(()),
            Field::Source => self.address(true, values, negated, family),
            Field::Destination => self.address(false, values, negated, family),
            Field::InInterface => once(&mut self.input, format!("{not}-i {}", interface(values)?)),
            Field::OutInterface => once(&mut self.output, format!("{not}-o {}", interface(values)?)),
            Field::Protocol => {
                let number = u8::try_from(only(values)?).ok()?;
                let name = protocol_name(number).map_or_else(|| number.to_string(), str::to_owned);
                once(&mut self.protocol, (format!("{not}-p {name}"), Some(number).filter(|_| !negated)))
            }
            Field::Fragment => {
                let is_later = (only(values)? == 1) != negated;
                once(&mut self.fragment, if is_later { "-f" } else { "! -f" }.to_owned())
            }
            Field::SourcePort => once(&mut self.sport, (ports(values)?, negated)),
            Field::DestinationPort => once(&mut self.dport, (ports(values)?, negated)),
            Field::TcpFlags => {
                let (value, mask) = under_mask(values, 0x3f)?;
                once(&mut self.flags, format!("{not}--tcp-flags {} {}", flags(mask), flags(value)))
            }
            Field::IcmpType => {
                let test = Test::Field { field, values: values.clone(), negated };
                once(&mut self.icmp, (test, None))
            }
            Field::IcmpCode if !negated => {
                let (_, code) = self.icmp.as_mut()?;
                once(code, Test::Field { field, values: values.clone(), negated })
            }
            _ => self.module(field, values, negated, family),
        }
    }

    /// Fields that have a module of their own.
    fn module(&mut self, field: Field, values: &Values, negated: bool, family: Family) -> Option<()> {
        let not = not(negated);
        let (place, text) = match field {
            Field::SourceType => (4, format!("-m addrtype {not}--src-type {}", types(values)?)),
            Field::DestinationType => (4, format!("-m addrtype {not}--dst-type {}", types(values)?)),
            Field::Mark => (5, format!("-m mark {not}--mark {}", mark(values)?)),
            Field::CtMark => (6, format!("-m connmark {not}--mark {}", mark(values)?)),
            Field::SourceMac => (7, format!("-m mac {not}--mac-source {}", mac(only(values)?))),
            Field::PacketType => {
                let name = ["unicast", "broadcast", "multicast"].get(usize::try_from(only(values)?).ok()?)?;
                (7, format!("-m pkttype {not}--pkt-type {name}"))
            }
            Field::Dscp => (8, format!("-m dscp {not}--dscp {:#04x}", only(values)?)),
            Field::Tos => {
                let (value, mask) = under_mask(values, 0xff)?;
                (8, format!("-m tos {not}--tos {value:#04x}/{mask:#04x}"))
            }
            Field::Ttl => (8, ttl(values, negated, family)?),
            Field::Length => {
                (8, format!("-m length {not}--length {}", ports(values).filter(|t| !t.contains(','))?))
            }
            Field::Uid if !negated => (10, format!("-m owner --uid-owner {}", dashed(values)?)),
            Field::Gid if !negated => (10, format!("-m owner --gid-owner {}", dashed(values)?)),
            _ => return self.conntrack(field, values, negated, family),
        };
        self.modules.push((place, text));
        Some(())
    }

    fn conntrack(&mut self, field: Field, values: &Values, negated: bool, family: Family) -> Option<()> {
        let not = not(negated);
        let (place, text) = match (field, values) {
            (Field::CtState, Values::AnyBit(bits)) => (0, format!("--ctstate {}", states(*bits, 0)?)),
            (Field::CtStatus, Values::AnyBit(bits)) if bits & !0x30 == 0 && *bits != 0 && !negated => {
                (0, format!("--ctstate {}", states(0, *bits)?))
            }
            (Field::CtStatus, Values::AnyBit(bits)) => (9, format!("--ctstatus {}", statuses(*bits)?)),
            (Field::CtProtocol, _) => (1, format!("--ctproto {}", only(values)?)),
            (Field::CtOriginalSource, _) => (2, format!("--ctorigsrc {}", plain_network(values, family)?)),
            (Field::CtOriginalDestination, _) => {
                (3, format!("--ctorigdst {}", plain_network(values, family)?))
            }
            (Field::CtReplySource, _) => (4, format!("--ctreplsrc {}", plain_network(values, family)?)),
            (Field::CtReplyDestination, _) => (5, format!("--ctrepldst {}", plain_network(values, family)?)),
            (Field::CtOriginalSourcePort, _) => (6, format!("--ctorigsrcport {}", one_range(values)?)),
            (Field::CtOriginalDestinationPort, _) => (7, format!("--ctorigdstport {}", one_range(values)?)),
            (Field::CtReplySourcePort, _) => (8, format!("--ctreplsrcport {}", one_range(values)?)),
            (Field::CtReplyDestinationPort, _) => (8, format!("--ctrepldstport {}", one_range(values)?)),
            (Field::CtDirection, _) if !negated => {
                (10, format!("--ctdir {}", if only(values)? == 1 { "REPLY" } else { "ORIGINAL" }))
            }
            _ => return None,
        };
        // Each option can be given once.
        let option = text.split(' ').next()?;
        let is_free = !self.conntrack.iter().any(|(_, other)| other.split(' ').any(|word| word == option));
        self.conntrack.push((place, format!("{not}{text}")));
        is_free.then_some(())
    }

    /// Alternatives that one option can say.
    fn any(&mut self, any: &[Test]) -> Option<()> {
        let [
            Test::Field { field: first, values, negated: false },
            Test::Field { field: second, values: others, negated: false },
        ] = any
        else {
            return None;
        };
        match (first, second, values, others) {
            (Field::SourcePort, Field::DestinationPort, _, _) if values == others => {
                self.modules.push((1, format!("-m multiport --ports {}", ports(values)?)));
            }
            (Field::CtState, Field::CtStatus, Values::AnyBit(state), Values::AnyBit(status))
                if status & !0x30 == 0 =>
            {
                self.conntrack.push((0, format!("--ctstate {}", states(*state, *status)?)));
            }
            _ => return None,
        }
        Some(())
    }

    fn address(&mut self, is_source: bool, values: &Values, negated: bool, family: Family) -> Option<()> {
        let not = not(negated);
        let (option, range) = if is_source { ("-s", "--src-range") } else { ("-d", "--dst-range") };
        let place = if is_source { &mut self.source } else { &mut self.destination };
        if let Some((value, mask)) = under_mask(values, value::all_bits(family)) {
            if mask == 0 && !negated {
                return Some(());
            }
            return once(place, format!("{not}{option} {}", network(value, mask, family)));
        }
        let Range { first, last } = single(values)?;
        let (first, last) = (value::address_text(first, family), value::address_text(last, family));
        self.modules.push((2, format!("-m iprange {not}{range} {first}-{last}")));
        Some(())
    }

    /// All of it as text.
    pub fn text(mut self) -> Option<String> {
        let mut out = String::new();
        let protocol = self.protocol.as_ref().and_then(|(_, number)| *number);
        self.transport(protocol)?;
        self.icmp(protocol)?;
        if !self.conntrack.is_empty() {
            self.conntrack.sort_by_key(|(place, _)| *place);
            let options: Vec<String> = self.conntrack.into_iter().map(|(_, text)| text).collect();
            self.modules.push((3, format!("-m conntrack {}", options.join(" "))));
        }
        let protocol = self.protocol.map(|(text, _)| text);
        let common = [self.source, self.destination, self.input, self.output, protocol, self.fragment];
        self.modules.sort_by_key(|(place, _)| *place);
        let modules = self.modules.into_iter().map(|(_, text)| Some(text));
        for text in common.into_iter().chain(modules).flatten() {
            out.push(' ');
            out.push_str(&text);
        }
        Some(out)
    }

    /// Ports and flags.
    fn transport(&mut self, protocol: Option<u8>) -> Option<()> {
        if self.sport.is_none() && self.dport.is_none() && self.flags.is_none() {
            return Some(());
        }
        let module = match protocol {
            Some(6) => "tcp",
            Some(17) => "udp",
            Some(33) => "dccp",
            Some(132) => "sctp",
            Some(136) => "udplite",
            _ => return None,
        };
        if self.flags.is_some() && module != "tcp" {
            return None;
        }
        let mut own = String::new();
        let mut is_negated = false;
        for (option, list, port) in
            [("--sport", "--sports", self.sport.take()), ("--dport", "--dports", self.dport.take())]
        {
            let Some((text, negated)) = port else { continue };
            let not = not(negated);
            // udplite has no module of its own in iptables 1.8.9's userspace.
            if text.contains(',') || module == "udplite" || (negated && is_negated) {
                let slots: usize = text.split(',').map(|range| range.split(':').count()).sum();
                if slots > 15 {
                    return None;
                }
                self.modules.push((1, format!("-m multiport {not}{list} {text}")));
            } else {
                is_negated |= negated;
                push(&mut own, format_args!(" {not}{option} {text}"));
            }
        }
        if let Some(flags) = self.flags.take() {
            push(&mut own, format_args!(" {flags}"));
        }
        if !own.is_empty() {
            self.modules.push((0, format!("-m {module}{own}")));
        }
        Some(())
    }

    fn icmp(&mut self, protocol: Option<u8>) -> Option<()> {
        let Some((kind, code)) = self.icmp.take() else { return Some(()) };
        let (module, option) = match protocol {
            Some(1) => ("icmp", "--icmp-type"),
            Some(58) => ("icmp6", "--icmpv6-type"),
            _ => return None,
        };
        let Test::Field { values, negated, .. } = kind else { return None };
        let mut text = format!("-m {module} {}{option} {}", not(negated), only(&values)?);
        if let Some(Test::Field { values, .. }) = code {
            if negated {
                return None;
            }
            push(&mut text, format_args!("/{}", only(&values)?));
        }
        self.modules.push((0, text));
        Some(())
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes any text");
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn not(negated: bool) -> &'static str {
    if negated { "! " } else { "" }
}

fn single(values: &Values) -> Option<Range> {
    match values {
        Values::Ranges(ranges) if ranges.len() == 1 => ranges.first().copied(),
        _ => None,
    }
}

fn only(values: &Values) -> Option<u128> {
    single(values).filter(|range| range.first == range.last).map(|range| range.first)
}

/// A value and its mask, where the values are just that.
fn under_mask(values: &Values, all: u128) -> Option<(u128, u128)> {
    if let Values::Masked(masked) = values {
        return match masked[..] {
            [only] => Some((only.value, only.mask)),
            _ => None,
        };
    }
    let Range { first, last } = single(values)?;
    let free = first ^ last;
    let is_network = free & first == 0 && free & free.wrapping_add(1) == 0 && first | free == last;
    is_network.then_some((first, all & !free))
}

fn network(value: u128, mask: u128, family: Family) -> String {
    let address = value::address_text(value, family);
    let free = value::all_bits(family) & !mask;
    if free & free.wrapping_add(1) == 0 {
        return format!("{address}/{}", mask.count_ones());
    }
    format!("{address}/{}", value::address_text(mask, family))
}

/// The same as conntrack prints it: a single address has no length.
fn plain_network(values: &Values, family: Family) -> Option<String> {
    let all = value::all_bits(family);
    let (value, mask) = under_mask(values, all)?;
    Some(if mask == all {
        value::address_text(value, family).to_string()
    } else {
        network(value, mask, family)
    })
}

fn interface(values: &Values) -> Option<String> {
    let Values::Names(names) = values else { return None };
    match &names[..] {
        [name] if name.is_prefix => Some(format!("{}+", name.text)),
        [name] => Some(name.text.clone()),
        _ => None,
    }
}

/// `22`, `80:90`, `22,80:90`.
fn ports(values: &Values) -> Option<String> {
    let Values::Ranges(ranges) = values else { return None };
    let one = |range: &Range| {
        if range.first == range.last {
            range.first.to_string()
        } else {
            format!("{}:{}", range.first, range.last)
        }
    };
    let all: Vec<String> = ranges.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(","))
}

fn one_range(values: &Values) -> Option<String> {
    ports(values).filter(|text| !text.contains(','))
}

fn dashed(values: &Values) -> Option<String> {
    Some(one_range(values)?.replace(':', "-"))
}

fn mark(values: &Values) -> Option<String> {
    let all = u128::from(u32::MAX);
    let (value, mask) = under_mask(values, all)?;
    Some(if mask == all { format!("{value:#x}") } else { format!("{value:#x}/{mask:#x}") })
}

fn mac(number: u128) -> String {
    let bytes: Vec<String> =
        (0..6).rev().map(|byte| format!("{:02x}", (number >> (8 * byte)) & 0xff)).collect();
    bytes.join(":")
}

fn ttl(values: &Values, negated: bool, family: Family) -> Option<String> {
    let name = if family == Family::Ip6 { "hl" } else { "ttl" };
    let not = not(negated);
    let text = match single(values)? {
        Range { first, last } if first == last => format!("-m {name} {not}--{name}-eq {first}"),
        Range { first: 0, last } if !negated => format!("-m {name} --{name}-lt {}", last + 1),
        Range { first, last: 255 } if !negated => format!("-m {name} --{name}-gt {}", first - 1),
        _ => return None,
    };
    Some(text)
}

fn flags(bits: u128) -> String {
    let names: Vec<&str> =
        TCP_FLAGS.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    if names.is_empty() { "NONE".to_owned() } else { names.join(",") }
}

fn types(values: &Values) -> Option<String> {
    let Values::AnyBit(bits) = values else { return None };
    let names: Vec<&str> = ADDRESS_TYPES
        .iter()
        .enumerate()
        .filter(|(number, _)| bits & (1 << number) != 0)
        .map(|(_, name)| *name)
        .collect();
    (!names.is_empty()).then(|| names.join(","))
}

/// In the order of iptables-save.
fn states(bits: u128, status: u128) -> Option<String> {
    let names = [("INVALID", 1), ("NEW", 8), ("RELATED", 4), ("ESTABLISHED", 2), ("UNTRACKED", 64)];
    let translated = [("SNAT", 16), ("DNAT", 32)];
    let state = names.iter().filter(|(_, bit)| bits & bit != 0);
    let status = translated.iter().filter(|(_, bit)| status & bit != 0);
    let words: Vec<&str> = state.chain(status).map(|(name, _)| *name).collect();
    (!words.is_empty()).then(|| words.join(","))
}

fn statuses(bits: u128) -> Option<String> {
    let names = [("EXPECTED", 1), ("SEEN_REPLY", 2), ("ASSURED", 4), ("CONFIRMED", 8)];
    let words: Vec<&str> = names.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| *name).collect();
    (!words.is_empty() && bits & !15 == 0).then(|| words.join(","))
}

fn direction(key: Field) -> Option<&'static str> {
    match key {
        Field::Source => Some("src"),
        Field::Destination => Some("dst"),
        _ => None,
    }
}
