//! Where a rule goes.

use insta::assert_snapshot;
use ruleset::ufw::Options;
use ruleset::{Backend, Family};

use crate::case::Case;

/// As a careful admin writes it.
const SERVER: &str = "*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT
COMMIT
";

/// It ends with a log and a reject of all, the policy being open.
const REJECTS: &str = "*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -m limit --limit 5/min -j LOG --log-prefix \"dropped: \"
-A INPUT -j REJECT --reject-with icmp-host-prohibited
COMMIT
";

/// Chains of the admin's own, one for each protocol.
const CHAINS: &str = "*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:TCP - [0:0]
:UDP - [0:0]
:LOGDROP - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p udp -m conntrack --ctstate NEW -j UDP
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j TCP
-A INPUT -j LOGDROP
-A TCP -p tcp -m tcp --dport 22 -j ACCEPT
-A TCP -p tcp -m tcp --dport 80 -j ACCEPT
-A LOGDROP -m limit --limit 5/min -j LOG
-A LOGDROP -j DROP
COMMIT
";

#[test]
fn allow_goes_before_what_would_shadow_it() {
    let server = Case::pair(&SERVER.replace("-s 10.0.0.0/8 ", ""));
    assert_snapshot!(server.plan("allow 443/tcp"), @r#"
    iptables -I INPUT 6 -p tcp -m tcp --dport 443 -j ACCEPT
    ip6tables -I INPUT 6 -p tcp -m tcp --dport 443 -j ACCEPT
    "#);
    assert_snapshot!(server.plan("allow 53"), @r#"
    iptables -I INPUT 6 -p tcp -m tcp --dport 53 -j ACCEPT
    iptables -I INPUT 7 -p udp -m udp --dport 53 -j ACCEPT
    ip6tables -I INPUT 6 -p tcp -m tcp --dport 53 -j ACCEPT
    ip6tables -I INPUT 7 -p udp -m udp --dport 53 -j ACCEPT
    "#);
    assert_snapshot!(Case::v4(REJECTS).plan("allow 443/tcp"), @r#"
    iptables -I INPUT 4 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(REJECTS).plan_words(&["allow", "Nginx Full", "comment", "the web"]), @r#"
    iptables -I INPUT 4 -p tcp -m multiport --dports 80,443 -m comment --comment "the web" -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow 5432/tcp"), @r#"
    iptables -I INPUT 6 -p tcp -m tcp --dport 5432 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow in on eth0 from 192.168.1.7 to 10.0.0.1 port 6000:6007 proto tcp"), @"iptables -I INPUT 6 -s 192.168.1.7/32 -d 10.0.0.1/32 -i eth0 -p tcp -m tcp --dport 6000:6007 -j ACCEPT");
}

#[test]
fn so_already() {
    assert_snapshot!(Case::v4(SERVER).plan("allow 22/tcp"), @r#"
    noop: ip INPUT 4: -p tcp -m tcp --dport 22 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow from 10.1.0.0/16 to any port 5432 proto tcp"), @"noop: ip INPUT 5: -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT");
    assert_snapshot!(Case::v4(SERVER).plan("deny 8080"), @r#"
    noop: ip INPUT policy: DROP
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow out 25"), @r#"
    noop: ip OUTPUT policy: ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(REJECTS).plan("reject 8080/udp"), @r#"
    noop: ip INPUT 5: -j REJECT --reject-with icmp-host-prohibited
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow 22/tcp comment shell"), @r#"
    iptables -R INPUT 4 -p tcp -m tcp --dport 22 -m comment --comment shell -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
}

#[test]
fn the_admins_own_chain() {
    assert_snapshot!(Case::v4(CHAINS).plan("allow 443/tcp"), @r#"
    iptables -I TCP 3 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(CHAINS).plan("allow 53/udp"), @r#"
    iptables -I UDP 1 -p udp -m udp --dport 53 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(CHAINS).plan("allow proto gre from 10.0.0.1"), @"iptables -I INPUT 6 -s 10.0.0.1/32 -p gre -j ACCEPT");
    assert_snapshot!(Case::v4(CHAINS).plan("deny from 10.0.0.66 to any port 22 proto tcp"), @"iptables -I TCP 1 -s 10.0.0.66/32 -p tcp -m tcp --dport 22 -j DROP");
}

#[test]
fn deny_goes_before_what_lets_it_pass() {
    assert_snapshot!(Case::v4(SERVER).plan("deny from 10.0.0.66"), @"iptables -I INPUT 4 -s 10.0.0.66/32 -j DROP");
    assert_snapshot!(Case::v4(SERVER).plan("deny 22/tcp"), @r#"
    iptables -R INPUT 4 -p tcp -m tcp --dport 22 -j DROP
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4(REJECTS).plan("reject out 25/tcp"), @r#"
    iptables -I OUTPUT 1 -p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(Case::v4("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n").plan("deny 23/tcp"), @r#"
    iptables -I INPUT 1 -p tcp -m tcp --dport 23 -j DROP
    note: IPv6 is not planned: there is no dump of it
    "#);
    let nothing = Case { families: vec![Family::Ip, Family::Ip6], ..Case::default() };
    assert_snapshot!(nothing.plan("deny 23/tcp"), @r#"
    iptables -I INPUT 1 -p tcp -m tcp --dport 23 -j DROP
    ip6tables -I INPUT 1 -p tcp -m tcp --dport 23 -j DROP
    "#);
    assert_snapshot!(nothing.plan("allow 23/tcp"), @"noop: ip INPUT policy: nothing filters here");
}

#[test]
fn limits_and_logs() {
    assert_snapshot!(Case::pair(&SERVER.replace("-s 10.0.0.0/8 ", "")).plan("limit ssh"), @r#"
    iptables -I INPUT 4 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name limit-tcp-22 --mask 255.255.255.255 --rsource
    iptables -I INPUT 5 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name limit-tcp-22 --mask 255.255.255.255 --rsource -j REJECT --reject-with icmp-port-unreachable
    ip6tables -I INPUT 4 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --set --name limit-tcp-22 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource
    ip6tables -I INPUT 5 -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name limit-tcp-22 --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource -j REJECT --reject-with icmp6-port-unreachable
    "#);
    assert_snapshot!(Case::v4(SERVER).plan("allow log 443/tcp"), @r#"
    iptables -I INPUT 6 -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[FW ALLOW] "
    iptables -I INPUT 7 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
}

#[test]
fn bans_stay_in_front() {
    let bans = SERVER.replace(":OUTPUT ACCEPT [0:0]\n", ":OUTPUT ACCEPT [0:0]\n:f2b-sshd - [0:0]\n-A INPUT -p tcp -m multiport --dports 22,443 -j f2b-sshd\n-A f2b-sshd -s 1.2.3.4/32 -j REJECT --reject-with icmp-port-unreachable\n-A f2b-sshd -j RETURN\n-A INPUT -s 6.6.6.6/32 -j DROP\n");
    assert_snapshot!(Case::v4(&bans).plan("allow 443/tcp"), @r#"
    iptables -I INPUT 8 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    note: rule 1 of f2b-sshd (-s 1.2.3.4/32 -j REJECT --reject-with icmp-port-unreachable) still goes first: whoever it stops stays out (--before overrides it)
    note: rule 2 of INPUT (-s 6.6.6.6/32 -j DROP) still goes first: whoever it stops stays out (--before overrides it)
    "#);
    assert_snapshot!(Case::v4(&bans).plan("allow 22/tcp"), @r#"
    noop: ip INPUT 6: -p tcp -m tcp --dport 22 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    note: rule 1 of f2b-sshd (-s 1.2.3.4/32 -j REJECT --reject-with icmp-port-unreachable) still goes first: whoever it stops stays out (--before overrides it)
    note: rule 2 of INPUT (-s 6.6.6.6/32 -j DROP) still goes first: whoever it stops stays out (--before overrides it)
    "#);
    assert_snapshot!(Case::v4(&bans).plan("allow from 6.6.6.0/24 to any port 443 proto tcp"), @"iptables -I INPUT 2 -s 6.6.6.0/24 -p tcp -m tcp --dport 443 -j ACCEPT");
}

#[test]
fn told_where() {
    let told = |options| Case::v4(CHAINS).told(options);
    assert_snapshot!(told(Options { chain: Some("UDP".into()), ..Options::default() }).plan("allow 443/tcp"), @r#"
    iptables -I UDP 1 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(told(Options { before: Some(3), ..Options::default() }).plan("allow 443/tcp"), @r#"
    iptables -I INPUT 3 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(told(Options { after: Some(3), ..Options::default() }).plan("allow from 10.0.0.1"), @"iptables -I INPUT 4 -s 10.0.0.1/32 -j ACCEPT");
    assert_snapshot!(told(Options { chain: Some("NONE".into()), ..Options::default() }).plan("allow 443/tcp"), @r#"
    exit 1: the chain NONE is not there
      `deadstick-fw show` lists the chains; none is made for a rule
    "#);
    assert_snapshot!(Case::v4(CHAINS).plan("prepend deny from 1.2.3.4"), @"iptables -I INPUT 1 -s 1.2.3.4/32 -j DROP");
    assert_snapshot!(Case::v4(CHAINS).plan("insert 8 allow 81/tcp"), @r#"
    iptables -I TCP 2 -p tcp -m tcp --dport 81 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
}

#[test]
fn several_backends() {
    let both = Case::v4(SERVER).with(REJECTS, Backend::IptablesLegacy, Family::Ip);
    assert_snapshot!(both.plan("allow 443/tcp"), @r#"
    iptables-legacy -I INPUT 4 -p tcp -m tcp --dport 443 -j ACCEPT
    iptables -I INPUT 6 -p tcp -m tcp --dport 443 -j ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(both.plan("deny 22/tcp"), @r#"
    iptables -R INPUT 4 -p tcp -m tcp --dport 22 -j DROP
    note: IPv6 is not planned: there is no dump of it
    "#);
}

#[test]
fn routed() {
    assert_snapshot!(Case::v4(SERVER).plan("route allow in on eth0 out on eth1 to 12.34.45.67 port 80 proto tcp"), @"iptables -I FORWARD 1 -d 12.34.45.67/32 -i eth0 -o eth1 -p tcp -m tcp --dport 80 -j ACCEPT");
}

/// A narrow rule that says the same of a few is not why it is so for all.
#[test]
fn so_already_by_the_rule_that_decides_for_all() {
    let with = |policy: &str, first: &str| {
        Case::v4(&format!("*filter\n:INPUT {policy} [0:0]\n-A INPUT -s 192.0.2.7/32 -j {first}\nCOMMIT\n"))
    };
    assert_snapshot!(with("DROP", "DROP").plan("deny 80/tcp"), @r#"
    noop: ip INPUT policy: DROP
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(with("ACCEPT", "ACCEPT").plan("allow 80/tcp"), @r#"
    noop: ip INPUT policy: ACCEPT
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(with("DROP", "DROP").plan("deny from 192.0.2.7"), @"noop: ip INPUT 1: -s 192.0.2.7/32 -j DROP");
}
