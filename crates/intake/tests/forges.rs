//! Events of GitHub and GitLab for which there is no recorded delivery, in the shapes that their
//! documentation gives.

use std::collections::BTreeMap;

use fact::Timestamp;
use intake::{Delivery, Format, Mapping, Reading, read};
use serde_json::{Value, json};

fn received_at() -> Timestamp {
    Timestamp::from_secs(1_771_600_200)
}

fn reading(format: Format, headers: &[(&str, &str)], body: &str) -> Reading {
    let headers: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let mapping = Mapping::default();
    let delivery =
        Delivery { headers: &headers, body: body.as_bytes(), received_at: received_at(), mapping: &mapping };
    read(format, &delivery)
}

/// Reads one event; `expected` is its kind and text, then its outcome, thread and span if it has any.
fn check(format: Format, event: &str, body: &Value, expected: &str) {
    let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", "d"), ("X-Gitlab-Event-UUID", "u")];
    let reading = reading(format, &headers, &body.to_string());
    assert_eq!(reading.diagnostics, [], "{event}");
    let [draft] = &reading.drafts[..] else { panic!("{} drafts", reading.drafts.len()) };
    let content = &draft.content;
    let mut found = format!("{} {}", draft.kind, content.text);
    if let Some(outcome) = content.data.get("outcome").and_then(Value::as_str) {
        found.push_str(&format!(" | {outcome}"));
    }
    if let Some(thread) = &content.thread {
        found.push_str(&format!(" | {thread}"));
    }
    if let Some(span) = content.span {
        let end = span.end.map_or_else(String::new, |end| end.to_string()[11..19].to_owned());
        found.push_str(&format!(" | {}..{end}", &span.begin.to_string()[11..19]));
    }
    assert_eq!(found, expected, "{event}");
}

fn github(event: &str, body: &Value, expected: &str) {
    let mut body = body.clone();
    body["sender"] = json!({"login": "octocat"});
    body["repository"] = json!({"full_name": "o/r", "pushed_at": 1_771_600_000});
    check(Format::Github, event, &body, expected);
}

fn gitlab(body: &Value, expected: &str) {
    let mut body = body.clone();
    body["user"] = json!({"username": "ada"});
    body["project"] = json!({"path_with_namespace": "g/p"});
    check(Format::Gitlab, "", &body, expected);
}

#[test]
fn a_deploy_pairs_start_and_finish() {
    let deployment = json!({
        "id": 7, "sha": "3f2a1bc0000", "environment": "production", "task": "deploy",
        "created_at": "2026-02-20T15:00:00Z",
    });
    github(
        "deployment",
        &json!({"deployment": deployment}),
        "change deploy of 3f2a1bc to production: started (octocat) — o/r | deployment/7 | 15:00:00..",
    );
    let status = |state: &str| {
        json!({
            "deployment": deployment,
            "deployment_status": {"state": state, "created_at": "2026-02-20T15:04:00Z"},
        })
    };
    let line = "change deploy of 3f2a1bc to production:";
    github(
        "deployment_status",
        &status("success"),
        &format!("{line} success (octocat) — o/r | success | deployment/7 | 15:00:00..15:04:00"),
    );
    github(
        "deployment_status",
        &status("error"),
        &format!("{line} error (octocat) — o/r | failure | deployment/7 | 15:00:00..15:04:00"),
    );
    github(
        "deployment_status",
        &status("in_progress"),
        &format!("{line} in_progress (octocat) — o/r | deployment/7 | 15:00:00.."),
    );
    github(
        "deployment_status",
        &status("inactive"),
        &format!("{line} inactive (octocat) — o/r | deployment/7"),
    );
}

#[test]
fn pushes_say_what_they_did() {
    let zero = "0".repeat(40);
    let push = |name: &str, before: &str, after: &str, commits: usize, forced: bool| {
        json!({
            "ref": name, "before": before, "after": after, "forced": forced,
            "commits": vec![json!({"id": "c"}); commits],
            "head_commit": {"message": "Fix the pool\n\nIt was too small."},
        })
    };
    let main = "refs/heads/main";
    github(
        "push",
        &push(main, "a", "b", 2, false),
        "change push of 2 commits to branch main: Fix the pool (octocat) — o/r",
    );
    github(
        "push",
        &push(main, "a", "b", 1, true),
        "change forced push of 1 commit to branch main: Fix the pool (octocat) — o/r",
    );
    github("push", &push("refs/heads/x", "a", &zero, 0, false), "change branch x deleted (octocat) — o/r");
    github("push", &push("refs/tags/v1", &zero, "b", 0, false), "change tag v1 created (octocat) — o/r");
    gitlab(
        &json!({
            "object_kind": "push", "ref": main, "before": "a", "after": "b", "total_commits_count": 30,
            "commits": [{"message": "one"}, {"message": "two\nmore"}],
        }),
        "change push of 30 commits to branch main: two (ada) — g/p",
    );
    gitlab(
        &json!({"object_kind": "tag_push", "ref": "refs/tags/v1", "before": zero, "after": "b"}),
        "change tag v1 created (ada) — g/p",
    );
}

#[test]
fn other_events_of_github() {
    let request = |action: &str, merged: bool| {
        json!({"action": action, "pull_request": {
            "number": 5, "title": "Larger pool", "merged": merged, "base": {"ref": "main"},
            "merged_at": "2026-02-20T15:00:00Z", "updated_at": "2026-02-20T15:00:01Z",
        }})
    };
    github(
        "pull_request",
        &request("closed", true),
        "change pull request #5 merged into main: Larger pool (octocat) — o/r | o/r/pull/5",
    );
    github(
        "pull_request",
        &request("closed", false),
        "event pull request #5 closed: Larger pool (octocat) — o/r | o/r/pull/5",
    );
    github(
        "issue_comment",
        &json!({
            "action": "created", "issue": {"number": 3},
            "comment": {"body": "same\nhere", "updated_at": "2026-02-20T15:00:00Z"},
        }),
        "message comment on #3: same here (octocat) — o/r | o/r/issue/3",
    );
    github(
        "workflow_run",
        &json!({"action": "requested", "workflow_run": {
            "id": 9, "name": "deploy", "head_branch": "main", "head_sha": "3f2a1bc0000", "status": "queued",
            "conclusion": null, "run_started_at": "2026-02-20T15:00:00Z",
        }}),
        "change workflow deploy on main at 3f2a1bc: queued (octocat) — o/r | workflow_run/9 | 15:00:00..",
    );
    github(
        "delete",
        &json!({"ref": "v0", "ref_type": "tag", "pusher_type": "user"}),
        "change tag v0 deleted (octocat) — o/r",
    );
    github("star", &json!({"action": "created"}), "event star created (octocat) — o/r");
    github(
        "security_advisory",
        &json!({"action": "published", "security_advisory": {"summary": "A hole", "updated_at": null}}),
        "event security_advisory published: A hole (octocat) — o/r",
    );
}

#[test]
fn other_events_of_gitlab() {
    let pipeline = |status: &str, finished_at: Value| {
        json!({"object_kind": "pipeline", "object_attributes": {
            "id": 31, "ref": "main", "sha": "3f2a1bc0000", "status": status,
            "created_at": "2026-02-20 15:00:00 UTC", "finished_at": finished_at,
        }})
    };
    gitlab(
        &pipeline("running", Value::Null),
        "change pipeline on main at 3f2a1bc: running (ada) — g/p | pipeline/31 | 15:00:00..",
    );
    gitlab(
        &pipeline("failed", json!("2026-02-20 15:07:00 UTC")),
        "change pipeline on main at 3f2a1bc: failed (ada) — g/p | failure | pipeline/31 | 15:00:00..15:07:00",
    );
    gitlab(
        &json!({
            "object_kind": "release", "action": "create", "tag": "v1.1", "name": "New pool",
            "created_at": "2026-02-20 15:00:00 UTC",
        }),
        "change release v1.1 created: New pool (ada) — g/p | g/p/release/v1.1",
    );
    gitlab(
        &json!({
            "object_kind": "deployment", "status": "running", "deployment_id": 15,
            "environment": "staging", "short_sha": "279484c0", "status_changed_at": "2026-02-20 15:00:00 +0000",
        }),
        "change deploy of 279484c to staging: running (ada) — g/p | deployment/15 | 15:00:00..",
    );
    gitlab(
        &json!({"object_kind": "merge_request", "object_attributes": {
            "iid": 4, "title": "Larger pool", "action": "merge", "target_branch": "main",
            "updated_at": "2026-02-20T15:00:00Z",
        }}),
        "change merge request !4 into main merged: Larger pool (ada) — g/p | g/p/merge_request/4",
    );
    gitlab(
        &json!({"object_kind": "feature_flag", "object_attributes": {"name": "new-pool", "active": true}}),
        "change feature flag new-pool: on (ada) — g/p",
    );
    gitlab(
        &json!({
            "object_kind": "build", "build_id": 8, "build_name": "test", "build_status": "success",
            "sha": "3f2a1bc0000", "build_started_at": "2026-02-20 15:00:00 UTC",
            "build_finished_at": "2026-02-20 15:01:00 UTC",
        }),
        "event job test at 3f2a1bc: success (ada) — g/p | success | job/8 | 15:00:00..15:01:00",
    );
}

#[test]
fn a_form_holds_the_payload() {
    let form = "payload=%7B%22zen%22%3A%22Keep+it+%E2%9C%93%22%7D&x=1";
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-github-event", "ping")];
    let read = reading(Format::Github, &headers, form);
    assert_eq!(read.drafts[0].content.text, "webhook connected: Keep it ✓");
    assert_eq!(read.drafts[0].content.raw.as_deref(), Some(r#"{"zen":"Keep it ✓"}"#));
    // Anything else is JSON or nothing.
    for (body, content_type) in
        [(form, "application/json"), ("payload=%zz", headers[0].1), ("payload=%ff", headers[0].1)]
    {
        let read = reading(Format::Github, &[("content-type", content_type)], body);
        assert_eq!(read.drafts[0].kind.as_str(), "unknown", "{body}");
        assert_eq!(read.drafts[0].content.raw.as_deref(), Some(body));
    }
}

#[test]
fn native_ids_tell_deliveries_apart() {
    let id = |headers: &[(&str, &str)], body: &str| {
        reading(Format::Gitlab, headers, body).drafts.remove(0).content.native_id
    };
    let body = r#"{"object_kind":"deployment","deployment_id":15,"status":"success"}"#;
    assert_eq!(id(&[("Idempotency-Key", "k")], body), "k");
    assert_eq!(id(&[("X-Gitlab-Event-UUID", "u")], body), "u/deployment/15/success");
    assert!(id(&[], body).starts_with("delivery/"));
    let status = json!({
        "deployment": {"id": 7},
        "deployment_status": {"id": 9, "state": "success", "updated_at": "2026-02-20T15:04:00Z"},
    });
    let bare = reading(Format::Github, &[], &status.to_string()).drafts.remove(0).content.native_id;
    assert_eq!(bare, "deployment_status/9/2026-02-20T15:04:00Z/-/success");
}
