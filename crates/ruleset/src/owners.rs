//! Whose chains and tables are whose: programs that make rules of their own, known by the names they use.
//!
//! What a foreign owner made is shown with its name and never edited: it would be gone at the owner's next run, or would break it.

/// Who made a chain or a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As people call it.
    pub name: &'static str,
    /// Will it undo, or trip over, what others change there? Then it is not edited.
    pub is_foreign: bool,
    /// Its own way to the same end: a command, or where to look.
    pub command: &'static str,
}

const UFW: Owner = Owner {
    name: "ufw",
    is_foreign: true,
    command: "ufw allow ..., ufw deny ..., ufw route ...; its files are in /etc/ufw",
};
const DOCKER: Owner = Owner {
    name: "Docker",
    is_foreign: true,
    command: "docker run --publish 127.0.0.1:8080:80 ...; rules of your own go to the chain DOCKER-USER",
};
/// Docker makes the chain and leaves it to the admin.
const DOCKER_USER: Owner = Owner {
    name: "admin",
    is_foreign: false,
    command: "rules of your own about Docker's ports go here, before any RETURN",
};
const KUBERNETES: Owner =
    Owner { name: "kube-proxy", is_foreign: true, command: "kubectl edit service ..., or a NetworkPolicy" };
const CALICO: Owner =
    Owner { name: "Calico", is_foreign: true, command: "calicoctl apply -f POLICY, or a NetworkPolicy" };
const CILIUM: Owner = Owner { name: "Cilium", is_foreign: true, command: "a CiliumNetworkPolicy" };
const FLANNEL: Owner =
    Owner { name: "Flannel", is_foreign: true, command: "its configuration (kube-flannel-cfg)" };
const WEAVE: Owner = Owner { name: "Weave", is_foreign: true, command: "a NetworkPolicy" };
const CNI: Owner = Owner {
    name: "CNI plugins",
    is_foreign: true,
    command: "the port mapping of the container, or /etc/cni/net.d; rules of your own go to CNI-ADMIN",
};
/// The plugin `firewall` makes the chain and leaves it to the admin.
const CNI_ADMIN: Owner =
    Owner { name: "admin", is_foreign: false, command: "rules of your own about containers go here" };
const NETAVARK: Owner = Owner {
    name: "netavark (Podman)",
    is_foreign: true,
    command: "podman run --publish ..., podman network ...",
};
const LIBVIRT: Owner = Owner {
    name: "libvirt",
    is_foreign: true,
    command: "virsh net-edit ..., or a hook in /etc/libvirt/hooks",
};
const LXD: Owner =
    Owner { name: "LXD or Incus", is_foreign: true, command: "incus network acl ..., incus network set ..." };
const FIREWALLD: Owner = Owner {
    name: "firewalld",
    is_foreign: true,
    command: "firewall-cmd --permanent --add-port=..., then firewall-cmd --reload",
};
const FAIL2BAN: Owner = Owner {
    name: "fail2ban",
    is_foreign: true,
    command: "fail2ban-client set JAIL banip ADDRESS (or unbanip)",
};
const CROWDSEC: Owner =
    Owner { name: "CrowdSec", is_foreign: true, command: "cscli decisions add --ip ... (or delete)" };
const TAILSCALE: Owner = Owner {
    name: "Tailscale",
    is_foreign: true,
    command: "tailscale set --netfilter-mode=..., or its policy file",
};
const WG_QUICK: Owner =
    Owner { name: "wg-quick", is_foreign: true, command: "PostUp and PreDown in /etc/wireguard/NAME.conf" };
const NEUTRON: Owner = Owner {
    name: "OpenStack Neutron",
    is_foreign: true,
    command: "openstack security group rule create ...",
};
const SSHGUARD: Owner = Owner {
    name: "sshguard",
    is_foreign: true,
    command: "sshguard -w ADDRESS in its settings, /etc/sshguard/sshguard.conf",
};
const SHOREWALL: Owner =
    Owner { name: "Shorewall", is_foreign: true, command: "/etc/shorewall/rules, then shorewall reload" };
const PORTMASTER: Owner = Owner { name: "Portmaster", is_foreign: true, command: "its own settings" };
const OPENSNITCH: Owner = Owner { name: "OpenSnitch", is_foreign: true, command: "its own rules" };
const MINIUPNPD: Owner =
    Owner { name: "miniupnpd", is_foreign: true, command: "/etc/miniupnpd/miniupnpd.conf" };

/// Whole names of chains; asked before the beginnings.
const CHAINS: &[(&str, Owner)] = &[
    ("DOCKER-USER", DOCKER_USER),
    ("CNI-ADMIN", CNI_ADMIN),
    ("DOCKER", DOCKER),
    ("sshguard", SSHGUARD),
    ("MINIUPNPD", MINIUPNPD),
    ("MINIUPNPD-POSTROUTING", MINIUPNPD),
    // firewalld with its iptables backend.
    ("INPUT_direct", FIREWALLD),
    ("OUTPUT_direct", FIREWALLD),
    ("FORWARD_direct", FIREWALLD),
    ("PREROUTING_direct", FIREWALLD),
    ("POSTROUTING_direct", FIREWALLD),
    ("INPUT_ZONES", FIREWALLD),
    ("INPUT_ZONES_SOURCE", FIREWALLD),
    ("FORWARD_IN_ZONES", FIREWALLD),
    ("FORWARD_OUT_ZONES", FIREWALLD),
    ("FORWARD_IN_ZONES_SOURCE", FIREWALLD),
    ("FORWARD_OUT_ZONES_SOURCE", FIREWALLD),
    ("PREROUTING_ZONES", FIREWALLD),
    ("PREROUTING_ZONES_SOURCE", FIREWALLD),
    ("POSTROUTING_ZONES", FIREWALLD),
    ("POSTROUTING_ZONES_SOURCE", FIREWALLD),
];

/// How names of chains begin.
const CHAIN_STARTS: &[(&str, Owner)] = &[
    ("DOCKER-", DOCKER),
    ("DOCKER_", DOCKER),
    ("KUBE-", KUBERNETES),
    ("KUBE-ROUTER-", KUBERNETES),
    ("cali-", CALICO),
    ("CILIUM_", CILIUM),
    ("OLD_CILIUM_", CILIUM),
    ("FLANNEL-", FLANNEL),
    ("WEAVE", WEAVE),
    ("CNI-", CNI),
    ("NETAVARK", NETAVARK),
    ("LIBVIRT_", LIBVIRT),
    ("lxd_", LXD),
    ("incus_", LXD),
    ("ufw-", UFW),
    ("ufw6-", UFW),
    ("f2b-", FAIL2BAN),
    ("fail2ban-", FAIL2BAN),
    ("crowdsec", CROWDSEC),
    ("CROWDSEC", CROWDSEC),
    ("ts-", TAILSCALE),
    ("neutron-", NEUTRON),
    ("nova-", NEUTRON),
    ("IN_", FIREWALLD),
    ("FWDI_", FIREWALLD),
    ("FWDO_", FIREWALLD),
    ("PRE_", FIREWALLD),
    ("POST_", FIREWALLD),
    ("PORTMASTER-", PORTMASTER),
    ("opensnitch", OPENSNITCH),
    ("SHOREWALL", SHOREWALL),
];

/// Tables of nft, by whole names.
const TABLES: &[(&str, Owner)] = &[
    ("firewalld", FIREWALLD),
    ("libvirt_network", LIBVIRT),
    ("netavark", NETAVARK),
    ("docker-bridges", DOCKER),
    ("lxd", LXD),
    ("incus", LXD),
    ("kube-proxy", KUBERNETES),
    ("calico", CALICO),
    ("cni_hostport", CNI),
    ("cni_firewall", CNI),
    ("sshguard", SSHGUARD),
    ("miniupnpd", MINIUPNPD),
    ("opensnitch", OPENSNITCH),
];

/// How names of nft's tables begin.
const TABLE_STARTS: &[(&str, Owner)] = &[
    ("f2b-", FAIL2BAN),
    ("wg-quick-", WG_QUICK),
    ("crowdsec", CROWDSEC),
    ("ts-", TAILSCALE),
    ("flannel-", FLANNEL),
    ("kube-", KUBERNETES),
];

/// Who made a chain of this name; `None` for the kernel's own and for an admin's.
pub fn owner_of_chain(name: &str) -> Option<Owner> {
    find(name, CHAINS, CHAIN_STARTS)
}

/// Who made an nft table of this name; `None` for the plain ones.
pub fn owner_of_table(name: &str) -> Option<Owner> {
    find(name, TABLES, TABLE_STARTS)
}

fn find(name: &str, whole: &[(&str, Owner)], starts: &[(&str, Owner)]) -> Option<Owner> {
    let found = whole.iter().find(|(known, _)| *known == name);
    found.or_else(|| starts.iter().find(|(start, _)| name.starts_with(start))).map(|(_, owner)| *owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_have_owners() {
        let rows = [
            ("DOCKER-USER", Some(("admin", false))),
            ("DOCKER", Some(("Docker", true))),
            ("DOCKER-ISOLATION-STAGE-1", Some(("Docker", true))),
            ("ufw-user-input", Some(("ufw", true))),
            ("ufw6-before-input", Some(("ufw", true))),
            ("KUBE-SERVICES", Some(("kube-proxy", true))),
            ("cali-FORWARD", Some(("Calico", true))),
            ("f2b-sshd", Some(("fail2ban", true))),
            ("ts-input", Some(("Tailscale", true))),
            ("neutron-openvswi-INPUT", Some(("OpenStack Neutron", true))),
            ("CNI-ADMIN", Some(("admin", false))),
            ("CNI-FORWARD", Some(("CNI plugins", true))),
            ("INPUT", None),
            ("DOCKERS", None),
            ("my-ufw-chain", None),
            ("tsunami", None),
        ];
        for (chain, expected) in rows {
            assert_eq!(
                owner_of_chain(chain).map(|owner| (owner.name, owner.is_foreign)),
                expected,
                "{chain}"
            );
        }
    }

    #[test]
    fn tables_have_owners() {
        let rows = [
            ("firewalld", Some("firewalld")),
            ("f2b-table", Some("fail2ban")),
            ("wg-quick-wg0", Some("wg-quick")),
            ("docker-bridges", Some("Docker")),
            ("filter", None),
            ("my_table", None),
        ];
        for (table, expected) in rows {
            assert_eq!(owner_of_table(table).map(|owner| owner.name), expected, "{table}");
        }
    }
}
