//! What has to be so for a packet to have a field at all.

use super::ask::Reply;
use super::case::Case;
use crate::{Field, Range, Values};

/// What has to be so for a packet to have a field.
pub(super) enum Presence {
    /// It has it.
    Sure,
    /// It has it not, and no test of it holds.
    Never,
    /// Its protocol is one of these.
    Protocol(Values),
    /// A socket of this host sends it.
    Socket,
}

/// Protocols that have ports: tcp, udp, dccp, sctp, udplite.
fn with_ports() -> Values {
    Values::ranges([6, 17, 33, 132, 136].map(|one| Range { first: one, last: one }))
}

/// What a place in a header is.
pub(super) enum Named {
    /// This field (or itself, if it has no name).
    As(Field),
    /// That hangs on the protocol.
    Unsure(Reply),
}

impl Case {
    /// Places in headers that are fields with a name, as nft's `th dport` or `@nh,96,32`.
    pub(super) fn named(&mut self, field: Field) -> Named {
        let Field::Bits { base, offset, length } = field else { return Named::As(field) };
        let named = match (base, offset, length, self.version) {
            (1, 64, 8, 4) | (1, 56, 8, 6) => Field::Ttl,
            (1, 72, 8, 4) => Field::Protocol,
            (1, 96, 32, 4) | (1, 64, 128, 6) => Field::Source,
            (1, 128, 32, 4) | (1, 192, 128, 6) => Field::Destination,
            (1, 8, 8, 4) => Field::Tos,
            (1, 16, 16, 4) => Field::Length,
            (2, 0, 16, _) => Field::SourcePort,
            (2, 16, 16, _) => Field::DestinationPort,
            (2, 0, 8, _) => Field::IcmpType,
            (2, 8, 8, _) => Field::IcmpCode,
            _ => return Named::As(field),
        };
        match self.presence(named) {
            Presence::Sure => Named::As(named),
            Presence::Protocol(wanted) => match self.ask_split(Field::Protocol, &wanted) {
                Reply::Yes => Named::As(named),
                Reply::No => Named::As(field),
                unsure => Named::Unsure(unsure),
            },
            _ => Named::As(field),
        }
    }

    pub(super) fn presence(&self, field: Field) -> Presence {
        use Field as F;
        match field {
            F::SourcePort | F::DestinationPort => match self.known.of(F::Protocol).number() {
                Some(6 | 17 | 33 | 132 | 136) => Presence::Sure,
                Some(_) => Presence::Never,
                None => Presence::Protocol(with_ports()),
            },
            F::TcpFlags => self.of_protocol(6),
            F::IcmpType | F::IcmpCode => self.of_protocol(if self.version == 6 { 58 } else { 1 }),
            F::CtStatus
            | F::CtDirection
            | F::CtMark
            | F::CtZone
            | F::CtOriginalSource
            | F::CtOriginalDestination
            | F::CtOriginalSourcePort
            | F::CtOriginalDestinationPort
            | F::CtProtocol
            | F::CtReplySource
            | F::CtReplyDestination
            | F::CtReplySourcePort
            | F::CtReplyDestinationPort => {
                if self.is_tracked() {
                    Presence::Sure
                } else {
                    Presence::Never
                }
            }
            F::Uid | F::Gid => Presence::Socket,
            F::SourceMac if self.known.name(F::InInterface) == Some("") => Presence::Never,
            _ => Presence::Sure,
        }
    }

    fn of_protocol(&self, wanted: u128) -> Presence {
        match self.known.of(Field::Protocol).number() {
            Some(number) if number == wanted => Presence::Sure,
            Some(_) => Presence::Never,
            None => Presence::Protocol(Values::one(wanted)),
        }
    }
}
