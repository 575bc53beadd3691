//! Random rulesets of few fields and values, so that rules meet. `DEADSTICK_KERNEL_CASES=1000` tries more of them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::space::missing;
use super::verdicts::{By, compare_readings, load};
use super::world::World;

/// How many rulesets are tried unless told.
const CASES: u32 = 6;

/// A ruleset: texts in the order in which they are loaded.
type Texts = Vec<(By, String)>;

fn texts() -> impl Strategy<Value = Texts> {
    let filter = vec(rule(true), 1..9);
    let users = vec(rule(true), 1..5);
    let mangle = vec(mangle_rule(), 0..4);
    let nat = vec(nat_rule(), 0..3);
    let own = vec(nft_rule(), 0..4);
    let policies = [any::<bool>(), any::<bool>(), any::<bool>()];
    let others = (select(vec![By::Four, By::OldFour]), select(vec![By::Four, By::OldFour]), -20_i32..20);
    (filter, users, mangle, nat, own, policies, others).prop_map(
        |(filter, users, mangle, nat, own, policies, (main, side, priority))| {
            let policy = |at: usize| if policies[at] { "DROP" } else { "ACCEPT" };
            let mut text = format!(
                "*filter\n:INPUT {}\n:FORWARD {}\n:OUTPUT {}\n:U -\n:V -\n",
                policy(0),
                policy(1),
                policy(2)
            );
            for (at, (body, verdict)) in filter.iter().enumerate() {
                let chain = ["INPUT", "FORWARD", "OUTPUT"][at % 3];
                let body = for_chain(body, chain);
                text.push_str(&format!("-A {chain} {body} {verdict}\n"));
            }
            for (at, (body, verdict)) in users.iter().enumerate() {
                let chain = ["U", "V"][at % 2];
                // No loops: V jumps nowhere, U to V only.
                let verdict = match (chain, verdict.as_str()) {
                    ("V", verdict) if verdict.ends_with(['U', 'V']) => "-j RETURN",
                    ("U", verdict) if verdict.ends_with('U') => "-g V",
                    (_, verdict) => verdict,
                };
                text.push_str(&format!("-A {chain} {} {verdict}\n", for_chain(body, "OUTPUT")));
            }
            text.push_str("COMMIT\n");
            let mut more = format!("*mangle\n{}COMMIT\n", mangle.concat());
            more.push_str(&format!("*nat\n{}COMMIT\n", nat.concat()));
            let own = format!(
                "table inet own {{ chain a {{ type filter hook input priority {priority}; \n{} }}; \
                 chain b {{ type filter hook forward priority {priority}; \n{} }}; }}",
                own.concat(),
                own.concat()
            );
            vec![(main, text), (side, more), (By::Nft, own)]
        },
    )
}

/// iptables refuses interfaces in the wrong hook.
fn for_chain(body: &str, chain: &str) -> String {
    match chain {
        "INPUT" => body.replace("! -o eth1", "").replace("-o eth1", ""),
        "OUTPUT" => body.replace("! -i eth0", "").replace("-i eth0", "").replace("-i eth+", ""),
        _ => body.to_owned(),
    }
}

fn words(list: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    select(list.to_vec())
}

fn rule(has_reject: bool) -> impl Strategy<Value = (String, String)> {
    let place = words(&[
        "",
        "",
        "-s 10.8.0.7",
        "-s 10.8.0.0/16",
        "! -s 10.0.1.2",
        "-d 10.0.1.1",
        "! -d 10.0.2.0/24",
        "-i eth0",
        "! -i eth0",
        "-i eth+",
        "-o eth1",
        "! -o eth1",
    ]);
    let what = words(&[
        "",
        "-p tcp --dport 22",
        "-p tcp ! --dport 80",
        "-p tcp --dport 80:8080",
        "-p udp",
        "-p udp -m multiport --dports 53,4000:4010",
        "-p udp -m multiport ! --ports 80,1077",
        "-p icmp",
        "-p icmp --icmp-type echo-request",
        "! -p tcp",
        "-p tcp --syn",
        "-p tcp --tcp-flags SYN,ACK ACK",
        "-p tcp --tcp-flags ALL NONE",
    ]);
    let state = words(&[
        "",
        "",
        "",
        "-m conntrack --ctstate NEW",
        "-m conntrack --ctstate INVALID",
        "-m conntrack ! --ctstate NEW,DNAT",
        "-m conntrack --ctorigdstport 8080",
        "-m mark --mark 1",
        "-m mark ! --mark 0x2/0x2",
        "-m ttl --ttl-lt 3",
        "-m addrtype --dst-type LOCAL",
        "-m iprange --src-range 10.0.1.1-10.0.2.2",
        "-m conntrack --ctdir ORIGINAL",
    ]);
    let mut verdicts = vec!["-j ACCEPT", "-j DROP", "-j RETURN", "-j U", "-g U", "-j V", "-g V", ""];
    if has_reject {
        verdicts.push("-j REJECT");
    }
    (place, what, state, select(verdicts))
        .prop_map(|(place, what, state, verdict)| (format!("{place} {what} {state}"), verdict.to_owned()))
}

fn mangle_rule() -> impl Strategy<Value = String> {
    let target = words(&[
        "MARK --set-mark 1",
        "MARK --or-mark 0x2",
        "MARK --xor-mark 0x1",
        "MARK --and-mark 0x1",
        "CONNMARK --save-mark",
        "CONNMARK --restore-mark",
        "DROP",
        "ACCEPT",
    ]);
    let chain = words(&["PREROUTING", "PREROUTING", "INPUT", "FORWARD", "POSTROUTING", "OUTPUT"]);
    (rule(false), chain, target).prop_map(|((body, _), chain, target)| {
        let body = match chain {
            "PREROUTING" | "INPUT" => for_chain(&body, "INPUT"),
            "POSTROUTING" | "OUTPUT" => for_chain(&body, "OUTPUT"),
            _ => body,
        };
        format!("-A {chain} {body} -j {target}\n")
    })
}

fn nat_rule() -> impl Strategy<Value = String> {
    let target = words(&[
        "-j DNAT --to-destination 10.9.0.50:80",
        "-j DNAT --to-destination 10.0.1.1",
        "-j REDIRECT --to-ports 22",
        "-j ACCEPT",
        "-j NETMAP --to 10.9.7.0/24",
    ]);
    let protocol =
        words(&["-p tcp", "-p tcp --dport 8080", "-p udp", "-p tcp -s 10.8.0.7", "-p tcp -m mark --mark 1"]);
    (target, protocol).prop_map(|(target, protocol)| format!("-A PREROUTING {protocol} {target}\n"))
}

fn nft_rule() -> impl Strategy<Value = String> {
    let test = words(&[
        "tcp dport { 22, 80-90 }",
        "ip saddr . tcp dport { 10.8.0.7 . 22, 10.0.1.2 . 80 }",
        "meta mark & 2 == 2",
        "ct state invalid,untracked",
        "ip daddr != 10.0.1.1 udp dport 53",
        "iifname \"eth1\" meta l4proto icmp",
        "meta l4proto { tcp, udp } th dport 80",
        "ip ttl < 3",
        "tcp flags & (syn|ack) == syn",
        "ct mark 1 ct direction original",
    ]);
    let verdict = words(&["accept", "drop", "return", "meta mark set meta mark | 4", "reject"]);
    let one = (test, verdict).prop_map(|(test, verdict)| format!("{test} {verdict}\n"));
    let map = words(&["tcp dport vmap { 22 : accept, 80 : drop, 443 : continue }\n"]);
    prop_oneof![5 => one, 1 => map.prop_map(str::to_owned)]
}

#[test]
fn random_rulesets() {
    if let Some(why) = missing() {
        eprintln!("skipped: {why}");
        return;
    }
    let told = std::env::var("DEADSTICK_KERNEL_CASES").ok().and_then(|text| text.parse().ok());
    // Without being told the same ones each time: a red run can be repeated.
    let seed = if told.is_some() { RngSeed::Random } else { RngSeed::Fixed(7) };
    let config = Config {
        cases: told.unwrap_or(CASES),
        rng_seed: seed,
        failure_persistence: None,
        max_shrink_iters: 3,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&texts(), |texts| {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new();
            for (by, text) in &texts {
                load(&world, *by, text);
            }
            compare_readings(&mut world, &[4]);
        });
        outcome.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            TestCaseError::fail(text)
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
