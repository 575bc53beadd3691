//! GitHub's webhooks, as "Webhook events and payloads" of its documentation describes them.
//!
//! The native id is the delivery's id. A deployment and its statuses share a thread, so do the
//! stages of a workflow run, so that start and finish of a deploy belong together.

use fact::Kind;
use serde_json::Value;

use crate::forge::{Event, at, plain, push, short, text, time};
use crate::json::{Body, one_line};
use crate::telling::{Telling, unique};
use crate::time::Told;
use crate::{Code, Delivery, Diagnostic, guess};

/// Reads a delivery.
pub fn read(delivery: &Delivery<'_>, body: &Body<'_>) -> Result<Vec<Telling>, Diagnostic> {
    let value = &body.value;
    if !value.is_object() {
        return Err(Diagnostic::new(Code::UnknownShape, "not a webhook of GitHub: not a JSON object"));
    }
    let named = delivery.headers.get("x-github-event").filter(|name| !name.trim().is_empty());
    let name = named.or_else(|| inferred(value)).ok_or_else(|| {
        let message = "not a webhook of GitHub: no X-GitHub-Event header, and no known event by its fields";
        Diagnostic::new(Code::UnknownShape, message)
    })?;
    let event = event(name, value);
    let actor = text(value, "sender.login").or_else(|| text(value, "pusher.name"));
    let place = text(value, "repository.full_name").or_else(|| text(value, "organization.login"));
    let native_id = native_id(delivery, name, value);
    let mut telling = event.telling(native_id, actor, place, delivery.received_at);
    if named.is_none() {
        telling.note(Code::Guessed, format!("no X-GitHub-Event header; by its fields it is `{name}`"));
    }
    telling.put("event", one_line(name, 64));
    for (name, path) in DATA {
        let found = path.iter().find_map(|path| at(value, path));
        telling.put(name, found.map(|found| one_line(&plain(found), 500)).unwrap_or_default());
    }
    telling.raw = body.text.to_string();
    Ok(vec![telling])
}

/// What goes into the data, with where it stands in one event or another.
const DATA: [(&str, &[&str]); 6] = [
    ("action", &["action"]),
    ("repository", &["repository.full_name"]),
    (
        "ref",
        &[
            "deployment.ref",
            "workflow_run.head_branch",
            "workflow_job.head_branch",
            "ref",
            "release.tag_name",
        ],
    ),
    (
        "sha",
        &[
            "deployment.sha",
            "workflow_run.head_sha",
            "workflow_job.head_sha",
            "check_run.head_sha",
            "sha",
            "after",
        ],
    ),
    ("environment", &["deployment_status.environment", "deployment.environment"]),
    (
        "url",
        &[
            "deployment_status.log_url",
            "deployment_status.target_url",
            "workflow_run.html_url",
            "workflow_job.html_url",
            "check_run.html_url",
            "release.html_url",
            "pull_request.html_url",
            "comment.html_url",
            "issue.html_url",
            "compare",
            "target_url",
        ],
    ),
];

/// The event by the fields that only it has, for deliveries that came without their header.
fn inferred(value: &Value) -> Option<&'static str> {
    let objects = [
        "deployment_status",
        "deployment",
        "workflow_job",
        "workflow_run",
        "check_run",
        "check_suite",
        "release",
        "pull_request",
    ];
    if let Some(name) = objects.into_iter().find(|name| value.get(name).is_some_and(Value::is_object)) {
        return Some(name);
    }
    let has = |names: &[&str]| names.iter().all(|name| value.get(name).is_some());
    let by_fields = [
        ("issue_comment", &["issue", "comment"][..]),
        ("issues", &["issue", "action"]),
        ("push", &["ref", "before", "after"]),
        ("create", &["ref", "ref_type", "master_branch"]),
        ("delete", &["ref", "ref_type"]),
        ("status", &["sha", "state", "context"]),
        ("ping", &["zen"]),
    ];
    by_fields.into_iter().find(|(_, names)| has(names)).map(|(name, _)| name)
}

/// The delivery's id; without one what the event is about, so that a redelivery is recognised.
fn native_id(delivery: &Delivery<'_>, name: &str, value: &Value) -> String {
    if let Some(id) = delivery.headers.get("x-github-delivery").map(str::trim).filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    let about = value.get(name).unwrap_or(value);
    let id = at(about, "id").map(plain);
    let when = ["updated_at", "created_at", "completed_at"].iter().find_map(|field| text(about, field));
    match (id, when) {
        (Some(id), Some(when)) => {
            let state = text(about, "state").or_else(|| text(about, "status")).unwrap_or("-");
            let action = text(value, "action").unwrap_or("-");
            one_line(&format!("{name}/{id}/{when}/{action}/{state}"), 500)
        }
        _ => unique(delivery),
    }
}

fn event(name: &str, value: &Value) -> Event {
    match name {
        "deployment" => deployment(value),
        "deployment_status" => deployment_status(value),
        "workflow_run" => workflow_run(value),
        "workflow_job" => run(value, "workflow_job", "job"),
        "check_run" => run(value, "check_run", "check"),
        "check_suite" => run(value, "check_suite", "checks"),
        "status" => commit_status(value),
        "push" => pushed(value),
        "create" | "delete" => reference(name, value),
        "release" => release(value),
        "issues" => issue(value),
        "issue_comment" => comment(value),
        "pull_request" => pull_request(value),
        "ping" => Event::new(Kind::EVENT, "webhook connected", Told::Missing).state(text(value, "zen")),
        other => unknown_event(other, value),
    }
}

fn deploy_of(deployment: &Value) -> String {
    let task = text(deployment, "task").unwrap_or("deploy");
    let environment = text(deployment, "environment").unwrap_or("?");
    let sha = short(text(deployment, "sha"));
    // A tag or a branch says more to people than a hash; the ref may be the hash itself.
    let what = match text(deployment, "ref").filter(|name| !name.starts_with(&*sha)) {
        Some(name) => format!("{} ({sha})", one_line(name, 100)),
        None => sha,
    };
    format!("{} of {what} to {}", one_line(task, 64), one_line(environment, 100))
}

fn deployment(value: &Value) -> Event {
    let deployment = &value["deployment"];
    let created_at = time(deployment, "created_at");
    Event::new(Kind::CHANGE, deploy_of(deployment), created_at.clone())
        .state(Some("started"))
        .thread("deployment", deployment.get("id"))
        .lasting(created_at, false)
}

fn deployment_status(value: &Value) -> Event {
    let (status, deployment) = (&value["deployment_status"], &value["deployment"]);
    let state = text(status, "state");
    let event = Event::new(Kind::CHANGE, deploy_of(deployment), time(status, "created_at"))
        .state(state)
        .thread("deployment", deployment.get("id"));
    match state {
        // A later deployment has taken its place; it ended before that.
        Some("inactive") => event,
        Some("success" | "failure" | "error") => event.lasting(time(deployment, "created_at"), true),
        _ => event.lasting(time(deployment, "created_at"), false),
    }
}

fn workflow_run(value: &Value) -> Event {
    let run = &value["workflow_run"];
    let name = text(run, "name").or_else(|| text(value, "workflow.name")).unwrap_or("?");
    let branch = text(run, "head_branch").unwrap_or("?");
    let what = format!(
        "workflow {} on {} at {}",
        one_line(name, 100),
        one_line(branch, 100),
        short(text(run, "head_sha"))
    );
    let begin = time(run, "run_started_at").or(|| time(run, "created_at"));
    let is_over = text(run, "status") == Some("completed");
    let at = if is_over { time(run, "updated_at") } else { begin.clone() };
    // Each attempt is a run of its own, with its own beginning.
    Event::new(Kind::CHANGE, what, at)
        .state(text(run, "conclusion").or_else(|| text(run, "status")))
        .thread("workflow_run", run.get("id"))
        .lasting(begin, is_over)
}

/// A job, check or suite of checks.
fn run(value: &Value, field: &str, called: &str) -> Event {
    let run = &value[field];
    let name = text(run, "name").or_else(|| text(run, "app.name")).unwrap_or("?");
    let what = format!("{called} {} at {}", one_line(name, 100), short(text(run, "head_sha")));
    let begin = time(run, "started_at").or(|| time(run, "created_at"));
    let is_over = text(run, "status") == Some("completed");
    let end = time(run, "completed_at").or(|| time(run, "updated_at"));
    Event::new(Kind::EVENT, what, if is_over { end } else { begin.clone() })
        .state(text(run, "conclusion").or_else(|| text(run, "status")))
        .thread(field, run.get("id"))
        .lasting(begin, is_over)
}

fn commit_status(value: &Value) -> Event {
    let context = text(value, "context").unwrap_or("?");
    let what = format!("status {} of {}", one_line(context, 100), short(text(value, "sha")));
    let at = time(value, "updated_at").or(|| time(value, "created_at"));
    Event::new(Kind::EVENT, what, at).state(text(value, "state"))
}

fn pushed(value: &Value) -> Event {
    let commits = value.get("commits").and_then(Value::as_array).map_or(0, Vec::len);
    let what = push(value, commits, text(value, "head_commit.message"));
    // The commits' own times tell when they were written, not when they were pushed.
    Event::new(Kind::CHANGE, what, time(value, "repository.pushed_at"))
}

fn reference(name: &str, value: &Value) -> Event {
    let what = format!(
        "{} {} {name}d",
        one_line(text(value, "ref_type").unwrap_or("ref"), 32),
        one_line(text(value, "ref").unwrap_or("?"), 200)
    );
    Event::new(Kind::CHANGE, what, time(value, "repository.pushed_at"))
}

fn release(value: &Value) -> Event {
    let release = &value["release"];
    let tag = one_line(text(release, "tag_name").unwrap_or("?"), 100);
    let action = text(value, "action").unwrap_or("changed");
    let at = match action {
        "published" | "released" | "prereleased" => time(release, "published_at"),
        "created" => time(release, "created_at"),
        _ => Told::Missing,
    };
    Event::new(Kind::CHANGE, format!("release {tag} {}", one_line(action, 32)), at)
        .thread("release", release.get("id"))
}

fn numbered(called: &str, value: &Value, about: &Value) -> String {
    let number = about.get("number").map_or_else(|| "?".into(), plain);
    let action = text(value, "action").unwrap_or("changed");
    let label = text(value, "label.name").map(|label| format!(" {}", one_line(label, 100)));
    let title = one_line(text(about, "title").unwrap_or_default(), 300);
    format!("{called} #{number} {}{}: {title}", one_line(action, 32), label.unwrap_or_default())
}

fn issue(value: &Value) -> Event {
    let issue = &value["issue"];
    Event::new(Kind::EVENT, numbered("issue", value, issue), time(issue, "updated_at"))
        .local_thread("issue", issue.get("number"))
}

fn comment(value: &Value) -> Event {
    let number = at(value, "issue.number").map_or_else(|| "?".into(), plain);
    let body = one_line(text(value, "comment.body").unwrap_or_default(), 1_000);
    Event::new(Kind::MESSAGE, format!("comment on #{number}: {body}"), time(value, "comment.updated_at"))
        .local_thread("issue", at(value, "issue.number"))
}

fn pull_request(value: &Value) -> Event {
    let request = &value["pull_request"];
    let is_merged =
        text(value, "action") == Some("closed") && request.get("merged") == Some(&Value::Bool(true));
    if !is_merged {
        let what = numbered("pull request", value, request);
        return Event::new(Kind::EVENT, what, time(request, "updated_at"))
            .local_thread("pull", request.get("number"));
    }
    let number = request.get("number").map_or_else(|| "?".into(), plain);
    let base = one_line(text(request, "base.ref").unwrap_or("?"), 100);
    let title = one_line(text(request, "title").unwrap_or_default(), 300);
    let what = format!("pull request #{number} merged into {base}: {title}");
    Event::new(Kind::CHANGE, what, time(request, "merged_at")).local_thread("pull", request.get("number"))
}

/// An event that this version doesn't know: its name, its action, and what looks like a title.
fn unknown_event(name: &str, value: &Value) -> Event {
    let mut what = one_line(name, 64);
    if let Some(action) = text(value, "action") {
        what.push_str(&format!(" {}", one_line(action, 64)));
    }
    let about = value.get(name).unwrap_or(&Value::Null);
    if let Some((title, _)) = guess::text(about) {
        what.push_str(&format!(": {}", one_line(title, 300)));
    }
    Event::new(Kind::EVENT, what, time(about, "updated_at").or(|| time(about, "created_at")))
}
