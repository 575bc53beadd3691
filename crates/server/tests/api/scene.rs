//! A server with something going on, and short words for what tests do to it.

use incident::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestServer};

/// A server and its admin's program.
pub struct Scene {
    pub server: TestServer,
    pub ada: Client,
}

impl Scene {
    pub async fn new() -> Scene {
        let server = TestServer::start().await;
        let ada = server.ada();
        Scene { server, ada }
    }

    /// A person's program.
    pub async fn program(&self, name: &str, role: Role) -> Client {
        let id = self.server.person(name, role).await;
        self.server.program(id)
    }

    /// Gives a command; the answer, whatever it is.
    pub async fn try_command(&self, client: &Client, mut command: Value) -> Reply {
        if command.get("id").is_none() {
            command["id"] = json!(self.server.fresh_id());
        }
        self.server.post(client, "/api/v1/commands", &command).await
    }

    /// Gives a command; the id of its fact.
    pub async fn command(&self, command: Value) -> String {
        let reply = self.try_command(&self.ada, command).await.expect(200);
        reply.json()["fact"].as_str().unwrap().to_owned()
    }

    /// Declares an incident; its name.
    pub async fn declare(&self, title: &str) -> String {
        let reply = self.try_command(&self.ada, json!({"verb": "declare", "title": title})).await.expect(200);
        reply.json()["incident"].as_str().unwrap().to_owned()
    }

    /// Delivers lines to a source; their ids.
    pub async fn deliver(&self, path: &str, lines: Vec<Value>) -> Vec<String> {
        let mut body = String::new();
        let mut ids = Vec::new();
        for mut line in lines {
            let id = self.server.fresh_id().to_string();
            line["id"] = json!(id);
            line["native_id"] = line.get("native_id").cloned().unwrap_or_else(|| json!(id));
            line["kind"] = line.get("kind").cloned().unwrap_or_else(|| json!("message"));
            body.push_str(&format!("{line}\n"));
            ids.push(id);
        }
        let reply = self.server.send(&Client::stranger(), "POST", path, body.into_bytes()).await.expect(200);
        assert!(!reply.text().contains("refused"), "{}", reply.text());
        ids
    }

    /// A message at a time of 2026-02-20.
    pub async fn message(&self, path: &str, time: &str, text: &str) -> String {
        let line = json!({"occurred_at": format!("2026-02-20T{time}Z"), "actor": "bob", "text": text});
        self.deliver(path, vec![line]).await.remove(0)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.server.get(&self.ada, path).await.expect(200).json()
    }

    /// The texts of recorded facts in an incident's timeline.
    pub async fn texts(&self, incident: &str, query: &str) -> Vec<String> {
        let facts = self.get(&format!("/api/v1/incidents/{incident}/timeline?{query}")).await;
        let recorded = facts.as_array().unwrap().iter().filter(|fact| fact["source"] != "deadstick");
        recorded.map(|fact| fact["text"].as_str().unwrap().to_owned()).collect()
    }
}
