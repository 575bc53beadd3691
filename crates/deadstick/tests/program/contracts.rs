//! The contracts with scripts: shapes of `--json`, exit statuses, what survives which fault.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::{self, Site, serve};
use serde_json::Value;

/// The keys of an object, in their order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

const INCIDENT: [&str; 11] = [
    "id",
    "incident",
    "title",
    "severity",
    "status",
    "started_at",
    "declared_at",
    "mitigated_at",
    "closed_at",
    "external_id",
    "url",
];

#[test]
fn shapes_of_answers() {
    let site = Site::with_server();
    let mut sorted = keys(&site.server().ready);
    sorted.sort_unstable();
    assert_eq!(sorted, ["login_url", "token", "url"]);

    let check = |value: &Value, expected: &[&str]| {
        let (mut told, mut expected) = (keys(value), expected.to_vec());
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected);
    };
    let declared = site.json(&["declare", "one", "--severity", "1", "--external-id", "X-1"]);
    check(&declared, &INCIDENT);
    assert_eq!((&declared["incident"], &declared["external_id"]), (&"INC-1".into(), &"X-1".into()));
    for verb in ["did", "note", "why"] {
        let kept = site.json(&[verb, "something"]);
        check(&kept, &["fact", "incident"]);
        assert_eq!(kept["incident"], "INC-1");
    }
    let list = site.json(&["incidents"]);
    check(&list[0], &INCIDENT);
    let timeline = site.json(&["timeline", "1"]);
    let fact = [
        "id",
        "position",
        "occurred_at",
        "recorded_at",
        "source",
        "kind",
        "actor",
        "text",
        "thread",
        "result_of",
        "redacted",
    ];
    check(&timeline[0], &fact);
    let texts: Vec<_> =
        timeline.as_array().unwrap().iter().map(|fact| fact["kind"].as_str().unwrap()).collect();
    assert_eq!(texts, ["state", "action", "note", "question"]);
    let added = site.json(&["sources", "add", "ndjson", "agent"]);
    check(&added, &["source", "kind", "url", "secret"]);
    assert_eq!(site.json(&["sources", "add", "ndjson", "agent"]), added, "the same again is the same");
    check(&site.json(&["people", "add", "Ben"]), &["id", "name", "url", "expires_at"]);
    assert_eq!(site.json(&["verify"])["ok"], true);
    for (verb, status) in [("mitigated", "mitigated"), ("close", "closed")] {
        assert_eq!(site.json(&[verb, "1"])["status"], status);
    }
    assert_eq!(site.json(&["export", "1"])["format"], "deadstick-export/1");
}

#[test]
fn exit_statuses_with_problems() {
    let site = Site::with_server();
    let check = |arguments: &[&str], status, code: &str| {
        assert_eq!(site.problem(arguments), (status, code.to_owned()), "{arguments:?}");
    };
    check(&["frobnicate"], 2, "usage");
    check(&["note", "x", "--at", "soon"], 2, "not-a-time");
    check(&["timeline", "INC-1"], 3, "not-found");
    check(&["mitigated"], 3, "no-open-incident");
    site.json(&["sources", "add", "ndjson", "agent"]);
    check(&["sources", "add", "json", "agent"], 3, "other-kind");
    check(&["--url", "http://127.0.0.1:1", "incidents"], 4, "server-away");
    check(&["verify", "--data", "nowhere"], 4, "log-unreadable");
}

#[test]
fn options_may_stand_before_and_after_the_verb() {
    let site = Site::with_server();
    let data = site.data();
    let data = data.to_str().unwrap();
    for arguments in [["--data", data, "--json", "incidents"], ["incidents", "--json", "--data", data]] {
        let output = harness::deadstick().env("HOME", site.path()).args(arguments).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "[]\n", "{arguments:?}");
    }
    let output = harness::deadstick()
        .env("HOME", site.path())
        .env("DEADSTICK_URL", site.server().url())
        .env("DEADSTICK_TOKEN", site.server().ready["token"].as_str().unwrap())
        .args(["incidents", "--json"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "[]\n");
}

#[test]
fn a_killed_server_starts_again_by_itself() {
    let mut site = Site::with_server();
    site.json(&["declare", "one"]);
    site.kill();
    assert!(site.data().join("run.json").exists(), "a killed server can't tidy up");
    assert_eq!(site.problem(&["incidents"]), (4, "server-away".into()));
    site.start();
    assert_eq!(site.json(&["incidents"])[0]["incident"], "INC-1");
    assert_eq!(site.json(&["verify"])["ok"], true);
    assert_eq!(site.stop(), Some(0));
    assert!(!site.data().join("run.json").exists());
}

#[test]
fn a_second_server_on_the_same_data_is_told_about_the_first() {
    let site = Site::with_server();
    let data = site.data();
    let Err(said) = serve(&["--data", data.to_str().unwrap()], site.path()) else { panic!("it started") };
    assert_eq!(said.status.code(), Some(4));
    let problem: Value = serde_json::from_slice(&said.stderr).unwrap();
    assert_eq!(problem["code"], "already-running");
    assert!(problem["title"].as_str().unwrap().contains(site.server().url()));
}

#[test]
fn surroundings_that_do_not_let_it_start() {
    let site = Site::with_server();
    let check = |arguments: &[&str], expected: &str| {
        let Err(said) = serve(arguments, site.path()) else { panic!("{arguments:?} started") };
        let text = String::from_utf8_lossy(&said.stderr).into_owned();
        assert_eq!(said.status.code(), Some(4), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    };
    let taken = site.server().url().trim_start_matches("http://").to_owned();
    let other = site.path().join("other");
    check(&["--data", other.to_str().unwrap(), "--listen", &taken], "in use");
    fs::write(site.path().join("file"), "").unwrap();
    check(&["--data", site.path().join("file").to_str().unwrap()], "data directory");
    check(&["--data", "/proc/nowhere"], "data directory");
    if Path::new("/dev/full").exists() && rustix::process::geteuid().is_root() {
        eprintln!("skipped: a directory that is not to be written: root may write everywhere");
        return;
    }
    let closed = site.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    check(&["--data", closed.to_str().unwrap()], "can't be written");
}

#[test]
fn files_are_for_their_owner_only() {
    let site = Site::with_server();
    for entry in fs::read_dir(site.data()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.file_name());
    }
    let run: Value = serde_json::from_slice(&fs::read(site.data().join("run.json")).unwrap()).unwrap();
    assert_eq!(run["url"], site.server().ready["url"]);
}

#[test]
fn verify_names_what_was_tampered_with() {
    let site = Site::with_server();
    site.json(&["declare", "one"]);
    site.json(&["note", "the canary sings"]);
    let copy = site.path().join("copy");
    let copied = site.json(&["backup", copy.to_str().unwrap()]);
    let verify = ["verify", "--data", copy.to_str().unwrap(), "--json"];
    assert_eq!(site.run(&verify).status.code(), Some(0));
    assert_eq!(copied["size"], site.json(&["verify"])["size"]);

    let file = copy.join("deadstick.db");
    let mut bytes = fs::read(&file).unwrap();
    let canary = b"the canary sings";
    let at =
        bytes.windows(canary.len()).position(|window| window == canary).expect("the note is in the file");
    bytes[at + 4] ^= 1;
    fs::write(&file, bytes).unwrap();
    let said = site.run(&verify);
    assert_eq!(said.status.code(), Some(1));
    let verdict: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(verdict["ok"], false);
    assert_eq!(verdict["position"], 3, "{verdict}");
}

#[test]
fn an_export_is_the_same_with_and_without_a_server_and_imports_elsewhere() {
    let mut site = Site::with_server();
    site.json(&["declare", "one", "--service", "search"]);
    site.json(&["did", "restarted it"]);
    let live = site.json(&["export", "1"]);
    assert_eq!(site.stop(), Some(0));
    let offline = site.json(&["export", "1"]);
    assert_eq!(offline["facts"], live["facts"]);
    assert_eq!(site.json(&["export", "--all"])[0]["facts"], live["facts"]);

    let other = Site::with_server();
    let file = other.path().join("incident.json");
    fs::write(&file, live.to_string()).unwrap();
    let imported = other.json(&["import", file.to_str().unwrap()]);
    assert_eq!(imported["incident"], "INC-1");
    assert_eq!(other.json(&["incidents"])[0]["title"], "one");
    assert_eq!(other.json(&["import", file.to_str().unwrap()])["stored"], 0, "the same again adds nothing");
}

#[test]
fn a_command_answered_with_trouble_is_kept_not_lost() {
    let site = Site::new();
    let output = harness::deadstick()
        .env("HOME", site.path())
        .env("XDG_STATE_HOME", site.path().join("state"))
        .args(["--url", "http://127.0.0.1:1", "did", "pulled the plug", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let kept: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&kept["queued"], &kept["incident"]), (&Value::Bool(true), &Value::Null));
    let queue = site.path().join("state/deadstick/queue/http___127_0_0_1_1");
    assert!(queue.join("commands.spool").exists(), "one queue for each server");
}

#[test]
fn following_tells_one_object_a_line() {
    let site = Site::with_server();
    site.json(&["declare", "one"]);
    let mut command = harness::deadstick();
    command.args(["timeline", "1", "--follow", "--json"]).env("DEADSTICK_DATA", site.data());
    let mut following = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(following.stdout.take().unwrap()));
    let mut kind = || {
        let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        line["kind"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind(), "state");
    site.json(&["note", "something new"]);
    assert_eq!(kind(), "note");
    following.kill().unwrap();
    following.wait().unwrap();
}

#[test]
fn doctor_looks_at_a_part_of_a_large_log_and_says_so() {
    let mut site = Site::with_server();
    site.json(&["declare", "one"]);
    let log = |site: &Site| {
        let output = site.run(&["doctor", "--json"]);
        let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
        checks.as_array().unwrap().iter().find(|check| check["check"] == "log").unwrap().clone()
    };
    assert_eq!(site.stop(), Some(0));
    let whole = log(&site)["says"].as_str().unwrap().to_owned();
    let positions = whole.strip_prefix("whole, ").unwrap();
    // As large as a log of years, with nothing in it.
    let file = fs::OpenOptions::new().write(true).open(site.data().join("deadstick.db")).unwrap();
    file.set_len(200 << 20).unwrap();
    drop(file);
    let part = log(&site);
    assert_eq!(part["ok"], true, "{part}");
    let size = positions.split(' ').next().unwrap();
    let says = part["says"].as_str().unwrap();
    assert!(says.starts_with(&format!("{size} of {size} positions are whole")), "{says}");
    assert!(says.ends_with("`deadstick verify` checks the rest"), "{says}");
}
