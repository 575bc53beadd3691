//! Lookups in ipsets: what a set asks of the packet.

use super::ask::Reply;
use super::case::Case;
use super::words;
use crate::ipset::{self, Asked, Seen};
use crate::{Field, IpSet};

impl Case {
    /// Is the packet in the ipset? Where that hangs on something unknown it is one boolean: the same until something is rewritten.
    pub(super) fn ask_ipset(&self, sets: &[IpSet], name: &str, directions: &[Field]) -> Reply {
        if let Some(is_in) = ipset::has(sets, name, directions, &|asked| self.seen(asked)) {
            return Reply::of(is_in);
        }
        let why = if sets.iter().any(|set| set.name == name) { "" } else { ", whose members are not known" };
        let keys: Vec<&str> = directions.iter().map(|direction| words::name(*direction)).collect();
        self.ask_as_atom(&format!("{} is in set {name}{why}", keys.join(" with ")))
    }

    fn seen(&self, asked: Asked) -> Seen {
        match asked {
            Asked::Address(field) => match self.known.address(field, self.version) {
                Some(address) => Seen::Address(address),
                None => Seen::Unknown,
            },
            Asked::Port(field) => self.port(field),
            Asked::Interface(field) => match self.known.name(field) {
                Some("") => Seen::Absent,
                Some(name) => Seen::Interface(name.to_owned()),
                None => Seen::Unknown,
            },
            Asked::Mac(Field::Source) if self.known.name(Field::InInterface) != Some("") => {
                match self.known.number(Field::SourceMac).and_then(|mac| u64::try_from(mac).ok()) {
                    Some(mac) => Seen::Mac(mac),
                    None => Seen::Unknown,
                }
            }
            Asked::Mac(_) => Seen::Unknown,
            Asked::Mark => match self.known.number(Field::Mark).and_then(|mark| u32::try_from(mark).ok()) {
                Some(mark) => Seen::Mark(mark),
                None => Seen::Unknown,
            },
        }
    }

    fn port(&self, field: Field) -> Seen {
        let Some(protocol) = self.known.number(Field::Protocol).and_then(|one| u8::try_from(one).ok()) else {
            return Seen::Unknown;
        };
        let number = |field| self.known.number(field).and_then(|one| u16::try_from(one).ok());
        let port = match protocol {
            6 | 17 | 132 | 136 => number(field),
            1 | 58 => match (number(Field::IcmpType), number(Field::IcmpCode)) {
                (Some(kind), Some(code)) => Some(kind << 8 | code),
                _ => None,
            },
            _ => Some(0),
        };
        port.map_or(Seen::Unknown, |port| Seen::Port { protocol, port })
    }
}
