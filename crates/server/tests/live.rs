//! The live stream, as one client reads it.

#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use fact::PersonId;
use futures_util::StreamExt;
use incident::{Command, Role};
use serde_json::{Value, json};
use testkit::{Client, TestServer};
use tokio::time::{Duration, timeout};
use tower::ServiceExt;

/// An open stream: what came and was not looked at yet.
struct Stream {
    body: BodyDataStream,
    text: String,
}

/// Opens a stream; `after` is the position that the page was read at.
async fn listen(server: &TestServer, person: PersonId, path: &str, after: u64) -> Result<Stream, StatusCode> {
    let page = server.get(&server.program(person), "/incidents").await.expect(200).text();
    let assets = page.split("data-assets=\"").nth(1).unwrap().split('"').next().unwrap();
    let request = Request::get(format!("{path}?after={after}&assets={assets}"))
        .header("authorization", format!("Bearer {}", server.app.process_token(person).0))
        .header("accept", "text/event-stream")
        .body(Body::empty())
        .unwrap();
    let answer = server::router(server.app.clone()).oneshot(request).await.unwrap();
    match answer.status() {
        StatusCode::OK => Ok(Stream { body: answer.into_body().into_data_stream(), text: String::new() }),
        status => Err(status),
    }
}

impl Stream {
    /// The next event that is not about parts of the page: its name and data; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines =
                        event.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    lines.next().map(|value| value.trim().to_owned())
                };
                let told = field("event").zip(field("data"));
                self.text = rest.to_owned();
                if let Some((name, data)) = told.filter(|(name, _)| name != "parts") {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = timeout(Duration::from_secs(20), self.body.next()).await.expect("an event comes")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    async fn name(&mut self) -> Option<String> {
        self.next().await.map(|(name, _)| name)
    }
}

fn declare(title: &str, private: bool) -> Command {
    Command::Declare {
        title: title.into(),
        severity: 2,
        started_at: None,
        services: Vec::new(),
        private,
        external_id: None,
    }
}

async fn say(server: &TestServer, path: &str, texts: impl IntoIterator<Item = String>) -> Vec<Value> {
    let source = path.split('/').nth(2).unwrap();
    let lines: Vec<String> = texts
        .into_iter()
        .map(|text| {
            let id = server.fresh_id();
            let at = server.now();
            json!({"id": id, "source": source, "native_id": id, "occurred_at": at, "kind": "message", "text": text})
                .to_string()
        })
        .collect();
    let writer = Client::stranger().header("content-type", "application/x-ndjson");
    server.send(&writer, "POST", path, lines.join("\n").into_bytes()).await.expect(200).lines()
}

#[tokio::test]
async fn tells_new_facts_and_what_was_missed() {
    let server = TestServer::start().await;
    let chat = server.source("ndjson", "chat").await;
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let known = server.app.store.head().await.unwrap().size;
    say(&server, &chat, ["missed <b>".into()]).await;

    let mut stream = listen(&server, server.admin, "/live/incidents/INC-1", known).await.unwrap();
    let (name, missed) = stream.next().await.unwrap();
    assert_eq!(name, "facts");
    let html = missed["facts"][0]["html"].as_str().unwrap();
    assert!(html.contains("missed &#60;b&#62;"), "{html}");

    say(&server, &chat, ["a new one".into()]).await;
    let (name, new) = stream.next().await.unwrap();
    assert_eq!((name.as_str(), new["facts"].as_array().unwrap().len()), ("facts", 1));
    assert!(new["facts"][0]["html"].as_str().unwrap().contains("a new one"));
}

#[tokio::test]
async fn tells_pages_to_drop_what_was_redacted() {
    let server = TestServer::start().await;
    let chat = server.source("ndjson", "chat").await;
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let said = say(&server, &chat, ["a canary".into()]).await;
    let known = server.app.store.head().await.unwrap().size;

    let mut stream = listen(&server, server.admin, "/live/incidents/INC-1", known).await.unwrap();
    let body = json!({"facts": [said[0]["id"]], "why": "a name"});
    server.post(&server.ada(), "/api/v1/redactions", &body).await.expect(200);
    let (name, gone) = stream.next().await.unwrap();
    assert_eq!((name.as_str(), &gone["ids"][0]), ("redacted", &said[0]["id"]));
}

#[tokio::test]
async fn tells_pages_where_facts_expired() {
    let server = TestServer::start().await;
    let chat = server.source("ndjson", "chat").await;
    let keep = Command::Retention { source: "chat".into(), days: Some(30) };
    server.command(server.admin, keep).await.unwrap();
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let said = say(&server, &chat, ["soon gone".into()]).await;
    let close = Command::Close { incident: None, at: None, text: None };
    server.command(server.admin, close).await.unwrap();
    server.clock.advance_days(200);
    let known = server.app.store.head().await.unwrap().size;

    let mut stream = listen(&server, server.admin, "/live/incidents/INC-1", known).await.unwrap();
    assert_eq!(server.app.expire_now().await.unwrap(), 1);
    let (name, expired) = stream.next().await.unwrap();
    let at = &said[0]["position"];
    assert_eq!((&*name, &expired), ("expired", &json!([{"source": "chat", "from": at, "to": at}])));
    // A page that was away meanwhile hears it when it comes back.
    let mut stream = listen(&server, server.admin, "/live/incidents/INC-1", known).await.unwrap();
    assert_eq!(stream.name().await.as_deref(), Some("expired"));
}

/// A page that read itself anew would tell everybody that something private was made.
#[tokio::test]
async fn what_was_private_from_its_beginning_moves_nobodys_page() {
    let server = TestServer::start().await;
    let outsider = server.person("Grace", Role::Responder).await;
    let chat = server.source("ndjson", "chat").await;
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let known = server.app.store.head().await.unwrap().size;
    let mut now = listen(&server, outsider, "/live/now", known).await.unwrap();
    let mut stream = listen(&server, outsider, "/live/incidents/INC-1", known).await.unwrap();
    server.command(server.admin, declare("The canary", true)).await.unwrap();
    say(&server, &chat, ["for everybody".into()]).await;
    let (name, told) = stream.next().await.unwrap();
    assert!(name == "facts" && told.to_string().contains("for everybody"), "{name} {told}");

    let make_private = Command::Privacy {
        incident: incident::IncidentRef("INC-1".into()),
        private: true,
        add: vec![],
        remove: vec![],
    };
    server.command(server.admin, make_private).await.unwrap();
    assert_eq!(stream.name().await.as_deref(), Some("reload"), "that one was seen");
    assert_eq!(now.name().await.as_deref(), Some("reload"), "there, too");
}

#[tokio::test]
async fn one_person_has_so_many_streams_and_leaves_others_theirs() {
    let server = TestServer::start().await;
    let other = server.person("Grace", Role::Viewer).await;
    let mut streams = Vec::new();
    for _ in 0..50 {
        streams.push(listen(&server, server.admin, "/live/now", 0).await.unwrap());
    }
    let refused = listen(&server, server.admin, "/live/now", 0).await.err();
    assert_eq!(refused, Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(listen(&server, other, "/live/now", 0).await.is_ok());
    streams.pop();
    assert!(listen(&server, server.admin, "/live/now", 0).await.is_ok(), "one was closed");
}

#[tokio::test]
async fn whoever_is_far_behind_reads_anew() {
    let server = TestServer::start().await;
    let chat = server.source("ndjson", "chat").await;
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    say(&server, &chat, (0..1_001).map(|n| format!("message {n}"))).await;
    let mut stream = listen(&server, server.admin, "/live/incidents/INC-1", 1).await.unwrap();
    assert_eq!(stream.name().await.as_deref(), Some("reload"));
}

#[tokio::test]
async fn a_private_source_is_told_to_its_members_only() {
    let server = TestServer::start().await;
    let outsider = server.person("Grace", Role::Responder).await;
    let open = server.source("ndjson", "open").await;
    let secret = server.source("ndjson", "secret").await;
    let hide = Command::SourcePrivacy {
        source: "secret".into(),
        private: true,
        add: vec![server.admin],
        remove: Vec::new(),
    };
    server.command(server.admin, hide).await.unwrap();
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let known = server.app.store.head().await.unwrap().size;

    let mut stream = listen(&server, outsider, "/live/incidents/INC-1", known).await.unwrap();
    let mut member = listen(&server, server.admin, "/live/incidents/INC-1", known).await.unwrap();
    say(&server, &secret, ["the canary".into()]).await;
    let (_, told) = member.next().await.unwrap();
    assert!(told.to_string().contains("the canary"));
    say(&server, &open, ["for everybody".into()]).await;
    let (_, told) = stream.next().await.unwrap();
    assert!(told.to_string().contains("for everybody") && !told.to_string().contains("canary"), "{told}");
}

#[tokio::test]
async fn who_loses_sight_reads_anew_and_who_gains_it_goes_on() {
    let server = TestServer::start().await;
    let outsider = server.person("Grace", Role::Responder).await;
    let chat = server.source("ndjson", "chat").await;
    server.command(server.admin, declare("Checkout is down", false)).await.unwrap();
    let known = server.app.store.head().await.unwrap().size;

    let mut stream = listen(&server, outsider, "/live/incidents/INC-1", known).await.unwrap();
    server.source("ndjson", "another").await;
    say(&server, &chat, ["a new one".into()]).await;
    let (_, told) = stream.next().await.unwrap();
    assert!(told.to_string().contains("a new one"), "{told}");

    let hide = Command::SourcePrivacy {
        source: "chat".into(),
        private: true,
        add: vec![server.admin],
        remove: Vec::new(),
    };
    server.command(server.admin, hide).await.unwrap();
    assert_eq!(stream.name().await.as_deref(), Some("reload"));
}

#[tokio::test]
async fn a_private_incident_answers_as_an_absent_one() {
    let server = TestServer::start().await;
    let outsider = server.person("Grace", Role::Responder).await;
    server.command(server.admin, declare("The canary", true)).await.unwrap();
    let number = *server.app.state().numbers.keys().next().unwrap();
    for path in [&*format!("/live/incidents/INC-{number}"), "/live/incidents/INC-99"] {
        assert_eq!(listen(&server, outsider, path, 0).await.err(), Some(StatusCode::NOT_FOUND), "{path}");
    }
    let reader = server.program(outsider);
    for path in ["/incidents/INC-#", "/incidents/INC-#/brief"] {
        let hidden = server.get(&reader, &path.replace('#', &number.to_string())).await;
        let absent = server.get(&reader, &path.replace('#', "99")).await;
        assert_eq!((hidden.status, hidden.text()), (absent.status, absent.text()), "{path}");
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    }
    for path in ["/", "/incidents", "/people", "/sources"] {
        let page = server.get(&reader, path).await.expect(200).text();
        assert!(!page.contains("canary") && !page.contains(&number.to_string()), "{path}");
    }
}
