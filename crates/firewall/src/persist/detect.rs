//! What loads rules at boot, or writes its own idea of them every half hour.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// A mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// Debian's netfilter-persistent, with /etc/iptables/rules.v4 and rules.v6.
    NetfilterPersistent,
    /// Red Hat's iptables.service, with /etc/sysconfig/iptables.
    IptablesServices,
    /// nftables.service, with /etc/nftables.conf.
    Nftables,
    /// ufw.
    Ufw,
    /// firewalld.
    Firewalld,
    /// ferm.
    Ferm,
    /// Shorewall.
    Shorewall,
    /// Puppet's agent.
    Puppet,
    /// Chef's client.
    Chef,
    /// Salt's minion.
    Salt,
    /// A script that the network or the boot calls.
    Script,
}

/// One that is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Which.
    pub mechanism: Mechanism,
    /// The file by which it was found.
    pub file: PathBuf,
    /// Will it run at the next boot?
    pub is_enabled: bool,
    /// What it does to our edits, and what to do.
    pub advice: String,
}

impl Found {
    /// Would its next run undo what was changed live?
    pub fn would_undo(&self) -> bool {
        self.is_enabled && self.mechanism != Mechanism::NetfilterPersistent
    }
}

/// Everything that is here, under this root.
pub fn mechanisms(root: &Path) -> Vec<Found> {
    let site = Site { root };
    let mut found = Vec::new();
    let mut take = |mechanism, file: Option<&str>, is_enabled, advice: &str| {
        if let Some(file) = file {
            let file = PathBuf::from("/").join(file);
            let advice = format!("{advice} ({})", file.display());
            found.push(Found { mechanism, file, is_enabled, advice });
        }
    };
    use Mechanism as M;
    take(
        M::NetfilterPersistent,
        site.first(&["etc/iptables/rules.v4", "etc/iptables/rules.v6"]),
        site.has_unit("netfilter-persistent")
            || site.first(&["usr/sbin/netfilter-persistent", "usr/share/netfilter-persistent"]).is_some(),
        "netfilter-persistent loads its files at boot",
    );
    take(
        M::IptablesServices,
        site.first(&["etc/sysconfig/iptables", "etc/sysconfig/ip6tables"]),
        site.has_unit("iptables") || site.has_unit("ip6tables"),
        "iptables.service loads its own file at boot: put the rule there as well",
    );
    take(
        M::Nftables,
        site.first(&["etc/nftables.conf", "etc/sysconfig/nftables.conf"]),
        site.has_unit("nftables"),
        "nftables.service replaces all rules by its own file at boot and at every reload: put the rule there as well",
    );
    take(
        M::Ufw,
        site.first(&["etc/ufw/ufw.conf"]),
        site.has_line("etc/ufw/ufw.conf", "ENABLED=yes"),
        "ufw is enabled and writes its own rules at boot and at every reload; rules beside its chains are lost at a reboot: `ufw allow ...` keeps one",
    );
    take(
        M::Firewalld,
        site.first(&["etc/firewalld/firewalld.conf", "usr/sbin/firewalld"]),
        site.has_unit("firewalld"),
        "firewalld writes its own rules at boot and at every reload: `firewall-cmd --permanent ...` keeps one",
    );
    take(
        M::Ferm,
        site.first(&["etc/ferm/ferm.conf"]),
        site.has_unit("ferm") || site.has_line("etc/default/ferm", "ENABLED=\"yes\""),
        "ferm replaces all rules by those of its own file at boot and at every reload: put the rule there as well",
    );
    take(
        M::Shorewall,
        site.first(&["etc/shorewall/shorewall.conf", "etc/shorewall6/shorewall6.conf"]),
        site.has_unit("shorewall")
            || site.has_line("etc/default/shorewall", "startup=1")
            || site.has_line("etc/shorewall/shorewall.conf", "STARTUP_ENABLED=Yes"),
        "Shorewall replaces all rules at boot and at every restart: put the rule into its files as well",
    );
    let agents = [
        (M::Puppet, "etc/puppetlabs/puppet/puppet.conf", "puppet", "Puppet"),
        (M::Puppet, "etc/puppet/puppet.conf", "puppet", "Puppet"),
        (M::Chef, "etc/chef/client.rb", "chef-client", "Chef"),
        (M::Salt, "etc/salt/minion", "salt-minion", "Salt"),
    ];
    for (mechanism, file, unit, name) in agents {
        let advice = format!(
            "{name} runs here; if it manages the firewall, its next run undoes this: change it there as well"
        );
        take(mechanism, site.first(&[file]), site.has_unit(unit), &advice);
    }
    for file in site.scripts() {
        take(
            M::Script,
            Some(&file),
            true,
            "a script calls iptables or nft at boot or with the network: look whether it undoes this",
        );
    }
    found
}

struct Site<'a> {
    root: &'a Path,
}

impl Site<'_> {
    fn first<'f>(&self, files: &[&'f str]) -> Option<&'f str> {
        files.iter().copied().find(|file| self.root.join(file).exists())
    }

    /// Is the unit wanted by a target? Links are looked at, not followed: they point out of a root that isn't `/`.
    fn has_unit(&self, name: &str) -> bool {
        ["multi-user", "sysinit", "basic", "network-pre"].iter().any(|target| {
            let link = format!("etc/systemd/system/{target}.target.wants/{name}.service");
            self.root.join(link).symlink_metadata().is_ok()
        })
    }

    fn has_line(&self, file: &str, line: &str) -> bool {
        let text = fs::read_to_string(self.root.join(file)).unwrap_or_default();
        text.lines().any(|one| one.trim().eq_ignore_ascii_case(line))
    }

    fn scripts(&self) -> Vec<String> {
        let mut files = vec!["etc/rc.local".to_owned(), "etc/network/interfaces".to_owned()];
        for folder in ["etc/network/if-pre-up.d", "etc/network/if-up.d", "etc/NetworkManager/dispatcher.d"] {
            let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
            files.extend(
                entries.filter_map(|entry| Some(format!("{folder}/{}", entry.file_name().to_str()?))),
            );
        }
        files.sort();
        files.retain(|file| {
            let text = fs::read_to_string(self.root.join(file)).unwrap_or_default();
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            lines.into_iter().any(|line| {
                line.split(|c: char| c.is_whitespace() || c == '/' || c == ';').any(|word| {
                    matches!(
                        word,
                        "nft" | "iptables" | "ip6tables" | "iptables-restore" | "ip6tables-restore"
                    )
                })
            })
        });
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_at_boot() {
        let check = |files: &[(&str, &str)], expected: &[&str]| {
            let site = tempfile::tempdir().unwrap();
            for (name, text) in files {
                let path = site.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            let told: Vec<String> = mechanisms(site.path())
                .iter()
                .map(|found| format!("{:?} {} {}", found.mechanism, found.file.display(), found.is_enabled))
                .collect();
            assert_eq!(told, expected);
        };
        check(&[], &[]);
        check(&[("etc/ufw/ufw.conf", "# x\nENABLED=no\n")], &["Ufw /etc/ufw/ufw.conf false"]);
        check(&[("etc/ufw/ufw.conf", "ENABLED=yes\n")], &["Ufw /etc/ufw/ufw.conf true"]);
        check(
            &[("etc/iptables/rules.v4", ""), ("usr/sbin/netfilter-persistent", "")],
            &["NetfilterPersistent /etc/iptables/rules.v4 true"],
        );
        check(
            &[
                ("etc/nftables.conf", ""),
                ("etc/systemd/system/sysinit.target.wants/nftables.service", ""),
                ("etc/rc.local", "#!/bin/sh\n# iptables -F\n/sbin/iptables-restore < /etc/fw\n"),
                ("etc/network/if-up.d/quiet", "# iptables\necho nftables\n"),
            ],
            &["Nftables /etc/nftables.conf true", "Script /etc/rc.local true"],
        );
    }
}
