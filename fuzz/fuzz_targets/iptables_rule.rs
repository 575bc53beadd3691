//! Any text as a rule, the first byte says of which family: its text stays, and what is written from its meaning means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ruleset::{Family, Step, Test, explain, iptables};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let family = if first & 1 == 0 { Family::Ip } else { Family::Ip6 };
    let rule = iptables::parse_rule(text, family);
    assert_eq!(rule.text, text);
    assert_eq!(iptables::normal_form(text, family), iptables::normal_form_of(&rule));
    assert!(!explain::sentence(&rule, family).is_empty());
    let tests: Vec<Test> = rule.tests().cloned().collect();
    let action = match rule.steps.last() {
        Some(Step::Do(action)) => Some(action),
        _ => None,
    };
    if let Some(written) = iptables::write(&tests, action, rule.comment.as_deref(), family) {
        let again = iptables::parse_rule(&written, family);
        assert_eq!(again.action(), rule.action());
        assert_eq!(again.comment, rule.comment);
    }
});
