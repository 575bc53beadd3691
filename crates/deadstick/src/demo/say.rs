//! What people say: commands, given as themselves.

use std::str::FromStr;

use api::{RedactionDone, RedactionRequest, SourceAdded};
use fact::{FactId, PersonId, Timestamp};
use incident::{Because, Command, IncidentRole, Mapping, ResultOutcome, Role};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::story::{Line, seconds};
use super::teller::{Teller, unknown};
use crate::client::segment;
use crate::failure::Failure;

/// Says a line; tells the fact that stands for it.
pub fn say(teller: &mut Teller, name: &str, line: &Line) -> Result<Option<FactId>, Failure> {
    let person = teller.person(name)?;
    match line.verb.as_str() {
        "source" => return add_source(teller, person, line).map(|()| None),
        "redact" => return redact(teller, person, line).map(|()| None),
        _ => {}
    }
    let command = command(teller, line)?;
    let is_declaration = matches!(command, Command::Declare { .. });
    let is_person = matches!(command, Command::AddPerson { .. });
    let done = teller.give(person, command)?;
    if is_person {
        // A person's id is that of the fact that added them.
        teller.people.insert(line.text.clone(), PersonId(done.fact.0));
    }
    if is_declaration {
        let declared = done.incident.clone().ok_or_else(|| unknown("incident", &line.text))?;
        teller.declared(line.key("as"), declared);
    }
    Ok(Some(done.fact))
}

fn add_source(teller: &mut Teller, person: PersonId, line: &Line) -> Result<(), Failure> {
    let new = json!({"kind": line.key("kind"), "name": line.text});
    let added: SourceAdded = teller.client(person)?.post("/api/v1/sources", &new)?;
    teller.addresses.insert(added.source.clone(), format!("/in/{}/{}", segment(&added.source), added.secret));
    Ok(())
}

fn redact(teller: &mut Teller, person: PersonId, line: &Line) -> Result<(), Failure> {
    let facts = vec![teller.fact(line, "fact")?];
    let request = RedactionRequest { facts, containing: None, why: line.text.clone(), dry_run: false };
    let done: RedactionDone = teller.client(person)?.post("/api/v1/redactions", &request)?;
    if done.count > 0 { Ok(()) } else { Err(Failure::refused("demo", "Nothing was redacted.")) }
}

/// A line as a command.
fn command(teller: &mut Teller, line: &Line) -> Result<Command, Failure> {
    if let Some(command) = entry(teller, line)? {
        return Ok(command);
    }
    if let Some(command) = about_facts(teller, line)? {
        return Ok(command);
    }
    if let Some(command) = about_the_incident(teller, line)? {
        return Ok(command);
    }
    set_up(teller, line)?.ok_or_else(|| unknown("verb", &line.verb))
}

/// `did`, `note`, `why` and the beginning and end of an incident.
fn entry(teller: &Teller, line: &Line) -> Result<Option<Command>, Failure> {
    let (text, at) = (line.text.clone(), teller.time(line, "at")?);
    let incident = match line.key("incident") {
        Some(label) => Some(teller.labelled(label)?),
        None => teller.here().ok(),
    };
    let said = Some(text.clone()).filter(|text| !text.is_empty());
    Ok(Some(match line.verb.as_str() {
        "did" => {
            let because = line.key("because").map(word::<Because>).transpose()?;
            Command::Did { text, incident, at, temporary: line.has("temporary"), because }
        }
        "note" => Command::Note { text, incident, at },
        "why" => Command::Why { text, incident, at },
        "mitigated" => Command::Mitigated { incident, at, text: said },
        "close" => Command::Close { incident, at, text: said },
        "status" => Command::Status { incident, text, next_due: due(teller, line)? },
        "declare" => Command::Declare {
            title: text,
            severity: number(line, "severity")?,
            started_at: at,
            services: list(line, "services"),
            private: line.has("private"),
            external_id: None,
        },
        _ => return Ok(None),
    }))
}

/// Results, corrections, measures.
fn about_facts(teller: &mut Teller, line: &Line) -> Result<Option<Command>, Failure> {
    let text = line.text.clone();
    Ok(Some(match line.verb.as_str() {
        "result" => Command::Result {
            action: teller.fact(line, "action")?,
            incident: Some(teller.here()?),
            outcome: outcome(line)?,
            text,
        },
        "confirm" | "deny" => Command::Verdict {
            incident: teller.here()?,
            action: teller.fact(line, "action")?,
            result: teller.fact(line, "result")?,
            outcome: outcome(line)?,
            rule: None,
            confirmed: line.verb == "confirm",
        },
        "undo-temporary" => {
            Command::UndoTemporary { measure: teller.fact(line, "measure")?, at: None, text: Some(text) }
        }
        "accept-temporary" => Command::AcceptTemporary { measure: teller.fact(line, "measure")?, why: text },
        "amend" => Command::Amend {
            fact: teller.fact(line, "fact")?,
            occurred_at: teller.time(line, "at")?,
            text: None,
            why: line.key("why").map(str::to_owned),
        },
        "undo" => Command::Undo { fact: teller.fact(line, "fact")?, why: line.key("why").map(str::to_owned) },
        "star" => Command::Star { incident: teller.here()?, fact: teller.fact(line, "fact")?, on: true },
        "hide" => Command::Hide { incident: teller.here()?, fact: teller.fact(line, "fact")?, on: true },
        _ => return Ok(None),
    }))
}

/// What is known of an incident, and who does what.
fn about_the_incident(teller: &mut Teller, line: &Line) -> Result<Option<Command>, Failure> {
    if line.verb == "handover" {
        let incident = teller.here()?;
        let to = teller.person(line.key("to").unwrap_or_default())?;
        let path = format!("/api/v1/incidents/{}/brief", segment(&incident.0));
        let brief = teller.client(to)?.read::<api::Brief>(&path)?.text;
        return Ok(Some(Command::HandOver { incident, to, brief }));
    }
    let Ok(incident) = teller.here() else { return Ok(None) };
    Ok(Some(match line.verb.as_str() {
        "severity" => {
            Command::Severity { incident, severity: number(line, "severity")?, why: Some(line.text.clone()) }
        }
        "role" => {
            let role: IncidentRole = word(line.key("role").unwrap_or_default())?;
            Command::Role {
                incident,
                role,
                person: Some(teller.person(line.key("person").unwrap_or_default())?),
            }
        }
        "impact" => Command::Impact {
            incident,
            from: teller.time(line, "from")?,
            until: teller.time(line, "until")?,
            who: line.text.clone(),
            how_known: line.key("how").map(str::to_owned),
            evidence: teller.maybe_fact(line, "evidence")?,
        },
        "detection" => Command::Detection {
            incident,
            at: teller.occurred_at(line)?,
            by: line.key("by").unwrap_or_default().to_owned(),
            evidence: teller.maybe_fact(line, "evidence")?,
        },
        "same-as" => {
            let double = teller.labelled(line.key("incident").unwrap_or_default())?;
            Command::SameAs { incident: double, same_as: incident }
        }
        "members" => {
            let add = list(line, "add").iter().map(|name| teller.person(name)).collect::<Result<_, _>>()?;
            Command::Privacy { incident, private: true, add, remove: Vec::new() }
        }
        _ => return Ok(None),
    }))
}

/// People and sources.
fn set_up(teller: &Teller, line: &Line) -> Result<Option<Command>, Failure> {
    let text = line.text.clone();
    let key = |name: &str| line.key(name).map(str::to_owned);
    let source = key("source").unwrap_or_default();
    Ok(Some(match line.verb.as_str() {
        "person" => {
            let role: Role = word(line.key("role").unwrap_or_default())?;
            Command::AddPerson { name: text, role }
        }
        "handle" => {
            let person = teller.person(line.key("person").unwrap_or_default())?;
            Command::AddHandle { person, handle: text, source: key("source") }
        }
        "retention" => Command::Retention { source, days: Some(number(line, "days")?) },
        "map" => {
            let mapping = Mapping {
                time: key("time"),
                text: key("text"),
                actor: key("actor"),
                native_id: key("native_id"),
                kind: key("kind"),
                ..Mapping::default()
            };
            Command::Map { source, mapping }
        }
        _ => return Ok(None),
    }))
}

fn due(teller: &Teller, line: &Line) -> Result<Option<Timestamp>, Failure> {
    let due =
        |text| seconds(text).map(|after| teller.moment(line.at + after)).ok_or_else(|| unknown("time", text));
    line.key("next").map(due).transpose()
}

fn outcome(line: &Line) -> Result<ResultOutcome, Failure> {
    word(line.key("outcome").unwrap_or_default())
}

/// A word as its type is written on the wire.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_value(Value::String(text.into())).map_err(|_| unknown("word", text))
}

fn number<T: FromStr>(line: &Line, key: &str) -> Result<T, Failure> {
    let text = line.key(key).unwrap_or_default();
    text.parse().map_err(|_| unknown("number", text))
}

fn list(line: &Line, key: &str) -> Vec<String> {
    line.key(key).unwrap_or_default().split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
