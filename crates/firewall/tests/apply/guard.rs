//! Changes that go back by themselves.

use std::path::Path;
use std::process::Command;

use firewall::guard::{
    AnswerError, GuardError, Guarded, Site, State, Terms, confirm, finish, rollback, run_with_guard,
};
use ruleset::Backend::IptablesNft;

use crate::site::{alone, eventually, lines, run, wanted};

const EDIT: &str = "ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT\nip filter INPUT policy DROP";

pub fn site(folder: &Path) -> Site {
    Site::new(&folder.join("state"), &folder.join("run"))
        .guarded_by(Path::new(env!("CARGO_BIN_EXE_deadstick-fw")))
}

fn within(seconds: u64) -> Terms {
    Terms { confirm_within: Some(seconds), ..Terms::default() }
}

fn make(site: &Site, text: &str, terms: &Terms, for_seconds: Option<u64>) -> Result<Guarded, GuardError> {
    let mut wanted = wanted(text);
    wanted.plan.command = vec!["allow".into()];
    wanted.plan.for_seconds = for_seconds;
    run_with_guard(site, wanted, terms, &mut || Err("others wrote".into()))
}

#[test]
fn what_nobody_confirms_goes_back() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        let before = lines(IptablesNft);
        let made = make(&site, EDIT, &within(1), None).unwrap();
        assert_eq!(made.record.state, State::Applied);
        assert!(site.store.is_guarded(made.record.id));
        assert_eq!(lines(IptablesNft).len(), 3);
        let second = make(&site, "ip filter INPUT insert 1 -j DROP", &within(1), None);
        assert!(matches!(second, Err(GuardError::Pending(_))));
        eventually("the rollback", || site.pending().is_none());
        assert_eq!(lines(IptablesNft), before);
        let last = site.store.last().unwrap();
        assert_eq!((last.state, last.undone.unwrap().done.len()), (State::RolledBack, 2));
        assert!(matches!(confirm(&site, true), Err(AnswerError::Nothing { last: Some(_), .. })));
    });
}

#[test]
fn what_is_confirmed_stays() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let made = make(&site, EDIT, &within(600), None).unwrap();
        let confirmed = confirm(&site, false).unwrap();
        assert_eq!(confirmed.record.id, made.record.id);
        eventually("the guard's end", || !site.store.is_guarded(made.record.id));
        assert_eq!(lines(IptablesNft).len(), 2);
        assert_eq!(site.store.open(), []);
    });
}

#[test]
fn an_old_connection_confirms_nothing() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let terms = Terms { needs_new_login: true, ..within(600) };
        make(&site, EDIT, &terms, None).unwrap();
        // This test runs at no connection at all.
        assert!(matches!(confirm(&site, false), Err(AnswerError::OldConnection)));
        assert!(site.pending().is_some());
        confirm(&site, true).unwrap();
    });
}

#[test]
fn a_rollback_is_at_once() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        let before = lines(IptablesNft);
        make(&site, EDIT, &within(600), None).unwrap();
        let (record, undone) = rollback(&site, None).unwrap();
        assert!(undone.is_whole());
        assert_eq!(lines(IptablesNft), before);
        eventually("the guard's end", || !site.store.is_guarded(record.id));
    });
}

#[test]
fn without_confirmation_nothing_stays_behind() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let made = make(&site, EDIT, &Terms::default(), None).unwrap();
        assert_eq!((made.record.state, site.store.open()), (State::Kept, vec![]));
        eventually("the guard's end", || !site.store.is_guarded(made.record.id));
        assert_eq!(lines(IptablesNft).len(), 2);
    });
}

#[test]
fn temporary_rules_end_though_they_are_confirmed() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        make(&site, "ip filter INPUT insert 1 -s 10.0.0.7/32 -j ACCEPT", &within(600), Some(2)).unwrap();
        confirm(&site, false).unwrap();
        let long =
            make(&site, "ip filter INPUT insert 1 -s 10.0.0.8/32 -j ACCEPT", &Terms::default(), Some(600))
                .unwrap();
        assert_eq!(site.temporary().len(), 2);
        eventually("the end of the first", || site.temporary().len() == 1);
        assert_eq!(lines(IptablesNft), ["ip filter -A INPUT -s 10.0.0.8/32 -j ACCEPT"]);
        assert_eq!(site.store.last().unwrap().state, State::Expired);
        rollback(&site, Some(&long.record.id.to_string())).unwrap();
        assert_eq!((lines(IptablesNft).len(), site.store.open().len()), (0, 0));
    });
}

#[test]
fn a_dead_guard_is_stood_in_for() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        run("iptables-nft -A INPUT -i lo -j ACCEPT");
        let before = lines(IptablesNft);
        let made = make(&site, EDIT, &within(2), None).unwrap();
        end_guard_of(&site, made.record.id);
        let finished = finish(&site).unwrap();
        assert!(finished.notes[0].contains("has a new one"), "{finished:?}");
        assert!(site.store.is_guarded(made.record.id));
        end_guard_of(&site, made.record.id);
        eventually("the deadline", || made.record.deadline().unwrap().is_over());
        let finished = finish(&site).unwrap();
        assert_eq!(finished.closed.len(), 1, "{finished:?}");
        assert_eq!(lines(IptablesNft), before);
    });
}

#[test]
fn a_reboot_closes_what_was_open() {
    alone(|| {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let made = make(&site, EDIT, &within(600), None).unwrap();
        end_guard_of(&site, made.record.id);
        let mut record = made.record;
        record.boot = "another".into();
        site.store.write(&record).unwrap();
        let finished = finish(&site).unwrap();
        assert_eq!(finished.closed[0].state, State::Rebooted);
        assert_eq!(site.store.open(), []);
        assert_eq!(lines(IptablesNft).len(), 2, "what is live now is not of that boot");
    });
}

/// Ends the guard of a record by SIGKILL.
fn end_guard_of(site: &Site, id: uuid::Uuid) {
    let id_text = id.to_string();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        if line.contains("guard") && line.contains(&id_text) {
            let pid = entry.file_name().into_string().unwrap();
            assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        }
    }
    eventually("the guard's death", || !site.store.is_guarded(id));
}
