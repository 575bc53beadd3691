//! The whole server in this process.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use fact::{FactId, PersonId, Timestamp};
use incident::{Command, Envelope, Role};
use serde_json::Value;
use server::{App, Clock, Config, Done, Problem, Shared};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::disk::OnDisk;
use crate::{Client, Disk, FakeClock, Reply, SeededIds};

/// A server on a directory of its own; both are gone when it is dropped.
pub struct TestServer {
    /// Its parts.
    pub app: Shared,
    /// Its clock.
    pub clock: FakeClock,
    /// The first person, an admin called Ada.
    pub admin: PersonId,
    /// Its disk, to be filled up.
    pub disk: Disk,
    router: Router,
    config: Config,
    dir: TempDir,
}

impl TestServer {
    /// A server with the usual settings.
    pub async fn start() -> Self {
        TestServer::start_with(|_| ()).await
    }

    /// A server with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            base_url: "http://127.0.0.1:7700".into(),
            is_https: false,
            behind_proxy: false,
            key: [7; 32],
            max_body: 1 << 20,
            max_connections: 900,
        };
        change(&mut config);
        let dir = tempfile::tempdir().expect("there is room for a directory");
        let clock = FakeClock::default();
        let disk = Disk::default();
        let app = app(&dir, &clock, &disk, &config).await;
        let admin = app.ensure_first_person("Ada").await.expect("an empty log takes its first person");
        let router = server::router(app.clone());
        TestServer { app, clock, admin, disk, router, config, dir }
    }

    /// The same log, read anew by a new server: what memory held is gone.
    #[must_use]
    pub async fn restarted(self) -> Self {
        let TestServer { app: old, clock, admin, disk, router, config, dir } = self;
        drop(router);
        let weak = Arc::downgrade(&old);
        drop(old);
        assert!(weak.upgrade().is_none(), "the test still holds parts of the old server");
        let app = app(&dir, &clock, &disk, &config).await;
        let router = server::router(app.clone());
        TestServer { app, clock, admin, disk, router, config, dir }
    }

    /// Where the log is.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Adds a person.
    pub async fn person(&self, name: &str, role: Role) -> PersonId {
        let id = self.fresh_id();
        let command = Command::AddPerson { name: name.into(), role };
        self.app
            .execute(self.admin, Envelope { id, given_at: None, seen_version: None, command })
            .await
            .unwrap_or_else(|problem| panic!("{problem:?}"));
        let state = self.app.state();
        state.person_named(name).expect("the person was added").id
    }

    /// A program that does what the person may.
    pub fn program(&self, person: PersonId) -> Client {
        Client::with_token(&self.app.process_token(person).0)
    }

    /// The admin's program.
    pub fn ada(&self) -> Client {
        self.program(self.admin)
    }

    /// A browser in which the person is signed in.
    pub async fn browser(&self, person: PersonId) -> Client {
        let link = self.app.login_link(person).await.expect("the store keeps a link");
        let path = link.url.strip_prefix(&self.config.base_url).expect("links begin with the base");
        let reply = self.get(&Client::stranger(), path).await.expect(303);
        Client::browser(&reply.cookie().expect("signing in sets a cookie"))
    }

    /// A person gives a command.
    pub async fn command(&self, who: PersonId, command: Command) -> Result<Done, Problem> {
        let id = self.fresh_id();
        self.app.execute(who, Envelope { id, given_at: None, seen_version: None, command }).await
    }

    /// A fresh id.
    pub fn fresh_id(&self) -> FactId {
        self.app.ids.fact_id(self.now())
    }

    /// Now, by the test's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Adds a source; the path to deliver to, with its secret.
    pub async fn source(&self, kind: &str, name: &str) -> String {
        let body = serde_json::json!({"kind": kind, "name": name});
        let added = self.post(&self.ada(), "/api/v1/sources", &body).await.expect(200).json();
        let url = added["url"].as_str().expect("a source has an address");
        url.strip_prefix(&self.config.base_url).expect("addresses begin with the base").to_owned()
    }

    /// Reads.
    pub async fn get(&self, client: &Client, path: &str) -> Reply {
        self.send(client, "GET", path, Vec::new()).await
    }

    /// Posts JSON.
    pub async fn post(&self, client: &Client, path: &str, body: &Value) -> Reply {
        self.send(client, "POST", path, body.to_string().into_bytes()).await
    }

    /// Sends a request from 192.0.2.1.
    pub async fn send(&self, client: &Client, method: &str, path: &str, body: Vec<u8>) -> Reply {
        self.send_from([192, 0, 2, 1].into(), client, method, path, Body::from(body)).await
    }

    /// Sends a request from an address.
    pub async fn send_from(
        &self,
        from: IpAddr,
        client: &Client,
        method: &str,
        path: &str,
        body: Body,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:7700");
        for (name, value) in &client.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body).expect("the request is well formed");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from, 40_000)));
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("the body is whole").to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }
}

async fn app(dir: &TempDir, clock: &FakeClock, disk: &Disk, config: &Config) -> Shared {
    let store_clock = clock.clone();
    let options = Options::new(move || store_clock.now());
    let inner = SqliteStore::open(dir.path(), options).expect("the log opens");
    let store = OnDisk { inner, disk: disk.clone() };
    let state = App::rebuild(&store).await.expect("the log can be read");
    // Ids differ from one start to the next, as they do in life.
    let ids = SeededIds::new(state.position.wrapping_mul(0x1234_5678_9abc_def1));
    App::new(Arc::new(store), Arc::new(clock.clone()), Arc::new(ids), config.clone(), state)
}
