//! How people name things on the command line.

use std::str::FromStr;

use api::Person;
use fact::{FactId, PersonId};
use incident::{IncidentRef, ShortName};

use crate::client::{Client, segment};
use crate::failure::Failure;

/// An incident as typed: `INC-12`, `12` or a UUID.
pub fn incident(text: &str) -> Result<IncidentRef, String> {
    let is_uuid = text.parse::<FactId>().is_ok();
    match text.parse::<ShortName>() {
        Ok(name) => Ok(IncidentRef(name.to_string())),
        Err(_) if is_uuid => Ok(IncidentRef(text.into())),
        Err(error) => Err(error.to_string()),
    }
}

/// A fact as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactArgument {
    /// Its UUID.
    Id(FactId),
    /// Its position in the log, as `timeline` shows it: `#4711` or `4711`.
    Position(u64),
}

impl FromStr for FactArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(FactArgument::Id(id));
        }
        let position = text.strip_prefix('#').unwrap_or(text).parse().map_err(|_| {
            format!("`{text}` is not a fact: expected its number in a timeline such as #4711, or its UUID")
        })?;
        Ok(FactArgument::Position(position))
    }
}

impl FactArgument {
    /// Its id. A position is looked for in the incident given, else in all incidents, newest first.
    pub fn id(&self, client: &Client, within: Option<&IncidentRef>) -> Result<FactId, Failure> {
        let position = match self {
            FactArgument::Id(id) => return Ok(*id),
            FactArgument::Position(position) => *position,
        };
        let incidents = match within {
            Some(incident) => vec![incident.0.clone()],
            None => {
                let all: Vec<api::Incident> = client.read("/api/v1/incidents")?;
                all.into_iter().map(|incident| incident.incident).collect()
            }
        };
        for incident in &incidents {
            let path = format!("/api/v1/incidents/{}/timeline", segment(incident));
            let facts = crate::verb::timeline::facts(client, &path, "&hidden=true")?;
            if let Some(fact) = facts.iter().find(|fact| fact.position == position) {
                return Ok(fact.id);
            }
        }
        let place = within.map_or_else(
            || "any incident's timeline".into(),
            |incident| format!("the timeline of {}", incident.0),
        );
        Err(Failure::refused("not-found", format!("There is no fact #{position} in {place}."))
            .hint("`deadstick timeline INC` shows the numbers; a fact's UUID works everywhere."))
    }
}

/// Finds people by name, for commands that take ids.
pub struct Directory {
    people: Vec<Person>,
}

impl Directory {
    /// Everybody, as the server tells.
    pub fn read(client: &Client) -> Result<Self, Failure> {
        Ok(Directory { people: client.read("/api/v1/people")? })
    }

    /// The person called so, or with this id.
    pub fn person(&self, text: &str) -> Result<PersonId, Failure> {
        let wanted = text.to_lowercase();
        let id = text.parse::<PersonId>().ok();
        let found =
            self.people.iter().find(|person| Some(person.id) == id || person.name.to_lowercase() == wanted);
        found.map(|person| person.id).ok_or_else(|| {
            Failure::refused("no-such-person", format!("Nobody here is called `{text}`."))
                .choices(self.people.iter().filter(|person| person.active).map(|person| person.name.clone()))
                .hint("`deadstick people list` shows everybody, `deadstick people add NAME` adds somebody.")
        })
    }

    /// Several people.
    pub fn all(&self, texts: &[String]) -> Result<Vec<PersonId>, Failure> {
        texts.iter().map(|text| self.person(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incidents_are_named_in_three_ways() {
        let check = |text, expected: Result<&str, &str>| {
            let named = incident(text).map(|incident| incident.0);
            assert_eq!(named.as_deref().map_err(String::as_str), expected);
        };
        check("inc-7", Ok("INC-7"));
        check("7", Ok("INC-7"));
        check("019ab3de-7a43-7c21-8f00-000000000001", Ok("019ab3de-7a43-7c21-8f00-000000000001"));
        check("../tokens", Err("`../tokens` is not an incident: expected INC-12, 12 or a UUID"));
    }

    #[test]
    fn facts_are_named_by_position_or_id() {
        assert_eq!("#4711".parse(), Ok(FactArgument::Position(4711)));
        assert_eq!("4711".parse(), Ok(FactArgument::Position(4711)));
        assert!("last".parse::<FactArgument>().is_err());
    }
}
