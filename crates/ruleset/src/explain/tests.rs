use crate::Family;
use crate::iptables::parse_rule;

use super::sentence;

fn check(family: Family, rows: &[(&str, &str)]) {
    for (rule, expected) in rows {
        assert_eq!(sentence(&parse_rule(rule, family), family), *expected, "{rule}");
    }
}

#[test]
fn what_every_server_has() {
    check(
        Family::Ip,
        &[
            (
                "-s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT",
                "TCP from 10.0.0.0/8 to port 5432: accepted",
            ),
            ("-i lo -j ACCEPT", "Everything coming in by lo: accepted"),
            (
                "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "Everything of known connections or related ones: accepted",
            ),
            (
                "-m state --state INVALID -j DROP",
                "Everything that connection tracking finds invalid: dropped without an answer",
            ),
            ("-p icmp -m icmp --icmp-type 8 -j ACCEPT", "ICMP echo-request: accepted"),
            ("-p icmp -m icmp --icmp-type 3/4 -j ACCEPT", "ICMP fragmentation-needed: accepted"),
            ("-j DROP", "Everything: dropped without an answer"),
            ("-p tcp", "TCP: counted only"),
            ("", "Everything: counted only"),
        ],
    );
}
