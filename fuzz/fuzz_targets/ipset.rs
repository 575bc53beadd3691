//! Any text as the output of `ipset save`: nothing panics, and no answer hangs on the order of questions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ruleset::{Field, ipset};

fuzz_target!(|text: &str| {
    let (sets, _) = ipset::parse(text);
    let look = |asked| match asked {
        ipset::Asked::Address(_) => ipset::Seen::Address([10, 0, 0, 1].into()),
        ipset::Asked::Port(_) => ipset::Seen::Port { protocol: 6, port: 80 },
        _ => ipset::Seen::Unknown,
    };
    for set in &sets {
        for directions in [&[Field::Source][..], &[Field::Source, Field::Destination]] {
            let first = ipset::has(&sets, &set.name, directions, &look);
            assert_eq!(ipset::has(&sets, &set.name, directions, &look), first);
        }
    }
});
