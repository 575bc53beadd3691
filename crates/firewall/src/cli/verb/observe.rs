//! `observe`: collects who uses which service, also those who are not connected all the time.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use ruleset::plan::{self, Observed};
use serde::Serialize;

use crate::cli::{Ending, Failure, Session, seconds};
use crate::guard::Moment;
use crate::journal::now;
use crate::live::Want;
use crate::live::observed::Sightings;

/// Between two looks, in milliseconds. Tracked connections stay for two minutes after their end, so few are missed.
const BETWEEN: u64 = 1_000;

/// Collects who uses which service of this host, for `default deny incoming --keep-present`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deadstick-fw observe --for 24h &\n  \
    deadstick-fw plan default deny incoming --keep-present")]
pub struct Observe {
    /// How long: 90s, 15m, 24h, 7d; 0 for a single look
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    for_seconds: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Answer {
    peers: Vec<Observed>,
}

impl Observe {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        if !session.is_live() {
            return Err(Failure::new("not-live", "A dump has no peers: `observe` looks at the live host."));
        }
        let folder = session.state_dir();
        let mut sightings = Sightings::read(&folder, now());
        let end = Moment::now().plus_seconds(self.for_seconds.unwrap_or(0));
        loop {
            let seen = seen(session)?;
            if sightings.add(seen, now()) {
                sightings.write(&folder).map_err(|error| {
                    Failure::new("unwritable", format!("{} can't be written.", folder.display()))
                        .because(&error)
                })?;
            }
            if end.is_over() {
                break;
            }
            std::thread::sleep(Duration::from_millis(BETWEEN));
        }
        let answer = Answer { peers: sightings.all() };
        session.out.print(&answer, || lines(&answer))
    }
}

fn seen(session: &Session) -> Result<BTreeSet<Observed>, Failure> {
    let snapshot = session.snapshot(Want { services: true, flows: true })?;
    let state = plan::State {
        ruleset: &snapshot.ruleset,
        flows: &snapshot.flows,
        listeners: &snapshot.listeners,
        ways_in: &snapshot.ways_in,
        observed: &[],
        families: &[],
    };
    Ok(plan::peers(&state).into_iter().collect())
}

fn lines(answer: &Answer) -> String {
    if answer.peers.is_empty() {
        return "Nobody has used a service of this host so far.".to_owned();
    }
    let line = |one: &Observed| {
        let protocol = if one.protocol == 6 { "tcp" } else { "udp" };
        format!("{}/{protocol}  {}\n", one.port, one.peer)
    };
    answer.peers.iter().map(line).collect()
}
