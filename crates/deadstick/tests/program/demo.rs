//! `serve --demo` shows every feature.

use std::collections::BTreeSet;

use crate::harness::{deadstick, serve};
use serde_json::Value;

#[test]
fn the_worked_example_shows_every_feature() {
    let home = tempfile::tempdir().unwrap();
    let running = serve(&["--demo"], home.path()).unwrap_or_else(|said| panic!("{said:?}"));
    let token = running.ready["token"].as_str().unwrap();
    let json = |arguments: &[&str]| -> Value {
        let mut command = deadstick();
        command.env("HOME", home.path()).env("DEADSTICK_URL", running.url()).env("DEADSTICK_TOKEN", token);
        let output = command.args(arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let array = |value: Value| value.as_array().cloned().unwrap();

    let incidents = array(json(&["incidents"]));
    let statuses: Vec<_> = incidents.iter().map(|incident| incident["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["open", "closed", "closed", "closed", "closed", "closed"]);

    let timeline = array(json(&["timeline", "INC-3"]));
    let words = |key: &str| -> BTreeSet<String> {
        timeline.iter().filter_map(|fact| fact[key].as_str().map(str::to_owned)).collect()
    };
    let kinds = [
        "action",
        "alert",
        "change",
        "command",
        "decision",
        "gap",
        "join",
        "message",
        "note",
        "question",
        "result",
        "role",
        "state",
        "utterance",
    ];
    let missing: Vec<_> = kinds.iter().filter(|kind| !words("kind").contains(**kind)).collect();
    assert!(missing.is_empty(), "INC-3 has no {missing:?}");
    for source in ["alerts", "bridge", "deploys", "firewall", "helpdesk", "ops", "terminal", "deadstick"] {
        assert!(words("source").contains(source), "INC-3 has nothing from {source}");
    }
    let redacted: Vec<_> = timeline.iter().filter(|fact| fact["redacted"] == true).collect();
    assert_eq!(redacted.len(), 1, "one password was redacted");
    assert!(!timeline.iter().any(|fact| fact["text"].as_str().unwrap().contains("Kestrel")));
    assert!(timeline.iter().any(|fact| !fact["result_of"].is_null()), "results are linked");

    let now = json(&["now"]);
    for part in ["open", "firing", "temporary", "unassigned"] {
        assert!(!array(now[part].clone()).is_empty(), "nothing under {part}");
    }
    assert!(now["open"][0]["next_update_due"].is_string());
    let states: BTreeSet<_> = array(now["sources"].clone())
        .iter()
        .map(|source| source["state"].as_str().unwrap().to_owned())
        .collect();
    assert!(states.contains("ok") && states.contains("silent"), "{states:?}");
    assert!(!array(json(&["proposals", "INC-5"])).is_empty(), "nothing to confirm");
    let brief = json(&["brief", "INC-5"]);
    assert!(brief["text"].as_str().unwrap().contains("doubled the cache"));
    let export = json(&["export", "INC-3"]);
    let view = &export["incident"];
    for part in ["impact", "detection"] {
        assert!(view[part].is_object(), "INC-3 has no {part}");
    }
    for part in ["updates", "questions", "roles", "services", "temporary", "doubles"] {
        assert!(!array(view[part].clone()).is_empty(), "INC-3 has no {part}");
    }
    let late = |fact: &&Value| fact["text"].as_str().unwrap().contains("shipped late");
    assert_eq!(array(json(&["timeline", "INC-5"])).iter().filter(late).count(), 1);
}
