//! Application profiles, in ufw's file format: `[Name]`, `title=`, `description=`, `ports=80,443/tcp|53`.

use std::collections::BTreeMap;

use super::Ports;

/// Profiles by name. The caller reads the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles(BTreeMap<String, Profile>);

/// A profile: what an application listens on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its title.
    pub title: String,
    /// Protocol (`None`: tcp and udp) and ports.
    pub ports: Vec<(Option<&'static str>, Ports)>,
}

impl Profiles {
    /// Reads the text of one file more. A profile whose ports can't be read is left out.
    pub fn add(&mut self, text: &str) {
        let mut name = None;
        let mut profile = Profile::default();
        let mut is_whole = true;
        for line in text.lines().map(str::trim).chain(["[]"]) {
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                if let Some(name) = name.replace(header.to_owned())
                    && is_whole
                    && !profile.ports.is_empty()
                {
                    self.0.entry(name).or_insert(std::mem::take(&mut profile));
                }
                (profile, is_whole) = (Profile::default(), true);
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            match key.trim() {
                "title" => value.trim().clone_into(&mut profile.title),
                "ports" => match value.trim().split('|').map(ports).collect() {
                    Some(ports) => profile.ports = ports,
                    None => is_whole = false,
                },
                _ => {}
            }
        }
    }

    /// The profile of this name.
    pub fn find(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// `80,443/tcp`, `53`
fn ports(text: &str) -> Option<(Option<&'static str>, Ports)> {
    let (list, protocol) = match text.split_once('/') {
        Some((list, "tcp")) => (list, Some("tcp")),
        Some((list, "udp")) => (list, Some("udp")),
        Some((list, "any")) => (list, None),
        Some(_) => return None,
        None => (text, None),
    };
    let ports = Ports::parse(list).ok()?;
    let is_single = ports.0.len() == 1 && ports.0[0].0 == ports.0[0].1;
    (protocol.is_some() || is_single).then_some((protocol, ports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_format() {
        let mut profiles = Profiles::default();
        profiles.add("[Some Service]\ntitle=Some title\ndescription=x\nports=12/udp|34|56,78:90/tcp\n\n[Bad]\nports=80,443\n[B]\nports = 5/tcp\n");
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["B", "Some Service"]);
        let one = profiles.find("Some Service").unwrap();
        let text: Vec<String> =
            one.ports.iter().map(|(p, ports)| format!("{}/{}", ports.text(), p.unwrap_or("any"))).collect();
        assert_eq!(text, ["12/udp", "34/any", "56,78:90/tcp"]);
        assert_eq!(one.title, "Some title");
    }
}
