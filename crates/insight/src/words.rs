//! Words by which an action and an alert are about the same thing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Seen;

/// Words that everything is about.
const COMMON: [&str; 40] = [
    "and",
    "the",
    "for",
    "with",
    "from",
    "into",
    "was",
    "has",
    "not",
    "all",
    "prod",
    "production",
    "critical",
    "warning",
    "error",
    "page",
    "high",
    "low",
    "true",
    "false",
    "http",
    "https",
    "www",
    "com",
    "net",
    "org",
    "local",
    "localhost",
    "default",
    "alert",
    "alerts",
    "rate",
    "service",
    "server",
    "monitoring",
    "prometheus",
    "kubectl",
    "sudo",
    "systemctl",
    "deploy",
];

/// More words than this tell nothing more.
const MOST: usize = 64;

fn collect(words: &mut BTreeSet<String>, text: &str) {
    // The beginning says what it is about; what follows is output.
    let text = text.char_indices().nth(400).map_or(text, |(end, _)| &text[..end]);
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if words.len() >= MOST {
            return;
        }
        let word = word.to_lowercase();
        let tells = word.len() >= 3 && !word.bytes().all(|byte| byte.is_ascii_digit());
        if tells && !COMMON.contains(&word.as_str()) {
            words.insert(word);
        }
    }
}

/// What an action is about.
pub(crate) fn of_action(action: &Seen<'_>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    collect(&mut words, action.text);
    for name in ["service", "app", "repository", "project", "environment", "host", "cwd", "command"] {
        if let Some(text) = action.told(&[name]) {
            collect(&mut words, text);
        }
    }
    words
}

/// What an alert is about: the values of its labels, or its text if it has none.
pub(crate) fn of_alert(alert: &Seen<'_>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    match alert.data.get("labels").and_then(Value::as_object) {
        Some(labels) => {
            let told = labels.iter().filter(|(name, _)| !["severity", "alertname"].contains(&name.as_str()));
            told.filter_map(|(_, value)| value.as_str()).for_each(|text| collect(&mut words, text));
        }
        None => collect(&mut words, alert.text),
    }
    words
}
