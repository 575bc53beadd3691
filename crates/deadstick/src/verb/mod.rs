//! One file for each verb: its arguments, what it does, what it prints.

pub mod amend;
pub mod assign;
pub mod backup;
pub mod began;
pub mod brief;
pub mod close;
pub mod completions;
pub mod config;
pub mod confirm;
pub mod declare;
pub mod deny;
pub mod detection;
pub mod did;
pub mod doctor;
pub mod export;
pub mod fact;
pub mod handover;
pub mod hide;
pub mod impact;
pub mod import;
pub mod incidents;
pub mod manual;
pub mod mitigated;
pub mod move_fact;
pub mod note;
pub mod now;
pub mod people;
pub mod privacy;
pub mod proposals;
pub mod redact;
pub mod reopen;
pub mod result;
pub mod retitle;
pub mod role;
pub mod same_as;
pub mod scope;
pub mod send;
pub mod serve;
pub mod services;
pub mod severity;
pub mod sources;
pub mod star;
pub mod status;
pub mod temporary;
pub mod timeline;
pub mod tokens;
pub mod undo;
pub mod verify;
pub mod why;
pub mod window;

use incident::Command;

use crate::cli::Verb;
use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::session::Session;

/// The verbs by what one wants, as `deadstick help` shows them.
pub const OVERVIEW: &str = "\
Under pressure:
  declare      declare an incident, now, late or back-dated
  did          record what you did             note   record a remark
  why          park a question for later       status tell others how it stands
  mitigated    impact is over                  close  nothing more is to be done now
  reopen       it is not over after all        undo   take back an own entry

Read:
  now          how it stands right now         brief  for who joins late or takes over
  incidents    list incidents                  fact   one fact with all its tellings
  timeline     what happened when              proposals  results that want a yes or no
  temporary    measures still in place: list, undo, accept

More about an incident:
  retitle severity role handover impact detection services result confirm deny
  assign amend move star hide began same-as window scope privacy redact

Set up:
  serve        run the server                  people   who may log in
  sources      where facts come from           tokens   for scripts
  config       settings in force, template     doctor   look for what could go wrong

The log:
  verify       check that it is whole          backup   copy it while the server runs
  export       an incident as JSON, Markdown   import   an exported incident
  send         what was queued while the server was away
  completions  for your shell
";

/// Runs a verb.
pub fn run(verb: Verb, session: &Session) -> Result<Ending, Failure> {
    match verb {
        Verb::Serve(verb) => verb.run(session),
        Verb::Declare(verb) => verb.run(session),
        Verb::Did(verb) => verb.run(session),
        Verb::Note(verb) => verb.run(session),
        Verb::Why(verb) => verb.run(session),
        Verb::Status(verb) => verb.run(session),
        Verb::Mitigated(verb) => verb.run(session),
        Verb::Close(verb) => verb.run(session),
        Verb::Reopen(verb) => verb.run(session),
        Verb::Retitle(verb) => verb.run(session),
        Verb::Severity(verb) => verb.run(session),
        Verb::Role(verb) => verb.run(session),
        Verb::Handover(verb) => verb.run(session),
        Verb::Impact(verb) => verb.run(session),
        Verb::Detection(verb) => verb.run(session),
        Verb::Services(verb) => verb.run(session),
        Verb::Now(verb) => verb.run(session),
        Verb::Incidents(verb) => verb.run(session),
        Verb::Timeline(verb) => verb.run(session),
        Verb::Brief(verb) => verb.run(session),
        Verb::Fact(verb) => verb.run(session),
        Verb::Temporary(verb) => verb.run(session),
        Verb::Result(verb) => verb.run(session),
        Verb::Proposals(verb) => verb.run(session),
        Verb::Confirm(verb) => verb.run(session),
        Verb::Deny(verb) => verb.run(session),
        Verb::Assign(verb) => verb.run(session),
        Verb::Amend(verb) => verb.run(session),
        Verb::Move(verb) => verb.run(session),
        Verb::Undo(verb) => verb.run(session),
        Verb::Star(verb) => verb.run(session),
        Verb::Hide(verb) => verb.run(session),
        Verb::Began(verb) => verb.run(session),
        Verb::SameAs(verb) => verb.run(session),
        Verb::Window(verb) => verb.run(session),
        Verb::Scope(verb) => verb.run(session),
        Verb::Privacy(verb) => verb.run(session),
        Verb::Redact(verb) => verb.run(session),
        Verb::People(verb) => verb.run(session),
        Verb::Sources(verb) => verb.run(session),
        Verb::Tokens(verb) => verb.run(session),
        Verb::Verify(verb) => verb.run(session),
        Verb::Export(verb) => verb.run(session),
        Verb::Backup(verb) => verb.run(session),
        Verb::Import(verb) => verb.run(session),
        Verb::Send(verb) => verb.run(session),
        Verb::Doctor(verb) => verb.run(session),
        Verb::Config(verb) => verb.run(session),
        Verb::Completions(verb) => verb.run(session),
        Verb::Manual(verb) => verb.run(session),
    }
}

/// Gives a command about an incident, and prints how the incident stands then.
fn change_of_state(session: &Session, command: Command) -> Result<Ending, Failure> {
    let done = session.give(command)?;
    let name = done.incident.unwrap_or_default();
    let incident: api::Incident =
        session.bare_client()?.read(&format!("/api/v1/incidents/{}", segment(&name)))?;
    session.out.print(&incident, || incidents::headline(&incident, &session.moments()))
}

/// Gives a command, and prints a sentence.
fn change(session: &Session, command: Command, sentence: &str) -> Result<Ending, Failure> {
    let done = session.give(command)?;
    let kept = did::Kept::done(done);
    session.out.print(&kept, || match &kept.incident {
        Some(incident) => format!("{}: {sentence}", crate::output::strong(incident)),
        None => sentence.to_owned(),
    })
}
