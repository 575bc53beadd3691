//! What traffic is meant: `22/tcp`, `ssh`, `'Nginx Full'`, or `from A port P to B port Q proto tcp`.

use super::parse::Reader;
use super::{EditError, Lane, Network, Ports, Profile, Profiles, Services, Wanted, address};
use crate::Family;

const CLAUSE: &str = "from, to, port, app or proto (a rule is either one port, or clauses)";

/// Protocols that a rule can name.
const PROTOCOLS: [&str; 8] = ["tcp", "udp", "ah", "esp", "gre", "vrrp", "ipv6", "igmp"];
const ONLY_IPV4: [&str; 2] = ["ipv6", "igmp"];

/// One end: address and ports.
#[derive(Clone, Debug, Default)]
struct End {
    text: Option<String>,
    network: Option<Network>,
    ports: Option<Port>,
}

#[derive(Clone, Debug)]
enum Port {
    Numbers(Ports),
    /// A service, with tcp's and udp's port.
    Service(String, Option<u16>, Option<u16>),
    Profile(Profile),
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Clauses {
    from: End,
    to: End,
    /// As typed; `Some(None)` for `any`.
    protocol: Option<Option<&'static str>>,
}

impl Clauses {
    pub(super) fn read(
        mut words: Reader,
        has_interface: bool,
        services: &Services,
        profiles: &Profiles,
        notes: &mut Vec<String>,
    ) -> Result<Self, EditError> {
        let mut clauses = Self::default();
        match words.remaining() {
            0 if has_interface => return Ok(clauses),
            0 => return Err(words.nothing()),
            1 if !has_interface => {
                let word = words.expect("a port")?;
                clauses.simple(&word, services, profiles)?;
                return Ok(clauses);
            }
            _ => {}
        }
        let mut is_from = None;
        let mut has_proto = false;
        while let Some(word) = words.next() {
            match word.as_str() {
                "from" | "to" => {
                    let end = if word == "from" { &mut clauses.from } else { &mut clauses.to };
                    if end.text.is_some() {
                        return Err(EditError::Repeated(word));
                    }
                    let text = words.expect("an address, a network or `any`")?;
                    let (network, note) = address::network(&text)?;
                    notes.extend(note);
                    (end.network, end.text) = (network, Some(text));
                    is_from = Some(word == "from");
                }
                "port" | "app" => {
                    let end = match is_from {
                        Some(true) => &mut clauses.from,
                        Some(false) => &mut clauses.to,
                        None => {
                            return Err(words
                                .unexpected("`from ADDRESS` or `to ADDRESS` before it, such as `to any`"));
                        }
                    };
                    if end.ports.is_some() {
                        return Err(EditError::Repeated(word));
                    }
                    end.ports = Some(if word == "port" {
                        port(&words.expect("a port or a service")?, services)?
                    } else {
                        let name = words.expect("the name of an application profile")?;
                        Port::Profile(profiles.find(&name).cloned().ok_or(EditError::Profile(name))?)
                    });
                }
                "proto" => {
                    if has_proto {
                        return Err(EditError::Repeated(word));
                    }
                    has_proto = true;
                    clauses.protocol = Some(protocol(&words.expect("a protocol")?)?);
                }
                _ => return Err(words.unexpected(CLAUSE)),
            }
        }
        if is_from.is_none() && !has_interface {
            return Err(words.missing("`from ADDRESS` or `to ADDRESS`, such as `to any`"));
        }
        Ok(clauses)
    }

    /// `22`, `22/tcp`, `ssh`, `'Nginx Full'`
    fn simple(&mut self, word: &str, services: &Services, profiles: &Profiles) -> Result<(), EditError> {
        let is_service = services.find(word).is_some();
        if !is_service && let Some(profile) = profiles.find(word) {
            self.to.ports = Some(Port::Profile(profile.clone()));
            return Ok(());
        }
        let (text, proto) = match word.split_once('/') {
            Some((text, proto)) => (text, Some(proto)),
            None => (word, None),
        };
        let first = port(text, services)?;
        self.protocol = proto.map(protocol).transpose()?;
        self.to.ports = Some(first);
        Ok(())
    }

    /// Puts it together with what stood before.
    pub(super) fn complete(self, mut wanted: Wanted) -> Result<Wanted, EditError> {
        wanted.lanes = self.lanes()?;
        (wanted.source, wanted.destination) = (self.from.network, self.to.network);
        let families = [&self.from, &self.to].map(|end| end.network.map(|network| network.family()));
        wanted.families = match families {
            [Some(from), Some(to)] if from != to => {
                return Err(EditError::Versions {
                    from: self.from.text.unwrap_or_default(),
                    to: self.to.text.unwrap_or_default(),
                });
            }
            [Some(family), _] | [None, Some(family)] => vec![family],
            [None, None] => vec![Family::Ip, Family::Ip6],
        };
        if let Some(Some(protocol)) = self.protocol
            && ONLY_IPV4.contains(&protocol)
        {
            if wanted.families == [Family::Ip6] {
                let text = [self.from, self.to].into_iter().filter(|end| end.network.is_some());
                let address = text.filter_map(|end| end.text).collect::<Vec<_>>().join(" and ");
                return Err(EditError::OnlyIpv4 { protocol, address });
            }
            wanted.families = vec![Family::Ip];
        }
        // The whole of one family is no test.
        let is_some = |network: &Option<Network>| network.is_some_and(|network| network.mask != 0);
        wanted.source = wanted.source.filter(|network| is_some(&Some(*network)));
        wanted.destination = wanted.destination.filter(|network| is_some(&Some(*network)));
        Ok(wanted)
    }

    fn lanes(&self) -> Result<Vec<Lane>, EditError> {
        let ends = [&self.from, &self.to];
        if ends.iter().any(|end| matches!(end.ports, Some(Port::Profile(_)))) && self.protocol.is_some() {
            return Err(EditError::ProfileProtocol);
        }
        if ends.iter().all(|end| end.ports.is_none()) {
            let protocol = self.protocol.flatten();
            return Ok(vec![Lane {
                protocol,
                source_ports: Ports::default(),
                destination_ports: Ports::default(),
            }]);
        }
        if let Some(Some(protocol)) = self.protocol
            && !matches!(protocol, "tcp" | "udp")
        {
            return Err(EditError::PortlessProtocol(protocol.to_owned()));
        }
        let mut lanes = Vec::new();
        for protocol in ["tcp", "udp"] {
            if self.protocol.flatten().is_some_and(|asked| asked != protocol) {
                continue;
            }
            let Some(from) = self.from.of(protocol) else { continue };
            let Some(to) = self.to.of(protocol) else { continue };
            lanes.push(Lane { protocol: Some(protocol), source_ports: from, destination_ports: to });
        }
        for end in ends {
            if let (Some(Port::Service(service, tcp, _)), true) = (&end.ports, lanes.is_empty()) {
                let has = if tcp.is_some() { "tcp" } else { "udp" };
                let asked = self.protocol.flatten().unwrap_or("udp").to_owned();
                return Err(EditError::ServiceProtocol {
                    service: service.clone(),
                    has: has.to_owned(),
                    asked,
                });
            }
            if let (Some(Port::Numbers(ports)), None | Some(None)) = (&end.ports, self.protocol)
                && !ports.is_single()
                && lanes.len() > 1
            {
                return Err(EditError::PortsNeedProtocol(ports.text()));
            }
        }
        if lanes.is_empty() {
            return Err(EditError::Service("the two profiles have no protocol in common".to_owned()));
        }
        Ok(lanes)
    }
}

impl End {
    /// Its ports with this protocol; `None` if it has none, empty for all.
    fn of(&self, protocol: &str) -> Option<Ports> {
        match &self.ports {
            None => Some(Ports::default()),
            Some(Port::Numbers(ports)) => Some(ports.clone()),
            Some(Port::Service(_, tcp, udp)) => {
                let port = if protocol == "tcp" { tcp } else { udp };
                port.map(|port| Ports(vec![(port, port)]))
            }
            Some(Port::Profile(profile)) => {
                let own = profile.ports.iter().filter(|(own, _)| own.is_none_or(|own| own == protocol));
                let ranges = Ports::merged(own.flat_map(|(_, ports)| ports.0.clone()).collect());
                (!ranges.is_empty()).then_some(Ports(ranges))
            }
        }
    }
}

fn port(text: &str, services: &Services) -> Result<Port, EditError> {
    if let Some((tcp, udp)) = services.find(text) {
        return Ok(Port::Service(text.to_owned(), tcp, udp));
    }
    let is_word = text.chars().next().is_some_and(char::is_alphabetic);
    if is_word && !text.contains([',', ':']) {
        return Err(EditError::Service(text.to_owned()));
    }
    Ports::parse(text).map(Port::Numbers)
}

fn protocol(text: &str) -> Result<Option<&'static str>, EditError> {
    if text == "any" {
        return Ok(None);
    }
    let known = PROTOCOLS.iter().find(|known| **known == text);
    known.map(|known| Some(*known)).ok_or_else(|| EditError::Protocol(text.to_owned()))
}
