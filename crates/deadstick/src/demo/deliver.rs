//! What sources deliver, each in its own form.

use fact::{FactId, Timestamp};
use serde_json::{Map, Value, json};

use super::story::Line;
use super::teller::{Teller, unknown};
use crate::failure::Failure;

/// Delivers a line as its source would; tells the id where the source chooses it.
pub fn deliver(teller: &mut Teller, line: &Line) -> Result<Option<FactId>, Failure> {
    let at = teller.occurred_at(line)?;
    let (id, body) = match line.verb.as_str() {
        "firing" | "resolved" => (None, alert(teller, line, at)?),
        "deploy" => (None, deploy(teller, line, at)),
        "mail" => (None, mail(line, at)),
        "delivery" => (None, serde_json::from_str(&line.text).map_err(|_| unknown("JSON", &line.text))?),
        _ => {
            let id = teller.id(at);
            (Some(id), fact_in(teller, line, id, at)?)
        }
    };
    let address = teller.addresses.get(&line.who).ok_or_else(|| unknown("source", &line.who))?.clone();
    let answer: Value = teller.nobody.post(&address, &body)?;
    let was_kept = answer["status"] == "stored" || answer["stored"].as_u64().is_some_and(|stored| stored > 0);
    if was_kept { Ok(id) } else { Err(Failure::refused("demo", "It was not kept.").why(answer)) }
}

/// Alertmanager's webhook, version 4.
fn alert(teller: &mut Teller, line: &Line, at: Timestamp) -> Result<Value, Failure> {
    let name = line.words.first().ok_or_else(|| unknown("alert", ""))?;
    let mut labels = Map::from_iter([("alertname".to_owned(), json!(name))]);
    labels.extend(line.keys.iter().map(|(key, value)| (key.clone(), json!(value))));
    let series = Value::Object(labels.clone()).to_string();
    let is_firing = line.verb == "firing";
    let starts_at = if is_firing {
        *teller.firing.entry(series.clone()).or_insert(at)
    } else {
        teller.firing.remove(&series).ok_or_else(|| unknown("firing alert", name))?
    };
    let ends_at = if is_firing { "0001-01-01T00:00:00Z".to_owned() } else { at.to_string() };
    let status = &line.verb;
    Ok(json!({
        "version": "4", "receiver": "deadstick", "status": status, "groupKey": format!("{{}}:{{alertname=\"{name}\"}}"),
        "groupLabels": {"alertname": name}, "commonLabels": labels, "commonAnnotations": {"summary": line.text},
        "externalURL": "http://alertmanager.harbour.example:9093", "truncatedAlerts": 0,
        "alerts": [{
            "status": status, "labels": labels, "annotations": {"summary": line.text}, "startsAt": starts_at,
            "endsAt": ends_at, "fingerprint": fingerprint(&series),
            "generatorURL": "http://prometheus.harbour.example:9090/graph",
        }],
    }))
}

/// Sixteen digits that stay the same for the same labels (FNV-1a).
fn fingerprint(series: &str) -> String {
    let hash = series.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// GitHub's `deployment_status`.
fn deploy(teller: &mut Teller, line: &Line, at: Timestamp) -> Value {
    let bits = teller.id(at).0.as_u128();
    let number = bits % 1_000_000_000;
    let sha: String = format!("{bits:032x}{number:08x}").chars().rev().collect();
    let key = |name| line.key(name).unwrap_or_default();
    let begin = at.plus_micros(-45_000_000);
    json!({
        "deployment_status": {
            "id": number + 1, "state": key("state"), "environment": key("environment"), "description": line.text,
            "created_at": at, "updated_at": at,
        },
        "deployment": {
            "id": number, "ref": key("ref"), "sha": sha,
            "environment": key("environment"), "description": line.text, "created_at": begin, "updated_at": begin,
        },
        "repository": {"full_name": key("repo")},
        "sender": {"login": line.words.first()},
    })
}

/// What the helpdesk sends: JSON of its own, read by field paths.
fn mail(line: &Line, at: Timestamp) -> Value {
    json!({"id": line.key("id"), "created": at, "from": line.key("from"), "subject": line.text})
}

/// A fact as scripts and recorders send it.
fn fact_in(teller: &Teller, line: &Line, id: FactId, at: Timestamp) -> Result<Value, Failure> {
    let mut data = Map::new();
    for (key, value) in &line.keys {
        match key.as_str() {
            "as" | "at" | "from" | "until" => {}
            "exit" => {
                let status: i64 = value.parse().map_err(|_| unknown("exit status", value))?;
                data.insert("exit_status".into(), json!(status));
            }
            _ => {
                data.insert(key.clone(), json!(value));
            }
        }
    }
    let mut fact = json!({
        "id": id, "source": line.who, "kind": line.verb, "occurred_at": at, "actor": line.words.first(),
        "text": line.text, "data": data,
    });
    if line.verb == "gap" {
        let (begin, end) = (teller.time(line, "from")?, teller.time(line, "until")?);
        fact["span"] = json!({"begin": begin, "end": end});
    }
    Ok(fact)
}
