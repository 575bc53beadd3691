//! The way of every edit: read, plan, print, refuse or stop, journal, guard and apply, verify, outcome, boot files.

use std::io::{BufRead, IsTerminal};

use clap::Args;
use ruleset::plan::{Plan, Refusal, State};
use ruleset::ufw::{self, Profiles, Services};
use ruleset::{Family, plan};
use serde::Serialize;

use super::{EditOptions, Ending, Failure, Session, chain};
use crate::apply::{ApplyError, Wanted};
use crate::guard::{self, GuardError, Guarded, Terms};
use crate::journal::{Outcome, Status, Who, fresh_id};
use crate::live::{Snapshot, Want};
use crate::persist;
use crate::view;

/// How long a confirmation is waited for, unless said.
const CONFIRM_SECONDS: u64 = 60;

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
pub type Planner<'a> = dyn Fn(&Snapshot, &[Family]) -> Result<Plan, Refusal> + 'a;

/// An edit in ufw's grammar, the verb being the first word.
pub fn run(
    session: &Session,
    words: &[String],
    options: &EditOptions,
    adjust: impl FnOnce(&mut ufw::Options),
) -> Result<Ending, Failure> {
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
    carry_out(session, options, &|snapshot, families| {
        let state = State {
            ruleset: &snapshot.ruleset,
            flows: &snapshot.flows,
            listeners: &snapshot.listeners,
            ways_in: &snapshot.ways_in,
            families,
        };
        plan::make(&edit, &state)
    })
}

impl Placement {
    /// Into the options of an edit.
    pub fn adjust(self, options: &mut ufw::Options) {
        (options.chain, options.before, options.after) = (self.chain, self.before, self.after);
    }
}

/// Reads the state, has the plan made, and carries it out as the options say.
pub fn carry_out(session: &Session, options: &EditOptions, planner: &Planner<'_>) -> Result<Ending, Failure> {
    let (snapshot, families) = state(session)?;
    session.tell_notes(&snapshot.ruleset);
    let plan = planned(planner, &snapshot, &families).map_err(refused)?;
    if plan.noop {
        return tell(session, &plan, Told::new("nothing-to-do"), Ending::Done);
    }
    if !session.out.json {
        session.out.text(view::plan::text(&plan).trim_end())?;
    }
    if let Some(why) = too_dear(&plan).filter(|_| !options.cut) {
        let told = Told { remarks: vec![why.clone()], ..Told::new("refused") };
        if session.out.json {
            return tell(session, &plan, told, Ending::Refused);
        }
        return Err(Failure::refused("cuts", "Refused: nothing was changed.").why(why).hint(
            "--cut does it all the same; an `allow` for those who would be cut, before it, keeps them",
        ));
    }
    if options.check {
        return tell(session, &plan, Told::new("would-change"), Ending::WouldChange);
    }
    if options.dry_run || !session.is_live() {
        let mut told = Told::new("planned");
        if !session.is_live() {
            told.remarks.push("Rules of a file: nothing is applied.".into());
        }
        return tell(session, &plan, told, Ending::Done);
    }
    if options.cut && !options.yes && !asked(session, "It cuts what is listed above. Go on? (y|n) ") {
        return Err(Failure::refused("not-confirmed", "Nothing was changed."));
    }
    apply(session, options, plan, snapshot, planner)
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

fn planned(planner: &Planner<'_>, snapshot: &Snapshot, families: &[Family]) -> Result<Plan, Refusal> {
    let mut plan = planner(snapshot, families)?;
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
pub fn boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

/// A planner's refusal, for people.
pub fn refused(refusal: Refusal) -> Failure {
    let failure = match refusal.exit_status() {
        3 => Failure::refused(refusal.code(), "Refused: nothing was changed."),
        _ => Failure::new(refusal.code(), "There is nothing to plan."),
    };
    failure.because(&refusal).hint(refusal.hint())
}

/// Why a plan is not carried out without `--cut`.
fn too_dear(plan: &Plan) -> Option<String> {
    let impact = &plan.impact;
    let lost = impact.ways_in.iter().find(|way| {
        // What can't be told of the way in counts as lost: being locked out is worse than being asked.
        way.session_survives != Some(true) || way.login_works != Some(true)
    });
    if let Some(way) = lost {
        return Some(format!(
            "it would cost you your way in: {}",
            anstream::adapter::strip_str(&view::plan::way_in(way))
        ));
    }
    let number = impact.cut.len();
    (number > 0).then(|| format!("it would cut {}", view::plan::count(number, "live connection")))
}

/// What came of a plan, beside the plan.
#[derive(Debug, Clone, Serialize)]
struct Told {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm_within: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    boot_files: Vec<std::path::PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
}

impl Told {
    fn new(status: &'static str) -> Self {
        Self { status, confirm_within: None, boot_files: Vec::new(), remarks: Vec::new() }
    }
}

fn tell(session: &Session, plan: &Plan, told: Told, ending: Ending) -> Result<Ending, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        plan: &'a Plan,
        outcome: &'a Told,
    }
    if session.out.json {
        session.out.print(&Document { plan, outcome: &told }, String::new)?;
        return Ok(ending);
    }
    if plan.noop {
        session.out.text(&view::plan::text(plan))?;
    }
    let word = match told.status {
        "applied" => view::toned("Done.", view::Tone::Good),
        "planned" | "would-change" => "Nothing was changed.".into(),
        _ => String::new(),
    };
    if !word.is_empty() {
        session.out.text(&word)?;
    }
    for file in &told.boot_files {
        session.out.text(&format!("Written for the next boot: {}", file.display()))?;
    }
    for remark in &told.remarks {
        session.out.text(&view::printable(remark))?;
    }
    Ok(ending)
}

fn asked(session: &Session, question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return true;
    }
    session.out.remark(question);
    let mut answer = String::new();
    let is_read = std::io::stdin().lock().read_line(&mut answer).is_ok();
    is_read && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

fn apply(
    session: &Session,
    options: &EditOptions,
    plan: Plan,
    snapshot: Snapshot,
    planner: &Planner<'_>,
) -> Result<Ending, Failure> {
    let site = session.changes();
    let who = Who::of_process(&snapshot.ways_in);
    let is_over_ssh = !snapshot.ways_in.is_empty();
    let is_way_affected = plan.impact.ways_in.iter().any(|way| way.login_works != Some(true));
    let usual = (is_over_ssh || is_way_affected).then_some(CONFIRM_SECONDS);
    let confirm_within = if options.no_confirm { None } else { options.confirm_within.or(usual) };
    let kill = if options.kill_established { killable(&plan) } else { Vec::new() };
    let begun = session.journal().begin(&plan, who);
    let terms = Terms { confirm_within, needs_new_login: is_over_ssh, kill, journal: Some(begun.id) };
    let mut told = Told { confirm_within, remarks: begun.remarks, ..Told::new("applied") };
    let mut again = || {
        let (snapshot, families) = state(session).map_err(|failure| failure.title)?;
        let plan = planned(planner, &snapshot, &families).map_err(|refusal| chain(&refusal))?;
        Ok(Wanted::new(plan, snapshot))
    };
    let result = guard::run_with_guard(&site, Wanted::new(plan, snapshot), &terms, &mut again);
    let amend = |status, text: String| {
        session
            .journal()
            .amend(begun.id, Outcome::new(status, text))
            .unwrap_or_else(|error| vec![chain(&error)])
    };
    let guarded = match result {
        Ok(guarded) => guarded,
        Err(error) => {
            let status = match &error {
                GuardError::Apply(error) => match error.as_ref() {
                    ApplyError::TakenBack { undone, .. } if undone.is_whole() => Status::RolledBack,
                    ApplyError::TakenBack { .. } => Status::PartlyRolledBack,
                    _ => Status::Failed,
                },
                GuardError::Pending(_) | GuardError::Store(_) => Status::Failed,
            };
            amend(status, chain(&error));
            return Err(not_applied(&error));
        }
    };
    let Guarded { applied, record, notes } = guarded;
    told.remarks.extend(amend(Status::Applied, String::new()));
    told.remarks.extend(notes);
    if let Some(seconds) = confirm_within {
        let from = if terms.needs_new_login { " from a new ssh connection" } else { "" };
        told.remarks
            .push(format!("It goes back in {seconds} s unless you confirm it{from}: deadstick-fw confirm"));
    }
    if let Some(expiry) = record.expires {
        told.remarks.push(format!("It is temporary: it goes back at {}.", view::local_time(expiry.at)));
    } else if confirm_within.is_some() {
        told.remarks.extend(persist::outlook(&session.globals.root, &applied.plan.changes));
    } else {
        keep(session, &applied.plan, &mut told);
    }
    tell(session, &applied.plan, told, Ending::Done)
}

/// Writes what stays into the boot files. The change stands also if that fails: then it is told.
fn keep(session: &Session, plan: &Plan, told: &mut Told) {
    match session.snapshot(Want::default()) {
        Ok(live) => {
            let kept = persist::keep(&session.globals.root, &plan.changes, &live.ruleset);
            told.boot_files = kept.written;
            told.remarks.extend(kept.remarks);
        }
        Err(failure) => told.remarks.push(format!("Boot files were left as they are: {}", failure.title)),
    }
}

/// Flows that the plan means to end; never one by which somebody is logged in.
fn killable(plan: &Plan) -> Vec<ruleset::Flow> {
    let is_way = |flow: &ruleset::Flow| {
        plan.impact.ways_in.iter().any(|way| {
            flow.protocol == crate::live::sockets::TCP
                && (flow.original.from == way.way_in.peer || flow.original.to == way.way_in.peer)
        })
    };
    plan.impact.cut.iter().filter(|flow| !is_way(flow)).cloned().collect()
}

fn not_applied(error: &GuardError) -> Failure {
    match error {
        GuardError::Pending(record) => {
            Failure::refused("pending", "Another change waits for its confirmation.")
                .why(format!("`{}`", record.title()))
                .hint(
                    "`deadstick-fw confirm` keeps it, `deadstick-fw rollback` takes it back; then try again",
                )
        }
        GuardError::Store(_) => Failure::new("state", "Nothing was changed.").because(error),
        GuardError::Apply(_) => Failure::new("not-applied", "The change was not made.").because(error),
    }
}

fn text_of(session: &Session, file: &str) -> String {
    let bytes = std::fs::read(session.globals.root.join(file)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Application profiles, where ufw keeps them.
pub fn profiles(session: &Session) -> Profiles {
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
