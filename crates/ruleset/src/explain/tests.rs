use crate::iptables::parse_rule;
use crate::{Action, Ends, Family, Field, Range, Rule, SetRef, Step, Syntax, Test, Values};

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
                "Everything of established or related connections: accepted",
            ),
            (
                "-m state --state INVALID -j DROP",
                "Everything that connection tracking finds invalid: dropped without an answer",
            ),
            ("-p icmp -m icmp --icmp-type 8 -j ACCEPT", "ICMP echo-request: accepted"),
            ("-p icmp -m icmp --icmp-type 3/4 -j ACCEPT", "ICMP fragmentation-needed: accepted"),
            ("-p icmp -m icmp --icmp-type 77/1 -j ACCEPT", "ICMP of type 77 and code 1: accepted"),
            ("-p icmp -m icmp --icmp-type any -j ACCEPT", "ICMP: accepted"),
            ("-j DROP", "Everything that gets here: dropped without an answer"),
            ("-p tcp", "TCP: counted only"),
            ("", "Everything that gets here: counted only"),
            (
                "-d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
                "TCP to port 80 of 172.17.0.2 coming in by anything but docker0 and going out by docker0: accepted",
            ),
            ("-j DOCKER-USER", "Everything that gets here: goes through chain DOCKER-USER"),
            ("-p tcp -j REJECT --reject-with tcp-reset", "TCP: rejected, with a TCP reset as the answer"),
            (
                "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
                "Everything to anywhere but 127.0.0.0/8, if its destination is an address of this host: goes through chain DOCKER",
            ),
            (
                "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP",
                "TCP of new connections, if it does not begin a connection (SYN): dropped without an answer",
            ),
        ],
    );
    check(
        Family::Ip6,
        &[
            (
                "-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j ACCEPT",
                "ICMPv6 neighbour-advertisement from fe80::/10, if its TTL is 255: accepted",
            ),
            ("-d ::/0 -j DROP", "Everything that gets here: dropped without an answer"),
            ("! -s ::/1 -j DROP", "Everything from anywhere but ::/1: dropped without an answer"),
        ],
    );
}

#[test]
fn alternatives_and_negations() {
    check(
        Family::Ip,
        &[
            (
                "-p tcp -m multiport --ports 22,80 -g a",
                "TCP, if its source port is 22 or 80 or else its destination port is 22 or 80: goes to chain a, without coming back here",
            ),
            (
                "! -d 10.0.0.0/8 -p udp -m udp --sport 53 ! --dport 53 -j DROP",
                "UDP from port 53 to any port but 53, anywhere but 10.0.0.0/8: dropped without an answer",
            ),
            (
                "-s 10.0.0.1/255.0.0.255 ! -i eth+ ! -p gre -j RETURN",
                "Any protocol but GRE from 10.0.0.1 under the mask 255.0.0.255 coming in by anything but eth*: goes back to the calling chain (or to the policy)",
            ),
            (
                "-m conntrack --ctstate DNAT --ctorigdstport 8080 --ctdir ORIGINAL -j DROP",
                "Everything, if its connection is translated in its destination (DNAT) and its original destination port is 8080 and it is of its flow's own direction: dropped without an answer",
            ),
            (
                "-m set ! --match-set good src,dst -j DROP",
                "Everything, if its source with destination is not in the set good: dropped without an answer",
            ),
            (
                "-m mac --mac-source 01:02:03:04:05:06 -m mark ! --mark 0x1/0xff -j QUEUE",
                "Everything, if its hardware address is 01:02:03:04:05:06 and its mark is not 0x1 under the mask 0xff: handed to a program, which decides",
            ),
        ],
    );
}

#[test]
fn what_cannot_be_told_is_said() {
    check(
        Family::Ip,
        &[
            (
                "-m limit --limit 5/min -j LOG --log-prefix \"[UFW BLOCK] \"",
                "Everything, only while the limit of 5 a minute is not used up: logged as \"[UFW BLOCK]\", and goes on",
            ),
            (
                "-p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount 6 --name ssh --rsource -j DROP",
                "TCP to port 22, only if its address was seen 6 times within 60 seconds (list ssh): dropped without an answer",
            ),
            (
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip,dstport --hashlimit-name x -j ACCEPT",
                "Everything, only while the limit of 5 a second for each source address with destination port is not used up: accepted",
            ),
            (
                "-m geoip --source-country CN -j DROP",
                "Everything, only if `-m geoip --source-country CN` holds, which can't be told from the rule: dropped without an answer",
            ),
            (
                "-j GEO --x 1",
                "Everything that gets here: `GEO --x 1` decides: what that does can't be told from the rule",
            ),
            (
                "-p tcp -m tcp --dport http -j DROP",
                "TCP, only if `-m tcp --dport http` holds, which can't be told from the rule: dropped without an answer",
            ),
        ],
    );
}

#[test]
fn translations_and_marks() {
    check(
        Family::Ip,
        &[
            (
                "-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
                "TCP to port 8080: sent to port 80 of 172.17.0.2 instead",
            ),
            (
                "-j SNAT --to-source 1.2.3.4-1.2.3.5",
                "Everything that gets here: sent on as if from one of 1.2.3.4 to 1.2.3.5",
            ),
            (
                "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
                "Everything from 172.17.0.0/16 going out by anything but docker0: sent on as if from this host's own address",
            ),
            ("-p tcp -j REDIRECT --to-ports 3128", "TCP: sent to port 3128 of this host itself instead"),
            ("-j MARK --set-mark 7", "Everything that gets here: its mark becomes 0x7, and it goes on"),
            (
                "-j MARK --or-mark 1",
                "Everything that gets here: the bits 0x1 of its mark are set, and it goes on",
            ),
            (
                "-j MARK --and-mark 0xfffffffe",
                "Everything that gets here: the bits 0x1 of its mark are cleared, and it goes on",
            ),
        ],
    );
}

/// Rules of nft have several actions, and tests between them; addresses of an inet table are of the version that the rule tests.
#[test]
fn rules_of_nft() {
    let field = |field, values| Step::Test(Test::Field { field, values, negated: false });
    let rule = |steps| Rule { steps, ..Rule::unread(Syntax::Nft, "") };
    let rows = [
        (
            vec![
                field(Field::Version, Values::one(4)),
                field(Field::Source, Values::ranges([Range { first: 0x0a00_0000, last: 0x0aff_ffff }])),
                Step::Do(Action::Log("log prefix \"x \"".to_owned())),
                Step::Do(Action::Drop),
            ],
            "Everything from 10.0.0.0/8: logged as \"x\", then dropped without an answer",
        ),
        (
            vec![
                field(Field::Version, Values::one(6)),
                field(Field::Source, Values::one(1)),
                Step::Do(Action::Accept),
            ],
            "Everything from ::1: accepted",
        ),
        (
            vec![
                Step::Do(Action::Other { text: "counter name c".to_owned(), ends: Ends::GoesOn }),
                field(Field::DestinationPort, Values::one(22)),
                Step::Do(Action::Accept),
            ],
            "Everything that gets here: `counter name c` is done, and it goes on; of these, everything to port 22: accepted",
        ),
        (
            vec![
                Step::Test(Test::Set {
                    set: SetRef::Nft("__set0".to_owned()),
                    keys: vec![Field::Source, Field::DestinationPort],
                    negated: false,
                }),
                Step::Do(Action::Drop),
            ],
            "Everything, if its source address with destination port is in the rule's own set: dropped without an answer",
        ),
    ];
    for (steps, expected) in rows {
        assert_eq!(sentence(&rule(steps), Family::Inet), expected);
    }
}
