//! The record of an erasure, as it stands in the log.

use fact::{Content, Erasure, decode_content};
use serde_json::{Map, Value};

/// Reads the record from a stored content; `None` if it is none.
pub(crate) fn record(content: &[u8]) -> Option<Erasure> {
    record_of(&decode_content(content).ok()?)
}

/// Reads the record from a content.
pub(crate) fn record_of(content: &Content) -> Option<Erasure> {
    serde_json::from_value(Value::Object(content.data.clone())).ok()
}

/// The record as a fact's data.
pub(crate) fn data(erasure: &Erasure) -> Map<String, Value> {
    match serde_json::to_value(erasure) {
        Ok(Value::Object(map)) => map,
        _ => unreachable!("a record is an object with string keys"),
    }
}
