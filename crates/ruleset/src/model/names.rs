//! The closed lists of names that the kernel has.

use serde::{Deserialize, Serialize};

/// Through which door a table came into the kernel; all of them are asked about each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// Written by iptables-nft or ip6tables-nft: nf_tables rules that they can read back.
    IptablesNft,
    /// The old x_tables, of iptables-legacy and ip6tables-legacy.
    IptablesLegacy,
    /// nft's own tables.
    Nft,
}

/// The address family of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// IPv4 and IPv6 (nft only).
    Inet,
    /// ARP.
    Arp,
    /// Frames that cross a bridge.
    Bridge,
    /// Frames of one device (ingress, egress).
    Netdev,
}

/// Where in the kernel a base chain is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// As a frame comes off its device.
    Ingress,
    /// Before the routing decision.
    Prerouting,
    /// For this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
    /// After the routing decision, on the way out.
    Postrouting,
    /// As a frame goes to its device.
    Egress,
}

/// What a base chain does with what no rule has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Goes on to the next base chain.
    Accept,
    /// Is dropped, whatever other chains say.
    Drop,
}

/// In which language [`Rule::text`](super::Rule::text) is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// What iptables-save prints after `-A CHAIN `.
    Iptables,
    /// What `nft list` prints as a rule.
    Nft,
}

impl Family {
    /// The name that nft and the JSON of plans use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Inet => "inet",
            Self::Arp => "arp",
            Self::Bridge => "bridge",
            Self::Netdev => "netdev",
        }
    }
}

impl Backend {
    /// The name that the JSON of plans uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IptablesNft => "iptables-nft",
            Self::IptablesLegacy => "iptables-legacy",
            Self::Nft => "nft",
        }
    }
}

impl Hook {
    /// The name that nft uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
            Self::Egress => "egress",
        }
    }
}

impl Policy {
    /// The word that iptables uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        }
    }
}
