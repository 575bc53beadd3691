//! GitLab's webhooks, as "Webhook events" of its documentation describes them.

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
    let name = text(value, "object_kind").or_else(|| text(value, "event_name")).ok_or_else(|| {
        let message = "not a webhook of GitLab: it has neither `object_kind` nor `event_name`";
        Diagnostic::new(Code::UnknownShape, message)
    })?;
    let event = event(name, value);
    let actors = ["user.username", "user_username", "user.name", "user_name"];
    let actor = actors.iter().find_map(|path| text(value, path));
    let place = text(value, "project.path_with_namespace").or_else(|| text(value, "project_name"));
    let native_id = native_id(delivery, name, value);
    let mut telling = event.telling(native_id, actor, place, delivery.received_at);
    telling.put("event", one_line(name, 64));
    for (name, paths) in DATA {
        let found = paths.iter().find_map(|path| at(value, path));
        telling.put(name, found.map(|found| one_line(&plain(found), 500)).unwrap_or_default());
    }
    telling.raw = body.text.to_string();
    Ok(vec![telling])
}

/// What goes into the data, with where it stands in one event or another.
const DATA: [(&str, &[&str]); 7] = [
    ("action", &["object_attributes.action", "action"]),
    ("project", &["project.path_with_namespace", "project_name"]),
    ("ref", &["object_attributes.ref", "ref", "tag"]),
    ("sha", &["object_attributes.sha", "sha", "after", "commit.id", "short_sha"]),
    ("environment", &["environment"]),
    ("severity", &["object_attributes.severity"]),
    ("url", &["object_attributes.url", "deployable_url", "url", "commit_url"]),
];

/// The key that stays the same over retries; in older versions the event's id, which webhooks that
/// trigger each other share, with what the event is about.
fn native_id(delivery: &Delivery<'_>, name: &str, value: &Value) -> String {
    let header = |name: &str| delivery.headers.get(name).map(str::trim).filter(|id| !id.is_empty());
    if let Some(key) = header("idempotency-key") {
        return key.to_owned();
    }
    let Some(event) = header("x-gitlab-event-uuid") else { return unique(delivery) };
    let ids = ["object_attributes.id", "deployment_id", "build_id", "id", "checkout_sha", "after", "tag"];
    let id = ids.iter().find_map(|path| at(value, path)).map_or_else(|| "-".into(), plain);
    let states = ["object_attributes.status", "object_attributes.action", "status", "build_status", "action"];
    let state = states.iter().find_map(|path| text(value, path)).unwrap_or("-");
    one_line(&format!("{event}/{name}/{id}/{state}"), 500)
}

fn event(name: &str, value: &Value) -> Event {
    match name {
        "deployment" => deployment(value),
        "pipeline" => pipeline(value),
        "build" => job(value),
        "push" | "tag_push" => pushed(value),
        "release" => release(value),
        "issue" | "work_item" | "incident" => issue(value),
        "merge_request" => merge_request(value),
        "note" => note(value),
        "feature_flag" => feature_flag(value),
        other => unknown_event(other, value),
    }
}

/// Whether a pipeline, job or deployment of this status has come to its end.
fn is_over(status: Option<&str>) -> bool {
    matches!(status, Some("success" | "failed" | "canceled" | "skipped"))
}

fn deployment(value: &Value) -> Event {
    let status = text(value, "status");
    let environment = one_line(text(value, "environment").unwrap_or("?"), 100);
    let what = format!("deploy of {} to {environment}", short(text(value, "short_sha")));
    let event = Event::new(Kind::CHANGE, what, time(value, "status_changed_at"))
        .state(status)
        .thread("deployment", value.get("deployment_id"));
    match status {
        // Waits, and hasn't begun.
        Some("created" | "blocked") => event,
        // When it began is told when it begins only.
        _ => event.lasting(Told::Missing, is_over(status)),
    }
}

fn pipeline(value: &Value) -> Event {
    let pipeline = &value["object_attributes"];
    let status = text(pipeline, "status");
    let what = format!(
        "pipeline on {} at {}",
        one_line(text(pipeline, "ref").unwrap_or("?"), 100),
        short(text(pipeline, "sha"))
    );
    let begin = time(pipeline, "created_at");
    let is_over = is_over(status);
    let at = if is_over { time(pipeline, "finished_at") } else { begin.clone() };
    Event::new(Kind::CHANGE, what, at)
        .state(status)
        .thread("pipeline", pipeline.get("id"))
        .lasting(begin, is_over)
}

fn job(value: &Value) -> Event {
    let status = text(value, "build_status");
    let name = one_line(text(value, "build_name").unwrap_or("?"), 100);
    let begin = time(value, "build_started_at").or(|| time(value, "build_created_at"));
    let is_over = is_over(status);
    let at = if is_over { time(value, "build_finished_at") } else { begin.clone() };
    Event::new(Kind::EVENT, format!("job {name} at {}", short(text(value, "sha"))), at)
        .state(status)
        .thread("job", value.get("build_id"))
        .lasting(begin, is_over)
}

fn pushed(value: &Value) -> Event {
    let listed = value.get("commits").and_then(Value::as_array);
    let counted = value.get("total_commits_count").and_then(Value::as_u64);
    let commits = counted.and_then(|count| usize::try_from(count).ok());
    let last = listed.and_then(|commits| commits.last()).and_then(|commit| text(commit, "message"));
    let count = commits.or(listed.map(Vec::len)).unwrap_or(0);
    // A push carries no time but those of its commits, which were written before.
    Event::new(Kind::CHANGE, push(value, count, last), Told::Missing)
}

fn release(value: &Value) -> Event {
    let tag = one_line(text(value, "tag").unwrap_or("?"), 100);
    let action = text(value, "action").unwrap_or("change");
    let at = if action == "create" { time(value, "created_at") } else { Told::Missing };
    let name = text(value, "name").filter(|name| *name != tag);
    let name = name.map(|name| format!(": {}", one_line(name, 200))).unwrap_or_default();
    Event::new(Kind::CHANGE, format!("release {tag} {}{name}", past(action)), at)
        .local_thread("release", value.get("tag"))
}

/// `created` of `create`: GitLab names actions by verbs.
fn past(action: &str) -> String {
    let action = one_line(action, 32);
    match action.as_str() {
        "open" | "reopen" => format!("{action}ed"),
        _ if action.ends_with("ed") => action,
        _ if action.ends_with('e') => format!("{action}d"),
        _ => format!("{action}ed"),
    }
}

fn issue(value: &Value) -> Event {
    let issue = &value["object_attributes"];
    let called = text(issue, "type").unwrap_or("issue").to_lowercase();
    let number = issue.get("iid").map_or_else(|| "?".into(), plain);
    let title = one_line(text(issue, "title").unwrap_or_default(), 300);
    let action = past(text(issue, "action").unwrap_or("change"));
    let what = format!("{} #{number} {action}: {title}", one_line(&called, 32));
    Event::new(Kind::EVENT, what, time(issue, "updated_at")).local_thread("issue", issue.get("iid"))
}

fn merge_request(value: &Value) -> Event {
    let request = &value["object_attributes"];
    let action = text(request, "action").unwrap_or("change");
    let number = request.get("iid").map_or_else(|| "?".into(), plain);
    let title = one_line(text(request, "title").unwrap_or_default(), 300);
    let target = one_line(text(request, "target_branch").unwrap_or("?"), 100);
    let what = format!("merge request !{number} into {target} {}: {title}", past(action));
    let kind = if action == "merge" { Kind::CHANGE } else { Kind::EVENT };
    Event::new(kind, what, time(request, "updated_at")).local_thread("merge_request", request.get("iid"))
}

fn note(value: &Value) -> Event {
    let note = &value["object_attributes"];
    let on = text(note, "noteable_type").unwrap_or("something").to_lowercase();
    let body = one_line(text(note, "note").unwrap_or_default(), 1_000);
    let what = format!("comment on {}: {body}", one_line(&on, 32));
    Event::new(Kind::MESSAGE, what, time(note, "updated_at").or(|| time(note, "created_at")))
}

fn feature_flag(value: &Value) -> Event {
    let flag = &value["object_attributes"];
    let name = one_line(text(flag, "name").unwrap_or("?"), 100);
    let state = match flag.get("active") {
        Some(Value::Bool(true)) => "on",
        Some(Value::Bool(false)) => "off",
        _ => "changed",
    };
    Event::new(Kind::CHANGE, format!("feature flag {name}"), Told::Missing).state(Some(state))
}

/// An event that this version doesn't know: its name, its action, and what looks like a title.
fn unknown_event(name: &str, value: &Value) -> Event {
    let about = value.get("object_attributes").unwrap_or(value);
    let mut what = one_line(name, 64);
    if let Some(action) = text(about, "action") {
        what.push_str(&format!(" {}", past(action)));
    }
    if let Some((title, _)) = guess::text(about) {
        what.push_str(&format!(": {}", one_line(title, 300)));
    }
    Event::new(Kind::EVENT, what, time(about, "updated_at").or(|| time(about, "created_at")))
}
