//! iptables-legacy: under its lock, and back.

use firewall::apply::{ApplyError, undo};
use ruleset::Backend::{IptablesLegacy, IptablesNft};

use crate::site::{alone, edit, lines, run};

fn some_rules() {
    for rule in
        ["-i lo -j ACCEPT", "-p tcp -m tcp --dport 22 -j ACCEPT", "-p udp -m udp --dport 53 -j ACCEPT"]
    {
        run(&format!("iptables-legacy -A INPUT {rule}"));
        run(&format!("ip6tables-legacy -A INPUT {rule}"));
    }
}

const EDIT: &str = "legacy ip filter INPUT insert 2 -s 10.0.0.7/32 -j ACCEPT
    legacy ip filter INPUT delete 3 -p tcp -m tcp --dport 22 -j ACCEPT
    legacy ip filter INPUT policy DROP
    legacy ip6 filter INPUT insert 4 -s 2001:db8::7/128 -j ACCEPT
    legacy ip6 filter FORWARD policy DROP";

#[test]
fn several_changes_of_both_families_come_and_go() {
    alone(|| {
        some_rules();
        run("iptables-legacy -R INPUT 2 -p tcp -m tcp --dport 22 -j ACCEPT -c 7 99");
        let before = (lines(IptablesLegacy), run("iptables-legacy -S -v"));
        let applied = edit(EDIT).unwrap();
        let now = lines(IptablesLegacy);
        assert_eq!(now[0], "ip filter -P INPUT DROP");
        assert_eq!(now[2], "ip filter -A INPUT -s 10.0.0.7/32 -j ACCEPT");
        assert_eq!(now[3], "ip filter -A INPUT -p udp -m udp --dport 53 -j ACCEPT");
        assert_eq!(now[4], "ip6 filter -P FORWARD DROP");
        assert_eq!(now[8], "ip6 filter -A INPUT -s 2001:db8::7/128 -j ACCEPT");
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole(), "{undone:?}");
        assert_eq!((lines(IptablesLegacy), run("iptables-legacy -S -v")), before);
    });
}

#[test]
fn a_part_that_fails_takes_the_others_back() {
    alone(|| {
        some_rules();
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        let before = (lines(IptablesLegacy), lines(IptablesNft));
        let error = edit(
            "ip filter INPUT policy DROP
             legacy ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT
             legacy ip6 filter INPUT insert 1 -j NOSUCH",
        )
        .unwrap_err();
        assert!(matches!(error, ApplyError::TakenBack { .. }), "{error}");
        assert_eq!((lines(IptablesLegacy), lines(IptablesNft)), before);
    });
}

#[test]
fn others_rules_stay_and_so_does_the_admins_twin() {
    alone(|| {
        some_rules();
        let applied = edit("legacy ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT").unwrap();
        run("iptables-legacy -I INPUT 1 -s 192.0.2.1/32 -j DROP");
        run("iptables-legacy -A INPUT -s 10.0.0.7/32 -j ACCEPT");
        let undone = undo(&applied.edits).unwrap();
        assert!(undone.is_whole(), "{undone:?}");
        let now: Vec<String> =
            lines(IptablesLegacy).into_iter().filter(|line| line.starts_with("ip filter -A")).collect();
        assert_eq!(now.len(), 5);
        assert_eq!(now[0], "ip filter -A INPUT -s 192.0.2.1/32 -j DROP");
        assert_eq!(now[4], "ip filter -A INPUT -s 10.0.0.7/32 -j ACCEPT");
        // Ours is gone; the twin alone is never taken for it.
        let undone = undo(&applied.edits).unwrap();
        assert!(!undone.is_whole() && undone.done.is_empty(), "{undone:?}");
        assert_eq!(lines(IptablesLegacy).len(), 5 + 3);
    });
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_refused() {
    alone(|| {
        some_rules();
        let before = lines(IptablesLegacy);
        let file = std::fs::File::create("/run/xtables.lock").unwrap();
        let held = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusive).unwrap();
        let error = edit(EDIT).unwrap_err();
        assert!(matches!(error, ApplyError::Locked { .. }), "{error}");
        drop(held);
        assert_eq!(lines(IptablesLegacy), before);
    });
}
