//! `doctor`: looks for what could go wrong.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use api::{HealthState, ServerHealth};
use clap::Args;
use serde::Serialize;
use store::Verdict;
use store_sqlite::{Spot, VerifyError};
use ureq::tls::PemItem;

use super::serve::settings::{Options, Settings};
use crate::certificate::ends_at;
use crate::client::Client;
use crate::failure::{Ending, Failure};
use crate::output::coloured;
use crate::session::Session;

/// Looks for what could go wrong: disk, permissions, the log, the certificate, the server, its clock,
/// silent sources, queued commands. Exit status 1 if something needs doing.
#[derive(Debug, Args)]
pub struct Doctor {
    /// As `serve` takes them: where the certificate is
    #[command(flatten)]
    options: Options,
}

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    /// What was looked at.
    check: &'static str,
    /// Whether it is well.
    ok: bool,
    /// What was found, and what to do if it is not well.
    says: String,
}

fn well(check: &'static str, says: impl Into<String>) -> Check {
    Check { check, ok: true, says: says.into() }
}

fn unwell(check: &'static str, says: impl Into<String>) -> Check {
    Check { check, ok: false, says: says.into() }
}

/// Less free space than this is worth a word.
const LITTLE_SPACE: u64 = 1 << 30;
/// A clock further off than this is worth a word, in seconds.
const CLOCK_OFF: i64 = 5;

impl Doctor {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let mut checks = Vec::new();
        let home = session.home();
        if home.path().exists() {
            checks.push(disk(home.path()));
            checks.push(permissions(home.path()));
            checks.extend(log(home.path()));
        } else if session.named_home().is_some() {
            checks.push(unwell(
                "data",
                format!("{} is not there; `deadstick serve` makes it", home.path().display()),
            ));
        }
        let settings = Settings::of(&self.options, session.globals.data.as_deref(), &session.environment);
        match settings {
            Err(failure) => checks.push(unwell("settings", told(&failure))),
            Ok(settings) => checks.extend(settings.certificate.as_deref().map(certificate)),
        }
        checks.push(queue(session));
        match session.bare_client() {
            Err(failure) => checks.push(unwell("server", told(&failure))),
            Ok(client) => server(&client, &mut checks),
        }
        let is_well = checks.iter().all(|check| check.ok);
        session.out.print(&checks, || {
            let line = |check: &Check| {
                let mark = if check.ok {
                    coloured("ok  ", anstyle::AnsiColor::Green)
                } else {
                    coloured("look", anstyle::AnsiColor::Yellow)
                };
                format!("{mark}  {:<12} {}", check.check, crate::output::one_line(&check.says, 400))
            };
            checks.iter().map(line).collect::<Vec<_>>().join("\n")
        })?;
        Ok(if is_well { Ending::Done } else { Ending::No })
    }
}

fn told(failure: &Failure) -> String {
    let problem = &failure.problem;
    let parts = [Some(problem.title.clone()), problem.detail.clone(), problem.hint.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn disk(directory: &Path) -> Check {
    match rustix::fs::statvfs(directory) {
        Err(error) => unwell("disk", format!("{}: {error}", directory.display())),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let says = format!("{} MB free at {}", free / 1_000_000, directory.display());
            if free < LITTLE_SPACE {
                unwell("disk", format!("{says}; make room: a full disk stops recording"))
            } else {
                well("disk", says)
            }
        }
    }
}

fn permissions(directory: &Path) -> Check {
    let Ok(metadata) = directory.metadata() else {
        return unwell("permissions", format!("{} can't be looked at by this user", directory.display()));
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return unwell(
            "permissions",
            format!("{} is open to others (mode {mode:o}); chmod 700 it", directory.display()),
        );
    }
    well("permissions", format!("{} is for user {} only", directory.display(), metadata.uid()))
}

/// A log that can be checked in a moment is; of a longer one a part, and the rest is left to `verify`.
fn log(directory: &Path) -> Option<Check> {
    const MOMENT: u64 = 100 << 20;
    let bytes = directory.join(store_sqlite::DATABASE).metadata().ok()?.len();
    let looked = if bytes > MOMENT { part(directory) } else { whole(directory) };
    Some(match looked {
        Ok((Verdict::Whole(_), says)) => well("log", says),
        Ok((Verdict::Broken { position, what }, _)) => {
            unwell("log", format!("not whole at position {position}: {what}"))
        }
        Err(error) => unwell("log", crate::failure::chain(&error)),
    })
}

fn whole(directory: &Path) -> Result<(Verdict, String), VerifyError> {
    let verdict = store_sqlite::verify(directory, &mut |_, _| {})?;
    let says = match &verdict {
        Verdict::Whole(head) => format!("whole, {} positions", head.size),
        Verdict::Broken { .. } => String::new(),
    };
    Ok((verdict, says))
}

/// The head, the newest facts and some of the rest by lot.
fn part(directory: &Path) -> Result<(Verdict, String), VerifyError> {
    const TILES: usize = 100;
    let Spot { verdict, checked, tiles } = store_sqlite::spot_check(directory, TILES)?;
    let says = match &verdict {
        Verdict::Whole(head) => format!(
            "{checked} of {} positions are whole, the newest and others by lot, and the head fits the roots of all \
             {tiles} tiles; `deadstick verify` checks the rest",
            head.size
        ),
        Verdict::Broken { .. } => String::new(),
    };
    Ok((verdict, says))
}

/// When the certificate ends.
fn certificate(file: &Path) -> Check {
    const SOON: i64 = 21 * 86_400 * 1_000_000;
    let ends = std::fs::read(file).ok().and_then(|pem| {
        ureq::tls::parse_pem(&pem).find_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => ends_at(certificate.der()),
            _ => None,
        })
    });
    let now = crate::environment::timestamp();
    match ends {
        None => unwell("certificate", format!("no certificate can be read from {}", file.display())),
        Some(ends) if ends < now => unwell("certificate", format!("it ended at {ends}; put in a new one")),
        Some(ends) if ends.micros_since(now) < SOON => {
            unwell("certificate", format!("it ends at {ends}; renew it"))
        }
        Some(ends) => well("certificate", format!("good until {ends}")),
    }
}

fn queue(session: &Session) -> Check {
    let queue = session.queue();
    if let Some(damaged) = queue.damaged().first() {
        let damaged = damaged.display();
        return unwell(
            "queue",
            format!("a part of it was damaged and is kept in {damaged}; look, then delete it"),
        );
    }
    match queue.waiting() {
        Ok(0) => well("queue", "nothing waits to be sent"),
        Ok(waiting) => {
            unwell("queue", format!("{waiting} commands wait to be sent; `deadstick send` sends them"))
        }
        Err(failure) => unwell("queue", told(&failure)),
    }
}

fn server(client: &Client, checks: &mut Vec<Check>) {
    let before = crate::environment::timestamp();
    let health: ServerHealth = match client.read("/api/v1/health").map_err(Failure::from) {
        Err(failure) => return checks.push(unwell("server", told(&failure))),
        Ok(health) => health,
    };
    let version = env!("CARGO_PKG_VERSION");
    if health.version == version {
        checks.push(well("server", format!("{} answers, version {version}", client.url())));
    } else {
        checks.push(unwell(
            "server",
            format!(
                "{} runs version {}, this program is {version}; use the same",
                client.url(),
                health.version
            ),
        ));
    }
    if let Ok(now) = client.read::<api::Now>("/api/v1/now") {
        let off = now.at.micros_since(before) / 1_000_000;
        checks.push(if off.abs() > CLOCK_OFF {
            unwell("clock", format!("the server's clock is {off} s from this one; look at NTP on both"))
        } else {
            well("clock", "the server's clock and this one agree")
        });
    }
    let unwell_sources: Vec<_> =
        health.sources.iter().filter(|source| source.state != HealthState::Ok).collect();
    if unwell_sources.is_empty() {
        checks.push(well(
            "sources",
            match health.sources.len() {
                0 => "none yet; `deadstick sources add` makes one".into(),
                1 => "1 records".to_owned(),
                n => format!("{n} record"),
            },
        ));
    }
    checks.extend(
        unwell_sources
            .into_iter()
            .map(|source| unwell("sources", format!("{}: {}", source.source, source.says))),
    );
}
