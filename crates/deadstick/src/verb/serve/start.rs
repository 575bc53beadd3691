//! Putting the server together: data directory, log, state, address, first person.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use server::listening::{self, Bound};
use server::{App, Clock, Config, Listen, Shared, SystemIds};
use store_sqlite::{OpenError, SqliteStore};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::settings::Settings;
use crate::demo::{self, DemoClock};
use crate::failure::{Failure, chain};
use crate::home::{Home, Lock, RunFile};

/// What `serve --json` prints when it is ready.
#[derive(Debug, Serialize)]
pub struct Ready {
    /// How people reach the server.
    pub url: String,
    /// Logs the first person in, once.
    pub login_url: String,
    /// The first person's token, valid while the process lives.
    pub token: String,
}

/// A server that listens.
pub struct Server {
    home: Home,
    ready: Ready,
    demo: Option<String>,
    serving: JoinHandle<std::io::Result<()>>,
    stop: watch::Sender<bool>,
    _lock: Lock,
}

impl Server {
    /// Opens everything and listens; ready to take requests when this returns.
    pub async fn start(settings: &Settings, home: Home, user: &str, is_demo: bool) -> Result<Self, Failure> {
        // Whatever is written is for this user only.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
        allow_files(settings.max_connections);
        home.create()?;
        let lock = home.lock()?;
        // What a killed server left behind speaks of nobody, now that the lock is taken again.
        home.withdraw();
        let key = home.key()?;
        let clock = DemoClock::default();
        let store = open(&home, clock.clone(), !is_demo)?;
        let state = App::rebuild(&store).await.map_err(|error| {
            Failure::environment("log-unreadable", "The state can't be rebuilt from the log.")
                .why(chain(&error))
                .hint("`deadstick verify` says what is wrong with the log.")
        })?;
        let has_people = state.people.values().any(|person| person.active);
        let bound = bind(settings, has_people)?;
        let config = Config {
            base_url: bound.base_url(),
            is_https: bound.is_https(),
            behind_proxy: settings.behind_proxy,
            key,
            max_body: settings.max_body,
            max_connections: settings.max_connections,
        };
        let (url, local) = (bound.base_url(), local_url(&bound, settings));
        let app = App::new(Arc::new(store), Arc::new(clock.clone()), Arc::new(SystemIds), config, state);
        let (stop, serving) = serve(&app, bound);
        let demo = if is_demo { Some(demo::fill(&app, &clock, &local, user).await?) } else { None };
        let ready = let_in(&app, url, user).await?;
        let run = RunFile { url: local, token: ready.token.clone(), pid: std::process::id() };
        home.announce(&run)?;
        Ok(Server { home, ready, demo, serving, stop, _lock: lock })
    }

    /// What to tell whoever started it.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// What the worked example shows, if it is one.
    pub fn demo(&self) -> Option<&str> {
        self.demo.as_deref()
    }

    /// Serves until a signal comes, then ends in good order.
    pub async fn run(mut self) -> Result<(), Failure> {
        let unhandled = |error| Failure::environment("signals", "Signals can't be handled.").why(error);
        let mut terminate = signal(SignalKind::terminate()).map_err(unhandled)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(unhandled)?;
        // The terminal it was started in was closed.
        let mut hang_up = signal(SignalKind::hangup()).map_err(unhandled)?;
        let served = tokio::select! {
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            _ = hang_up.recv() => None,
            served = &mut self.serving => Some(served),
        };
        self.home.withdraw();
        self.stop.send_replace(true);
        let served = match served {
            Some(served) => served,
            None => self.serving.await,
        };
        match served {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::environment("serving", "The server ended.").why(error)),
            Err(error) => Err(Failure::environment("serving", "The server ended in disorder.").why(error)),
        }
    }
}

/// Every connection is an open file, and there are the log's own ones: asks for as many as may be had.
fn allow_files(connections: usize) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    const OTHERS: u64 = 124;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let most = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_some_and(|current| current < most) {
        limit.current = Some(most);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, wanted, "no more files may be opened");
        }
    }
    if most < wanted {
        tracing::warn!(most, wanted, "fewer files may be open than there may be connections");
    }
}

fn open(home: &Home, clock: DemoClock, durable: bool) -> Result<SqliteStore, Failure> {
    let mut options = store_sqlite::Options::new(move || clock.now());
    options.durable = durable;
    SqliteStore::open(home.path(), options).map_err(|error| {
        let failure = Failure::environment("log-unusable", format!("The log in {} can't be opened.", home.path().display()));
        let hint = match &error {
            OpenError::InUse { .. } => "Stop the other server first, or name another directory with --data.",
            OpenError::Directory { .. } => "Make room, or give this user the right to write there; or name another directory with --data.",
            OpenError::TooNew { .. } => "Use the newer version of this program.",
            OpenError::Damaged { .. } => "`deadstick verify` names the first position that is wrong.",
            OpenError::Random | OpenError::Store(_) => "`deadstick doctor` looks at disk and permissions.",
        };
        failure.why(chain(&error)).hint(hint)
    })
}

fn bind(settings: &Settings, has_people: bool) -> Result<Bound, Failure> {
    let listen = Listen {
        address: settings.listen,
        certificate: settings.certificate.clone().zip(settings.key.clone()),
        behind_proxy: settings.behind_proxy,
        public_url: settings.public_url.clone(),
    };
    listening::bind(&listen, has_people).map_err(|error| {
        let failure = Failure::environment("listen", "The server can't listen as asked.").why(chain(&error));
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

fn serve(app: &Shared, bound: Bound) -> (watch::Sender<bool>, JoinHandle<std::io::Result<()>>) {
    let (stop, mut stopped) = watch::channel(false);
    let app = Arc::clone(app);
    let serving = tokio::spawn(async move {
        bound
            .serve(app, async move {
                // An error means that the sender is gone: the process ends.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            })
            .await
    });
    (stop, serving)
}

/// The first person's way in.
async fn let_in(app: &Shared, url: String, user: &str) -> Result<Ready, Failure> {
    let person = app.ensure_first_person(user).await.map_err(|problem| Failure::answered(*problem.body))?;
    let link = app.login_link(person).await.map_err(|error| {
        Failure::environment("log-unusable", "A login link can't be made.").why(chain(&error))
    })?;
    Ok(Ready { url, login_url: link.url, token: app.process_token(person).0 })
}

/// How programs on this machine reach the server: by the name in the certificate where there is one.
fn local_url(bound: &Bound, settings: &Settings) -> String {
    if settings.certificate.is_some() {
        return bound.base_url();
    }
    let address = bound.address();
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
