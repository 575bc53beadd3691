//! The rules that somebody made carefully, and who depends on which service.

use super::error::{PlaygroundError, run};

/// What the server starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// Policy ACCEPT: closed only where it matters.
    #[default]
    Open,
    /// Policy DROP: open only where it matters.
    Closed,
}

/// A node: its name is also the name of the server's interface to it.
pub struct Peer {
    /// Name.
    pub name: &'static str,
    /// The server's address there.
    pub server: &'static str,
    /// The node's own address.
    pub address: &'static str,
    /// Likewise for IPv6.
    pub server6: &'static str,
    /// Likewise for IPv6.
    pub address6: &'static str,
}

/// The four nodes.
pub const PEERS: [Peer; 4] = [
    Peer {
        name: "replica",
        server: "10.77.1.1",
        address: "10.77.1.2",
        server6: "fd77:1::1",
        address6: "fd77:1::2",
    },
    Peer {
        name: "app",
        server: "10.77.2.1",
        address: "10.77.2.2",
        server6: "fd77:2::1",
        address6: "fd77:2::2",
    },
    Peer {
        name: "monitor",
        server: "10.77.3.1",
        address: "10.77.3.2",
        server6: "fd77:3::1",
        address6: "fd77:3::2",
    },
    Peer {
        name: "outside",
        server: "203.0.113.1",
        address: "203.0.113.2",
        server6: "2001:db8:77::1",
        address6: "2001:db8:77::2",
    },
];

/// Ports on which the server listens (v4 and v6), and what stands for what.
pub const SERVICES: [(u16, &str); 4] =
    [(22, "ssh"), (5432, "database"), (7000, "replication"), (9100, "metrics")];

/// A connection that somebody depends on: node, address, port, what for.
pub const NEEDED: [(&str, &str, u16, &str); 10] = [
    ("replica", "10.77.1.1", 5432, "database"),
    ("replica", "10.77.1.1", 7000, "replication"),
    ("replica", "fd77:1::1", 7000, "replication, IPv6"),
    ("app", "10.77.2.1", 5432, "database"),
    ("app", "fd77:2::1", 5432, "database, IPv6"),
    ("monitor", "10.77.3.1", 9100, "metrics"),
    ("monitor", "fd77:3::1", 9100, "metrics, IPv6"),
    ("outside", "203.0.113.1", 22, "ssh: you"),
    ("outside", "203.0.113.1", 8443, "the web site, by DNAT to app"),
    ("app", "203.0.113.2", 443, "updates from outside, masqueraded"),
];

/// What nobody should ever reach.
pub const FORBIDDEN: [(&str, &str, u16); 4] = [
    ("outside", "203.0.113.1", 5432),
    ("outside", "203.0.113.1", 9100),
    ("outside", "2001:db8:77::1", 5432),
    ("monitor", "10.77.3.1", 5432),
];

/// Ports on which nodes themselves listen.
pub const NODE_SERVICES: [(&str, u16); 2] = [("app", 443), ("outside", 443)];

const NAT: &str = "*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i outside -p tcp -m tcp --dport 8443 -m comment --comment \"the web site\" -j DNAT --to-destination 10.77.2.2:443
-A POSTROUTING -s 10.77.0.0/16 -o outside -m comment --comment \"nodes reach the world through us\" -j MASQUERADE
COMMIT
";

const FORWARD: &str = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i outside -d 10.77.2.2/32 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -i outside -j DROP
";

const OPEN_V4: &str = "-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.77.1.2/32 -p tcp -m tcp --dport 5432 -m comment --comment \"replica reads the database\" -j ACCEPT
-A INPUT -s 10.77.2.2/32 -p tcp -m tcp --dport 5432 -m comment --comment \"app writes the database\" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 5432 -j DROP
-A INPUT ! -s 10.77.3.2/32 -p tcp -m tcp --dport 9100 -j REJECT --reject-with tcp-reset
-A INPUT -i outside -p tcp -m tcp --dport 7000 -j DROP
";

const OPEN_V6: &str = "-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s fd77::/16 -p tcp -m tcp --dport 5432 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 5432 -j DROP
-A INPUT -i outside -p tcp -m multiport --dports 7000,9100 -j DROP
";

const CLOSED_V4: &str = "-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.77.1.2/32 -p tcp -m multiport --dports 5432,7000 -m comment --comment \"replica\" -j ACCEPT
-A INPUT -s 10.77.2.2/32 -p tcp -m tcp --dport 5432 -m comment --comment \"app writes the database\" -j ACCEPT
-A INPUT -s 10.77.3.2/32 -p tcp -m tcp --dport 9100 -j ACCEPT
";

const CLOSED_V6: &str = "-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s fd77::/16 -p tcp -m multiport --dports 5432,7000,9100 -j ACCEPT
";

fn filter(policy: &str, input: &str, forward: &str) -> String {
    format!(
        "*filter\n:INPUT {policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{input}{forward}COMMIT\n"
    )
}

/// Loads the rules into this namespace, by iptables-nft or iptables-legacy.
pub fn load(start: Start, is_legacy: bool) -> Result<(), PlaygroundError> {
    let (policy, v4, v6) = match start {
        Start::Open => ("ACCEPT", OPEN_V4, OPEN_V6),
        Start::Closed => ("DROP", CLOSED_V4, CLOSED_V6),
    };
    let kind = if is_legacy { "legacy" } else { "nft" };
    let rules = format!("{NAT}{}", filter(policy, v4, FORWARD));
    run(&format!("iptables-{kind}-restore"), &[], Some(&rules))?;
    run(&format!("ip6tables-{kind}-restore"), &[], Some(&filter(policy, v6, "")))?;
    Ok(())
}
