//! Tables that others hold or change while they are read.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use firewall::live::program;
use ruleset::{Backend, Family};

use crate::stage::{in_namespace, live, run};

#[test]
fn a_table_with_an_owner_is_read_with_all_after_it() {
    in_namespace(&["nft"], || {
        run("nft -f -", "table ip before {\n chain c { }\n }");
        let mut owner = Command::new(program::path("nft").unwrap())
            .arg("-i")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = owner.stdin.take().unwrap();
        let script = "add table ip held { flags owner; }\nadd chain ip held c\nadd rule ip held c tcp dport 22 accept\nlist tables\n";
        input.write_all(script.as_bytes()).unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.is_ok_and(|line| line.contains("table ip held"))));
        run("nft -f -", "table ip later { chain c { drop\n }\n }");
        let ruleset = live();
        let held = ruleset.table(Backend::Nft, Family::Ip, "held").unwrap();
        assert!(held.owner.is_some());
        assert_eq!(held.chains[0].rules[0].text, "tcp dport 22 accept");
        assert!(ruleset.table(Backend::Nft, Family::Ip, "later").is_some());
        drop(input);
        owner.wait().unwrap();
    });
}

#[test]
fn what_is_read_was_true_at_one_moment() {
    in_namespace(&["nft"], || {
        run("nft -f -", "table ip t {\n chain a { }\n chain b { }\n }");
        let rounds = 60;
        std::thread::scope(|scope| {
            // A thread of this one: it is in the same namespace.
            let writer = scope.spawn(|| {
                for round in 0..rounds {
                    // One transaction: whoever sees one of the rules without the other has read two moments.
                    let rule = format!("tcp dport {} accept", round + 1);
                    run("nft -f -", &format!("add rule ip t a {rule}\nadd rule ip t b {rule}"));
                }
            });
            while !writer.is_finished() {
                let ruleset = live();
                let table = ruleset.table(Backend::Nft, Family::Ip, "t").unwrap();
                assert_eq!(table.chains[0].rules.len(), table.chains[1].rules.len());
            }
            writer.join().unwrap();
        });
        assert_eq!(live().tables[0].chains[0].rules.len(), rounds);
    });
}
