//! Why a command could not be understood: what, where, what to do.

use thiserror::Error;

/// A command that can't be understood. `Display` says what and where; [`EditError::hint`] what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EditError {
    /// Nothing follows.
    #[error("`{after}` needs {expected} after it")]
    Missing {
        /// The word after which something is missing.
        after: String,
        /// What is missing.
        expected: &'static str,
    },
    /// A word that does not belong there.
    #[error("word {place}, `{word}`, is not understood: expected {expected}")]
    Unexpected {
        /// The word.
        word: String,
        /// Its place, the verb being the first.
        place: usize,
        /// What would have been understood.
        expected: &'static str,
    },
    /// A clause that comes twice.
    #[error("`{0}` comes twice")]
    Repeated(String),
    /// No port.
    #[error("`{text}` is no port: {why}")]
    Port {
        /// As typed.
        text: String,
        /// What is wrong.
        why: &'static str,
    },
    /// Several ports without a protocol.
    #[error("the ports {0} need a protocol")]
    PortsNeedProtocol(String),
    /// A port for a protocol that has none.
    #[error("protocol {0} has no ports")]
    PortlessProtocol(String),
    /// No protocol.
    #[error("protocol `{0}` is not known")]
    Protocol(String),
    /// A protocol of IPv4 with an IPv6 address.
    #[error("protocol {protocol} exists with IPv4 only, and {address} is an IPv6 address")]
    OnlyIpv4 {
        /// The protocol.
        protocol: &'static str,
        /// The address.
        address: String,
    },
    /// Neither a service nor a profile.
    #[error("`{0}` is neither a port, nor a service of /etc/services, nor an application profile")]
    Service(String),
    /// A service that doesn't exist with this protocol.
    #[error("the service {service} is {has} only, not {asked}")]
    ServiceProtocol {
        /// Its name.
        service: String,
        /// The protocol that it has.
        has: String,
        /// The protocol that was asked.
        asked: String,
    },
    /// No profile of that name.
    #[error("there is no application profile `{0}`")]
    Profile(String),
    /// A profile brings its own protocol.
    #[error("`app` brings its own protocol, so `proto` can't stand beside it")]
    ProfileProtocol,
    /// An address that can't be read.
    #[error("`{text}` is no address: {why}")]
    Address {
        /// As typed.
        text: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A name where an address belongs.
    #[error("`{0}` is the name of a host, not an address")]
    HostName(String),
    /// One address of IPv4, one of IPv6.
    #[error("{from} and {to} are of different IP versions: no packet has both")]
    Versions {
        /// Sender.
        from: String,
        /// Receiver.
        to: String,
    },
    /// An interface's name that can't be.
    #[error("`{text}` is no interface: {why}")]
    Interface {
        /// As typed.
        text: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A number of a rule that can't be.
    #[error("`{0}` is no number of a rule")]
    Number(String),
    /// A comment that can't be written.
    #[error("a comment can't hold {0}")]
    Comment(&'static str),
}

impl EditError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Unexpected { .. } | Self::Repeated(_) => {
                "as in: allow 22/tcp | allow in on eth0 from 10.0.0.0/8 to any port 5432 proto tcp | route allow in on eth0 out on eth1"
            }
            Self::Port { .. } => {
                "a port is 1 to 65535, a list 80,443/tcp, a range 6000:6007/tcp, at most 15 ports (a range counts as 2)"
            }
            Self::PortsNeedProtocol(_) => "write 80,443/tcp, or `proto tcp` beside `port 80,443`",
            Self::PortlessProtocol(_) => "leave the port away: allow proto gre from 10.0.0.1",
            Self::Protocol(_) => "tcp, udp, ah, esp, gre, vrrp, ipv6, igmp or any, in small letters",
            Self::OnlyIpv4 { .. } => "give an IPv4 address, or none",
            Self::Service(_) => "give the number of the port, such as 5432/tcp",
            Self::ServiceProtocol { .. } => "give the number of the port, such as 53/udp",
            Self::Profile(_) => "profiles lie in /etc/ufw/applications.d; or give the number of the port",
            Self::ProfileProtocol => "leave `proto` away",
            Self::Address { .. } => {
                "an address is 10.0.0.7, 10.0.0.0/8, 2001:db8::7 or 2001:db8::/32; `any` is everybody"
            }
            Self::HostName(_) => {
                "give the address: a name is looked up once, and what it means later nobody sees (getent ahosts NAME)"
            }
            Self::Versions { .. } => "two commands, one for each version",
            Self::Interface { .. } => {
                "the names that `ip -br link` shows; aliases such as eth0:1 are addresses, use `to ADDRESS`"
            }
            Self::Number(_) => "`deadstick-fw status numbered` shows them",
            Self::Comment(_) => "leave the character away",
        }
    }
}
