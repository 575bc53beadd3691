//! What is known of each field of the packet, as it goes on its way.
//!
//! Fields point to variables, so that two fields that are one thing (the destination and, before any translation, the
//! original destination of the flow) are narrowed together; a rewritten field gets a new variable.

use std::net::IpAddr;

use super::domain::Domain;
use crate::{Field, Range};

/// A variable.
pub(super) type Variable = u32;

/// Fields with a place of their own.
const FIELDS: [Field; 30] = [
    Field::Version,
    Field::InInterface,
    Field::OutInterface,
    Field::Protocol,
    Field::Source,
    Field::Destination,
    Field::SourcePort,
    Field::DestinationPort,
    Field::IcmpType,
    Field::IcmpCode,
    Field::TcpFlags,
    Field::CtDirection,
    Field::CtMark,
    Field::CtZone,
    Field::CtOriginalSource,
    Field::CtOriginalDestination,
    Field::CtOriginalSourcePort,
    Field::CtOriginalDestinationPort,
    Field::CtReplySource,
    Field::CtReplyDestination,
    Field::CtReplySourcePort,
    Field::CtReplyDestinationPort,
    Field::Mark,
    Field::SourceType,
    Field::DestinationType,
    Field::SourceMac,
    Field::PacketType,
    Field::Tos,
    Field::Ttl,
    Field::Length,
];

/// What is known.
#[derive(Clone, Debug)]
pub(super) struct Known {
    variables: Vec<Domain>,
    slots: Vec<Variable>,
    /// Fields without a place of their own, found on the way.
    others: Vec<(Field, Variable)>,
}

/// Bits of a field in packets of this version (4 or 6).
pub(super) fn width(field: Field, version: u8) -> u32 {
    match field {
        Field::Source
        | Field::Destination
        | Field::CtOriginalSource
        | Field::CtOriginalDestination
        | Field::CtReplySource
        | Field::CtReplyDestination => {
            if version == 6 {
                128
            } else {
                32
            }
        }
        Field::SourcePort
        | Field::DestinationPort
        | Field::CtOriginalSourcePort
        | Field::CtOriginalDestinationPort
        | Field::CtReplySourcePort
        | Field::CtReplyDestinationPort
        | Field::CtZone
        | Field::Length => 16,
        Field::SourceMac => 48,
        Field::Mark | Field::CtMark | Field::Uid | Field::Gid => 32,
        Field::SourceType | Field::DestinationType => 12,
        Field::CtDirection | Field::Fragment => 1,
        Field::PacketType => 2,
        Field::Dscp => 6,
        Field::Bits { length, .. } => u32::from(length),
        _ => 8,
    }
}

fn slot(field: Field) -> Option<usize> {
    Some(match field {
        Field::Version => 0,
        Field::InInterface => 1,
        Field::OutInterface => 2,
        Field::Protocol | Field::CtProtocol => 3,
        Field::Source => 4,
        Field::Destination => 5,
        Field::SourcePort => 6,
        Field::DestinationPort => 7,
        Field::IcmpType => 8,
        Field::IcmpCode => 9,
        Field::TcpFlags => 10,
        Field::CtDirection => 11,
        Field::CtMark => 12,
        Field::CtZone => 13,
        Field::CtOriginalSource => 14,
        Field::CtOriginalDestination => 15,
        Field::CtOriginalSourcePort => 16,
        Field::CtOriginalDestinationPort => 17,
        Field::CtReplySource => 18,
        Field::CtReplyDestination => 19,
        Field::CtReplySourcePort => 20,
        Field::CtReplyDestinationPort => 21,
        Field::Mark => 22,
        Field::SourceType => 23,
        Field::DestinationType => 24,
        Field::SourceMac => 25,
        Field::PacketType => 26,
        Field::Tos => 27,
        Field::Ttl => 28,
        Field::Length => 29,
        _ => return None,
    })
}

impl Known {
    /// Nothing but the version is known.
    pub fn new(version: u8) -> Self {
        let variables = FIELDS
            .iter()
            .map(|field| match field {
                Field::Version => Domain::One(u128::from(version)),
                Field::InInterface | Field::OutInterface => Domain::some_name(),
                field => Domain::bits(width(*field, version)),
            })
            .collect();
        let slots = (0..FIELDS.len()).map(|at| Variable::try_from(at).expect("few fields")).collect();
        Self { variables, slots, others: Vec::new() }
    }

    /// The variable of a field; `None` for one that was never looked at.
    pub fn variable(&self, field: Field) -> Option<Variable> {
        match slot(field) {
            Some(at) => Some(self.slots[at]),
            None => self.others.iter().find(|(of, _)| *of == field).map(|(_, variable)| *variable),
        }
    }

    /// The variable of a field, made if need be.
    pub fn variable_of(&mut self, field: Field, version: u8) -> Variable {
        if let Some(variable) = self.variable(field) {
            return variable;
        }
        let variable = self.fresh(Domain::bits(width(field, version)));
        self.others.push((field, variable));
        variable
    }

    fn fresh(&mut self, domain: Domain) -> Variable {
        let variable =
            Variable::try_from(self.variables.len()).expect("the walk ends before 4,294,967,296 rewritings");
        self.variables.push(domain);
        variable
    }

    /// What a variable may be.
    pub fn domain(&self, variable: Variable) -> &Domain {
        &self.variables[variable as usize]
    }

    /// What a field with a place of its own may be.
    pub fn of(&self, field: Field) -> &Domain {
        let at = slot(field).expect("asked only for fields of the table");
        self.domain(self.slots[at])
    }

    /// The number of a field, where it is known.
    pub fn number(&self, field: Field) -> Option<u128> {
        self.variable(field).and_then(|variable| self.domain(variable).number())
    }

    /// The name of an interface, where it is known.
    pub fn name(&self, field: Field) -> Option<&str> {
        match self.of(field) {
            Domain::Name(name) => Some(name),
            _ => None,
        }
    }

    /// An address, where it is known.
    pub fn address(&self, field: Field, version: u8) -> Option<IpAddr> {
        self.number(field).map(|number| address(number, version))
    }

    /// Less is possible than before.
    pub fn narrow(&mut self, variable: Variable, domain: Domain) {
        self.variables[variable as usize] = domain;
    }

    /// It is something else from here on.
    pub fn rewrite(&mut self, field: Field, domain: Domain) {
        let variable = self.fresh(domain);
        match slot(field) {
            Some(at) => self.slots[at] = variable,
            None => {
                self.others.retain(|(of, _)| *of != field);
                self.others.push((field, variable));
            }
        }
    }

    /// This field is the same thing as that one.
    pub fn same(&mut self, field: Field, as_field: Field) {
        if let (Some(to), Some(from)) = (slot(field), slot(as_field)) {
            self.slots[to] = self.slots[from];
        }
    }
}

/// An address as the number that the model has for it.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// The address that this number is.
pub(super) fn address(number: u128, version: u8) -> IpAddr {
    match u32::try_from(number) {
        Ok(v4) if version == 4 => IpAddr::V4(v4.into()),
        _ => IpAddr::V6(number.into()),
    }
}

/// Bits of an address.
pub(super) fn all_of(version: u8) -> u32 {
    if version == 6 { 128 } else { 32 }
}

/// From the one to the other address, as numbers.
pub(super) fn between(first: IpAddr, last: IpAddr) -> Domain {
    let range = Range { first: number(first), last: number(last) };
    Domain::of([range]).unwrap_or(Domain::One(range.first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_its_index_agree() {
        for (at, field) in FIELDS.iter().enumerate() {
            assert_eq!(slot(*field), Some(at), "{field:?}");
        }
    }

    #[test]
    fn what_is_one_thing_is_narrowed_together_until_rewritten() {
        let mut known = Known::new(4);
        known.same(Field::CtOriginalDestination, Field::Destination);
        let variable = known.variable_of(Field::Destination, 4);
        known.narrow(variable, Domain::One(7));
        assert_eq!(known.number(Field::CtOriginalDestination), Some(7));
        known.rewrite(Field::Destination, Domain::One(8));
        assert_eq!(known.number(Field::CtOriginalDestination), Some(7));
        assert_eq!(known.number(Field::Destination), Some(8));
    }
}
