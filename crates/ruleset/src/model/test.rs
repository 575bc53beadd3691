//! What a rule tests: a field against values, membership of a set, or something that can't be decided from rules alone.

/// A test. Everything exact is a [`Test::Field`]; what hangs on state or content is [`Test::Opaque`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// The field has one of these values (or none of them).
    ///
    /// A packet without the field (ports of an ICMP packet or of a later fragment) never passes, negated or not.
    /// An interface is never absent: where there is none (the input interface on output) its name is empty, as in the
    /// kernel, so that "not eth0" holds.
    Field {
        /// Which field.
        field: Field,
        /// Which values.
        values: Values,
        /// "none of them".
        negated: bool,
    },
    /// The fields, in this order, are an element of the set (or not).
    Set {
        /// Which set.
        set: SetRef,
        /// Which fields are looked up: one for each part of the set's key.
        ///
        /// Of an ipset only the directions, as the rule names them: [`Field::Source`] for `src`, [`Field::Destination`] for `dst`;
        /// what is looked up follows from the type of the set (`ipset::parts`).
        keys: Vec<Field>,
        /// "not an element".
        negated: bool,
    },
    /// One boolean that rules alone can't decide (limit, recent, string, time, an unknown module). The same text is the same boolean.
    Opaque {
        /// The text of the expression, without a leading `!`.
        text: String,
        /// "not so".
        negated: bool,
    },
    /// At least one of these holds (`--ports`, `--ctstate NEW,DNAT`, `! --icmp-type 3/1`).
    Any(Vec<Test>),
}

/// Which set is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetRef {
    /// An ipset of the kernel.
    Ipset(String),
    /// A set of the same nft table.
    Nft(String),
}

/// A field of a packet, or of what the kernel knows about it. Numbers unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 4 or 6 (matters in inet tables).
    Version,
    /// Name of the interface it came in by.
    InInterface,
    /// Name of the interface it goes out by.
    OutInterface,
    /// Protocol: 6 tcp, 17 udp, 1 icmp, 58 icmpv6.
    Protocol,
    /// Source address.
    Source,
    /// Destination address.
    Destination,
    /// Source port (tcp, udp, udplite, sctp, dccp).
    SourcePort,
    /// Destination port.
    DestinationPort,
    /// ICMP or ICMPv6 type.
    IcmpType,
    /// ICMP or ICMPv6 code.
    IcmpCode,
    /// TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.
    TcpFlags,
    /// Connection state, one bit: INVALID 1, ESTABLISHED 2, RELATED 4, NEW 8, UNTRACKED 64 (the kernel's NF_CT_STATE_*_BIT values).
    CtState,
    /// Connection status bits of the kernel (enum ip_conntrack_status): EXPECTED 1, SEEN_REPLY 2, ASSURED 4, CONFIRMED 8, SNAT 16, DNAT 32.
    CtStatus,
    /// Direction: 0 original, 1 reply.
    CtDirection,
    /// Connection mark.
    CtMark,
    /// Zone of connection tracking.
    CtZone,
    /// Original source address of the flow.
    CtOriginalSource,
    /// Original destination address of the flow, before DNAT.
    CtOriginalDestination,
    /// Original source port.
    CtOriginalSourcePort,
    /// Original destination port, before DNAT.
    CtOriginalDestinationPort,
    /// Protocol of the flow.
    CtProtocol,
    /// Source address of the reply direction.
    CtReplySource,
    /// Destination address of the reply direction.
    CtReplyDestination,
    /// Source port of the reply direction.
    CtReplySourcePort,
    /// Destination port of the reply direction.
    CtReplyDestinationPort,
    /// Packet mark.
    Mark,
    /// Type of the source address: the kernel's RTN_* numbers (1 unicast, 2 local, 3 broadcast, 5 multicast, ...), as one bit `1 << n`.
    SourceType,
    /// Type of the destination address, likewise.
    DestinationType,
    /// Source MAC address as a number of 48 bits.
    SourceMac,
    /// 0 host, 1 broadcast, 2 multicast.
    PacketType,
    /// The 6 bits of DSCP.
    Dscp,
    /// The whole TOS or traffic class byte.
    Tos,
    /// TTL or hop limit.
    Ttl,
    /// Length of the packet in bytes.
    Length,
    /// 0 not a later fragment, 1 a later one.
    Fragment,
    /// User id of the sending socket.
    Uid,
    /// Group id of the sending socket.
    Gid,
    /// A fixed place of a header that has no name of its own: base (0 link, 1 network, 2 transport), offset and length in bits.
    Bits {
        /// 0 link, 1 network, 2 transport.
        base: u8,
        /// From the start of that header, in bits.
        offset: u16,
        /// In bits, at most 128.
        length: u8,
    },
}

/// Values of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Values {
    /// Any of these ranges: sorted, disjoint, not touching.
    Ranges(Vec<Range>),
    /// `field & mask == value` for any of these.
    Masked(Vec<Masked>),
    /// `field & bits != 0`.
    AnyBit(u128),
    /// Any of these names.
    Names(Vec<Name>),
}

/// First and last value, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// Smallest.
    pub first: u128,
    /// Largest.
    pub last: u128,
}

/// A value under a mask; the value has no bit outside of the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked {
    /// What the bits must be.
    pub value: u128,
    /// Which bits are looked at.
    pub mask: u128,
}

/// An interface's name, or the beginning of one (`eth+`, `"eth*"`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The name or its beginning.
    pub text: String,
    /// Any name that begins so.
    pub is_prefix: bool,
}

impl Values {
    /// Just this number.
    pub fn one(value: u128) -> Self {
        Self::Ranges(vec![Range { first: value, last: value }])
    }

    /// Ranges in any order, put into their normal form.
    pub fn ranges(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut sorted: Vec<Range> = ranges.into_iter().filter(|range| range.first <= range.last).collect();
        sorted.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.first <= last.last.saturating_add(1) => {
                    last.last = last.last.max(range.last)
                }
                _ => merged.push(range),
            }
        }
        Self::Ranges(merged)
    }

    /// Is this number among them? `false` for names.
    pub fn has(&self, number: u128) -> bool {
        match self {
            Self::Ranges(ranges) => {
                let after = ranges.partition_point(|range| range.first <= number);
                after > 0 && number <= ranges[after - 1].last
            }
            Self::Masked(masked) => masked.iter().any(|one| number & one.mask == one.value),
            Self::AnyBit(bits) => number & bits != 0,
            Self::Names(_) => false,
        }
    }

    /// Is this name among them? `false` for numbers.
    pub fn has_name(&self, name: &str) -> bool {
        match self {
            Self::Names(names) => names.iter().any(|one| one.covers(name)),
            Self::Ranges(_) | Self::Masked(_) | Self::AnyBit(_) => false,
        }
    }
}

impl Name {
    /// Does a name fall under it?
    pub fn covers(&self, name: &str) -> bool {
        if self.is_prefix { name.starts_with(&self.text) } else { name == self.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_merged_and_searched() {
        let range = |first, last| Range { first, last };
        let values = Values::ranges([range(80, 90), range(1, 2), range(91, 95), range(9, 3), range(85, 86)]);
        assert_eq!(values, Values::Ranges(vec![range(1, 2), range(80, 95)]));
        let found: Vec<u128> = [0, 1, 2, 3, 79, 80, 95, 96].into_iter().filter(|n| values.has(*n)).collect();
        assert_eq!(found, [1, 2, 80, 95]);
        assert_eq!(
            Values::ranges([range(0, u128::MAX), range(7, 8)]),
            Values::Ranges(vec![range(0, u128::MAX)])
        );
    }
}
