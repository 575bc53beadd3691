//! A log without its server: opened by this process, read as the owner of the directory.

use std::sync::Arc;

use fact::Viewer;
use server::{App, Clock, Config, Shared, SystemClock, SystemIds};
use store_sqlite::{DATABASE, SqliteStore};

use crate::failure::{Failure, chain};
use crate::home::Home;

/// The log of a directory on which no server runs.
pub struct Offline {
    app: Shared,
    runtime: tokio::runtime::Runtime,
}

impl Offline {
    /// Whether there is a log that can be opened: a directory was named, or is the usual one, and
    /// no server runs there.
    pub fn is_possible(home: &Home) -> bool {
        home.running().is_none() && home.path().join(DATABASE).exists()
    }

    /// Opens it.
    pub fn open(home: &Home) -> Result<Self, Failure> {
        let unreadable = |error: &dyn std::error::Error| {
            Failure::environment(
                "log-unreadable",
                format!("The log in {} can't be read.", home.path().display()),
            )
            .why(chain(error))
            .hint("Run this as a user who may read and lock it; `deadstick verify` looks at the log itself.")
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unreadable(&error))?;
        let store = SqliteStore::open(home.path(), store_sqlite::Options::new(|| SystemClock.now()))
            .map_err(|error| unreadable(&error))?;
        let state = runtime.block_on(App::rebuild(&store)).map_err(|error| unreadable(&error))?;
        let config = Config {
            base_url: "http://127.0.0.1:7700".into(),
            is_https: false,
            behind_proxy: false,
            key: home.key()?,
            max_body: 0,
            max_connections: 0,
        };
        let app = App::new(Arc::new(store), Arc::new(SystemClock), Arc::new(SystemIds), config, state);
        Ok(Offline { app, runtime })
    }

    /// All incidents, newest start first.
    pub fn incidents(&self) -> Vec<api::Incident> {
        server::reading::incident_list(&self.app, &Viewer::system())
    }

    /// An incident as JSON.
    pub fn json(&self, name: &str) -> Result<String, Failure> {
        let viewer = Viewer::system();
        let export = self.runtime.block_on(async {
            let id = server::reading::incident_named(&self.app, &viewer, name)?;
            server::reading::export(&self.app, &viewer, id).await
        });
        let export = export.map_err(|problem| Failure::answered(*problem.body))?;
        Ok(serde_json::to_string(&export).expect("an export is plain data"))
    }

    /// An incident as Markdown.
    pub fn markdown(&self, name: &str) -> Result<String, Failure> {
        let viewer = Viewer::system();
        let text = self.runtime.block_on(async {
            let id = server::reading::incident_named(&self.app, &viewer, name)?;
            server::reading::markdown(&self.app, &viewer, id).await
        });
        text.map_err(|problem| Failure::answered(*problem.body))
    }
}
