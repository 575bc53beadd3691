//! Any bytes as what nft prints, text or JSON: nothing panics, and whatever was read as a rule has a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ruleset::{explain, nft};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for (ruleset, _) in [nft::parse_text(&text), nft::parse_json(&text)] {
        for table in &ruleset.tables {
            for rule in table.chains.iter().flat_map(|chain| &chain.rules) {
                assert!(!explain::sentence(rule, table.family).is_empty());
            }
        }
    }
});
