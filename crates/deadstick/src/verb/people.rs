//! `people`: who may log in, and how sources call them.

use api::{Alike, Invited, Person};
use clap::{Args, Subcommand, ValueEnum};
use incident::{Command, Role};

use super::change;
use super::did::words;
use crate::client::{Client, segment};
use crate::failure::{Ending, Failure};
use crate::output::{one_line, table};
use crate::reference::Directory;
use crate::session::Session;

/// People: who may log in and do what, and how sources call them.
#[derive(Debug, Args)]
pub struct People {
    /// What to do; lists if left out
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List everybody, and who may be one person
    List,
    /// List which handles may be whose, and which people may be one, with the reason
    Alike,
    /// Add a person, and print a one-time link for them
    Add {
        /// The name, unique
        #[arg(required = true, value_name = "NAME")]
        name: Vec<String>,
        /// What they may do
        #[arg(long, value_enum, default_value_t = Level::Responder)]
        role: Level,
    },
    /// Print a new one-time link for somebody
    Link {
        /// Who
        #[arg(value_name = "PERSON")]
        person: String,
    },
    /// Change what somebody may do
    Role {
        /// Who
        #[arg(value_name = "PERSON")]
        person: String,
        /// The new role
        #[arg(value_enum, value_name = "ROLE")]
        role: Level,
    },
    /// Say that a handle seen in a source is somebody's
    Handle {
        /// Who
        #[arg(value_name = "PERSON")]
        person: String,
        /// The handle, as the source writes it
        #[arg(value_name = "HANDLE")]
        handle: String,
        /// In this source only
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
    /// Say that two are one person
    Join {
        /// Who stays
        #[arg(value_name = "PERSON")]
        into: String,
        /// Who is the same: their handles and history become the first one's
        #[arg(value_name = "OTHER")]
        other: String,
    },
    /// Somebody leaves; nothing of what they did is lost
    Deactivate {
        /// Who
        #[arg(value_name = "PERSON")]
        person: String,
    },
}

/// What a person may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Reads
    Viewer,
    /// Takes part in incidents
    Responder,
    /// Also redacts, and says which handles are whose
    Facilitator,
    /// Also manages people, tokens and sources
    Admin,
}

impl From<Level> for Role {
    fn from(level: Level) -> Self {
        match level {
            Level::Viewer => Role::Viewer,
            Level::Responder => Role::Responder,
            Level::Facilitator => Role::Facilitator,
            Level::Admin => Role::Admin,
        }
    }
}

/// Proposals shown below the list of people.
const SHOWN: usize = 3;

impl People {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let id = |name: &str| Directory::read(&client)?.person(name);
        match self.what.unwrap_or(What::List) {
            What::List => list(session, &client),
            What::Alike => alike(session, &client),
            What::Add { name, role } => {
                let name = words(&name)?;
                let new = serde_json::json!({ "name": name, "role": Role::from(role) });
                tell(session, &client.post("/api/v1/people", &new)?)
            }
            What::Link { person } => invite(session, &client, &person),
            What::Role { person, role } => {
                let sentence = format!("{} is {}", one_line(&person, 80), Role::from(role));
                change(session, Command::PersonRole { person: id(&person)?, role: role.into() }, &sentence)
            }
            What::Handle { person, handle, source } => {
                let sentence = format!("{} is {}", one_line(&handle, 80), one_line(&person, 80));
                change(session, Command::AddHandle { person: id(&person)?, handle, source }, &sentence)
            }
            What::Join { into, other } => {
                let sentence = format!("{} and {} are one person", one_line(&into, 80), one_line(&other, 80));
                change(session, Command::JoinPeople { into: id(&into)?, other: id(&other)? }, &sentence)
            }
            What::Deactivate { person } => {
                let sentence = format!("{} can no longer log in", one_line(&person, 80));
                change(session, Command::Deactivate { person: id(&person)? }, &sentence)
            }
        }
    }
}

fn list(session: &Session, client: &Client) -> Result<Ending, Failure> {
    let people: Vec<Person> = client.read("/api/v1/people")?;
    // Nothing for those who may not join: the list itself is theirs.
    let alike: Vec<Alike> = match session.out.json {
        true => Vec::new(),
        false => client.read("/api/v1/people/alike").unwrap_or_default(),
    };
    session.out.print(&people, || {
        let rows = people.iter().map(|person| {
            let active = if person.active { "" } else { " (left)" };
            [
                format!("{}{active}", person.name),
                person.role.to_string(),
                person.handles.join(", "),
                person.id.to_string(),
            ]
        });
        let table = table(["name", "role", "handles", "id"], rows);
        let more = match alike.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!("\nand {more} more: deadstick people alike"),
        };
        let shown = alike.iter().take(SHOWN).map(|one| format!("\n{}", proposal(one)));
        format!("{table}{}{more}", shown.collect::<String>())
    })
}

fn alike(session: &Session, client: &Client) -> Result<Ending, Failure> {
    let alike: Vec<Alike> = client.read("/api/v1/people/alike")?;
    session.out.print(&alike, || match alike.is_empty() {
        true => "Nobody looks like anybody else.".to_owned(),
        false => alike.iter().map(proposal).collect::<Vec<_>>().join("\n"),
    })
}

/// What may be, why, and the command that says that it is so.
fn proposal(alike: &Alike) -> String {
    let name = |text: &str| one_line(text, 80);
    match alike {
        Alike::Handle { person, handle, source, reason } => format!(
            "{} in {} may be {}: {reason}\n  deadstick people handle {} {} --source {}",
            name(handle),
            name(source),
            name(&person.name),
            word(&person.name),
            word(handle),
            word(source)
        ),
        Alike::People { into, other, reason } => format!(
            "{} and {} may be one person: {reason}\n  deadstick people join {} {}",
            name(&into.name),
            name(&other.name),
            word(&into.name),
            word(&other.name)
        ),
    }
}

/// As one word of a shell, which takes everything between single quotes as it is.
fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.:@/+".contains(letter);
    let text = one_line(text, 200);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

fn invite(session: &Session, client: &Client, name: &str) -> Result<Ending, Failure> {
    let id = Directory::read(client)?.person(name)?;
    let path = format!("/api/v1/people/{}/link", segment(&id.to_string()));
    tell(session, &client.post(&path, &serde_json::json!({}))?)
}

fn tell(session: &Session, invited: &Invited) -> Result<Ending, Failure> {
    session.out.print(invited, || {
        let until = session.moments().full(invited.expires_at);
        format!(
            "{}: one-time link, works once and until {until}:\n{}",
            one_line(&invited.name, 80),
            invited.url
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_names_the_command_whatever_is_in_the_names() {
        let person = |name: &str| api::PersonRef { id: fact::PersonId(uuid::Uuid::nil()), name: name.into() };
        let check = |alike: Alike, expected: &str| assert_eq!(proposal(&alike), expected);
        check(
            Alike::People { into: person("Ada"), other: person("ada o'neill; rm"), reason: "why".into() },
            "Ada and ada o'neill; rm may be one person: why\n  deadstick people join Ada 'ada o'\\''neill; rm'",
        );
        check(
            Alike::Handle {
                person: person("Ada"),
                handle: "-x".into(),
                source: "ops".into(),
                reason: "why".into(),
            },
            "-x in ops may be Ada: why\n  deadstick people handle Ada -x --source ops",
        );
    }
}
