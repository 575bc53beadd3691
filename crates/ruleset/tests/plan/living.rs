//! What a plan does to flows, services, and the way in.

use insta::assert_snapshot;
use ruleset::ufw::Options;
use ruleset::{Endpoint, Flow, FlowSource, Listener, Tuple, WayIn, WayInSource, plan};

use crate::case::Case;

const STATELESS: &str = "*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
";
const STATEFUL: &str = "*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 5432 -j ACCEPT
-A FORWARD -s 10.9.0.0/16 -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
";

fn end(text: &str) -> Endpoint {
    let (address, port) = text.rsplit_once(':').expect("address:port");
    Endpoint { address: address.parse().expect("an address"), port: port.parse().expect("a port") }
}

fn flow(from: &str, to: &str, source: FlowSource, is_local: bool) -> Flow {
    let (from, to) = (end(from), end(to));
    Flow {
        protocol: 6,
        original: Tuple { from, to },
        reply: Tuple { from: to, to: from },
        source,
        status: if source == FlowSource::Socket { 0 } else { 14 },
        mark: 0,
        zone: 0,
        tcp_state: Some("ESTABLISHED".into()),
        is_local,
        is_outgoing: is_local.then_some(false),
        process: None,
    }
}

fn living(case: &Case, command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    let made = plan::make(&case.edit(&words), &case.state()).expect("a plan");
    let mut lines = plan::commands(&made.changes);
    let name = |flow: &Flow| format!("{} -> {}", flow.original.from.address, flow.original.to.port);
    lines.extend(made.impact.cut.iter().map(|flow| format!("cut {}", name(flow))));
    lines.extend(made.impact.unsure.iter().map(|one| format!("unsure {}: {}", name(&one.flow), one.because)));
    for service in &made.impact.services {
        lines.push(format!(
            "{} {} {}",
            if service.loses { "loses" } else { "gains" },
            service.listener.at.port,
            service.text
        ));
    }
    for way in &made.impact.ways_in {
        lines.push(format!(
            "way {:?} {:?} {}: {}",
            way.session_survives, way.login_works, way.is_affected, way.because
        ));
    }
    lines.extend(made.impact.lost_state.iter().map(|lost| format!("lost {lost}")));
    if let Some(refusal) = plan::refusal(&made) {
        lines.push(format!("refused: {refusal}"));
    }
    lines.join("\n")
}

fn with_life(dump: &str, source: FlowSource) -> Case {
    let mut case = Case::v4(dump);
    case.flows = vec![
        flow("10.0.0.7:4711", "10.0.0.1:22", source, true),
        flow("10.0.0.8:4712", "10.0.0.1:5432", source, true),
    ];
    case.ways_in = vec![WayIn {
        peer: end("10.0.0.7:4711"),
        here: end("10.0.0.1:22"),
        source: WayInSource::Environment,
    }];
    let listener = |port| Listener {
        protocol: 6,
        at: end(&format!("0.0.0.0:{port}")),
        is_dual: false,
        interface: None,
        process: None,
        pid: None,
    };
    case.listeners = vec![listener(22), listener(5432)];
    case
}

#[test]
fn flows_that_are_tracked() {
    let case = with_life(STATEFUL, FlowSource::Both);
    assert_snapshot!(living(&case, "deny 5432/tcp"), @r#"
    iptables -R INPUT 3 -p tcp -m tcp --dport 5432 -j DROP
    loses 5432 IPv4: open to everyone, then to nobody
    way Some(true) Some(true) false: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    "#);
    assert_snapshot!(living(&case, "deny 22/tcp"), @r#"
    iptables -R INPUT 2 -p tcp -m tcp --dport 22 -j DROP
    loses 22 IPv4: open to everyone, then to nobody
    way Some(true) Some(false) true: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j DROP
    refused: nobody could log in from 10.0.0.7 any more (rule 2 of INPUT: -p tcp -m tcp --dport 22 -j DROP)
    "#);
    assert_snapshot!(living(&case, "delete 1"), @r#"
    iptables -D INPUT 1
    way Some(true) Some(true) false: rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    "#);
    assert_snapshot!(living(&case, "allow 80/tcp"), @r#"
    iptables -I INPUT 4 -p tcp -m tcp --dport 80 -j ACCEPT
    way Some(true) Some(true) false: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    "#);
}

#[test]
fn flows_that_are_not_tracked() {
    let case = with_life(STATELESS, FlowSource::Socket);
    assert_snapshot!(living(&case, "default deny incoming"), @r#"
    iptables -P INPUT DROP
    cut 10.0.0.8 -> 5432
    loses 5432 IPv4: open to everyone, then to nobody
    way Some(true) Some(true) false: rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    refused: it cuts 1 live connection
    "#);
    assert_snapshot!(living(&case, "deny from 10.0.0.8"), @r#"
    iptables -I INPUT 1 -s 10.0.0.8/32 -j DROP
    cut 10.0.0.8 -> 5432
    loses 22 IPv4: open to everyone, then to everyone but 10.0.0.8
    loses 5432 IPv4: open to everyone, then to everyone but 10.0.0.8
    way Some(true) Some(true) false: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    refused: it cuts 1 live connection
    "#);
}

#[test]
fn flows_that_pass_through() {
    let mut case = with_life(STATEFUL, FlowSource::Both);
    case.flows.push(flow("10.9.0.5:99", "192.0.2.1:443", FlowSource::Tracked, false));
    assert_snapshot!(living(&case, "route deny from 10.9.0.5"), @r#"
    iptables -I FORWARD 1 -s 10.9.0.5/32 -j DROP
    cut 10.9.0.5 -> 443
    way Some(true) Some(true) false: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    refused: it cuts 1 live connection
    "#);
    // A translated one: the way of Docker's published ports.
    let mut published = flow("198.51.100.9:99", "10.0.0.1:8080", FlowSource::Tracked, false);
    published.status = 14 | 32;
    published.reply = Tuple { from: end("172.17.0.2:80"), to: end("198.51.100.9:99") };
    case.flows = vec![published];
    case = Case { options: Options { before: Some(1), ..Options::default() }, ..case };
    assert_snapshot!(living(&case, "route deny to 172.17.0.2 port 80 proto tcp"), @r#"
    iptables -I FORWARD 1 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j DROP
    cut 198.51.100.9 -> 8080
    way Some(true) Some(true) false: rule 2 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT
    refused: it cuts 1 live connection
    "#);
}
