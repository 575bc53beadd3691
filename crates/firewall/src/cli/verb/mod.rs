//! One file for each verb: its arguments, what it does, what it prints.
//!
//! A verb is a `clap::Args` with `run(self, &Session) -> Result<Ending, Failure>`: a module here, a variant of
//! [`Verb`], a line in [`run`] and a word in [`OVERVIEW`].

pub mod apply;
pub mod boot;
pub mod check;
pub mod completions;
pub mod confirm;
pub mod guard;
pub mod habit;
pub mod history;
pub mod manual;
pub mod observe;
pub mod pending;
pub mod plan;
pub mod playground;
pub mod rollback;
pub mod rule;
pub mod show;
pub mod status;
pub mod story;
pub mod suspect;
pub mod undo;

use clap::Subcommand;

use super::{Ending, Failure, Session};

/// The verbs by what one wants, as `deadstick-fw help` shows them.
pub const OVERVIEW: &str = "\
Look:
  status       one screen: backends, defaults, owners, services and to whom they are open
  show         tables, chains and rules, with numbers, counters and owners
  check        would this packet pass, which rule decides, on which way
  suspect      somebody can't reach a service: is it the firewall?

Change (in ufw's grammar; every one is shown as a plan first):
  allow deny reject limit    22/tcp, from 10.0.0.0/8 to any port 5432 proto tcp, ...
  delete       a rule, by the words that made it or by its number
  insert prepend             a rule at a place of your choice
  route        rules for what goes through this host
  default      allow or deny what no rule decides, in, out or through
  observe      collect who uses which service, for `default deny incoming --keep-present`
  plan         what a command would change and what that means, without doing it
  apply        carry out a plan from a file

Afterwards:
  confirm      keep the change that waits for it
  rollback     take it back at once
  pending      what waits for a confirmation, what is temporary
  history      what was changed, by whom, why: history show N tells all of it
  undo         take back a change of the history
  boot         close what a reboot has ended

Try it:
  playground   a server with careful rules and four nodes, in a shell; nothing outside is touched
  story        ufw against deadstick-fw: what a helpful sysadmin's commands do to a live system

Set up:
  completions  for your shell
";

/// A verb.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show on one screen what there is, and to whom services are open
    Status(status::Status),
    /// Show the rules as they are, whoever made them
    Show(show::Show),
    /// Would this packet pass, and which rule decides?
    Check(Box<check::Check>),
    /// Is it the firewall that somebody can't reach a service?
    Suspect(suspect::Suspect),
    /// Let traffic pass
    Allow(rule::Rule),
    /// Drop traffic
    Deny(rule::Rule),
    /// Refuse traffic with an answer
    Reject(rule::Rule),
    /// Let traffic pass unless one address comes too often
    Limit(rule::Rule),
    /// Take a rule away
    Delete(rule::Rule),
    /// Put a rule before that number of `status numbered`
    Insert(rule::Rule),
    /// Put a rule before all others
    Prepend(rule::Rule),
    /// Rules for what goes through this host
    Route(rule::Rule),
    /// What happens to all that no rule decides
    Default(rule::Rule),
    /// Show what a command would change, and what that means
    Plan(plan::Plan),
    /// Collect who uses which service, for --keep-present
    Observe(observe::Observe),
    /// Carry out a plan from a file
    Apply(apply::Apply),
    /// ufw's word, typed by habit: changes nothing
    #[command(hide = true)]
    Enable(habit::Habit),
    /// ufw's word, typed by habit: changes nothing
    #[command(hide = true)]
    Disable(habit::Habit),
    /// ufw's word, typed by habit: changes nothing
    #[command(hide = true)]
    Reload(habit::Habit),
    /// ufw's word, typed by habit: changes nothing
    #[command(hide = true)]
    Reset(habit::Habit),
    /// Keep the change that waits for its confirmation
    Confirm(confirm::Confirm),
    /// Take back the change that waits for its confirmation
    Rollback(rollback::Rollback),
    /// Show what waits for a confirmation, and what is temporary
    Pending(pending::Pending),
    /// Show what was changed, by whom and why
    History(history::History),
    /// Take back a change of the history
    Undo(undo::Undo),
    /// Close what a reboot has ended
    Boot(boot::Boot),
    /// Wait for a confirmation
    #[command(hide = true)]
    Guard(guard::Guard),
    /// Print the manual pages or the reference (for packaging)
    #[command(hide = true)]
    Manual(manual::Manual),
    /// Print shell completions
    Completions(completions::Completions),
    /// Open a shell on a made-up server where everything may be tried
    Playground(playground::Playground),
    /// A part of playground and story
    #[command(hide = true)]
    PlaygroundStage(playground::Stage),
    /// Replay ufw's story: ufw against deadstick-fw
    Story(story::Story),
}

/// Runs a verb.
pub fn run(verb: Verb, session: &Session) -> Result<Ending, Failure> {
    match verb {
        Verb::Status(verb) => verb.run(session),
        Verb::Show(verb) => verb.run(session),
        Verb::Check(verb) => verb.run(session),
        Verb::Suspect(verb) => verb.run(session),
        Verb::Allow(verb) => verb.run("allow", session),
        Verb::Deny(verb) => verb.run("deny", session),
        Verb::Reject(verb) => verb.run("reject", session),
        Verb::Limit(verb) => verb.run("limit", session),
        Verb::Delete(verb) => verb.run("delete", session),
        Verb::Insert(verb) => verb.run("insert", session),
        Verb::Prepend(verb) => verb.run("prepend", session),
        Verb::Route(verb) => verb.run("route", session),
        Verb::Default(verb) => verb.run("default", session),
        Verb::Observe(verb) => verb.run(session),
        Verb::Plan(verb) => verb.run(session),
        Verb::Apply(verb) => verb.run(session),
        Verb::Enable(verb) => verb.run("enable", session),
        Verb::Disable(verb) => verb.run("disable", session),
        Verb::Reload(verb) => verb.run("reload", session),
        Verb::Reset(verb) => verb.run("reset", session),
        Verb::Confirm(verb) => verb.run(session),
        Verb::Rollback(verb) => verb.run(session),
        Verb::Pending(verb) => verb.run(session),
        Verb::History(verb) => verb.run(session),
        Verb::Undo(verb) => verb.run(session),
        Verb::Boot(verb) => verb.run(session),
        Verb::Guard(verb) => verb.run(session),
        Verb::Manual(verb) => verb.run(session),
        Verb::Completions(verb) => verb.run(session),
        Verb::Playground(verb) => verb.run(session),
        Verb::PlaygroundStage(verb) => verb.run(session),
        Verb::Story(verb) => verb.run(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_names_every_verb() {
        let command = <crate::cli::Cli as clap::CommandFactory>::command();
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            assert!(
                OVERVIEW.split_whitespace().any(|word| word == name),
                "{name} is missing in the overview"
            );
        }
        command.debug_assert();
    }
}
