//! iptables-nft: one batch, and back.

use firewall::apply::{ApplyError, undo};
use ruleset::Backend::IptablesNft;

use crate::site::{alone, edit, lines, run};

fn rules() -> Vec<String> {
    lines(IptablesNft)
}

fn some_rules() {
    for rule in
        ["-i lo -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT", "-p udp -m udp --dport 53 -j ACCEPT"]
    {
        run(&format!("iptables-nft -A INPUT {rule}"));
    }
    run("ip6tables-nft -A INPUT -i lo -j ACCEPT");
}

#[test]
fn several_changes_of_both_families_come_and_go() {
    alone(|| {
        some_rules();
        let before = rules();
        let applied = edit(
            "ip filter INPUT insert 2 -s 10.0.0.7/32 -p tcp -m tcp --dport 5432 -j ACCEPT
             ip filter INPUT insert 3 -s 10.0.0.8/32 -j DROP
             ip filter INPUT delete 4 -p tcp -m tcp --dport 22 -j ACCEPT
             ip filter INPUT policy DROP
             ip6 filter INPUT insert 2 -p tcp -m multiport --dports 80,443 -m comment --comment \"the site\" -j ACCEPT
             ip6 filter INPUT policy DROP",
        )
        .unwrap();
        assert_eq!(
            rules(),
            [
                "ip filter -P INPUT DROP",
                "ip filter -A INPUT -i lo -j ACCEPT",
                "ip filter -A INPUT -s 10.0.0.7/32 -p tcp -m tcp --dport 5432 -j ACCEPT",
                "ip filter -A INPUT -s 10.0.0.8/32 -j DROP",
                "ip filter -A INPUT -p udp -m udp --dport 53 -j ACCEPT",
                "ip6 filter -P INPUT DROP",
                "ip6 filter -A INPUT -i lo -j ACCEPT",
                "ip6 filter -A INPUT -p tcp -m multiport --dports 80,443 -m comment --comment \"the site\" -j ACCEPT",
            ]
        );
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole(), "{undone:?}");
        assert_eq!(rules(), before);
        let again = undo(&applied.edits).unwrap();
        assert_eq!((again.done.len(), again.failed.len()), (0, 0), "undoing twice does nothing: {again:?}");
    });
}

#[test]
fn tables_are_made_and_go_again() {
    alone(|| {
        let applied = edit(
            "ip filter INPUT insert 1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
             ip filter INPUT policy DROP
             ip6 filter INPUT policy DROP",
        )
        .unwrap();
        assert_eq!(
            rules(),
            [
                "ip filter -P INPUT DROP",
                "ip filter -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                "ip6 filter -P INPUT DROP",
            ]
        );
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole(), "{undone:?}");
        assert_eq!(run("nft list ruleset"), "");
    });
}

#[test]
fn a_replaced_rule_comes_back_with_its_counters() {
    alone(|| {
        some_rules();
        run("iptables-nft -R INPUT 2 -p tcp -m tcp --dport 22 -j ACCEPT -c 7 99");
        let before = run("iptables-nft -S -v");
        let applied = edit(
            "ip filter INPUT replace 2 -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT <- -p tcp -m tcp --dport 22 -j ACCEPT",
        )
        .unwrap();
        assert!(
            rules().contains(&"ip filter -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT".into())
        );
        assert_eq!(rules().len(), 4);
        undo(&applied.edits).unwrap();
        assert_eq!(run("iptables-nft -S -v"), before);
    });
}

#[test]
fn rules_of_every_kind_are_as_iptables_makes_them() {
    let kinds = [
        "-p tcp -m tcp --dport 22 -m recent --set --name ssh --mask 255.255.255.255 --rsource",
        "-p udp -m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name dns -j ACCEPT",
        "-p tcp -m string --string \"GET /x\" --algo bm -j DROP",
        "-j LOG --log-prefix \"fw: \" --log-level 7",
        "-p tcp -j REJECT --reject-with tcp-reset",
        "-p icmp -m icmp --icmp-type 8 -j ACCEPT",
        "-m limit --limit 3/min --limit-burst 10 -j RETURN",
        "-m set --match-set friends src -j ACCEPT",
        "-m set ! --match-set others dst -j SET --add-set friends src --exist",
        "-s 10.0.0.0/8 ! -o eth0 -p tcp -m multiport --sports 1,2,3:9 -j own",
        "! -p tcp -m mark --mark 0x1/0xff -g own",
        "-m owner --uid-owner 0 -m comment --comment plain -j ACCEPT",
        "-m time --timestart 08:00:00 --timestop 18:00:00 -j ACCEPT",
        "-p udp -m udp --sport 67:68 --dport 67:68 -j ACCEPT",
    ];
    alone(|| {
        run("ipset create nobody hash:ip");
        run("ipset create friends hash:ip");
        run("ipset create others hash:net");
        run("iptables-nft -N own");
        run("iptables-nft -A OUTPUT -j own");
        // What iptables itself makes of the same texts.
        let mut texts = String::from("*filter\n");
        for kind in kinds {
            texts.push_str(&format!("-A OUTPUT {kind}\n"));
        }
        texts.push_str("COMMIT\n");
        std::fs::write("/run/own.rules", texts).unwrap();
        run("iptables-nft-restore --noflush /run/own.rules");
        let wanted = run("iptables-nft -S OUTPUT");
        let expressions = run("nft --debug=netlink list chain ip filter OUTPUT");
        run("iptables-nft -F OUTPUT");
        run("iptables-nft -A OUTPUT -j own");
        let lines: Vec<String> = kinds
            .iter()
            .enumerate()
            .map(|(number, kind)| format!("ip filter OUTPUT insert {} {kind}", number + 2))
            .collect();
        let (mut wanted_edit, text) = (crate::site::wanted(""), lines.join("\n"));
        wanted_edit.plan = crate::site::plan(&text);
        let tag = uuid::Uuid::from_u128(1);
        let applied =
            firewall::apply::apply(wanted_edit, tag, &mut || Err("no second time".into()), &mut ()).unwrap();
        assert_eq!(run("iptables-nft -S OUTPUT"), wanted);
        let numberless = |text: &str| -> String { text.lines().filter(|l| l.starts_with("  [")).collect() };
        let now = run("nft --debug=netlink list chain ip filter OUTPUT");
        assert_eq!(numberless(&now), numberless(&expressions));
        undo(&applied.edits).unwrap();
        assert_eq!(run("iptables-nft -S OUTPUT"), "-P OUTPUT ACCEPT\n-A OUTPUT -j own\n");
    });
}

#[test]
fn what_can_not_be_is_refused_before_anything_is_written() {
    alone(|| {
        some_rules();
        let before = rules();
        let rows = [
            ("ip filter INPUT insert 1 -p tcp --dport 99999 -j ACCEPT", "iptables refuses the rule"),
            ("ip filter INPUT insert 1 -j NOSUCH", "iptables refuses the rule"),
            ("ip filter INPUT insert 9 -j DROP", "is not what the plan says"),
            ("ip filter INPUT insert 0 -j DROP", "is not what the plan says"),
            ("ip filter INPUT delete 2 -j DROP", "is not what the plan says"),
            ("ip filter own insert 1 -j DROP", "there is no chain own"),
            ("ip filter INPUT policy REJECT", "is no policy"),
            ("ip filter INPUT insert 1 -i lo -j ACCEPT", "already"),
            ("ip filter INPUT insert 1 -m set --match-set nosuch src -j DROP", "there is no set"),
            ("ip filter INPUT insert 1 -p udp -m udp ! --sport 53 ! --dport 53 -j DROP", "would not do what"),
        ];
        for (text, expected) in rows {
            let both = format!("ip6 filter INPUT insert 1 -s ::1/128 -j DROP\n{text}");
            let error = edit(&both).unwrap_err();
            assert!(error.to_string().contains(expected), "{text}: {error}");
            assert_eq!(rules(), before, "{text}");
        }
    });
}

#[test]
fn others_rules_stay_and_so_does_the_admins_twin() {
    alone(|| {
        some_rules();
        let applied = edit(
            "ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT
             ip filter INPUT delete 3 -p tcp -m tcp --dport 22 -j ACCEPT",
        )
        .unwrap();
        // Somebody else adds a rule at the top, one in the middle, and a twin of ours, and a neighbour goes.
        run("iptables-nft -I INPUT 1 -s 192.0.2.1/32 -j DROP");
        run("iptables-nft -A INPUT -s 10.0.0.7/32 -j ACCEPT");
        run("iptables-nft -D INPUT -i lo -j ACCEPT");
        run("iptables-nft -N f2b-sshd");
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole(), "{undone:?}");
        assert_eq!(
            run("iptables-nft -S"),
            "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N f2b-sshd\n\
             -A INPUT -s 192.0.2.1/32 -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n\
             -A INPUT -p udp -m udp --dport 53 -j ACCEPT\n-A INPUT -s 10.0.0.7/32 -j ACCEPT\n"
        );
    });
}

#[test]
fn one_of_two_rules_that_say_the_same_comes_back() {
    alone(|| {
        for program in ["iptables-nft", "iptables-legacy"] {
            for rule in ["-i lo -j ACCEPT", "-s 10.0.0.1/32 -j LOG", "-i lo -j ACCEPT", "-i lo -j ACCEPT"] {
                run(&format!("{program} -A INPUT {rule}"));
            }
        }
        let before = (rules(), lines(ruleset::Backend::IptablesLegacy));
        let applied = edit(
            "ip filter INPUT delete 3 -i lo -j ACCEPT
             ip filter INPUT delete 3 -i lo -j ACCEPT
             legacy ip filter INPUT delete 3 -i lo -j ACCEPT
             legacy ip filter INPUT delete 1 -i lo -j ACCEPT",
        )
        .unwrap();
        assert_eq!(rules().len(), 2);
        assert!(undo(&applied.edits).unwrap().is_whole());
        assert_eq!((rules(), lines(ruleset::Backend::IptablesLegacy)), before);
    });
}

#[test]
fn a_chain_that_somebody_wrote_anew_is_told() {
    alone(|| {
        some_rules();
        let applied = edit("ip filter INPUT delete 2 -p tcp -m tcp --dport 22 -j ACCEPT").unwrap();
        run("iptables-nft -F INPUT");
        run("iptables-nft -A INPUT -s 10.0.0.9/32 -j ACCEPT");
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.failed[0].contains("the chain was written anew"), "{undone:?}");
        assert!(run("iptables-nft -S INPUT").ends_with("ACCEPT\n-A INPUT -s 10.0.0.9/32 -j ACCEPT\n"));
    });
}

#[test]
fn a_policy_goes_back_only_if_it_is_ours() {
    alone(|| {
        some_rules();
        let applied = edit("ip filter INPUT policy DROP").unwrap();
        run("iptables-nft -P INPUT ACCEPT");
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole() && undone.done.is_empty(), "{undone:?}");
    });
}

#[test]
fn a_state_that_moved_on_is_read_again() {
    alone(|| {
        some_rules();
        let mut first = crate::site::wanted("ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT");
        run("iptables-nft -I INPUT 1 -s 192.0.2.1/32 -j DROP");
        let tag = uuid::Uuid::from_u128(1);
        let mut refuse = || Err("the state is another".to_owned());
        let error = firewall::apply::apply(first.clone(), tag, &mut refuse, &mut ()).unwrap_err();
        assert!(matches!(error, ApplyError::Changed(_)), "{error}");
        assert_eq!(rules().len(), 5);
        first.generation = first.generation.map(|generation| generation - 1);
        let mut again = || Ok(crate::site::wanted("ip filter INPUT insert 2 -s 10.0.0.7/32 -j ACCEPT"));
        let applied = firewall::apply::apply(first, tag, &mut again, &mut ()).unwrap();
        assert_eq!(applied.retries, 1);
        assert_eq!(rules()[1], "ip filter -A INPUT -s 10.0.0.7/32 -j ACCEPT");
    });
}
