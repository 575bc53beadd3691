//! The tree of verbs, and the options that all of them take.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::verb;

/// Records what happens, keeps incidents, tells them again.
#[derive(Debug, Parser)]
#[command(
    name = "deadstick",
    version,
    about,
    help_template = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}\nOptions:\n{options}{after-help}",
    before_help = verb::OVERVIEW,
    after_help = "`deadstick help VERB` tells more. Exit status: 0 done, 1 the answer is no, 2 not understood,\n\
                  3 refused or ambiguous, 4 disk, network or permissions."
)]
pub struct Cli {
    /// For all verbs.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of all verbs, before or after the verb.
#[derive(Debug, Clone, Default, Args)]
pub struct Globals {
    /// Data directory of a server on this machine [env: DEADSTICK_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of a server elsewhere [env: DEADSTICK_URL, with DEADSTICK_TOKEN]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Trust this certificate authority (PEM) and no other [env: DEADSTICK_CA]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Print exactly one JSON document
    #[arg(long, global = true)]
    pub json: bool,
}

/// A verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the server
    Serve(verb::serve::Serve),
    /// Declare an incident, now, late or back-dated
    Declare(verb::declare::Declare),
    /// Record what you did
    Did(verb::did::Did),
    /// Record a remark
    Note(verb::note::Note),
    /// Park a question for the investigation
    Why(verb::why::Why),
    /// Tell others how it stands
    Status(verb::status::Status),
    /// Impact is over
    Mitigated(verb::mitigated::Mitigated),
    /// Nothing more is to be done now
    Close(verb::close::Close),
    /// It is not over after all
    Reopen(verb::reopen::Reopen),
    /// Change the title
    Retitle(verb::retitle::Retitle),
    /// Change the severity
    Severity(verb::severity::Severity),
    /// Give somebody a role in an incident
    Role(verb::role::RoleOf),
    /// Hand over command, with a brief
    Handover(verb::handover::Handover),
    /// Say who was hit, from when until when
    Impact(verb::impact::Impact),
    /// Say when and by what it was noticed
    Detection(verb::detection::Detection),
    /// Add and remove affected services
    Services(verb::services::Services),
    /// How it stands right now
    Now(verb::now::Now),
    /// List incidents
    Incidents(verb::incidents::Incidents),
    /// Read an incident's timeline
    Timeline(verb::timeline::Timeline),
    /// What somebody needs who joins late or takes over
    Brief(verb::brief::Brief),
    /// Show one fact with all its tellings
    Fact(verb::fact::Fact),
    /// Temporary measures: list, undo, accept
    Temporary(verb::temporary::Temporary),
    /// Say what came of an action
    Result(verb::result::ResultOf),
    /// List proposed results of actions
    Proposals(verb::proposals::Proposals),
    /// Yes, this fact is the result of that action
    Confirm(verb::confirm::Confirm),
    /// No, this fact is not the result of that action
    Deny(verb::deny::Deny),
    /// Put an entry into an incident
    Assign(verb::assign::Assign),
    /// Correct time or text of a fact
    Amend(verb::amend::Amend),
    /// Move a fact into or out of an incident
    Move(verb::move_fact::Move),
    /// Take back an own entry
    Undo(verb::undo::Undo),
    /// Star a fact
    Star(verb::star::Star),
    /// Hide a fact from a timeline
    Hide(verb::hide::Hide),
    /// Correct when an incident began
    Began(verb::began::Began),
    /// Declare an incident the same as another
    SameAs(verb::same_as::SameAs),
    /// Set the stretch of time that belongs to an incident
    Window(verb::window::Window),
    /// Limit an incident to chosen sources
    Scope(verb::scope::Scope),
    /// Make an incident private or public
    Privacy(verb::privacy::Privacy),
    /// Remove recorded content for good
    Redact(verb::redact::Redact),
    /// People: add, list, link, role, handle, join, deactivate
    People(verb::people::People),
    /// Sources: add, list, test, url, rotate, retention, private, map
    Sources(verb::sources::Sources),
    /// Tokens: add, list, revoke
    Tokens(verb::tokens::Tokens),
    /// Check that the log is whole
    Verify(verb::verify::Verify),
    /// Export an incident
    Export(verb::export::Export),
    /// Copy the whole log while the server runs
    Backup(verb::backup::Backup),
    /// Import an incident exported elsewhere
    Import(verb::import::Import),
    /// Send what was queued while the server was away
    Send(verb::send::Send),
    /// Look for what could go wrong
    Doctor(verb::doctor::Doctor),
    /// Show the settings in force, or a template
    Config(verb::config::Config),
    /// Print shell completions
    Completions(verb::completions::Completions),
    /// Print the manual pages or the reference (for packaging)
    #[command(hide = true)]
    Manual(verb::manual::Manual),
}
