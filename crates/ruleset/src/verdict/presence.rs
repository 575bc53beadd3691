//! What has to be so for a packet to have a field at all.

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

impl Case {
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
