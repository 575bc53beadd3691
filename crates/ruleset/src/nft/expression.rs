//! The kernel's expressions as plain data: what the attributes of an nf_tables rule say, before anybody reads a meaning into it.
//!
//! Names of fields and numbers are those of linux/netfilter/nf_tables.h.

/// One expression of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression<'a> {
    /// Loads bytes of the packet.
    Payload {
        /// Into which register.
        register: u32,
        /// 0 link header, 1 network header, 2 transport header, 3 inner.
        base: u32,
        /// From the start of that header, in bytes.
        offset: u32,
        /// In bytes.
        length: u32,
    },
    /// Writes bytes into the packet.
    PayloadSet {
        /// From which register.
        register: u32,
        /// As for `Payload`.
        base: u32,
        /// As for `Payload`.
        offset: u32,
        /// As for `Payload`.
        length: u32,
    },
    /// Loads something that the kernel knows about the packet (NFT_META_*).
    Meta {
        /// What.
        key: u32,
        /// Into which register.
        register: u32,
    },
    /// Sets it.
    MetaSet {
        /// What.
        key: u32,
        /// From which register.
        register: u32,
    },
    /// Loads something of the connection (NFT_CT_*).
    Ct {
        /// What.
        key: u32,
        /// 0 original, 1 reply.
        direction: Option<u8>,
        /// Into which register.
        register: u32,
    },
    /// Sets it.
    CtSet {
        /// What.
        key: u32,
        /// 0 original, 1 reply.
        direction: Option<u8>,
        /// From which register.
        register: u32,
    },
    /// Loads constant bytes.
    Immediate {
        /// Into which register.
        register: u32,
        /// The bytes.
        data: &'a [u8],
    },
    /// A verdict.
    Verdict(Verdict<'a>),
    /// Ends the rule unless the comparison holds.
    Compare {
        /// Of which register.
        register: u32,
        /// How.
        operator: Operator,
        /// With what.
        data: &'a [u8],
    },
    /// Ends the rule unless the register is between (or not between) two values.
    Range {
        /// Which register.
        register: u32,
        /// "not between".
        negated: bool,
        /// First value, network byte order.
        first: &'a [u8],
        /// Last value.
        last: &'a [u8],
    },
    /// register = (register & mask) ^ xor.
    Bitwise {
        /// From which register.
        source: u32,
        /// Into which.
        destination: u32,
        /// The mask.
        mask: &'a [u8],
        /// The bits that are turned over afterwards.
        xor: &'a [u8],
    },
    /// A shift of bits, or a combination of two registers.
    BitwiseOther {
        /// From which register.
        source: u32,
        /// Into which.
        destination: u32,
        /// 1 left shift, 2 right shift, 3 and, 4 or, 5 xor.
        operation: u32,
        /// By how much (host byte order).
        data: &'a [u8],
    },
    /// Host to network byte order, or back.
    Byteorder {
        /// From which register.
        source: u32,
        /// Into which.
        destination: u32,
        /// Bytes of one value: 2, 4 or 8.
        size: u32,
    },
    /// Asks a set; into a register if it is a map (0 for a verdict map).
    Lookup {
        /// Which set.
        set: &'a str,
        /// What is looked up.
        source: u32,
        /// Where the value goes.
        destination: Option<u32>,
        /// Goes on if it is absent.
        negated: bool,
    },
    /// Changes a set from the packet path.
    Dynset {
        /// Which set.
        set: &'a str,
        /// 0 add, 1 update, 2 delete.
        operation: u32,
        /// What is put in.
        key: u32,
        /// The value of a map.
        data: Option<u32>,
        /// Milliseconds.
        timeout: Option<u64>,
        /// Goes on if it could not be added.
        negated: bool,
        /// What is done for each element.
        expressions: Vec<Expression<'a>>,
    },
    /// Counts.
    Counter {
        /// Packets so far.
        packets: u64,
        /// Bytes so far.
        bytes: u64,
    },
    /// A rate.
    Limit {
        /// How many in each unit.
        rate: u64,
        /// Seconds.
        unit: u64,
        /// How many at once.
        burst: u32,
        /// Bytes rather than packets.
        is_bytes: bool,
        /// "over" the rate.
        negated: bool,
    },
    /// An amount.
    Quota {
        /// How many bytes.
        bytes: u64,
        /// "over" the amount.
        negated: bool,
        /// How many were used.
        consumed: u64,
    },
    /// How many connections.
    Connlimit {
        /// The limit.
        count: u32,
        /// "over" it.
        negated: bool,
    },
    /// Writes to a log.
    Log {
        /// Text before each line.
        prefix: Option<&'a [u8]>,
        /// To a program of this group.
        group: Option<u16>,
        /// How many bytes of the packet.
        length: Option<u32>,
        /// How many packets at once.
        threshold: Option<u16>,
        /// Priority of syslog.
        level: Option<u32>,
        /// NF_LOG_*.
        flags: u32,
    },
    /// Source or destination rewritten.
    Nat {
        /// Destination rather than source.
        is_destination: bool,
        /// NFPROTO_*.
        family: u32,
        /// Registers of first and last address.
        addresses: (Option<u32>, Option<u32>),
        /// Registers of first and last port.
        ports: (Option<u32>, Option<u32>),
        /// NF_NAT_RANGE_*.
        flags: u32,
    },
    /// Source rewritten to the address of the outgoing interface.
    Masquerade {
        /// Registers of first and last port.
        ports: (Option<u32>, Option<u32>),
        /// NF_NAT_RANGE_*.
        flags: u32,
    },
    /// Destination rewritten to this host.
    Redirect {
        /// Registers of first and last port.
        ports: (Option<u32>, Option<u32>),
        /// NF_NAT_RANGE_*.
        flags: u32,
    },
    /// Refused with an answer.
    Reject {
        /// 0 ICMP of the family, 1 TCP reset, 2 ICMPX.
        kind: u32,
        /// Its code.
        code: u8,
    },
    /// To a program that decides.
    Queue {
        /// First queue.
        number: u16,
        /// How many queues.
        total: u16,
        /// 1 bypass, 2 fanout.
        flags: u16,
    },
    /// Not tracked.
    Notrack,
    /// To a local socket.
    Tproxy {
        /// Register of the address.
        address: Option<u32>,
        /// Register of the port.
        port: Option<u32>,
        /// NFPROTO_*.
        family: u32,
    },
    /// Asks the routes.
    Fib {
        /// Into which register.
        register: u32,
        /// 1 oif, 2 oifname, 3 type.
        result: u32,
        /// 1 saddr, 2 daddr, 4 mark, 8 iif, 16 oif, 32 only whether there is one.
        flags: u32,
    },
    /// Loads a part of an extension header or option.
    Exthdr {
        /// Into which register.
        register: u32,
        /// 0 IPv6 extension header, 1 TCP option, 2 IPv4 option, 3 SCTP chunk, 4 DCCP.
        operation: u32,
        /// Type of the header or option.
        kind: u8,
        /// In bytes.
        offset: u32,
        /// In bytes.
        length: u32,
        /// Only whether it is there.
        is_presence: bool,
    },
    /// Loads something of the socket that the packet belongs to (NFT_SOCKET_*).
    Socket {
        /// Into which register.
        register: u32,
        /// What.
        key: u32,
    },
    /// Loads something of the route (NFT_RT_*).
    Rt {
        /// Into which register.
        register: u32,
        /// What.
        key: u32,
    },
    /// Loads a number that is counted up or drawn.
    Numgen {
        /// Into which register.
        register: u32,
        /// Below this.
        modulus: u32,
        /// Drawn rather than counted.
        is_random: bool,
        /// Added.
        offset: u32,
    },
    /// Loads a hash.
    Hash {
        /// From which register (`None`: symmetric).
        source: Option<u32>,
        /// Into which.
        register: u32,
        /// Below this.
        modulus: u32,
        /// Seed.
        seed: Option<u32>,
        /// Added.
        offset: u32,
    },
    /// A named object: counter 1, quota 2, helper 3, limit 4, connlimit 5, tunnel 6, timeout 7, secmark 8, expectation 9, synproxy 10.
    Object {
        /// Its type.
        kind: u32,
        /// Its name.
        name: &'a str,
    },
    /// A named object that a map tells.
    ObjectMap {
        /// Which map.
        set: &'a str,
        /// What is looked up.
        source: u32,
    },
    /// An x_tables match.
    Match(Extension<'a>),
    /// An x_tables target.
    Target(Extension<'a>),
    /// Anything else.
    Unknown {
        /// Its name.
        name: &'a str,
        /// Its attributes.
        data: &'a [u8],
    },
}

/// A match or target of x_tables, with the C structure that its module reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extension<'a> {
    /// Its name.
    pub name: &'a str,
    /// Which version of the structure.
    pub revision: u32,
    /// The structure.
    pub info: &'a [u8],
}

/// How a register is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

/// What becomes of the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Ends this base chain.
    Accept,
    /// Final.
    Drop,
    /// The next rule is asked.
    Continue,
    /// Ends the rule.
    Break,
    /// Back to the caller.
    Return,
    /// On in another chain, and back here.
    Jump(&'a str),
    /// On in another chain.
    Goto(&'a str),
    /// To a program.
    Queue,
    /// A code that we don't know.
    Unknown(i32),
}

impl Operator {
    /// From NFT_CMP_*.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Equal,
            1 => Self::NotEqual,
            2 => Self::Less,
            3 => Self::LessOrEqual,
            4 => Self::Greater,
            5 => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}
