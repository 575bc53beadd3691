//! From words to a plan: what every verb that changes rules does first.

use clap::Args;
use ruleset::plan::{Plan, Refusal, State};
use ruleset::ufw::{self, Ask, Profiles, Services};
use ruleset::{Family, plan};

use super::carry_out::carry_out;
use super::{EditOptions, Ending, Failure, Session, chain};
use crate::apply::Wanted;
use crate::journal::fresh_id;
use crate::live::observed::Sightings;
use crate::live::{Snapshot, Want};
use crate::view;

/// Where a rule goes, if not where it belongs by itself.
#[derive(Debug, Clone, Default, Args)]
pub struct Placement {
    /// Into this chain, wherever else it would go
    #[arg(long, value_name = "CHAIN")]
    pub chain: Option<String>,
    /// Before this rule of its chain (numbers as in `deadstick-fw show`)
    #[arg(long, value_name = "N", conflicts_with = "after")]
    pub before: Option<usize>,
    /// After this rule of its chain
    #[arg(long, value_name = "N")]
    pub after: Option<usize>,
}

/// Makes a plan for a state; again if others changed the rules meanwhile.
pub type Planner<'a> = dyn Fn(&State<'_>) -> Result<Plan, Refusal> + 'a;

/// An edit in ufw's grammar, the verb being the first word.
pub fn run(
    session: &Session,
    words: &[String],
    options: &EditOptions,
    adjust: impl FnOnce(&mut ufw::Options),
) -> Result<Ending, Failure> {
    let edit = understood(session, words, options, adjust)?;
    if let Ask::Habit(habit) = edit.ask {
        return super::habit::answer(habit, session);
    }
    planned_and_done(session, options, &|state| plan::make(&edit, state))
}

/// The plan of an edit, and the rules that it was made for; nothing is changed.
pub fn only_planned(session: &Session, edit: &ufw::Edit) -> Result<Plan, Failure> {
    let (snapshot, families) = state(session)?;
    session.tell_notes(&snapshot.ruleset);
    planned(session, &|state| plan::make(edit, state), &snapshot, &families)
        .map_err(|refusal| refused(&refusal))
}

/// Words to an edit.
pub fn understood(
    session: &Session,
    words: &[String],
    options: &EditOptions,
    adjust: impl FnOnce(&mut ufw::Options),
) -> Result<ufw::Edit, Failure> {
    let services = Services::parse(&text_of(session, "etc/services"));
    let mut edit = ufw::parse(words, &services, &profiles(session)).map_err(|error| {
        Failure::new("not-understood", format!("`{}` is not understood.", words.join(" ")))
            .because(&error)
            .hint(error.hint())
    })?;
    edit.options.for_seconds = options.for_seconds;
    edit.options.incident.clone_from(&options.incident);
    edit.options.reason.clone_from(&options.reason);
    adjust(&mut edit.options);
    Ok(edit)
}

impl Placement {
    /// Into the options of an edit.
    pub fn adjust(self, options: &mut ufw::Options) {
        (options.chain, options.before, options.after) = (self.chain, self.before, self.after);
    }
}

/// Reads the state, has the plan made, and carries it out as the options say.
pub fn planned_and_done(
    session: &Session,
    options: &EditOptions,
    planner: &Planner<'_>,
) -> Result<Ending, Failure> {
    let (snapshot, families) = state(session)?;
    session.tell_notes(&snapshot.ruleset);
    let plan = planned(session, planner, &snapshot, &families).map_err(|refusal| refused(&refusal))?;
    let alive = (snapshot.flows.clone(), snapshot.ways_in.clone());
    let mut again = || {
        let (snapshot, families) = state(session).map_err(|failure| failure.title)?;
        let plan = planned(session, planner, &snapshot, &families).map_err(|refusal| chain(&refusal))?;
        if let Some(refusal) = plan::refusal(&plan).filter(|_| !options.cut) {
            return Err(refusal.to_string());
        }
        Ok(Wanted::new(plan, snapshot))
    };
    carry_out(
        session,
        Wanted::new(plan, snapshot),
        (&alive.0, &alive.1),
        options,
        &mut again,
        &view::plan::text,
    )
}

/// The rules, and the families about which anything is known.
fn state(session: &Session) -> Result<(Snapshot, Vec<Family>), Failure> {
    let snapshot = session.snapshot(Want { services: true, flows: true })?;
    if session.is_live() {
        return Ok((snapshot, vec![Family::Ip, Family::Ip6]));
    }
    let tables = &snapshot.ruleset.tables;
    let knows = |family| tables.iter().any(|table| table.family == family || table.family == Family::Inet);
    let mut families: Vec<Family> =
        [Family::Ip, Family::Ip6].into_iter().filter(|family| knows(*family)).collect();
    if session.globals.from6.is_some() && !families.contains(&Family::Ip6) {
        families.push(Family::Ip6);
    }
    Ok((snapshot, families))
}

fn planned(
    session: &Session,
    planner: &Planner<'_>,
    snapshot: &Snapshot,
    families: &[Family],
) -> Result<Plan, Refusal> {
    let observed = if session.is_live() {
        Sightings::read(&session.state_dir(), crate::journal::now()).all()
    } else {
        Vec::new()
    };
    let mut plan = planner(&State {
        ruleset: &snapshot.ruleset,
        flows: &snapshot.flows,
        listeners: &snapshot.listeners,
        ways_in: &snapshot.ways_in,
        observed: &observed,
        families,
    })?;
    if plan.id.is_empty() {
        plan.id = fresh_id().to_string();
    }
    plan.made_for.digest = plan::digest(&snapshot.ruleset);
    if snapshot.namespace != (0, 0) {
        plan.made_for.namespace = Some(snapshot.namespace);
        plan.made_for.boot = boot();
    }
    Ok(plan)
}

/// The kernel's id of this boot.
fn boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

/// A planner's refusal, for people.
fn refused(refusal: &Refusal) -> Failure {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let title: String =
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).chain(['.']).collect();
    let failure = match refusal.exit_status() {
        3 => Failure::refused(refusal.code(), title),
        _ => Failure::new(refusal.code(), title),
    };
    failure.hint(refusal.hint())
}

fn text_of(session: &Session, file: &str) -> String {
    let bytes = std::fs::read(session.globals.root.join(file)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Application profiles, where ufw keeps them.
fn profiles(session: &Session) -> Profiles {
    let mut profiles = Profiles::default();
    let folder = session.globals.root.join("etc/ufw/applications.d");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<std::path::PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        if let Ok(bytes) = std::fs::read(&file) {
            profiles.add(&String::from_utf8_lossy(&bytes));
        }
    }
    profiles
}
