//! Another program writes all the time while we edit.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use firewall::apply::{ApplyError, Wanted, apply, undo};

use crate::site::{alone, plan, read, run};

/// The edit, planned for whatever the chain holds now: at its end.
fn wanted(number: usize) -> Wanted {
    let (ruleset, generation) = read();
    let table = ruleset.table(ruleset::Backend::IptablesNft, ruleset::Family::Ip, "filter").unwrap();
    let position = table.chain("INPUT").unwrap().rules.len();
    let text =
        format!("ip filter INPUT insert {position} -s 10.{}.{}.7/32 -j ACCEPT", number / 250, number % 250);
    Wanted { plan: plan(&text), ruleset, generation: Some(generation) }
}

#[test]
fn every_edit_is_effective_or_refused_and_no_foreign_rule_is_lost() {
    let edits = if crate::site::is_exhaustive() { 500 } else { 60 };
    alone(|| {
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        run("iptables-nft -A INPUT -j LOG");
        let is_over = AtomicBool::new(false);
        let (mut effective, mut refused, mut retried) = (Vec::new(), 0, 0);
        let foreign = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut written = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let number = written.len();
                    let address = format!("192.0.{}.{}/32", number / 250, number % 250);
                    let words = ["-I", "INPUT", "1", "-s", &address, "-j", "DROP"];
                    let inserted =
                        Command::new("iptables-nft").args(words).stderr(Stdio::null()).status().unwrap();
                    if inserted.success() {
                        written.push(address.clone());
                    }
                    if number > 40 {
                        // The chain stays short, so that many edits fit into a second.
                        let old = written.len() - 40;
                        let words = ["-D", "INPUT", "-s", &written[old], "-j", "DROP"];
                        if Command::new("iptables-nft")
                            .args(words)
                            .stderr(Stdio::null())
                            .status()
                            .unwrap()
                            .success()
                        {
                            written[old].clear();
                        }
                    }
                }
                written.retain(|address| !address.is_empty());
                written
            });
            for number in 0..edits {
                let tag = uuid::Uuid::from_u128(number as u128 + 1);
                match apply(wanted(number), tag, &mut || Ok(wanted(number)), &mut ()) {
                    Ok(applied) => {
                        retried += usize::from(applied.retries > 0);
                        let rule = applied.plan.changes[0].rule.clone();
                        assert!(run("iptables-nft -S INPUT").contains(&rule), "{rule} is told but not there");
                        // Most of them go back again, at once.
                        if number % 10 != 0 {
                            assert!(undo(&applied.edits).unwrap().is_whole());
                            assert!(!run("iptables-nft -S INPUT").contains(&rule), "{rule} is still there");
                        } else {
                            effective.push(rule);
                        }
                    }
                    Err(ApplyError::Busy(_) | ApplyError::Changed(_)) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            is_over.store(true, Ordering::Relaxed);
            other.join().unwrap()
        });
        let now = run("iptables-nft -S INPUT");
        for address in &foreign {
            assert!(now.contains(address.as_str()), "the rule of {address} is lost");
        }
        for rule in &effective {
            assert!(now.contains(rule.as_str()), "{rule} is lost");
        }
        let count = now.lines().filter(|line| line.starts_with("-A")).count();
        assert_eq!(count, foreign.len() + effective.len() + 2, "nothing else came in");
        assert!(now.ends_with("-j LOG\n"), "each edit came to its place");
        eprintln!(
            "{} kept, {refused} refused, {retried} planned again, {} foreign rules",
            effective.len(),
            foreign.len()
        );
    });
}
