//! Secrets are removed before anything is hashed or written to disk.
//!
//! By pattern, so neither complete nor exact: what looks like a credential goes, wherever it stands,
//! and `[secret removed: KIND]` says so. Signatures of a delivery are checked before this.
//! Removing twice changes nothing more.

mod patterns;
mod raw;

use std::borrow::Cow;

use fact::Content;
use serde_json::{Map, Value};

pub use patterns::remove_from_text;

use crate::{base64, telling};

/// Removes secrets from everything that a fact holds, and says how many.
///
/// JSON in `raw` stays JSON. What outgrows its limit by the marks is cut, as at intake.
pub fn remove(content: &mut Content) -> usize {
    let mut count = clean(&mut content.text) + clean(&mut content.native_id);
    for field in [&mut content.actor, &mut content.thread, &mut content.zone].into_iter().flatten() {
        count += clean(field);
    }
    count += clean_bytes(&mut content.data);
    count += clean_map(&mut content.data);
    if let Some(raw) = &mut content.raw {
        count += replace(raw, raw::remove);
    }
    if count > 0 {
        telling::fit(content);
    }
    count
}

/// Removes secrets from every text of a JSON value, and says how many.
pub fn remove_from_json(value: &mut Value) -> usize {
    clean_value("", value)
}

fn clean(text: &mut String) -> usize {
    replace(text, remove_from_text)
}

/// Replaces a text by what is left of it, unless that is all.
fn replace(text: &mut String, remove: fn(&str) -> (Cow<'_, str>, usize)) -> usize {
    match remove(text) {
        (Cow::Owned(cleaned), count) if count > 0 => {
            *text = cleaned;
            count
        }
        _ => 0,
    }
}

fn clean_map(map: &mut Map<String, Value>) -> usize {
    map.iter_mut().map(|(key, value)| clean_value(key, value)).sum()
}

fn clean_value(key: &str, value: &mut Value) -> usize {
    match value {
        Value::String(text) => match patterns::secret_by_key(key, text) {
            Some(kind) => {
                *text = patterns::mark(kind);
                1
            }
            None => clean(text),
        },
        Value::Number(number) => match patterns::secret_by_key(key, &number.to_string()) {
            Some(kind) => {
                *value = Value::String(patterns::mark(kind));
                1
            }
            None => 0,
        },
        // `"tokens": ["a", "b"]` says the same of each as `"token": "a"`.
        Value::Array(items) => {
            let key = key.strip_suffix('s').unwrap_or(key);
            items.iter_mut().map(|item| clean_value(key, item)).sum()
        }
        Value::Object(map) => clean_map(map),
        Value::Null | Value::Bool(_) => 0,
    }
}

/// Bytes that are no UTF-8 are kept as base 64, which would hide a secret from every pattern.
fn clean_bytes(data: &mut Map<String, Value>) -> usize {
    let Some(Value::String(encoded)) = data.get_mut("raw_base64") else { return 0 };
    let Some(bytes) = base64::decode(encoded) else { return 0 };
    // One character a byte and back: what the patterns look for is ASCII.
    let letters: String = bytes.iter().copied().map(char::from).collect();
    let (cleaned, count) = remove_from_text(&letters);
    if count > 0 {
        let bytes: Vec<u8> = cleaned.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect();
        *encoded = base64::encode(&bytes);
    }
    count
}

#[cfg(test)]
mod tests {
    use fact::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fact(text: &str, data: Value, raw: &str) -> Content {
        let mut content = Content::new("n", Timestamp::from_secs(1_700_000_000), text);
        content.data = data.as_object().cloned().unwrap_or_default();
        content.raw = Some(raw.into());
        content
    }

    #[test]
    fn reaches_every_part() {
        let secret = "ghp_0123456789abcdefghij0123456789abcdef";
        let mut content = fact(
            &format!("pushed with {secret}"),
            json!({
                "deep": [{"text": secret}], "password": "correct horse", "tokens": ["a1b2c3d4e5"],
                "pin_token": 12_345_678, "empty": {"password": ""}, "n": 1,
                "raw_base64": base64::encode(format!("\u{1}\u{2}{secret}").as_bytes()),
            }),
            &json!({"a": secret, "b": {"client_secret": "s3cr3t", "c": [1, 2.50]}}).to_string(),
        );
        content.actor = Some(format!("bot {secret}"));
        content.thread = Some(secret.into());
        content.native_id = format!("push/{secret}");
        assert_eq!(remove(&mut content), 11);
        let text = serde_json::to_string(&content).unwrap();
        for leaked in [
            secret,
            "correct horse",
            "a1b2c3d4e5",
            "12345678",
            "s3cr3t",
            &base64::encode(secret.as_bytes())[..20],
        ] {
            assert!(!text.contains(leaked), "{leaked} in {text}");
        }
        let raw: Value = serde_json::from_str(content.raw.as_deref().unwrap()).unwrap();
        assert_eq!(
            raw,
            json!({
                "a": "[secret removed: github token]",
                "b": {"client_secret": "[secret removed: secret]", "c": [1, 2.5]},
            })
        );
        assert_eq!(content.native_id, "push/[secret removed: github token]");
        let again = content.clone();
        assert_eq!(remove(&mut content), 0);
        assert_eq!(content, again);
    }

    #[test]
    fn what_outgrows_its_limit_is_cut() {
        let text = "?token=a1b2c3d4&".repeat(4_000);
        let mut content = fact(&text, json!({}), &"?token=a1b2c3d4&".repeat(60_000));
        let count = remove(&mut content);
        assert_eq!(count, 64_000);
        assert!(content.text.len() <= fact::Limits::TEXT);
        assert!(content.raw.is_some_and(|raw| raw.len() <= fact::Limits::RAW));
    }

    proptest! {
        #[test]
        fn never_panics_and_is_done_after_once(text in any_text(), raw in any_text()) {
            let mut content = fact(&text, json!({"a": raw}), &raw);
            remove(&mut content);
            let once = content.clone();
            prop_assert_eq!(remove(&mut content), 0);
            prop_assert_eq!(content, once);
        }

        #[test]
        fn the_pre_filter_lets_nothing_through(text in any_text()) {
            prop_assert_eq!(remove_from_text(&text), patterns::without_prefilter(&text));
        }

        #[test]
        fn json_stays_json(text in any_text(), key in "[a-z]{0,3}(password|token|x)", pretty: bool) {
            let value = json!({&key: &text, "list": [&text, {"a": &text}], "n": 1.5, "z": null});
            let written = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let written = written.unwrap();
            let (cleaned, _) = raw::remove(&written);
            let cleaned: Value = serde_json::from_str(&cleaned).unwrap();
            // The same as cleaning the value itself.
            let mut expected = value;
            clean_value("", &mut expected);
            prop_assert_eq!(cleaned, expected);
        }
    }

    /// Text in which secrets and their surroundings are frequent.
    fn any_text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("password=".to_owned()),
            Just("\"token\": \"".to_owned()),
            Just("Authorization: Bearer ".to_owned()),
            Just("https://user:".to_owned()),
            Just("-----BEGIN PRIVATE KEY-----".to_owned()),
            Just("[secret removed: password]".to_owned()),
            Just("ghp_0123456789abcdefghij0123456789abcdef".to_owned()),
            Just("curl -u a:".to_owned()),
            "[a-zA-Z0-9@:/ \"'\\\\=&;\\[\\]{}\n-]{0,12}",
            ".{0,6}",
        ];
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }
}
