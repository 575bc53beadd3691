//! Whole sessions, as text scripts with recorded output: `*.txt` beside this file.

mod script;

use std::path::Path;

/// Scripts on dump files; nobody needs to be root.
fn on_dumps(name: &str) {
    script::check(&file(name), script::Where::Here);
}

/// Scripts in a network namespace of their own.
fn live(name: &str) {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: not root");
        return;
    }
    if let Some(missing) =
        ["ip", "iptables", "nft"].into_iter().find(|program| !script::is_installed(program))
    {
        eprintln!("skipped: {missing} is not installed");
        return;
    }
    script::check(&file(name), script::Where::Namespace);
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(name)
}

#[test]
fn rules_of_a_dump_are_shown() {
    on_dumps("show.txt");
}

#[test]
fn dumps_of_nft_are_read() {
    on_dumps("nft.txt");
}

#[test]
fn a_dump_has_a_status() {
    on_dumps("status.txt");
}

#[test]
fn what_is_not_understood_or_refused() {
    on_dumps("refusals.txt");
}

#[test]
fn plans_for_dumps() {
    on_dumps("plans.txt");
}

#[test]
fn a_change_from_beginning_to_end() {
    live("change.txt");
}

#[test]
fn boot_files_get_our_own_edits() {
    live("boot.txt");
}

#[test]
fn what_is_native_or_foreign_is_named() {
    live("neighbours.txt");
}
