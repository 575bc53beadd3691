//! Which packets are in an ipset, against the kernel: `ipset test` must say the same for every question.
//!
//! In a network namespace of its own. Needs root and ipset; a type that this kernel doesn't have is skipped.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::IpAddr;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use ruleset::ipset::{self, Asked, Seen};
use ruleset::{Field, IpSet};

/// A set: how it is made, what is added.
const SETS: &[(&str, &[&str])] = &[
    ("hash:ip", &["10.0.0.1", "10.0.2.0/30"]),
    ("hash:ip netmask 24", &["10.0.2.9"]),
    ("hash:ip family inet6", &["2001:db8::1"]),
    ("hash:ip timeout 900 counters comment", &["10.0.0.1 comment \"x nomatch\""]),
    ("hash:net", &["10.0.0.0/8", "10.0.2.0/24 nomatch", "10.0.2.7"]),
    ("hash:net family inet6", &["2001:db8::/32", "2001:db8:1::/48 nomatch"]),
    (
        "hash:ip,port",
        &["10.0.0.1,tcp:80", "10.0.0.1,udp:53-54", "10.0.2.7,icmp:8/0", "10.0.2.7,gre:0", "10.0.2.9,22"],
    ),
    ("hash:ip,port,ip", &["10.0.0.1,tcp:80,10.0.2.7"]),
    ("hash:net,port", &["10.0.0.0/8,tcp:80", "10.0.2.0/24,tcp:80 nomatch"]),
    ("hash:ip,port,net", &["10.0.0.1,tcp:80,10.0.0.0/8", "10.0.0.1,tcp:80,10.0.2.0/24 nomatch"]),
    ("hash:net,net", &["10.0.0.0/8,10.0.2.0/24", "10.0.0.0/24,10.0.0.0/8 nomatch"]),
    ("hash:net,iface", &["10.0.0.0/8,eth0", "10.0.2.0/24,eth0 nomatch", "10.0.0.0/8,wg wildcard"]),
    ("hash:ip,mark markmask 0x000000ff", &["10.0.0.1,0x1263"]),
    ("hash:ip,mac", &["10.0.0.1,01:02:03:04:05:06"]),
    ("hash:mac", &["01:02:03:04:05:06"]),
    ("bitmap:ip range 10.0.0.0/16", &["10.0.0.1", "10.0.2.0-10.0.2.8"]),
    ("bitmap:ip range 10.0.0.0/16 netmask 24", &["10.0.2.0"]),
    ("bitmap:ip,mac range 10.0.0.0/16", &["10.0.0.1,01:02:03:04:05:06"]),
    ("bitmap:port range 0-1024", &["22", "80-90"]),
];

const ADDRESSES: &[&str] = &["10.0.0.1", "10.0.2.7", "10.0.2.9", "10.9.0.1", "192.0.2.1"];
const ADDRESSES_V6: &[&str] = &["2001:db8::1", "2001:db8:1::1", "2001:db9::1"];
/// As ipset takes them, and protocol and port.
const PORTS: &[(&str, u8, u16)] =
    &[("tcp:80", 6, 80), ("tcp:22", 6, 22), ("udp:53", 17, 53), ("icmp:8/0", 1, 0x0800), ("gre:0", 47, 0)];

/// Every value that a part of a question can have: as text and as seen in a packet.
fn choices(asked: Asked, is_v6: bool, is_plain_port: bool) -> Vec<(String, Seen)> {
    match asked {
        Asked::Address(_) => {
            let addresses = if is_v6 { ADDRESSES_V6 } else { ADDRESSES };
            let one = |text: &&str| ((*text).to_owned(), Seen::Address(text.parse::<IpAddr>().unwrap()));
            addresses.iter().map(one).collect()
        }
        Asked::Port(_) if is_plain_port => {
            [22, 80, 81, 443].map(|port| (port.to_string(), Seen::Port { protocol: 6, port })).to_vec()
        }
        Asked::Port(_) => PORTS
            .iter()
            .map(|(text, protocol, port)| {
                ((*text).to_owned(), Seen::Port { protocol: *protocol, port: *port })
            })
            .collect(),
        Asked::Interface(_) => {
            ["eth0", "eth1"].map(|name| (name.to_owned(), Seen::Interface(name.to_owned()))).to_vec()
        }
        Asked::Mac(_) => vec![
            ("01:02:03:04:05:06".to_owned(), Seen::Mac(0x0102_0304_0506)),
            ("01:02:03:04:05:07".to_owned(), Seen::Mac(0x0102_0304_0507)),
        ],
        Asked::Mark => [0x63, 0x1263, 0x64].map(|mark| (format!("{mark:#x}"), Seen::Mark(mark))).to_vec(),
    }
}

/// All questions to a set: one value of each part.
fn questions(asked: &[Asked], is_v6: bool) -> Vec<(String, Vec<Seen>)> {
    let mut all = vec![(String::new(), Vec::new())];
    for part in asked {
        let mut next = Vec::new();
        for (text, seen) in &all {
            for (more, value) in choices(*part, is_v6, asked.len() == 1) {
                let comma = if text.is_empty() { "" } else { "," };
                next.push((format!("{text}{comma}{more}"), [&seen[..], &[value]].concat()));
            }
        }
        all = next;
    }
    all
}

fn ipset(words: &[&str]) -> bool {
    Command::new("ipset").args(words).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// Makes a set and asks it everything; how many questions there were, and how many of them are in.
fn ask(definition: &str, elements: &[&str]) -> (usize, usize) {
    let words: Vec<&str> = ["create", "s"].into_iter().chain(definition.split(' ')).collect();
    if !ipset(&words) {
        eprintln!("skipped: this kernel has no {definition}");
        return (0, 0);
    }
    for element in elements {
        let (element, comment) =
            element.split_once(" comment ").map_or((*element, None), |(e, c)| (e, Some(c)));
        let mut words: Vec<&str> = ["add", "s"].into_iter().chain(element.split(' ')).collect();
        words.extend(comment.into_iter().flat_map(|comment| ["comment", comment.trim_matches('"')]));
        assert!(ipset(&words), "{definition}: {element}");
    }
    let saved = String::from_utf8(Command::new("ipset").arg("save").output().unwrap().stdout).unwrap();
    let (sets, notes): (Vec<IpSet>, _) = ipset::parse(&saved);
    assert_eq!(notes, []);
    let directions = [Field::Source; 3];
    let asked = ipset::parts(&sets[0].kind, &directions).unwrap();
    let is_v6 = definition.contains("inet6");
    let (mut count, mut inside) = (0, 0);
    for (text, seen) in questions(&asked, is_v6) {
        let real = ipset(&["test", "s", &text]);
        // Parts are asked for in their order.
        let left = std::cell::RefCell::new(seen.into_iter());
        let ours = ipset::has(&sets, "s", &directions, &|_| left.borrow_mut().next().unwrap());
        assert_eq!(ours, Some(real), "{definition}: is {text} in it?\n{saved}");
        count += 1;
        inside += usize::from(real);
    }
    assert!(ipset(&["destroy", "s"]));
    (count, inside)
}

#[test]
fn every_question_is_answered_as_the_kernel_does() {
    if !nix::unistd::geteuid().is_root() || Command::new("ipset").arg("version").output().is_err() {
        eprintln!("skipped: needs root and ipset");
        return;
    }
    std::thread::scope(|scope| {
        let work = || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            for (definition, elements) in SETS {
                let (count, inside) = ask(definition, elements);
                assert!(count == 0 || (0 < inside && inside < count), "{definition}: {inside} of {count}");
            }
        };
        scope.spawn(work).join().unwrap();
    });
}
