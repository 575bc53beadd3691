//! Docker, ufw, firewalld, native nft: whose rules decide, and what is done about it.

#![expect(clippy::disallowed_methods, reason = "the test reads real dumps, the crate does not")]

use std::path::PathBuf;

use insta::assert_snapshot;
use ruleset::{Backend, Endpoint, Family, Listener};

use crate::case::Case;

/// A dump from a real host; `None` where there is none.
fn real(name: &str) -> Option<String> {
    let shared = option_env!("CARGO_MANIFEST_DIR").map(|own| PathBuf::from(own).join("../../../shared"));
    let shared = std::env::var_os("DEADSTICK_SHARED").map(PathBuf::from).or(shared)?;
    let text = std::fs::read_to_string(shared.join("data/firewall").join(name)).ok();
    if text.is_none() {
        eprintln!("skipped: no {name} beside the repository");
    }
    text
}

fn docker_proxy(address: &str) -> Listener {
    Listener {
        protocol: 6,
        at: Endpoint { address: address.parse().expect("an address"), port: 8080 },
        is_dual: false,
        interface: None,
        process: Some("docker-proxy".to_owned()),
        pid: None,
    }
}

#[test]
fn a_port_that_docker_published() {
    let Some(dump) = real("docker-20.10-two-networks.save") else { return };
    let docker = Case::v4(&dump);
    assert_snapshot!(docker.plan("deny 8080/tcp"), @r#"
    iptables -I DOCKER-USER 1 -p tcp -m conntrack --ctstate DNAT --ctorigdstport 8080 -j DROP
    note: IPv6 is not planned: there is no dump of it
    note: the port is translated to 172.17.0.2 before INPUT sees it (! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80): the rule belongs where forwarded traffic goes
    "#);
    assert_snapshot!(docker.plan("deny from 10.0.0.7 to any port 8080 proto tcp"), @r#"
    iptables -I DOCKER-USER 1 -s 10.0.0.7/32 -p tcp -m conntrack --ctstate DNAT --ctorigdstport 8080 -j DROP
    note: the port is translated to 172.17.0.2 before INPUT sees it (! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80): the rule belongs where forwarded traffic goes
    "#);
    assert_snapshot!(docker.plan("allow 8080/tcp"), @r#"
    noop: ip DOCKER 1: -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    note: the port is translated to 172.17.0.2 before INPUT sees it (! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80): the rule belongs where forwarded traffic goes
    "#);
    let mut listening = docker.clone().with(
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n",
        Backend::IptablesNft,
        Family::Ip6,
    );
    listening.listeners = vec![docker_proxy("0.0.0.0"), docker_proxy("::")];
    assert_snapshot!(listening.plan("deny 8080/tcp"), @r#"
    iptables -I DOCKER-USER 1 -p tcp -m conntrack --ctstate DNAT --ctorigdstport 8080 -j DROP
    iptables -I INPUT 1 -p tcp -m tcp --dport 8080 -j DROP
    ip6tables -I INPUT 1 -p tcp -m tcp --dport 8080 -j DROP
    note: the port is translated to 172.17.0.2 before INPUT sees it (! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80): the rule belongs where forwarded traffic goes
    "#);
}

#[test]
fn docker_under_ufw() {
    let (Some(v4), Some(v6)) = (real("docker-plus-ufw-enabled.save"), real("docker-plus-ufw-enabled.save6"))
    else {
        return;
    };
    let both = Case::v4(&v4).with(&v6, Backend::IptablesNft, Family::Ip6);
    assert_snapshot!(both.plan("deny 8080/tcp"), @r#"
    iptables -I DOCKER-USER 1 -p tcp -m conntrack --ctstate DNAT --ctorigdstport 8080 -j DROP
    note: the port is translated to 172.17.0.2 before INPUT sees it (! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80): the rule belongs where forwarded traffic goes
    "#);
    assert_snapshot!(both.plan("allow 9090/tcp"), @r#"
    exit 3: ufw decides here, in INPUT of table filter: its rules are never edited from outside, it would not know and take them back
      ufw allow 9090/tcp
    "#);
    assert_snapshot!(both.plan("allow from 10.1.0.5 to any port 5432 proto tcp"), @"noop: ip ufw-user-input 8: -s 10.1.0.5/32 -p tcp -m tcp --dport 5432 -j ACCEPT");
    assert_snapshot!(both.plan("deny from 10.1.0.5 to any port 5432 proto tcp"), @r#"
    exit 3: ufw decides here, in ufw-before-input of table filter: its rules are never edited from outside, it would not know and take them back
      ufw deny from 10.1.0.5 to any port 5432 proto tcp
    "#);
    assert_snapshot!(both.plan("default allow incoming"), @r#"
    exit 3: ufw decides here, in INPUT of table filter: its rules are never edited from outside, it would not know and take them back
      ufw default allow incoming
    "#);
}
