//! Lines of facts: what is read is within the limits and reads the same again.
#![no_main]

use fact::{Limits, NewFact, SourceId};
use intake::ndjson;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let _ = ndjson::id(line);
    let Ok(read) = ndjson::read(line) else { return };
    assert_eq!(ndjson::read(line).as_ref(), Ok(&read));
    let fact = NewFact { id: read.id, source: SourceId::OWN, kind: read.kind, content: read.content };
    Limits::check(&fact).expect("a line that is read is within the limits");
    let bytes = fact::content_bytes(&fact.content);
    assert_eq!(fact::decode_content(&bytes).expect("it was just written"), fact.content);
});
