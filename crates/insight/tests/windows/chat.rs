//! Real talk in which next to nobody speaks of an incident: how often would something be proposed?

#![expect(clippy::disallowed_methods, reason = "the test reads real logs, the crate does not")]

use std::path::PathBuf;

use insight::said;

/// Where real data is, if it is there.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let root = std::env::var_os("DEADSTICK_SHARED").map_or(beside, PathBuf::from);
    Some(root.join("data/incidents").join(path)).filter(|path| path.exists())
}

#[test]
fn chatter_is_seldom_taken_for_a_result() {
    let Some(folder) = shared("chat/ubuntu-irc") else {
        eprintln!("skipped: no ../shared/data/incidents/chat");
        return;
    };
    let (mut remarks, mut heard) = (0, Vec::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if !path.to_string_lossy().ends_with(".raw.txt") {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        for line in text.lines().filter(|line| line.starts_with('[')) {
            let Some((_, remark)) = line.split_once("> ") else { continue };
            remarks += 1;
            if let Some(found) = said(remark) {
                heard.push(format!("{found:?}: {remark}"));
            }
        }
    }
    eprintln!("{} of {remarks} remarks", heard.len());
    assert!(remarks > 5_000, "the logs were read");
    // Nearly all of them are people who tell what came of something; 1 in 100 was measured.
    assert!(heard.len() * 80 < remarks, "{} of {remarks}: {heard:#?}", heard.len());
}
