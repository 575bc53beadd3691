//! What was asked, in data.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Family;

/// One command that changes rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is asked.
    pub ask: Ask,
    /// How it is to be done.
    pub options: Options,
    /// As it was typed.
    pub command: Vec<String>,
    /// What was read otherwise than it was written: `10.0.0.1/8 is the network 10.0.0.0/8`.
    pub notes: Vec<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A rule comes in.
    Rule(Wanted),
    /// A rule goes, named by what it says.
    Delete(Wanted),
    /// A rule goes, named by its number in `status numbered`.
    DeleteNumber(usize),
    /// What happens to all that no rule decides.
    Default(Verb, Direction),
    /// A command of ufw's that would turn the firewall over, typed by habit.
    Habit(Habit),
}

/// Commands of ufw's that mean its own files, which don't exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// `enable`
    Enable,
    /// `disable`
    Disable,
    /// `reload`
    Reload,
    /// `reset`
    Reset,
}

/// How an edit is to be done, beyond what ufw knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--chain`: into this chain, wherever else it would go.
    pub chain: Option<String>,
    /// `--before N`: N as in `iptables -L --line-numbers` of its chain.
    pub before: Option<usize>,
    /// `--after N`
    pub after: Option<usize>,
    /// `--keep-present`: `default deny` adds the rules that keep what is there.
    pub keep_present: bool,
    /// `--keep-services`: for whole networks of present peers instead of their addresses.
    pub keep_services: bool,
    /// `--for`: seconds after which it is taken back.
    pub for_seconds: Option<u64>,
    /// `--incident`
    pub incident: Option<String>,
    /// `--reason`
    pub reason: Option<String>,
}

/// What happens to the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Passes.
    Allow,
    /// Is dropped.
    Deny,
    /// Is refused with an answer.
    Reject,
    /// Passes, unless one address comes too often: six times in 30 seconds.
    Limit,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To this host.
    In,
    /// From this host.
    Out,
    /// Through this host.
    Routed,
}

/// Where a rule is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Where it belongs.
    Natural,
    /// Before everything (`prepend`).
    First,
    /// Before that number of `status numbered` (`insert N`).
    Number(usize),
}

/// Which packets are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// None.
    None,
    /// The first of each connection.
    New,
    /// All.
    All,
}

/// A rule as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What happens.
    pub verb: Verb,
    /// Which way.
    pub direction: Direction,
    /// Where it is put.
    pub at: At,
    /// Interface by which it comes in.
    pub in_interface: Option<String>,
    /// Interface by which it goes out.
    pub out_interface: Option<String>,
    /// Is it logged?
    pub log: Log,
    /// Sender; `None` for anybody.
    pub source: Option<Network>,
    /// Receiver; `None` for anybody.
    pub destination: Option<Network>,
    /// Protocols and ports: the traffic of any of these.
    pub lanes: Vec<Lane>,
    /// [`Family::Ip`], [`Family::Ip6`], or both.
    pub families: Vec<Family>,
    /// The comment; `Some("")` takes one away.
    pub comment: Option<String>,
}

/// A protocol with its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// `tcp`, `udp`, `gre`, ...; `None` for all.
    pub protocol: Option<&'static str>,
    /// Ports of the sender; empty for all.
    pub source_ports: Ports,
    /// Ports of the receiver; empty for all.
    pub destination_ports: Ports,
}

/// Ports: first and last of each range, in the order in which they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(pub Vec<(u16, u16)>);

/// An address under a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address, without bits outside of the mask.
    pub address: IpAddr,
    /// The mask as a number, of 32 or 128 bits.
    pub mask: u128,
}

impl Ports {
    /// As iptables writes them.
    pub fn text(&self) -> String {
        let one = |(first, last): &(u16, u16)| {
            if first == last { first.to_string() } else { format!("{first}:{last}") }
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(",")
    }
}

impl Network {
    /// IPv4 or IPv6.
    pub fn family(&self) -> Family {
        if self.address.is_ipv4() { Family::Ip } else { Family::Ip6 }
    }

    /// Length of the network's prefix, unless its mask has holes.
    pub fn prefix(&self) -> Option<u32> {
        let width = if self.address.is_ipv4() { 32 } else { 128 };
        let unused = 128 - width;
        let ones = (self.mask << unused).leading_ones();
        (ones == self.mask.count_ones()).then_some(ones)
    }

    /// The address as a number.
    pub fn number(&self) -> u128 {
        number(self.address)
    }
}

/// An address as a number of 32 or 128 bits.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

/// As iptables-save writes it.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.prefix(), self.address) {
            (Some(length), address) => write!(f, "{address}/{length}"),
            (None, IpAddr::V4(address)) => {
                let mask = u32::try_from(self.mask).expect("a mask of IPv4 has 32 bits");
                write!(f, "{address}/{}", Ipv4Addr::from(mask))
            }
            (None, IpAddr::V6(address)) => write!(f, "{address}/{}", Ipv6Addr::from(self.mask)),
        }
    }
}

impl Verb {
    /// The word that is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Reject => "reject",
            Self::Limit => "limit",
        }
    }

    /// Does the traffic pass?
    pub fn passes(self) -> bool {
        matches!(self, Self::Allow | Self::Limit)
    }
}

impl Direction {
    /// The word that `default` takes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "incoming",
            Self::Out => "outgoing",
            Self::Routed => "routed",
        }
    }
}
