//! A box of traffic: for each field that is limited, which values. Rules cut it in two, exactly, or under an assumption.

use crate::ufw::{Direction, Lane, Network, Wanted};
use crate::{Family, Field, Name, Range, Test, Values};

/// With more ranges than this a box isn't cut any finer: it stays larger than it is, never smaller.
const FINEST: usize = 64;
/// Values that are counted one by one.
const COUNTABLE: u128 = 64;

/// NEW, as a value of [`Field::CtState`].
const NEW: u128 = 8;
/// RTN_LOCAL, as a value of [`Field::DestinationType`].
const LOCAL: u128 = 1 << 2;
/// SYN, as a value of [`Field::TcpFlags`].
const SYN: u128 = 2;
const WITH_PORTS: [u128; 5] = [6, 17, 33, 132, 136];
const ICMP: [u128; 2] = [1, 58];

/// Packets: those whose fields all have one of these values.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    family: Family,
    fields: Vec<(Field, Span)>,
    /// What can't be decided from rules alone, and was taken to be so or not.
    pub assumed: Vec<(Test, bool)>,
    /// Is it perhaps smaller than it says?
    pub is_rough: bool,
}

/// Values of one field.
#[derive(Clone, Debug, PartialEq)]
enum Span {
    /// Sorted and disjoint.
    Numbers(Vec<Range>),
    Names {
        within: Option<Name>,
        except: Vec<Name>,
    },
}

/// How a box and a test relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// No packet of it passes.
    None,
    /// Every packet of it passes.
    All,
    /// Some do, or we can't tell.
    Some,
}

impl Region {
    /// The first packet of each connection that is meant.
    pub fn of(wanted: &Wanted, lane: &Lane, family: Family) -> Self {
        let mut region = Self { family, fields: Vec::new(), assumed: Vec::new(), is_rough: false };
        let numbers = |value: u128| Span::Numbers(vec![Range { first: value, last: value }]);
        region.set(Field::CtState, numbers(NEW));
        region.set(Field::CtStatus, numbers(0));
        region.set(Field::CtDirection, numbers(0));
        region.set(Field::Mark, numbers(0));
        region.set(Field::CtMark, numbers(0));
        region.set(Field::Fragment, numbers(0));
        region.set(Field::Version, numbers(if family == Family::Ip6 { 6 } else { 4 }));
        if let Some(protocol) = lane.protocol.and_then(number_of) {
            region.set(Field::Protocol, numbers(protocol));
            if protocol == 6 {
                region.set(Field::TcpFlags, numbers(SYN));
            }
        }
        for (field, ports) in
            [(Field::SourcePort, &lane.source_ports), (Field::DestinationPort, &lane.destination_ports)]
        {
            if !ports.0.is_empty() {
                let ranges =
                    ports.0.iter().map(|&(first, last)| Range { first: first.into(), last: last.into() });
                region.set(field, Span::Numbers(merged(ranges)));
            }
        }
        for (field, network) in [(Field::Source, wanted.source), (Field::Destination, wanted.destination)] {
            if let Some(network) = network {
                region.limit_network(field, network);
            }
        }
        region.limit_interfaces(wanted);
        region
    }

    fn limit_network(&mut self, field: Field, network: Network) {
        match network.prefix() {
            Some(_) => {
                let first = network.number();
                let last = first | (largest(Field::Source, self.family) & !network.mask);
                self.set(field, Span::Numbers(vec![Range { first, last }]));
            }
            None => {
                let values =
                    Values::Masked(vec![crate::Masked { value: network.number(), mask: network.mask }]);
                self.assumed.push((Test::Field { field, values, negated: false }, true));
            }
        }
    }

    fn limit_interfaces(&mut self, wanted: &Wanted) {
        let lo = Name { text: "lo".to_owned(), is_prefix: false };
        let given = |name: &Option<String>, wants_lo: bool| match name {
            Some(text) => {
                let within = Some(match text.strip_suffix('+') {
                    Some(start) => Name { text: start.to_owned(), is_prefix: true },
                    None => Name { text: text.clone(), is_prefix: false },
                });
                Span::Names { within, except: Vec::new() }
            }
            None => {
                Span::Names { within: None, except: if wants_lo { Vec::new() } else { vec![lo.clone()] } }
            }
        };
        let none =
            Span::Names { within: Some(Name { text: String::new(), is_prefix: false }), except: Vec::new() };
        let is_loop =
            [wanted.source, wanted.destination].iter().flatten().any(|network| network.address.is_loopback());
        let (input, output) = match wanted.direction {
            Direction::In => (given(&wanted.in_interface, is_loop), none),
            Direction::Out => (none, given(&wanted.out_interface, is_loop)),
            Direction::Routed => (given(&wanted.in_interface, false), given(&wanted.out_interface, false)),
        };
        if wanted.direction == Direction::In && wanted.destination.is_none() {
            self.set(Field::DestinationType, Span::Numbers(vec![Range { first: LOCAL, last: LOCAL }]));
        }
        self.set(Field::InInterface, input);
        self.set(Field::OutInterface, output);
    }

    /// The same, known to be perhaps larger than it should be.
    pub fn rough(mut self) -> Self {
        self.is_rough = true;
        self
    }

    /// Gives a field just this value, whatever it had.
    pub fn fix(&mut self, field: Field, value: u128) {
        self.set(field, Span::Numbers(vec![Range { first: value, last: value }]));
    }

    /// Gives an interface just this name.
    pub fn fix_name(&mut self, field: Field, text: String) {
        let within = Some(Name { text, is_prefix: false });
        self.set(field, Span::Names { within, except: Vec::new() });
    }

    /// Takes any limit off a field.
    pub fn free(&mut self, field: Field) {
        self.fields.retain(|(own, _)| *own != field);
    }

    /// The ranges of a field; `None` if it isn't limited.
    pub fn ranges(&self, field: Field) -> Option<&[Range]> {
        match self.span(field)? {
            Span::Numbers(ranges) => Some(ranges),
            Span::Names { .. } => None,
        }
    }

    fn set(&mut self, field: Field, span: Span) {
        match self.fields.iter_mut().find(|(own, _)| *own == field) {
            Some((_, own)) => *own = span,
            None => self.fields.push((field, span)),
        }
    }

    fn span(&self, field: Field) -> Option<&Span> {
        self.fields.iter().find_map(|(own, span)| (*own == field).then_some(span))
    }

    /// Does every packet of it surely have this field?
    fn has(&self, field: Field) -> Fit {
        let needed: &[u128] = match field {
            Field::SourcePort | Field::DestinationPort => &WITH_PORTS,
            Field::TcpFlags => &[6],
            Field::IcmpType | Field::IcmpCode => &ICMP,
            _ => return Fit::All,
        };
        let Some(ranges) = self.ranges(Field::Protocol) else { return Fit::Some };
        let fits = |range: &Range| (range.first..=range.last).all(|one| needed.contains(&one));
        let touches = |range: &Range| needed.iter().any(|one| range.first <= *one && *one <= range.last);
        if ranges.iter().all(|range| range.last - range.first < COUNTABLE && fits(range)) {
            Fit::All
        } else if ranges.iter().any(touches) {
            Fit::Some
        } else {
            Fit::None
        }
    }

    /// Which of its packets pass a test?
    pub fn fit(&self, test: &Test) -> Fit {
        match test {
            Test::Field { field, values, negated } => match self.has(*field) {
                Fit::None => Fit::None,
                Fit::Some => match self.fit_values(*field, values, *negated) {
                    Fit::None => Fit::None,
                    _ => self.fit_assumed(test),
                },
                Fit::All => match self.fit_values(*field, values, *negated) {
                    Fit::Some => self.fit_assumed(test),
                    fit => fit,
                },
            },
            Test::Any(tests) => {
                let mut best = Fit::None;
                for test in tests {
                    match self.fit(test) {
                        Fit::All => return Fit::All,
                        Fit::Some => best = Fit::Some,
                        Fit::None => {}
                    }
                }
                best
            }
            Test::Set { .. } | Test::Opaque { .. } => self.fit_assumed(test),
        }
    }

    fn fit_assumed(&self, test: &Test) -> Fit {
        let (plain, negated) = plain(test);
        match self.assumed.iter().find(|(own, _)| *own == plain) {
            Some((_, holds)) if *holds != negated => Fit::All,
            Some(_) => Fit::None,
            None => Fit::Some,
        }
    }

    fn fit_values(&self, field: Field, values: &Values, negated: bool) -> Fit {
        let (passes, fails) = match (self.span(field), values) {
            (Some(Span::Names { within, except }), Values::Names(names)) => {
                let passes = names.iter().any(|name| meets(within.as_ref(), except, name));
                let fails = !names.iter().any(|name| holds_all(within.as_ref(), name));
                (passes, fails)
            }
            (None, Values::Names(_)) => (true, true),
            (Some(Span::Names { .. }), _) => (true, true),
            (span, values) => {
                let whole = [Range { first: 0, last: largest(field, self.family) }];
                let own: &[Range] = match span {
                    Some(Span::Numbers(ranges)) => ranges,
                    _ => &whole,
                };
                match values {
                    Values::Ranges(ranges) => (touch(own, ranges), !within(own, ranges)),
                    _ => match countable(own) {
                        Some(mut numbers) => {
                            let first = numbers.next().is_some_and(|one| values.has(one));
                            let others = numbers.map(|one| values.has(one));
                            others.fold((first, !first), |(yes, no), has| (yes || has, no || !has))
                        }
                        None => (true, true),
                    },
                }
            }
        };
        let (passes, fails) = if negated { (fails, passes) } else { (passes, fails) };
        match (passes, fails) {
            (true, false) => Fit::All,
            (false, _) => Fit::None,
            (true, true) => Fit::Some,
        }
    }

    /// Cuts it at a test: what passes, and what doesn't.
    pub fn cut(self, test: &Test) -> (Vec<Self>, Vec<Self>) {
        match self.fit(test) {
            Fit::All => return (vec![self], Vec::new()),
            Fit::None => return (Vec::new(), vec![self]),
            Fit::Some => {}
        }
        if let Test::Any(tests) = test {
            let (mut passes, mut rest) = (Vec::new(), vec![self]);
            for test in tests {
                let mut fails = Vec::new();
                for one in rest {
                    let (yes, no) = one.cut(test);
                    passes.extend(yes);
                    fails.extend(no);
                }
                rest = fails;
            }
            return (passes, rest);
        }
        let Test::Field { field, values, negated } = test else { return self.assume(test) };
        if self.has(*field) != Fit::All {
            return self.assume(test);
        }
        let (yes, no) = match values {
            Values::Ranges(ranges) => self.cut_ranges(*field, ranges),
            Values::Names(names) => match names.as_slice() {
                [name] => self.cut_name(*field, name),
                _ => return self.assume(test),
            },
            Values::Masked(_) | Values::AnyBit(_) => {
                let Some(numbers) = self.ranges(*field).and_then(countable) else { return self.assume(test) };
                let kept = numbers.filter(|one| values.has(*one)).map(|one| Range { first: one, last: one });
                let kept = merged(kept);
                self.cut_ranges(*field, &kept)
            }
        };
        if *negated { (no, yes) } else { (yes, no) }
    }

    /// Both are possible.
    fn assume(self, test: &Test) -> (Vec<Self>, Vec<Self>) {
        let (plain, negated) = plain(test);
        let (mut yes, mut no) = (self.clone(), self);
        yes.assumed.push((plain.clone(), !negated));
        no.assumed.push((plain, negated));
        (vec![yes], vec![no])
    }

    fn cut_ranges(self, field: Field, ranges: &[Range]) -> (Vec<Self>, Vec<Self>) {
        let whole = vec![Range { first: 0, last: largest(field, self.family) }];
        let own = self.ranges(field).map_or(whole, <[Range]>::to_vec);
        let inner = common(&own, ranges);
        let outer = minus(&own, ranges);
        // Without the field's own values, which may be many.
        let others = self.fields.iter().filter(|(own, _)| *own != field).cloned();
        let mut fields: Vec<(Field, Span)> = others.collect();
        fields.push((field, Span::Numbers(inner)));
        let yes =
            Self { family: self.family, fields, assumed: self.assumed.clone(), is_rough: self.is_rough };
        let mut no = self;
        if outer.len() > FINEST {
            no.is_rough = true;
        } else {
            no.set(field, Span::Numbers(outer));
        }
        (vec![yes], vec![no])
    }

    fn cut_name(self, field: Field, name: &Name) -> (Vec<Self>, Vec<Self>) {
        let (within, mut except) = match self.span(field) {
            Some(Span::Names { within, except }) => (within.clone(), except.clone()),
            _ => (None, Vec::new()),
        };
        let (mut yes, mut no) = (self.clone(), self);
        let narrower = match &within {
            Some(own) if own.text.len() >= name.text.len() => own.clone(),
            _ => name.clone(),
        };
        yes.set(field, Span::Names { within: Some(narrower), except: except.clone() });
        if except.len() < FINEST {
            except.push(name.clone());
            no.set(field, Span::Names { within, except });
        } else {
            no.is_rough = true;
        }
        (vec![yes], vec![no])
    }
}

/// A test without "not", and whether it said "not".
fn plain(test: &Test) -> (Test, bool) {
    let mut plain = test.clone();
    match &mut plain {
        Test::Field { negated, .. } | Test::Set { negated, .. } | Test::Opaque { negated, .. } => {
            let was = std::mem::take(negated);
            (plain, was)
        }
        Test::Any(_) => (plain, false),
    }
}

/// The number of a protocol that ufw's grammar can name.
pub fn number_of(protocol: &str) -> Option<u128> {
    Some(match protocol {
        "tcp" => 6,
        "udp" => 17,
        "ah" => 51,
        "esp" => 50,
        "gre" => 47,
        "vrrp" => 112,
        "ipv6" => 41,
        "igmp" => 2,
        _ => return None,
    })
}

/// The largest number that a field can have.
fn largest(field: Field, family: Family) -> u128 {
    match field {
        Field::Source
        | Field::Destination
        | Field::CtOriginalSource
        | Field::CtOriginalDestination
        | Field::CtReplySource
        | Field::CtReplyDestination => {
            if family == Family::Ip6 {
                u128::MAX
            } else {
                u32::MAX.into()
            }
        }
        Field::SourcePort | Field::DestinationPort | Field::CtZone | Field::Length => u16::MAX.into(),
        Field::Protocol | Field::IcmpType | Field::IcmpCode | Field::TcpFlags | Field::Tos | Field::Ttl => {
            u8::MAX.into()
        }
        Field::CtDirection | Field::Fragment => 1,
        _ => u128::MAX,
    }
}

/// Each number, if there are few.
fn countable(ranges: &[Range]) -> Option<impl Iterator<Item = u128>> {
    let few = ranges.len() <= 64 && ranges.iter().all(|range| range.last - range.first < COUNTABLE);
    few.then(|| ranges.iter().flat_map(|range| range.first..=range.last))
}

fn merged(ranges: impl Iterator<Item = Range>) -> Vec<Range> {
    match Values::ranges(ranges) {
        Values::Ranges(ranges) => ranges,
        _ => Vec::new(),
    }
}

fn touch(a: &[Range], b: &[Range]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().any(|range| {
        let start = many.partition_point(|one| one.last < range.first);
        many.get(start).is_some_and(|one| one.first <= range.last)
    })
}

/// Is all of `a` in `b`? Both are merged, so each range of `a` must lie in one of `b`.
fn within(a: &[Range], b: &[Range]) -> bool {
    a.iter().all(|range| {
        let at = b.partition_point(|one| one.last < range.first);
        b.get(at).is_some_and(|one| one.first <= range.first && range.last <= one.last)
    })
}

fn common(a: &[Range], b: &[Range]) -> Vec<Range> {
    let mut found = Vec::new();
    for range in a {
        let start = b.partition_point(|one| one.last < range.first);
        let touching = b[start..].iter().take_while(|one| one.first <= range.last);
        found.extend(
            touching.map(|one| Range { first: range.first.max(one.first), last: range.last.min(one.last) }),
        );
    }
    found
}

fn minus(a: &[Range], b: &[Range]) -> Vec<Range> {
    let mut left = Vec::new();
    for range in a {
        let start = b.partition_point(|one| one.last < range.first);
        let mut next = Some(range.first);
        for hole in b[start..].iter().take_while(|one| one.first <= range.last) {
            let Some(first) = next else { break };
            if first < hole.first {
                left.push(Range { first, last: hole.first - 1 });
            }
            next = hole.last.checked_add(1).filter(|after| *after <= range.last);
        }
        if let Some(first) = next {
            left.push(Range { first, last: range.last });
        }
    }
    left
}

/// Can an interface of ours have this name?
fn meets(within: Option<&Name>, except: &[Name], name: &Name) -> bool {
    let overlaps = within.is_none_or(|own| covers(own, name) || covers(name, own));
    let narrower = match within {
        Some(own) if covers(name, own) => own,
        _ => name,
    };
    overlaps && !except.iter().any(|hole| covers(hole, narrower))
}

/// Do all of ours have this name?
fn holds_all(within: Option<&Name>, name: &Name) -> bool {
    within.is_some_and(|own| covers(name, own)) || (name.is_prefix && name.text.is_empty())
}

/// Does every name under `b` fall under `a`?
fn covers(a: &Name, b: &Name) -> bool {
    if a.is_prefix { b.text.starts_with(&a.text) } else { !b.is_prefix && a.text == b.text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u128, last: u128) -> Range {
        Range { first, last }
    }

    #[test]
    fn ranges_are_cut() {
        let a = [range(0, 10), range(20, u128::MAX)];
        let b = [range(3, 4), range(9, 25)];
        assert_eq!(common(&a, &b), [range(3, 4), range(9, 10), range(20, 25)]);
        assert_eq!(minus(&a, &b), [range(0, 2), range(5, 8), range(26, u128::MAX)]);
        assert_eq!(minus(&a, &[range(0, u128::MAX)]), []);
        assert!(within(&[range(9, 10), range(20, 20)], &b) && !within(&a, &b));
        assert!(touch(&a, &b) && !touch(&[range(5, 8)], &b));
    }

    #[test]
    fn names_are_cut() {
        let name = |text: &str| match text.strip_suffix('+') {
            Some(start) => Name { text: start.to_owned(), is_prefix: true },
            None => Name { text: text.to_owned(), is_prefix: false },
        };
        assert!(covers(&name("eth+"), &name("eth0")) && !covers(&name("eth0"), &name("eth+")));
        assert!(!meets(None, &[name("lo")], &name("lo")) && meets(None, &[name("lo")], &name("l+")));
        assert!(
            meets(Some(&name("eth+")), &[], &name("eth0")) && !meets(Some(&name("eth0")), &[], &name("eth1"))
        );
        assert!(!meets(Some(&name("eth0")), &[name("eth+")], &name("e+")));
        assert!(holds_all(Some(&name("eth0")), &name("e+")) && !holds_all(None, &name("eth0")));
    }
}
