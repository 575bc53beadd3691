//! /etc/services: names of ports.

use std::collections::BTreeMap;

/// Services by name. The caller reads the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services(BTreeMap<String, Entry>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
    tcp: Option<u16>,
    udp: Option<u16>,
}

impl Services {
    /// Reads the text of /etc/services; lines that it doesn't understand are left out.
    pub fn parse(text: &str) -> Self {
        let mut services = BTreeMap::<String, Entry>::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let (Some(name), Some(at)) = (words.next(), words.next()) else { continue };
            let Some((port, protocol)) = at.split_once('/') else { continue };
            let Ok(port) = port.parse() else { continue };
            for name in std::iter::once(name).chain(words) {
                let entry = services.entry(name.to_owned()).or_default();
                let place = match protocol {
                    "tcp" => &mut entry.tcp,
                    "udp" => &mut entry.udp,
                    _ => continue,
                };
                place.get_or_insert(port);
            }
        }
        Self(services)
    }

    /// Port by protocol: tcp's and udp's.
    pub fn find(&self, name: &str) -> Option<(Option<u16>, Option<u16>)> {
        let entry = self.0.get(name)?;
        (entry.tcp.is_some() || entry.udp.is_some()).then_some((entry.tcp, entry.udp))
    }

    /// The name of a port.
    pub fn name(&self, protocol: &str, port: u16) -> Option<&str> {
        self.0.iter().find_map(|(name, entry)| {
            let own = if protocol == "udp" { entry.udp } else { entry.tcp };
            (own == Some(port)).then_some(name.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_other_names() {
        let services = Services::parse(
            "# x\nssh 22/tcp # shell\ndomain\t53/tcp\ndomain\t53/udp\nhttp 80/tcp www\nodd 9/sctp\njunk\n",
        );
        assert_eq!(services.find("ssh"), Some((Some(22), None)));
        assert_eq!(services.find("domain"), Some((Some(53), Some(53))));
        assert_eq!(services.find("www"), Some((Some(80), None)));
        assert_eq!((services.find("odd"), services.find("junk")), (None, None));
        assert_eq!(services.name("udp", 53), Some("domain"));
    }
}
