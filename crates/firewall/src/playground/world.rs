//! The world inside: links, addresses, services, rules, live connections.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::error::{PlaygroundError, run};
use super::node::Node;
use super::rules::{self, FORBIDDEN, NEEDED, NODE_SERVICES, PEERS, SERVICES, Start};
use super::service;
use super::state::{Connection, Measured};

/// The server's side of a playground; this process is in the server's network namespace.
pub struct World {
    nodes: Vec<(&'static str, Node)>,
    is_legacy: bool,
    way_in: Option<String>,
}

impl World {
    /// Builds it in this process's namespaces, which must be its own.
    pub fn build(start: Start, is_legacy: bool) -> Result<Self, PlaygroundError> {
        let write = |path: &str| {
            std::fs::write(path, "1").map_err(|error| PlaygroundError::Private(path.to_owned(), error))
        };
        run("ip", &["link", "set", "lo", "up"], None)?;
        write("/proc/sys/net/ipv4/ip_forward")?;
        write("/proc/sys/net/ipv6/conf/all/forwarding")?;
        let mut nodes = Vec::new();
        for peer in &PEERS {
            let node = Node::begin()?;
            join(peer, &node)?;
            nodes.push((peer.name, node));
        }
        for (port, _) in SERVICES {
            service::listen(port)
                .map_err(|error| PlaygroundError::Io("can't listen in the playground", error))?;
        }
        let mut world = Self { nodes, is_legacy, way_in: None };
        for (name, port) in NODE_SERVICES {
            world.node(name)?.listen(port)?;
        }
        rules::load(start, is_legacy)?;
        for (name, address, port, _) in NEEDED {
            let here = world.node(name)?.hold(socket_address(address, port))?;
            if port == 22 {
                world.way_in = here.map(|here| format!("{} {} {address} {port}", here.ip(), here.port()));
            }
        }
        Ok(world)
    }

    /// Looks at everything, now.
    pub fn measure(&self) -> Result<Measured, PlaygroundError> {
        let mut needed = Vec::new();
        for (name, address, port, purpose) in NEEDED {
            let (node, to) = (self.node(name)?, socket_address(address, port));
            needed.push((name, to, purpose, node.alive(to)?, node.reach(to)?));
        }
        let mut forbidden = Vec::new();
        for (name, address, port) in FORBIDDEN {
            let to = socket_address(address, port);
            forbidden.push((name, to, self.node(name)?.reach(to)?));
        }
        let mut connections = Vec::new();
        for (name, to, purpose, lives, works_anew) in needed {
            connections.push(Connection {
                node: name.to_owned(),
                to: to.to_string(),
                purpose: purpose.to_owned(),
                lives: lives.wait()?,
                works_anew: works_anew.wait()?,
            });
        }
        let mut exposed = Vec::new();
        for (name, to, is_open) in forbidden {
            if is_open.wait()? {
                exposed.push(format!("{name} → {to}"));
            }
        }
        let kind = if self.is_legacy { "legacy" } else { "nft" };
        let (v4, v6) = (
            run(&format!("iptables-{kind}-save"), &[], None)?,
            run(&format!("ip6tables-{kind}-save"), &[], None)?,
        );
        Ok(Measured {
            connections,
            exposed,
            rules_v4: count_rules(&v4),
            rules_v6: count_rules(&v6),
            policies_v4: policies(&v4),
            policies_v6: policies(&v6),
        })
    }

    /// SSH_CONNECTION of the person at the keyboard: the live connection from `outside` to port 22.
    pub fn way_in(&self) -> Option<String> {
        self.way_in.clone()
    }

    fn node(&self, name: &str) -> Result<&Node, PlaygroundError> {
        let found = self.nodes.iter().find(|(of, _)| *of == name);
        found.map(|(_, node)| node).ok_or(PlaygroundError::Gone("a node"))
    }
}

/// A pair of devices between server and node, with addresses and the way back.
fn join(peer: &rules::Peer, node: &Node) -> Result<(), PlaygroundError> {
    let thread = node.thread.to_string();
    let ip = |arguments: &[&str]| run("ip", arguments, None).map(drop);
    ip(&["link", "add", peer.name, "type", "veth", "peer", "name", "eth0", "netns", &thread])?;
    ip(&["address", "add", &format!("{}/24", peer.server), "dev", peer.name])?;
    ip(&["address", "add", &format!("{}/64", peer.server6), "dev", peer.name, "nodad"])?;
    ip(&["link", "set", peer.name, "up"])?;
    let there = |arguments: &[&str]| {
        let namespace = format!("--net=/proc/{thread}/ns/net");
        let mut all = vec![namespace.as_str(), "ip"];
        all.extend(arguments);
        run("nsenter", &all, None).map(drop)
    };
    there(&["link", "set", "lo", "up"])?;
    there(&["address", "add", &format!("{}/24", peer.address), "dev", "eth0"])?;
    there(&["address", "add", &format!("{}/64", peer.address6), "dev", "eth0", "nodad"])?;
    there(&["link", "set", "eth0", "up"])?;
    there(&["route", "add", "default", "via", peer.server])?;
    there(&["route", "add", "default", "via", peer.server6])?;
    wait_for_link(peer.name)
}

/// A pair of devices is up when both ends are; the kernel tells so a moment later.
fn wait_for_link(name: &str) -> Result<(), PlaygroundError> {
    let path = format!("/sys/class/net/{name}/operstate");
    for _ in 0..200 {
        // /sys may show another namespace's devices: then there is nothing to wait for.
        match std::fs::read_to_string(&path) {
            Ok(state) if state.trim() != "up" => std::thread::sleep(Duration::from_millis(5)),
            Ok(_) | Err(_) => break,
        }
    }
    Ok(())
}

fn socket_address(address: &str, port: u16) -> SocketAddr {
    let address: IpAddr = address.parse().expect("addresses of the playground are written right");
    SocketAddr::new(address, port)
}

fn count_rules(save: &str) -> usize {
    save.lines().filter(|line| line.starts_with("-A ")).count()
}

/// Policies of the filter table's base chains.
fn policies(save: &str) -> Vec<String> {
    let filter = save.lines().skip_while(|line| *line != "*filter").take_while(|line| *line != "COMMIT");
    let declared = filter.filter_map(|line| line.strip_prefix(':'));
    let words = declared.filter_map(|line| {
        let mut words = line.split(' ');
        let (name, policy) = (words.next()?, words.next()?);
        (policy != "-").then(|| format!("{name} {policy}"))
    });
    words.collect()
}
