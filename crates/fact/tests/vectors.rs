//! The vectors of docs/formats/fact.md: a log once written is verified for ever.

use fact::{
    Content, Digest, FactId, Header, IdentityKey, Kind, SourceId, Span, Timestamp, content_bytes,
    decode_content, leaf, node, root_of,
};
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/fact.md"));

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fact with every field.
fn content() -> Content {
    let at: Timestamp = "2026-02-20T15:10:00.5Z".parse().expect("a time");
    let mut content = Content::new("C0123/1771600200.000100", at, "naïve \"quotes\"\n🛬");
    content.revision = 2;
    content.zone = Some("Europe/Berlin".into());
    content.uncertainty_s = Some(30);
    content.actor = Some("ufw".into());
    content.thread = Some("C0123/1771600000.000000".into());
    content.span = Some(Span { begin: at, end: Some(at.plus_minutes(5)) });
    content.live = true;
    content.entity = Some("019ab3de-7a43-7c21-8f00-000000000009".parse().expect("an id"));
    content.version = Some(3);
    content.about = vec!["019ab3de-7a43-7c21-8f00-000000000001".parse().expect("an id")];
    content.data.insert("b".into(), json!(1.5));
    content.data.insert("a".into(), json!([true, null]));
    content.raw = Some("{\"as\": \"it came\"}".into());
    content
}

fn vectors() -> Value {
    let id: FactId = "019ab3de-7a43-7c21-8f00-000000000002".parse().expect("an id");
    let source: SourceId = "019ab3de-0000-7000-8000-000000000003".parse().expect("an id");
    let recorded_at = Timestamp::from_micros(1_771_600_201_000_000);
    let header = Header { position: 258, id, source, kind: Kind::MESSAGE, recorded_at };
    let salt = *b"sixteen of salt!";
    let bytes = content_bytes(&content());
    let short = content_bytes(&Content::new("1", Timestamp::from_micros(0), ""));
    let key = IdentityKey([7; 32]);
    let leaves: Vec<Digest> = (0..258u16).map(|n| Digest([n.to_be_bytes()[1]; 32])).collect();
    json!({
        "header": hex(&header.bytes()),
        "salt": hex(&salt),
        "leaf": leaf(&header, &salt, &bytes).hex(),
        "shortest_content": String::from_utf8(short).expect("JSON is UTF-8"),
        "identity_key": hex(&key.0),
        "native_id": content().native_id,
        "identity": key.identity(source, &content().native_id).hex(),
        "thread": key.thread(source, "C0123/1771600000.000000").hex(),
        "root_of_no_leaves": root_of([]).hex(),
        "node_of_00_and_01": node(&leaves[0], &leaves[1]).hex(),
        "root_of_258_leaves_of_repeated_position_bytes": root_of(leaves).hex(),
    })
}

fn fenced<'a>(fence: &str) -> &'a str {
    let start = DOCUMENT.find(&format!("```{fence}\n")).expect("the document has the block");
    let block = &DOCUMENT[start + fence.len() + 4..];
    &block[..block.find("\n```").expect("the block ends")]
}

#[test]
fn the_document_tells_what_the_code_does() {
    let told: Value = serde_json::from_str(fenced("json")).expect("the vectors are JSON");
    let found = vectors();
    assert_eq!(told, found, "{}", serde_json::to_string_pretty(&found).expect("JSON"));
}

#[test]
fn the_content_is_stored_as_the_document_shows() {
    let bytes = String::from_utf8(content_bytes(&content())).expect("JSON is UTF-8");
    let after = DOCUMENT.find("byte for byte:").expect("the document shows the content");
    let shown = &DOCUMENT[after..];
    assert!(shown.contains(&format!("```\n{bytes}\n```")), "{bytes}");
    assert_eq!(decode_content(bytes.as_bytes()).expect("it is readable"), content());
}
