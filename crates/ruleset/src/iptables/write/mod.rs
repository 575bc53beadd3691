//! Rules written from tests and an action, as iptables-save 1.8.9 would print them.

mod target;
mod test;

use crate::{Action, Family, Field, Range, Test, Values};

use super::parse_rule;
use super::value::all_bits;
use super::words::push_text;
use test::Parts;

/// The text of a rule, such as `-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT`. Without an action it counts only.
///
/// `None`: iptables has no such test, or would need more than one rule for it (several networks, more than 15 ports).
/// Matches come in a fixed order, what is opaque after what is exact, and the comment last. Of one module two ports are never both negated,
/// since iptables-nft 1.8.9 makes one comparison of both, which drops or passes other packets.
pub fn write(
    tests: &[Test],
    action: Option<&Action>,
    comment: Option<&str>,
    family: Family,
) -> Option<String> {
    let mut parts = Parts::default();
    for test in tests {
        parts.add(test, family)?;
    }
    let mut out = parts.text()?;
    if let Some(comment) = comment {
        out.push_str(" -m comment --comment ");
        push_text(&mut out, comment);
    }
    if let Some(action) = action {
        out.push(' ');
        out.push_str(&target::text(action, family)?);
    }
    let text = out.trim_start().to_owned();
    is_faithful(tests, action, comment, &text, family).then_some(text)
}

/// Does the text say just this? Some options mean something else together than each by itself (`--ctstate INVALID --ctdir REPLY`).
fn is_faithful(
    tests: &[Test],
    action: Option<&Action>,
    comment: Option<&str>,
    text: &str,
    family: Family,
) -> bool {
    let again = parse_rule(text, family);
    if again.action() != action || again.comment.as_deref() != comment {
        return false;
    }
    let has_meaning = |test: &&Test| match test {
        Test::Field { field: Field::Version, .. } => false,
        Test::Field {
            field: Field::Source | Field::Destination,
            values: Values::Ranges(ranges),
            negated: false,
        } => ranges[..] != [Range { first: 0, last: all_bits(family) }],
        _ => true,
    };
    let sorted = |tests: &mut dyn Iterator<Item = &Test>| {
        let mut texts: Vec<String> = tests.filter(has_meaning).map(|test| format!("{test:?}")).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    sorted(&mut tests.iter()) == sorted(&mut again.tests())
}

#[cfg(test)]
mod tests;
