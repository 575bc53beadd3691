//! What one may not see is nowhere: on every route, an outsider's bytes hold nothing of a private
//! source or incident, and what is private answers byte for byte as what is absent.

#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::StreamExt;
use incident::Role;
use serde_json::{Value, json};
use server::api::{Verb, table};
use testkit::{Client, Reply, TestServer};
use tower::ServiceExt;

/// Routes that are not in the table of the API: pages, deliveries, signing in. A route that is
/// neither here nor there fails `every_route_is_looked_at`.
const PAGES: &[(&str, &str)] = &[
    ("POST", "/sign-out"),
    ("GET", "/sign-in"),
    ("GET", "/login/{secret}"),
    ("GET", "/invite/{secret}"),
    ("POST", "/in/{source}"),
    ("POST", "/in/{source}/{secret}"),
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/"),
    ("GET", "/incidents"),
    ("GET", "/incidents/{incident}"),
    ("GET", "/incidents/{incident}/brief"),
    ("GET", "/facts/{fact}"),
    ("GET", "/sources"),
    ("POST", "/sources/{source}/url"),
    ("POST", "/sources/{source}/test"),
    ("GET", "/people"),
    ("POST", "/people"),
    ("POST", "/people/{person}/link"),
    ("POST", "/tokens"),
    ("POST", "/tokens/{token}/revoke"),
    ("POST", "/sessions/{session}/end"),
    ("POST", "/do"),
    ("POST", "/line"),
    ("POST", "/mark"),
    ("POST", "/hand-over"),
    ("POST", "/zone"),
    ("GET", "/assets/{folder}/{name}"),
];

/// Streams that never end by themselves.
const STREAMS: &[&str] = &["/live/now", "/live/incidents/{incident}"];

/// Where to look for what.
struct Secret {
    server: TestServer,
    /// A responder and an admin who are members of nothing.
    outsiders: Vec<Client>,
    /// Where the public and the private source deliver.
    public: String,
    room: String,
    /// The private incident: name and UUID.
    incidents: Vec<String>,
    /// Facts of the private source and of the private incident.
    facts: Vec<String>,
    source: String,
    /// What no outsider may read.
    canaries: Vec<String>,
}

async fn command(server: &TestServer, client: &Client, mut command: Value) -> Value {
    command["id"] = json!(server.fresh_id());
    server.post(client, "/api/v1/commands", &command).await.expect(200).json()
}

async fn fact_of(server: &TestServer, client: &Client, told: Value) -> String {
    command(server, client, told).await["fact"].as_str().unwrap().to_owned()
}

async fn line(server: &TestServer, path: &str, mut line: Value) -> String {
    let id = server.fresh_id().to_string();
    line["id"] = json!(id);
    let reply =
        server.send(&Client::stranger(), "POST", path, format!("{line}\n").into_bytes()).await.expect(200);
    assert!(!reply.text().contains("refused"), "{}", reply.text());
    id
}

impl Secret {
    async fn hidden() -> Secret {
        let server = TestServer::start().await;
        let ada = server.ada();
        let mut outsiders = Vec::new();
        for (name, role) in [("Rita", Role::Responder), ("Otto", Role::Admin)] {
            let person = server.person(name, role).await;
            outsiders.push(server.program(person));
        }
        let public = server.source("ndjson", "ops").await;
        let new = json!({"kind": "ndjson", "name": "canary-room", "private": true});
        let added = server.post(&ada, "/api/v1/sources", &new).await.expect(200).json();
        let url = added["url"].as_str().unwrap();
        let room = url.strip_prefix("http://127.0.0.1:7700").unwrap().to_owned();

        line(&server, &public, json!({"native_id": "p", "occurred_at": "2026-02-20T15:00:00Z", "kind": "message", "text": "hello"})).await;
        let told = |native: &str, revision: u32, text: &str| {
            json!({"native_id": native, "revision": revision, "occurred_at": "2026-02-20T15:01:00Z",
                "kind": "message", "actor": "canary-actor", "text": text, "thread": "canary-thread",
                "data": {"note": "canary-data"}})
        };
        let fact = line(&server, &room, told("s1", 0, "that fixed it canary-word")).await;
        let edit = line(&server, &room, told("s1", 1, "that fixed it canary-edit")).await;
        let alert = line(
            &server,
            &room,
            json!({"native_id": "a", "occurred_at": "2026-02-20T15:02:00Z",
            "kind": "alert", "text": "canary-alert", "thread": "canary-alert",
            "span": {"begin": "2026-02-20T15:02:00Z"}}),
        )
        .await;
        let amendment =
            fact_of(&server, &ada, json!({"verb": "amend", "fact": fact, "text": "canary-amended"})).await;

        let open = command(&server, &ada, json!({"verb": "declare", "title": "Public"})).await;
        let open = open["incident"].as_str().unwrap().to_owned();
        let told = command(&server, &ada, json!({"verb": "declare", "title": "canary-title", "private": true, "services": ["canary-service"]})).await;
        let (name, uuid) =
            (told["incident"].as_str().unwrap().to_owned(), told["fact"].as_str().unwrap().to_owned());
        let mut facts = vec![fact.clone(), edit, alert, amendment, uuid.clone()];
        for told in [
            json!({"verb": "did", "incident": name, "text": "canary-did", "temporary": true}),
            json!({"verb": "note", "incident": name, "text": "canary-note"}),
            json!({"verb": "why", "incident": name, "text": "canary-why"}),
            json!({"verb": "status", "incident": name, "text": "canary-status"}),
            json!({"verb": "impact", "incident": name, "who": "canary-hit"}),
            json!({"verb": "detection", "incident": name, "at": "2026-02-20T15:00:00Z", "by": "canary-by"}),
        ] {
            facts.push(fact_of(&server, &ada, told).await);
        }
        let told = json!({"verb": "note", "incident": name, "text": "to be removed"});
        let removed = fact_of(&server, &ada, told).await;
        let redaction = json!({"facts": [removed], "why": "test"});
        server.post(&ada, "/api/v1/redactions", &redaction).await.expect(200).json();
        facts.push(removed);
        // The public incident points into what is private.
        let did =
            fact_of(&server, &ada, json!({"verb": "did", "incident": open, "text": "restarted it"})).await;
        for told in [
            json!({"verb": "verdict", "incident": open, "action": did, "result": fact, "outcome": "helped", "confirmed": true}),
            json!({"verb": "star", "incident": open, "fact": fact, "on": true}),
            json!({"verb": "impact", "incident": open, "who": "all", "evidence": fact}),
            json!({"verb": "move", "fact": fact, "to": open}),
            json!({"verb": "scope", "incident": open, "sources": ["ops", "canary-room"]}),
            json!({"verb": "same-as", "incident": name, "same_as": open}),
        ] {
            command(&server, &ada, told).await;
        }
        let canaries = vec!["canary".to_owned(), uuid.clone(), name.clone()];
        let incidents = vec![name, uuid];
        Secret { server, outsiders, public, room, incidents, facts, source: "canary-room".into(), canaries }
    }

    /// A path with what is private in the place of its parameters, and the same with what is absent.
    fn paths(&self, path: &str) -> Vec<(String, String)> {
        let absent = "01999999-9999-7999-8999-999999999999".to_owned();
        let public = "INC-1".to_owned();
        let choices: Vec<(String, String)> = match () {
            () if path.contains("{incident}") => {
                let named =
                    [(self.incidents[0].clone(), "INC-99".to_owned()), (self.incidents[1].clone(), absent)];
                named.into_iter().chain([(public.clone(), public)]).collect()
            }
            () if path.contains("{fact}") => {
                self.facts.iter().map(|fact| (fact.clone(), absent.clone())).collect()
            }
            () if path.contains("{source}") => vec![(self.source.clone(), "nosuch-room".into())],
            () => vec![(absent.clone(), absent)],
        };
        choices.into_iter().map(|(private, absent)| (filled(path, &private), filled(path, &absent))).collect()
    }

    fn check(&self, path: &str, reply: &Reply) {
        let mut text = reply.text();
        for (name, value) in &reply.headers {
            text.push_str(&format!("\n{name}: {}", value.to_str().unwrap_or_default()));
        }
        for canary in self.canaries.iter().filter(|canary| !path.contains(canary.as_str())) {
            assert!(!text.contains(canary.as_str()), "{path} holds {canary}: {text}");
        }
    }

    async fn look(
        &self,
        client: &Client,
        method: &str,
        (private, absent): (&str, &str),
        bodies: &[(String, String)],
    ) {
        for (private_body, absent_body) in bodies {
            let bytes = |body: &str| body.as_bytes().to_vec();
            let one = self.server.send(client, method, private, bytes(private_body)).await;
            let other = self.server.send(client, method, absent, bytes(absent_body)).await;
            self.check(private, &one);
            if private != absent || private_body != absent_body {
                assert_eq!(one.status, other.status, "{method} {private} {private_body}: {}", one.text());
                assert_eq!(one.text(), other.text(), "{method} {private} {private_body}");
                assert_eq!(one.headers, other.headers, "{method} {private}");
            }
        }
    }

    /// Bodies for an endpoint: with what is private, and the same with what is absent.
    fn bodies(&self, name: &str) -> Vec<(String, String)> {
        let both = |(private, absent): (Value, Value)| (private.to_string(), absent.to_string());
        self.json_bodies(name).into_iter().map(both).collect()
    }

    /// The same for a form.
    fn forms(&self, path: &str) -> Vec<(String, String)> {
        let absent = "01999999-9999-7999-8999-999999999999";
        let fact = &self.facts[0];
        let name = &self.incidents[0];
        let pair = |private: String, absent: String| vec![(private, absent)];
        match path {
            "/do" => {
                let both = |(private, absent): (Value, Value)| (form(&private), form(&absent));
                self.commands().into_iter().map(both).collect()
            }
            "/line" => pair(format!("incident={name}&line=did+x"), "incident=INC-99&line=did+x".into()),
            "/mark" => pair(format!("incident=INC-1&star={fact}"), format!("incident=INC-1&star={absent}")),
            "/hand-over" => {
                pair(format!("incident={name}&to={absent}"), format!("incident=INC-99&to={absent}"))
            }
            _ => pair(String::new(), String::new()),
        }
    }

    fn json_bodies(&self, name: &str) -> Vec<(Value, Value)> {
        let absent = "01999999-9999-7999-8999-999999999999";
        match name {
            "give_command" => self.commands(),
            "redact" => self
                .facts
                .iter()
                .map(|fact| {
                    let named = |fact: &str| json!({"facts": [fact], "why": "test"});
                    (named(fact), named(absent))
                })
                .chain([(
                    json!({"containing": "canary", "why": "test", "dry_run": true}),
                    json!({"containing": "nowhere", "why": "test", "dry_run": true}),
                )])
                .collect(),
            _ => vec![(json!({}), json!({}))],
        }
    }

    fn commands(&self) -> Vec<(Value, Value)> {
        let absent = "01999999-9999-7999-8999-999999999999";
        let mut bodies = Vec::new();
        let mut both = |told: &dyn Fn(&str) -> Value, private: &str, absent: &str| {
            let with_id = |mut told: Value| {
                told["id"] = json!("01999999-9999-7999-8999-000000000001");
                told
            };
            bodies.push((with_id(told(private)), with_id(told(absent))));
        };
        for (private, absent) in [(&self.incidents[0], "INC-99"), (&self.incidents[1], absent)] {
            for verb in ["did", "note", "why", "status"] {
                both(&|it| json!({"verb": verb, "incident": it, "text": "x"}), private, absent);
            }
            for verb in ["mitigated", "close", "reopen", "services", "window", "privacy"] {
                both(&|it| json!({"verb": verb, "incident": it, "private": false}), private, absent);
            }
            both(&|it| json!({"verb": "retitle", "incident": it, "title": "x"}), private, absent);
            both(&|it| json!({"verb": "severity", "incident": it, "severity": 1}), private, absent);
            both(&|it| json!({"verb": "same-as", "incident": "INC-1", "same_as": it}), private, absent);
            both(&|it| json!({"verb": "scope", "incident": it, "sources": []}), private, absent);
        }
        for fact in &self.facts {
            both(&|it| json!({"verb": "amend", "fact": it, "text": "x"}), fact, absent);
            both(&|it| json!({"verb": "undo", "fact": it}), fact, absent);
            both(&|it| json!({"verb": "star", "incident": "INC-1", "fact": it, "on": true}), fact, absent);
            both(&|it| json!({"verb": "hide", "incident": "INC-1", "fact": it, "on": true}), fact, absent);
            both(&|it| json!({"verb": "move", "fact": it, "to": "INC-1"}), fact, absent);
            both(
                &|it| json!({"verb": "result", "action": it, "incident": "INC-1", "outcome": "helped"}),
                fact,
                absent,
            );
            both(&|it| json!({"verb": "undo-temporary", "measure": it}), fact, absent);
            both(
                &|it| json!({"verb": "impact", "incident": "INC-1", "who": "x", "evidence": it}),
                fact,
                absent,
            );
        }
        // An admin manages sources by name, private ones too, and may make themselves a member: a
        // recorded fact.
        both(
            &|it| json!({"verb": "scope", "incident": "INC-1", "sources": [it]}),
            &self.source,
            "nosuch-room",
        );
        bodies
    }
}

fn nothing() -> Vec<(String, String)> {
    vec![(String::new(), String::new())]
}

/// A command as a form's fields.
fn form(command: &Value) -> String {
    let fields = command.as_object().unwrap().iter().map(|(key, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        format!("{key}={text}")
    });
    fields.collect::<Vec<_>>().join("&")
}

fn filled(path: &str, value: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { value } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_members_see_it_all() {
    let secret = Secret::hidden().await;
    let ada = secret.server.ada();
    let private = secret.server.get(&ada, "/api/v1/incidents").await.expect(200).text();
    assert!(private.contains("canary-title"), "{private}");
    let fact =
        secret.server.get(&ada, &format!("/api/v1/facts/{}", secret.facts[0])).await.expect(200).text();
    assert!(fact.contains("canary-amended") && fact.contains("canary-edit"), "{fact}");
}

/// A number that is missing would tell that somebody else has it.
#[tokio::test]
async fn numbers_leave_no_gap_where_a_private_incident_is() {
    let secret = Secret::hidden().await;
    let client = &secret.outsiders[0];
    let told = command(&secret.server, client, json!({"verb": "declare", "title": "Second"})).await;
    assert_eq!(told["incident"], "INC-2");
    let told =
        command(&secret.server, client, json!({"verb": "declare", "title": "Mine", "private": true})).await;
    let theirs: u64 = told["incident"].as_str().unwrap()[4..].parse().unwrap();
    assert!((100_000..1_000_000).contains(&theirs), "{theirs}");
    assert_ne!(secret.incidents[0][4..].parse::<u64>().unwrap().abs_diff(theirs), 1, "drawn, not counted");
}

#[tokio::test]
async fn an_outsider_reads_nothing_private_on_any_endpoint() {
    let secret = Secret::hidden().await;
    for client in &secret.outsiders {
        for route in table() {
            let method = match route.verb {
                Verb::Get => "GET",
                Verb::Post => "POST",
                Verb::Delete => "DELETE",
            };
            let bodies = if route.verb == Verb::Get { nothing() } else { secret.bodies(route.name) };
            for (private, absent) in secret.paths(route.path) {
                for query in queries(route.name) {
                    let ask = |path: &str| format!("{path}{query}");
                    secret.look(client, method, (&ask(&private), &ask(&absent)), &bodies).await;
                }
            }
        }
    }
}

/// What an import answers, without what a later one must differ in.
async fn taken_in(secret: &Secret, client: &Client, export: &Value) -> Value {
    let reply = secret.server.post(client, "/api/v1/incidents/import", export).await.expect(200).json();
    let name = reply["incident"].as_str().unwrap();
    let timeline = format!("/api/v1/incidents/{name}/timeline?hidden=true");
    let rows = secret.server.get(client, &timeline).await.expect(200).json();
    let told = |row: &Value| json!([row["source"], row["kind"], row["text"], row["occurred_at"]]);
    let rows: Vec<Value> = rows.as_array().unwrap_or(&Vec::new()).iter().map(told).collect();
    assert!(!rows.is_empty(), "{reply}");
    json!({"stored": reply["stored"], "known": reply["known"], "refused": reply["refused"],
        "notes": reply["notes"], "rows": rows})
}

/// Every id of an export as another one that is nowhere.
fn elsewhere(export: &Value) -> Value {
    let mut text = export.to_string();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for list in ["facts", "sources"] {
        ids.extend(
            export[list].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
    }
    for id in ids.iter().filter(|id| !id.starts_with("64656164")) {
        let other = format!("{}0{}", &id[..id.len() - 2], &id[id.len() - 1..]);
        let other =
            if other == *id { format!("{}1{}", &id[..id.len() - 2], &id[id.len() - 1..]) } else { other };
        text = text.replace(id, &other);
    }
    serde_json::from_str(&text).unwrap()
}

/// Otto holds the document of an incident that he may not see: where it is, and where another one is.
#[tokio::test]
async fn importing_what_is_private_is_importing_what_is_absent() {
    let (here, there) = (Secret::hidden().await, Secret::hidden().await);
    let mut answers = Vec::new();
    for (secret, is_there) in [(&here, true), (&there, false)] {
        let (ada, otto) = (secret.server.ada(), secret.outsiders[1].clone());
        let told = json!({"verb": "declare", "title": "canary-twice", "private": true});
        let incident = command(&secret.server, &ada, told).await["incident"].as_str().unwrap().to_owned();
        for told in [
            json!({"verb": "did", "incident": incident, "text": "canary-did", "temporary": true}),
            json!({"verb": "star", "incident": incident, "fact": secret.facts[0], "on": true}),
            json!({"verb": "close", "incident": incident}),
        ] {
            command(&secret.server, &ada, told).await;
        }
        let path = format!("/api/v1/incidents/{incident}/export");
        let theirs = secret.server.get(&ada, &path).await.expect(200).json();
        let document = if is_there { theirs.clone() } else { elsewhere(&theirs) };
        assert_eq!(theirs["incident"]["id"] == document["incident"]["id"], is_there);

        let answer = taken_in(secret, &otto, &document).await;
        assert_eq!(answer["known"], 1, "the public fact only");
        assert_eq!(secret.server.get(&ada, &path).await.json()["facts"], theirs["facts"], "nothing changed");
        let again = taken_in(secret, &otto, &document).await;
        assert_eq!((&again["stored"], &again["rows"]), (&json!(0), &answer["rows"]), "the same adds nothing");
        let seen = taken_in(secret, &ada, &theirs).await;
        assert_eq!(seen["stored"], 0, "who sees it has it already");
        answers.push(answer.to_string());
    }
    assert_eq!(answers[0], answers[1]);
}

/// Ways of asking that show more.
fn queries(name: &str) -> &'static [&'static str] {
    match name {
        "show_incident" => &["", "?view=full"],
        "read_timeline" => &[
            "",
            "?view=full&hidden=true",
            "?starred=true&view=full",
            "?sources=canary-room",
            "?order=descending",
        ],
        "export_incident" => &["", "?format=markdown"],
        _ => &[""],
    }
}

#[tokio::test]
async fn an_outsider_reads_nothing_private_on_any_page() {
    let secret = Secret::hidden().await;
    for client in &secret.outsiders {
        let client = client.clone().header("content-type", "application/x-www-form-urlencoded");
        let seen = secret.server.get(&client, "/incidents/INC-1").await.expect(200).text();
        assert!(seen.contains("restarted it"), "they do see what is public: {seen}");
        for (method, path) in PAGES {
            let bodies = if *method == "GET" { nothing() } else { secret.forms(path) };
            for (private, absent) in secret.paths(path) {
                secret.look(&client, method, (&private, &absent), &bodies).await;
            }
        }
    }
}

#[tokio::test]
async fn asking_around_a_private_fact_is_asking_around_nothing() {
    let secret = Secret::hidden().await;
    for client in &secret.outsiders {
        for fact in &secret.facts {
            let around = |fact: &str| format!("/api/v1/incidents/INC-1/timeline?around={fact}");
            let absent = around("01999999-9999-7999-8999-999999999999");
            secret.look(client, "GET", (&around(fact), &absent), &nothing()).await;
        }
    }
}

/// Opens a stream, lets private and then public things happen, and reads until the public one came.
async fn overheard(secret: &Secret, client: &Client, path: &str, word: &str) -> String {
    let home = secret.server.get(client, "/").await.expect(200).text();
    let folder = home.split("/assets/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let uri = format!("{path}?after=0&assets={folder}");
    let mut request = axum::http::Request::builder().uri(&uri).header("host", "127.0.0.1:7700");
    for (name, value) in client.headers() {
        request = request.header(name, value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let from: SocketAddr = ([192, 0, 2, 1], 40_000).into();
    request.extensions_mut().insert(ConnectInfo(from));
    let router = server::router(secret.server.app.clone());
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let mut body = response.into_body().into_data_stream();

    let at = "2026-02-20T15:09:00Z";
    let told = |text: &str| json!({"native_id": text, "occurred_at": at, "kind": "message", "text": text});
    line(&secret.server, &secret.room, told(&format!("canary-live-{}", word.len() * path.len()))).await;
    let note = json!({"verb": "note", "incident": secret.incidents[0], "text": "canary-live-note"});
    command(&secret.server, &secret.server.ada(), note).await;
    let note = json!({"verb": "note", "incident": secret.incidents[0], "text": "soon gone"});
    let gone = fact_of(&secret.server, &secret.server.ada(), note).await;
    let redaction = json!({"facts": [gone], "why": "test"});
    secret.server.post(&secret.server.ada(), "/api/v1/redactions", &redaction).await.expect(200);
    line(&secret.server, &secret.public, told("hello again")).await;
    let title = json!({"verb": "retitle", "incident": "INC-1", "title": word});
    command(&secret.server, &secret.server.ada(), title).await;
    let mut text = String::new();
    let listening = async {
        while !text.contains(word) {
            let chunk = body.next().await.unwrap_or_else(|| panic!("the stream ended: {text}")).unwrap();
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(60), listening).await;
    assert!(heard.is_ok(), "{path} never told {word}: {text}");
    let is_member = secret.outsiders.iter().all(|outsider| !std::ptr::eq(outsider, client));
    assert_eq!(text.contains(&gone), is_member, "{path} of {gone}, which was removed: {text}");
    text
}

#[tokio::test]
async fn an_outsider_overhears_nothing_private_on_any_stream() {
    let secret = Secret::hidden().await;
    for (n, client) in secret.outsiders.iter().enumerate() {
        for path in STREAMS {
            let word = format!("in-public-{n}-{}", path.len());
            let path = filled(path, "INC-1");
            let heard = overheard(&secret, client, &path, &word).await;
            let bytes = heard.into_bytes();
            let reply = Reply { status: axum::http::StatusCode::OK, headers: Default::default(), bytes };
            secret.check(&path, &reply);
        }
        let path = "/live/incidents/{incident}";
        for (private, absent) in secret.paths(path).into_iter().filter(|(private, absent)| private != absent)
        {
            secret.look(client, "GET", (&private, &absent), &nothing()).await;
        }
    }
    let ada = secret.server.ada();
    let heard = overheard(&secret, &ada, "/live/incidents/INC-1", "among-members").await;
    assert!(heard.contains("canary"), "members overhear it: {heard}");
}

/// Looks through the sources for routes, so that none is added without being looked at here.
#[test]
fn every_route_is_looked_at() {
    let mut found = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let pages = PAGES.iter().map(|(_, path)| *path);
    let known: BTreeSet<String> = pages.chain(STREAMS.iter().copied()).map(str::to_owned).collect();
    let missing: Vec<_> = found.difference(&known).collect();
    assert!(missing.is_empty(), "not looked at: {missing:?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "no longer there: {gone:?}");
}

fn collect(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, call) in text.match_indices(".route(") {
                let rest = text[at + call.len()..].trim_start();
                if let Some(rest) = rest.strip_prefix('"') {
                    found.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}
