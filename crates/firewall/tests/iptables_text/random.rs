//! Random rules, written here and loaded for real: what is saved is what was written, letter by letter.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use ruleset::iptables::write;
use ruleset::{Action, Family, Field, Masked, Name, Range, Test, Values};

use super::{PROGRAMS, assert_comes_back, dump, loaded_and_saved, obstacle, rules};

#[derive(Clone, Debug)]
struct Written {
    tests: Vec<Test>,
    action: Action,
    comment: Option<String>,
}

fn field(field: Field, values: Values, negated: bool) -> Test {
    Test::Field { field, values, negated }
}

fn address(which: Field, family: Family) -> BoxedStrategy<Test> {
    let all: u128 = if family == Family::Ip6 { u128::MAX } else { u32::MAX.into() };
    let bits = all.count_ones();
    let network = (any::<u128>(), 1..=bits, any::<bool>()).prop_map(move |(number, length, negated)| {
        let free = all >> (length - 1) >> 1;
        let first = number & all & !free;
        field(which, Values::Ranges(vec![Range { first, last: first | free }]), negated)
    });
    let masked = (any::<u128>(), any::<bool>()).prop_map(move |(number, negated)| {
        // Holes in it, whatever the numbers are.
        let mask = (all << 8 & all) | 5;
        field(which, Values::Masked(vec![Masked { value: number & mask, mask }]), negated)
    });
    let range = (any::<u32>(), 1..1_000_u128, any::<bool>()).prop_map(move |(first, size, negated)| {
        // Odd at its beginning, so never a network.
        let first = u128::from(first >> 1) | 1;
        field(which, Values::Ranges(vec![Range { first, last: first + size }]), negated)
    });
    prop_oneof![4 => network, 1 => masked, 1 => range].boxed()
}

fn interface(which: Field) -> BoxedStrategy<Test> {
    ("[a-z][a-z0-9.:_-]{0,12}", any::<bool>(), any::<bool>())
        .prop_map(move |(text, is_prefix, negated)| {
            field(which, Values::Names(vec![Name { text, is_prefix }]), negated)
        })
        .boxed()
}

/// A negated range at either end of all ports is turned round by iptables-nft, so there is none here.
fn ports(which: Field) -> BoxedStrategy<Test> {
    let range = (1..60_000_u128, prop_oneof![3 => Just(0), 1 => 1..5_000_u128])
        .prop_map(|(first, more)| Range { first, last: first + more });
    let list = prop_oneof![4 => 1..2_usize, 1 => 2..6_usize]
        .prop_flat_map(move |count| proptest::collection::vec(range.clone(), count));
    (list, any::<bool>()).prop_map(move |(list, negated)| field(which, Values::ranges(list), negated)).boxed()
}

/// A protocol with what goes with it.
fn transport(family: Family) -> BoxedStrategy<Vec<Test>> {
    let is = |number: u128| field(Field::Protocol, Values::one(number), false);
    let port = |number: u128| {
        let both = (
            proptest::option::of(ports(Field::SourcePort)),
            proptest::option::of(ports(Field::DestinationPort)),
        );
        both.prop_map(move |(source, destination)| {
            [Some(is(number)), source, destination].into_iter().flatten().collect::<Vec<_>>()
        })
    };
    let flags = (1..0x40_u128, any::<u128>(), any::<bool>()).prop_map(move |(mask, value, negated)| {
        let values = Values::Masked(vec![Masked { value: value & mask, mask }]);
        vec![is(6), field(Field::TcpFlags, values, negated)]
    });
    // iptables-nft turns a range of these round or writes it otherwise, so a mask with a hole is what is asked for.
    let flags = flags.prop_filter("a mask that is no range", |tests| {
        let Test::Field { values: Values::Masked(masked), .. } = &tests[1] else { return false };
        !(0x40 - masked[0].mask).is_power_of_two()
    });
    let icmp = if family == Family::Ip6 { 58 } else { 1 };
    let kind = (0..250_u128, proptest::option::of(0..250_u128)).prop_map(move |(kind, code)| {
        let mut tests = vec![is(icmp), field(Field::IcmpType, Values::one(kind), false)];
        tests.extend(code.map(|code| field(Field::IcmpCode, Values::one(code), false)));
        tests
    });
    let other = (1..250_u128, any::<bool>())
        .prop_map(|(number, negated)| vec![field(Field::Protocol, Values::one(number), negated)]);
    // These are next headers of IPv6, which iptables warns about or refuses.
    let other = other.prop_filter("no header of IPv6", |tests| {
        let headers = [0, 41, 43, 44, 50, 51, 58, 59, 60, 135];
        let Test::Field { values, .. } = &tests[0] else { return false };
        !headers.iter().any(|header| values.has(*header))
    });
    prop_oneof![Just(Vec::new()), port(6), port(17), port(132), flags, kind, other].boxed()
}

fn modules(family: Family) -> BoxedStrategy<Test> {
    let bits = |which, allowed: u128| {
        (any::<u128>(), any::<bool>())
            .prop_map(move |(bits, negated)| field(which, Values::AnyBit(bits & allowed), negated))
            .prop_filter("some bit", |test| !matches!(test, Test::Field { values: Values::AnyBit(0), .. }))
    };
    let mark = |which| {
        (any::<u32>(), any::<bool>())
            .prop_map(move |(mark, negated)| field(which, Values::one(mark.into()), negated))
    };
    let mac = (0..1_u128 << 48, any::<bool>())
        .prop_map(|(mac, negated)| field(Field::SourceMac, Values::one(mac), negated));
    let kind = (0..3_u128, any::<bool>())
        .prop_map(|(kind, negated)| field(Field::PacketType, Values::one(kind), negated));
    let dscp = (0..64_u128, any::<bool>())
        .prop_map(|(dscp, negated)| field(Field::Dscp, Values::one(dscp), negated));
    let ttl =
        (1..255_u128, any::<bool>()).prop_map(|(ttl, negated)| field(Field::Ttl, Values::one(ttl), negated));
    let length = (1..9_000_u128, 0..9_000_u128, any::<bool>()).prop_map(|(first, more, negated)| {
        field(Field::Length, Values::Ranges(vec![Range { first, last: first + more }]), negated)
    });
    let translated = (1..16_u128, 1..4_u128).prop_map(|(state, status)| {
        Test::Any(vec![
            field(Field::CtState, Values::AnyBit(state), false),
            field(Field::CtStatus, Values::AnyBit(status << 4), false),
        ])
    });
    // Of IPv6 the kernel knows no more types: unicast, local, anycast, multicast, unreachable.
    let types = if family == Family::Ip6 { 0b1011_0110 } else { 0xfff };
    prop_oneof![
        4 => bits(Field::CtState, 1 | 2 | 4 | 8 | 64),
        1 => translated,
        1 => bits(Field::CtStatus, 15),
        1 => bits(Field::DestinationType, types),
        1 => bits(Field::SourceType, types),
        1 => mark(Field::Mark),
        1 => mark(Field::CtMark),
        1 => mac,
        1 => kind,
        1 => dscp,
        1 => ttl,
        1 => length,
    ]
    .boxed()
}

fn action(family: Family) -> BoxedStrategy<Action> {
    let reject = if family == Family::Ip6 { "icmp6-adm-prohibited" } else { "icmp-admin-prohibited" };
    let log = "[ -~]{1,28}".prop_map(|prefix| {
        let mut text = "LOG --log-prefix ".to_owned();
        ruleset::iptables::push_text(&mut text, &prefix);
        Action::Log(text)
    });
    prop_oneof![
        Just(Action::Accept),
        Just(Action::Drop),
        Just(Action::Return),
        Just(Action::Reject(reject.to_owned())),
        Just(Action::Jump("own".to_owned())),
        Just(Action::Goto("own".to_owned())),
        log,
    ]
    .boxed()
}

fn rule(family: Family) -> BoxedStrategy<Written> {
    let parts = (
        proptest::option::of(address(Field::Source, family)),
        proptest::option::of(address(Field::Destination, family)),
        proptest::option::of(interface(Field::InInterface)),
        transport(family),
        proptest::option::of(modules(family)),
        action(family),
        proptest::option::of("[ -~é]{1,40}"),
    );
    parts
        .prop_map(|(source, destination, input, transport, module, action, comment)| {
            let first = [source, destination, input].into_iter().flatten();
            let tests = first.chain(transport).chain(module).collect();
            Written { tests, action, comment }
        })
        .boxed()
}

#[test]
fn what_is_written_is_what_iptables_saves() {
    if let Some(why) = obstacle() {
        eprintln!("skipped: {why}");
        return;
    }
    for (program, backend, family) in PROGRAMS {
        let mut runner = TestRunner::deterministic();
        let strategy = rule(family);
        let mut texts = Vec::new();
        while texts.len() < 400 {
            let written = strategy.new_tree(&mut runner).unwrap().current();
            let text = write(&written.tests, Some(&written.action), written.comment.as_deref(), family);
            texts.push(text.unwrap_or_else(|| panic!("not written: {written:?}")));
        }
        let lines: Vec<String> = texts.iter().map(|text| format!("[0:0] -A INPUT {text}")).collect();
        let saved = loaded_and_saved(program, &dump("filter", ":own - [0:0]\n", &lines));
        let ruleset = assert_comes_back(&saved, backend, family);
        let real: Vec<&str> =
            rules(&ruleset, "filter", "INPUT").iter().map(|rule| rule.text.as_str()).collect();
        assert_eq!(real.len(), texts.len(), "{program}");
        for (text, real) in texts.iter().zip(real) {
            assert_eq!(text, real, "{program}");
        }
    }
}
