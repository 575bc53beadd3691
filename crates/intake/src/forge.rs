//! What the webhooks of GitHub and GitLab have in common: things that are pushed, run and deployed.

use fact::{Kind, Span, Timestamp};
use serde_json::Value;

use crate::json::one_line;
use crate::telling::Telling;
use crate::time::Told;

/// An event of a forge before it becomes a telling.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: Kind,
    /// What happened, without who and where: `deploy of 3f2a1bc to production`.
    pub what: String,
    /// How it stands, in the forge's words.
    pub state: Option<String>,
    pub at: Told,
    /// When what lasts began, and whether it has ended at `at`.
    pub lasting: Option<Lasting>,
    /// What belongs together.
    pub thread: Option<String>,
    /// Whether the thread's name is one in its repository only.
    pub is_local: bool,
}

/// Something with a beginning and an end.
#[derive(Debug, Clone)]
pub struct Lasting {
    pub begin: Told,
    pub is_over: bool,
}

impl Event {
    /// An event that is over in the moment in which it happens.
    pub fn new(kind: Kind, what: impl Into<String>, at: Told) -> Self {
        Event { kind, what: what.into(), state: None, at, lasting: None, thread: None, is_local: false }
    }

    #[must_use]
    pub fn state(mut self, state: Option<&str>) -> Self {
        self.state = state.map(|state| one_line(state, 64));
        self
    }

    #[must_use]
    pub fn thread(mut self, what: &str, id: Option<&Value>) -> Self {
        self.thread = id.filter(|id| !id.is_null()).map(|id| format!("{what}/{}", plain(id)));
        self
    }

    /// A thread by a number or name that other repositories have as well.
    #[must_use]
    pub fn local_thread(mut self, what: &str, id: Option<&Value>) -> Self {
        self.is_local = true;
        self.thread(what, id)
    }

    #[must_use]
    pub fn lasting(mut self, begin: Told, is_over: bool) -> Self {
        self.lasting = Some(Lasting { begin, is_over });
        self
    }

    /// `WHAT: STATE (ACTOR) — PLACE`, with the state and its outcome in the data.
    pub fn telling(
        self,
        native_id: String,
        actor: Option<&str>,
        place: Option<&str>,
        received_at: Timestamp,
    ) -> Telling {
        let mut text = self.what;
        if let Some(state) = &self.state {
            text.push_str(&format!(": {state}"));
        }
        if let Some(actor) = actor {
            text.push_str(&format!(" ({})", one_line(actor, 100)));
        }
        if let Some(place) = place {
            text.push_str(&format!(" — {}", one_line(place, 200)));
        }
        // Some events carry no time of their own; a live one happened about when it was received.
        let is_told = self.at != Told::Missing;
        let at = if is_told { self.at } else { Told::At(received_at, None) };
        let span = self.lasting.and_then(|lasting| span(&lasting, &at));
        let mut telling = Telling::new(self.kind, native_id, at, text);
        telling.actor = actor.map(str::to_owned);
        telling.span = span.filter(|_| self.thread.is_some());
        telling.thread = match (self.thread, place) {
            (Some(thread), Some(place)) if self.is_local => Some(format!("{place}/{thread}")),
            (thread, _) => thread,
        };
        if !is_told {
            telling.put("time_of", "receipt");
        }
        if let Some(state) = &self.state {
            telling.put("outcome", outcome(state).unwrap_or_default());
            telling.put("state", state.as_str());
        }
        telling
    }
}

/// What is over without having said when it began is an ended interval of no length: it ends whatever
/// of its thread was open.
fn span(lasting: &Lasting, at: &Told) -> Option<Span> {
    let at = at.at()?;
    let begin = lasting.begin.at().unwrap_or(at);
    Some(Span { begin, end: lasting.is_over.then_some(at) })
}

/// Whether a final state is a success or a failure; states that are neither say nothing.
pub fn outcome(state: &str) -> Option<&'static str> {
    match state {
        "success" | "succeeded" | "passed" => Some("success"),
        "failure" | "failed" | "error" | "timed_out" | "startup_failure" => Some("failure"),
        _ => None,
    }
}

/// The first seven characters of a commit's hash.
pub fn short(sha: Option<&str>) -> String {
    sha.unwrap_or("?").chars().take(7).collect()
}

/// The text at a dotted path, unless blank.
pub fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The value at a dotted path, unless null.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// The time at a dotted path.
pub fn time(value: &Value, path: &str) -> Told {
    Told::read(at(value, path))
}

/// A value as one plain word: an id, a number.
pub fn plain(value: &Value) -> String {
    one_line(&value.as_str().map_or_else(|| value.to_string(), str::to_owned), 200)
}

/// `tag v1`, `branch main`, from `refs/tags/v1`, `refs/heads/main`.
pub fn reference(name: &str) -> String {
    let named = |kind: &str, name: &str| format!("{kind} {}", one_line(name, 200));
    if let Some(tag) = name.strip_prefix("refs/tags/") {
        return named("tag", tag);
    }
    named("branch", name.strip_prefix("refs/heads/").unwrap_or(name))
}

/// What a push did: `push of 2 commits to main: what the last one says`.
pub fn push(body: &Value, commits: usize, last: Option<&str>) -> String {
    let name = reference(text(body, "ref").unwrap_or("?"));
    let is_zero = |field: &str| {
        text(body, field).is_some_and(|sha| !sha.is_empty() && sha.bytes().all(|byte| byte == b'0'))
    };
    if is_zero("after") {
        return format!("{name} deleted");
    }
    if commits == 0 && (is_zero("before") || name.starts_with("tag ")) {
        return format!("{name} created");
    }
    let forced = if body.get("forced") == Some(&Value::Bool(true)) { "forced " } else { "" };
    let plural = if commits == 1 { "" } else { "s" };
    let title = last.and_then(|message| message.lines().next()).unwrap_or_default();
    let title = if title.is_empty() { String::new() } else { format!(": {}", one_line(title, 200)) };
    format!("{forced}push of {commits} commit{plural} to {name}{title}")
}
