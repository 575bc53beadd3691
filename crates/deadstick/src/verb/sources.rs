//! `sources`: where facts come from.

use api::{Delivered, SourceAdded, SourceView};
use clap::{Args, Subcommand};
use incident::{Command, Mapping, SourceKind};

use super::change;
use crate::client::{Client, segment};
use crate::failure::{Ending, Failure};
use crate::output::{elapsed, one_line, strong, table};
use crate::reference::Directory;
use crate::session::Session;

/// Sources: where facts come from, and how their recording goes.
#[derive(Debug, Args)]
pub struct Sources {
    /// What to do; lists if left out
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List sources with their health
    List,
    /// Add a source, and print the address that it delivers to
    Add {
        /// What it speaks: alertmanager, grafana, github, gitlab, json or ndjson
        #[arg(value_name = "KIND")]
        kind: SourceKind,
        /// Its name, unique
        #[arg(value_name = "NAME")]
        name: String,
        /// Only its members see its facts
        #[arg(long)]
        private: bool,
    },
    /// Print the address that a source delivers to
    Url {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Send a sample through a source; it lies in no incident's window
    Test {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Make a new secret; the old address stops working
    Rotate {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Set how long a source's talk is kept
    Retention {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Days
        #[arg(value_name = "DAYS", required_unless_present = "forever")]
        days: Option<u32>,
        /// For ever
        #[arg(long, conflicts_with = "days")]
        forever: bool,
    },
    /// Make a source private to its members, or public
    Private {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Everybody sees its facts
        #[arg(long, conflicts_with_all = ["add", "remove"])]
        off: bool,
        /// Becomes a member; may be repeated
        #[arg(long, value_name = "PERSON")]
        add: Vec<String>,
        /// No longer is a member; may be repeated
        #[arg(long, value_name = "PERSON")]
        remove: Vec<String>,
    },
    /// Say where a generic JSON source's payloads hold what
    Map(Map),
}

/// Field paths: `/a/b` (RFC 6901) or `a.b`.
#[derive(Debug, Args)]
struct Map {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// When it happened
    #[arg(long, value_name = "PATH")]
    time: Option<String>,
    /// What happened
    #[arg(long, value_name = "PATH")]
    text: Option<String>,
    /// Who
    #[arg(long, value_name = "PATH")]
    actor: Option<String>,
    /// The sender's own id for it
    #[arg(long, value_name = "PATH")]
    native_id: Option<String>,
    /// What belongs together
    #[arg(long, value_name = "PATH")]
    thread: Option<String>,
    /// `firing`, `resolved` or other words for them
    #[arg(long, value_name = "PATH")]
    status: Option<String>,
    /// The kind of fact, fixed: alert, change, message, ...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The array whose elements are one fact each
    #[arg(long, value_name = "PATH")]
    each: Option<String>,
}

impl Sources {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        match self.what.unwrap_or(What::List) {
            What::List => list(session, &client),
            What::Add { kind, name, private } => {
                let new = serde_json::json!({ "kind": kind, "name": name, "private": private });
                print_address(session, &client.post("/api/v1/sources", &new)?)
            }
            What::Url { name } => address(session, &client, &name),
            What::Test { name } => test(session, &client, &name),
            What::Rotate { name } => {
                session.give(Command::RotateSource { source: name.clone() })?;
                address(session, &client, &name)
            }
            What::Retention { name, days, .. } => {
                let kept =
                    days.map_or_else(|| "kept for ever".into(), |days| format!("kept for {days} days"));
                let sentence = format!("{}: talk is {kept}", one_line(&name, 80));
                change(session, Command::Retention { source: name, days }, &sentence)
            }
            What::Private { name, off, add, remove } => {
                let directory = Directory::read(&client)?;
                let (add, remove) = (directory.all(&add)?, directory.all(&remove)?);
                let who = if off { "seen by everybody" } else { "seen by its members only" };
                let sentence = format!("{}: {who}", one_line(&name, 80));
                change(
                    session,
                    Command::SourcePrivacy { source: name, private: !off, add, remove },
                    &sentence,
                )
            }
            What::Map(map) => {
                let sentence = format!("{}: paths set", one_line(&map.name, 80));
                let mapping = Mapping {
                    time: map.time,
                    text: map.text,
                    actor: map.actor,
                    native_id: map.native_id,
                    thread: map.thread,
                    status: map.status,
                    kind: map.kind,
                    each: map.each,
                };
                change(session, Command::Map { source: map.name, mapping }, &sentence)
            }
        }
    }
}

fn list(session: &Session, client: &Client) -> Result<Ending, Failure> {
    let sources: Vec<SourceView> = client.read("/api/v1/sources")?;
    let moments = session.moments();
    session.out.print(&sources, || {
        if sources.is_empty() {
            return "No sources. `deadstick sources add alertmanager alerts` makes one.".into();
        }
        let last = format!("last fact ({})", moments.zone());
        let rows = sources.iter().map(|source| {
            let health = &source.health;
            let lag = health.lag_ms.map_or_else(
                || "-".into(),
                |lag| {
                    let zero = fact::Timestamp::from_secs(0);
                    if lag < 1_000 {
                        format!("{lag} ms")
                    } else {
                        elapsed(zero.plus_micros(lag.saturating_mul(1_000)), zero)
                    }
                },
            );
            [
                format!("{}{}", source.source, if source.private { " (private)" } else { "" }),
                source.kind.to_string(),
                format!("{:?}", health.state).to_lowercase(),
                health.facts.to_string(),
                health.last_recorded.map_or_else(|| "-".into(), |at| moments.minute(at)),
                lag,
                source.retention_days.map_or_else(|| "for ever".into(), |days| format!("{days} d")),
                one_line(&health.says, 160),
            ]
        });
        table(["source", "kind", "health", "facts", &last, "lag", "kept", "says"], rows)
    })
}

fn address(session: &Session, client: &Client, name: &str) -> Result<Ending, Failure> {
    // The same source added again tells the same address.
    let known: SourceView = client.read(&format!("/api/v1/sources/{}", segment(name)))?;
    let same = serde_json::json!({ "kind": known.kind, "name": known.source });
    print_address(session, &client.post("/api/v1/sources", &same)?)
}

fn print_address(session: &Session, added: &SourceAdded) -> Result<Ending, Failure> {
    session.out.print(added, || {
        format!(
            "{} ({}) delivers by POST to this address; it carries the secret:\n{}\n{}",
            strong(&added.source),
            added.kind,
            added.url,
            next_step(added)
        )
    })
}

/// What to do with the address.
fn next_step(added: &SourceAdded) -> &'static str {
    match added.kind {
        SourceKind::Alertmanager => {
            "In alertmanager.yml: receivers: [{name: deadstick, webhook_configs: [{url: THIS, send_resolved: true}]}]"
        }
        SourceKind::Grafana => "In Grafana: Alerting, Contact points, Webhook.",
        SourceKind::Github => {
            "In GitHub: Settings, Webhooks; content type application/json; deployments, pushes, releases."
        }
        SourceKind::Gitlab => "In GitLab: Settings, Webhooks; deployments, pushes, releases.",
        SourceKind::Json => "`deadstick sources map` says where its payloads hold what.",
        SourceKind::Ndjson | SourceKind::Deadstick => "One JSON object a line: docs/formats/fact-in.md.",
    }
}

fn test(session: &Session, client: &Client, name: &str) -> Result<Ending, Failure> {
    let path = format!("/api/v1/sources/{}/test", segment(name));
    let delivered: Delivered = client.post(&path, &serde_json::json!({}))?;
    session.out.print(&delivered, || {
        let odd: String =
            delivered.diagnostics.iter().map(|odd| format!("\n  {}", one_line(odd, 300))).collect();
        let name = one_line(name, 80);
        format!(
            "{name}: a sample went through, {} kept; it lies in no incident's window{odd}",
            delivered.stored
        )
    })
}
