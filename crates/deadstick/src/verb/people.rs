//! `people`: who may log in, and how sources call them.

use api::{Invited, Person};
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
    /// List everybody
    List,
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
    /// Also redacts and joins handles
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

impl People {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        let id = |name: &str| Directory::read(&client)?.person(name);
        match self.what.unwrap_or(What::List) {
            What::List => list(session, &client),
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
        table(["name", "role", "handles", "id"], rows)
    })
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
