//! What stands before the first `-m`: addresses, interfaces, protocol, fragment.

use std::fmt::Write as _;

use super::words::{address, write_address};
use crate::iptables::protocol_name;
use crate::{Family, Field, Masked, Name, Range, Step, Test, Values};

/// An address with a mask, negated or not.
#[derive(Clone, Copy)]
pub(super) struct Network {
    pub value: u128,
    pub mask: u128,
    pub negated: bool,
}

/// An interface, negated or not.
#[derive(Clone)]
pub(super) struct Interface<'a> {
    pub text: &'a str,
    pub is_prefix: bool,
    pub negated: bool,
}

/// The head of a rule. iptables-save prints it in its own order, whatever the order of the expressions.
#[derive(Clone, Default)]
pub(super) struct Head<'a> {
    pub source: Option<Network>,
    pub destination: Option<Network>,
    pub input: Option<Interface<'a>>,
    pub output: Option<Interface<'a>>,
    /// The number, and "not".
    pub protocol: Option<(u8, bool)>,
    /// Is `-f` negated?
    pub fragment: Option<bool>,
}

impl Head<'_> {
    /// Prints it; each option with a blank before it.
    pub fn write(&self, out: &mut String, family: Family) {
        for (option, network) in [("-s", &self.source), ("-d", &self.destination)] {
            if let Some(network) = network {
                option_word(out, option, network.negated);
                write_address(out, address(family, network.value));
                out.push('/');
                match prefix(network.mask, bits(family)) {
                    Some(length) => write!(out, "{length}").expect("a string takes everything"),
                    None => write_address(out, address(family, network.mask)),
                }
            }
        }
        for (option, interface) in [("-i", &self.input), ("-o", &self.output)] {
            if let Some(interface) = interface {
                option_word(out, option, interface.negated);
                out.push_str(interface.text);
                out.push_str(if interface.is_prefix { "+" } else { "" });
            }
        }
        if let Some((number, negated)) = self.protocol {
            option_word(out, "-p", negated);
            match protocol_name(number) {
                Some(name) => out.push_str(name),
                None => write!(out, "{number}").expect("a string takes everything"),
            }
        }
        if let Some(negated) = self.fragment {
            out.push_str(if negated { " ! -f" } else { " -f" });
        }
    }
}

impl Head<'_> {
    /// How many tests it has.
    pub fn len(&self) -> usize {
        let networks = [&self.source, &self.destination].into_iter().flatten().count();
        let interfaces = [&self.input, &self.output].into_iter().flatten().count();
        networks + interfaces + usize::from(self.protocol.is_some()) + usize::from(self.fragment.is_some())
    }

    /// Its tests, in the order in which it is printed.
    pub fn steps(&self, steps: &mut Vec<Step>, family: Family) {
        for (field, network) in [(Field::Source, &self.source), (Field::Destination, &self.destination)] {
            if let Some(Network { value, mask, negated }) = *network {
                steps.push(masked(field, value, mask, bits(family), negated));
            }
        }
        for (field, interface) in [(Field::InInterface, &self.input), (Field::OutInterface, &self.output)] {
            if let Some(Interface { text, is_prefix, negated }) = *interface {
                let name = Name { text: text.to_owned(), is_prefix };
                steps.push(test(field, Values::Names(vec![name]), negated));
            }
        }
        if let Some((number, negated)) = self.protocol {
            steps.push(test(Field::Protocol, Values::one(number.into()), negated));
        }
        if let Some(negated) = self.fragment {
            steps.push(test(Field::Fragment, Values::one(1), negated));
        }
    }
}

fn option_word(out: &mut String, option: &str, negated: bool) {
    out.push_str(if negated { " ! " } else { " " });
    out.push_str(option);
    out.push(' ');
}

/// Bits of an address.
pub(super) fn bits(family: Family) -> u32 {
    if family == Family::Ip6 { 128 } else { 32 }
}

/// Length of the network, if the mask is one.
pub(super) fn prefix(mask: u128, bits: u32) -> Option<u32> {
    let aligned = mask << (128 - bits);
    (aligned.leading_ones() + aligned.trailing_zeros() >= 128).then(|| aligned.leading_ones())
}

/// A test of a number under a mask, in its normal form: a range where the mask is a prefix.
pub(super) fn masked(field: Field, value: u128, mask: u128, bits: u32, negated: bool) -> Step {
    let values = match prefix(mask, bits) {
        Some(length) => {
            let low = if length == 0 { 128 } else { bits - length };
            let free = if low >= 128 { u128::MAX } else { (1 << low) - 1 };
            let free = if bits == 128 { free } else { free & ((1 << bits) - 1) };
            Values::Ranges(vec![Range { first: value, last: value | free }])
        }
        None => Values::Masked(vec![Masked { value, mask }]),
    };
    test(field, values, negated)
}

/// A test as a step.
pub(super) fn test(field: Field, values: Values, negated: bool) -> Step {
    Step::Test(Test::Field { field, values, negated })
}
