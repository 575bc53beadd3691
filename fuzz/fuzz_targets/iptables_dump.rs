//! Any bytes as a dump of iptables: nothing panics, every byte of a rule stays, and what was printed once is printed the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ruleset::{Backend, Family, explain, iptables};

fuzz_target!(|bytes: &[u8]| {
    let text = iptables::from_bytes(bytes);
    assert_eq!(iptables::to_bytes(&text).as_ref(), bytes);
    let (ruleset, _) = iptables::parse(&text, Backend::IptablesNft, Family::Ip);
    for (family, backend) in [
        (Family::Ip, Backend::IptablesNft),
        (Family::Ip6, Backend::IptablesNft),
        (Family::Ip, Backend::IptablesLegacy),
        (Family::Ip6, Backend::IptablesLegacy),
    ] {
        let once = iptables::print(&ruleset, family, backend, true);
        let (again, _) = iptables::parse(&once, backend, family);
        let twice = iptables::print(&again, family, backend, true);
        let lines = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        assert_eq!(lines(&twice), lines(&once));
    }
    for table in &ruleset.tables {
        for rule in table.chains.iter().flat_map(|chain| &chain.rules) {
            assert!(!explain::sentence(rule, table.family).is_empty());
        }
    }
});
