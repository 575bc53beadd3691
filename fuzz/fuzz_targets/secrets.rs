//! Removing secrets: done after once, and JSON stays JSON.
#![no_main]

use fact::{Content, FactId, Kind, Limits, NewFact, SourceId, Timestamp};
use intake::secrets;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let text: String = text.replace('\0', " ").chars().take(4_000).collect();
    let mut content = Content::new("n", Timestamp::from_secs(1_700_000_000), text.clone());
    content.actor = text.get(..100).map(str::to_owned);
    content.data.insert(text.chars().take(20).collect(), text.clone().into());
    content.raw = Some(text.clone());
    let was_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
    secrets::remove(&mut content);
    let once = content.clone();
    assert_eq!(secrets::remove(&mut content), 0, "{once:?}");
    assert_eq!(content, once);
    let raw = content.raw.as_deref().unwrap_or_default();
    assert!(!was_json || serde_json::from_str::<serde_json::Value>(raw).is_ok(), "{raw}");
    let fact = NewFact { id: FactId::from_bytes([1; 16]), source: SourceId::OWN, kind: Kind::NOTE, content };
    Limits::check(&fact).expect("it is within the limits");
});
