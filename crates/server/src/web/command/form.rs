//! A form's fields as a command: the same JSON that the API takes.

use axum::http::StatusCode;
use fact::{FactId, Timestamp};
use incident::Envelope;
use serde_json::{Map, Value};

use super::super::zone::Zone;
use crate::Problem;

/// What a form sends, in order; a name may come more than once.
pub(crate) type Fields = Vec<(String, String)>;

/// The first field of that name that is not empty.
pub(crate) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.trim())
        .find(|value| !value.is_empty())
}

fn refused(title: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-form", title)
}

/// The command that a form stands for.
///
/// Field names are those of [`Envelope`]; empty ones are left out, times are read in the reader's
/// zone, lists are split at commas. `next_in` counts minutes from now to the next update.
pub(crate) fn envelope(
    fields: &Fields,
    zone: &Zone,
    now: Timestamp,
    fresh: FactId,
) -> Result<Envelope, Problem> {
    let verb = field(fields, "verb").unwrap_or_default().to_owned();
    let mut json = Map::new();
    let mut mapping = Map::new();
    for (key, value) in fields {
        let value = value.trim();
        if value.is_empty() || key == "back" {
            continue;
        }
        if let Some(path) = key.strip_prefix("mapping.") {
            mapping.insert(path.to_owned(), value.into());
            continue;
        }
        match typed(&verb, key, value, zone, now)? {
            Value::Array(more) => match json.entry(key.clone()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.extend(more),
                other => *other = Value::Array(more),
            },
            one => {
                let key = if key == "next_in" { "next_due" } else { key };
                json.insert(key.to_owned(), one);
            }
        }
    }
    if verb == "map" {
        json.insert("mapping".into(), Value::Object(mapping));
    }
    if verb == "scope" {
        json.entry("sources").or_insert_with(|| Value::Array(Vec::new()));
    }
    json.entry("id").or_insert_with(|| Value::String(fresh.to_string()));
    serde_json::from_value(Value::Object(json)).map_err(|error| {
        refused("The form is not complete, or a field is not what it should be.").hint(error.to_string())
    })
}

fn typed(verb: &str, key: &str, value: &str, zone: &Zone, now: Timestamp) -> Result<Value, Problem> {
    let is_time = matches!(key, "at" | "until" | "next_due" | "occurred_at" | "started_at" | "given_at")
        || (key == "from" && matches!(verb, "impact" | "window"));
    if is_time {
        let at = zone.read(value, now).ok_or_else(|| {
            refused(format!("`{value}` is not a time."))
                .hint("Write 14:05, 2026-02-20 14:05 (in the zone that the page shows), or RFC 3339.")
        })?;
        return Ok(Value::String(at.to_string()));
    }
    let number = || {
        value
            .parse::<u64>()
            .map_err(|_| refused(format!("`{value}` is not a whole number, in the field {key}.")))
    };
    Ok(match key {
        "severity" | "seen_version" | "days" => number()?.into(),
        "next_in" => {
            let minutes = i64::try_from(number()?.min(10_080)).unwrap_or(0);
            Value::String(now.plus_minutes(minutes).to_string())
        }
        "private" | "temporary" | "on" | "confirmed" => Value::Bool(matches!(value, "true" | "on" | "yes")),
        "services" | "add" | "remove" | "sources" => {
            value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
        }
        _ => Value::String(value.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &str, expected: &str) {
        let fields: Fields = form
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let now: Timestamp = "2026-02-20T15:10:00Z".parse().unwrap();
        let fresh = "019c7d1c-2bd8-7000-8000-000000000001".parse().unwrap();
        let told = match envelope(&fields, &Zone::named("Europe/Berlin"), now, fresh) {
            Ok(envelope) => {
                let mut json = serde_json::to_value(envelope).unwrap();
                json.as_object_mut().unwrap().retain(|key, value| key != "id" && !value.is_null());
                json.to_string()
            }
            Err(problem) => problem.body.title.clone(),
        };
        assert_eq!(told, expected, "{form}");
    }

    #[test]
    fn forms_are_commands() {
        check(
            "verb=declare&title=Checkout answers 502&severity=2&services=checkout, pay,&started_at=15:00&back=/x",
            r#"{"private":false,"services":["checkout","pay"],"severity":2,"started_at":"2026-02-20T14:00:00.000000Z","title":"Checkout answers 502","verb":"declare"}"#,
        );
        check(
            "verb=status&incident=INC-1&text=Rolling back&next_in=30&seen_version=7",
            r#"{"incident":"INC-1","next_due":"2026-02-20T15:40:00.000000Z","seen_version":7,"text":"Rolling back","verb":"status"}"#,
        );
        check(
            "verb=did&text=  restarted  &temporary=on&because=",
            r#"{"temporary":true,"text":"restarted","verb":"did"}"#,
        );
        check("verb=scope&incident=INC-1", r#"{"incident":"INC-1","sources":[],"verb":"scope"}"#);
    }

    #[test]
    fn says_what_is_wrong() {
        check("verb=declare&title=x&severity=bad", "`bad` is not a whole number, in the field severity.");
        check("verb=mitigated&at=soon", "`soon` is not a time.");
        check("verb=nothing", "The form is not complete, or a field is not what it should be.");
        check("verb=declare", "The form is not complete, or a field is not what it should be.");
    }
}
