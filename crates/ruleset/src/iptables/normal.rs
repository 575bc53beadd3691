//! When two rules are the same: whatever the order and spelling of their tests.

use crate::{Action, Ends, Family, Rule, Step, Test};

use super::parse_rule;

/// A text that is equal for two rules if, and only if, their matches and their target are exactly equal.
///
/// The order of the tests, their spelling, the way a module is called and the comment don't count; but which tests come before
/// something opaque does (a `limit` behind another test counts fewer packets). A text that isn't a rule is its own.
pub fn normal_form(text: &str, family: Family) -> String {
    normal_form_of(&parse_rule(text, family))
}

/// The same for a rule that is read already: of its steps.
pub fn normal_form_of(rule: &Rule) -> String {
    let mut stretches = Vec::new();
    let mut tests = Vec::new();
    for step in &rule.steps {
        let end = match step {
            Step::Test(Test::Opaque { text, negated }) => format!("opaque {text:?} {negated}"),
            Step::Test(test) => {
                tests.push(test_text(test));
                continue;
            }
            Step::Do(Action::Other { text, ends: Ends::Unknown }) => format!("unknown {text:?}"),
            Step::Do(action) => format!("{action:?}"),
        };
        stretches.push(sorted(&mut tests));
        stretches.push(end);
    }
    stretches.push(sorted(&mut tests));
    stretches.join(" | ")
}

/// The tests of a stretch, which is empty afterwards.
fn sorted(tests: &mut Vec<String>) -> String {
    tests.sort_unstable();
    tests.dedup();
    let text = tests.join(" & ");
    tests.clear();
    text
}

fn test_text(test: &Test) -> String {
    match test {
        Test::Any(any) => {
            let mut texts: Vec<String> = any.iter().map(test_text).collect();
            texts.sort_unstable();
            format!("any({})", texts.join(" or "))
        }
        test => format!("{test:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spelling_do_not_count() {
        let same: &[&[&str]] = &[
            &[
                "-p tcp -m tcp --dport 22 -j ACCEPT",
                "--dport 22 -p tcp -j ACCEPT",
                "-j ACCEPT --protocol tcp --destination-port 22:22",
                "-p 6 -m multiport --dports 22 -m comment --comment \"ssh\" -j ACCEPT",
                "-m tcp --dport 0x16 -j ACCEPT",
            ],
            &["-s 10.0.0.1/32 -j DROP", "-s 10.0.0.1 -j DROP", "--src 10.0.0.1/255.255.255.255 --jump DROP"],
            &[
                "-m state --state NEW -j DROP",
                "-m conntrack --ctstate NEW -j DROP",
                "-m conntrack --ctstate new -j DROP",
            ],
            &[
                "-j REJECT",
                "-j REJECT --reject-with icmp-port-unreachable",
                "-j REJECT --reject-with port-unreach",
            ],
            &["-m limit --limit 3/min -j LOG", "-m  limit --limit 3/min -j LOG"],
            &["-p all -j DROP", "-j DROP", "-s 0.0.0.0/0 -j DROP"],
        ];
        let mut seen = Vec::new();
        for texts in same {
            let forms: Vec<String> = texts.iter().map(|text| normal_form(text, Family::Ip)).collect();
            for (text, form) in texts.iter().zip(&forms) {
                assert_eq!(*form, forms[0], "{text}");
            }
            assert!(!seen.contains(&forms[0]), "{texts:?}");
            seen.push(forms[0].clone());
        }
    }

    #[test]
    fn what_differs_stays_apart() {
        let different = [
            "-p tcp -m tcp --dport 22 -j ACCEPT",
            "-p tcp -m tcp ! --dport 22 -j ACCEPT",
            "-p tcp -m tcp --sport 22 -j ACCEPT",
            "-p udp -m udp --dport 22 -j ACCEPT",
            "-p tcp -m tcp --dport 22 -j DROP",
            "-p tcp -m tcp --dport 22",
            "-m limit --limit 3/min -j LOG",
            "-m limit --limit 4/min -j LOG",
            "-m limit --limit 3/min -j LOG --log-prefix a",
            "-j one",
            "-g one",
        ];
        let mut forms: Vec<String> = different.iter().map(|text| normal_form(text, Family::Ip)).collect();
        forms.sort();
        forms.dedup();
        assert_eq!(forms.len(), different.len());
    }
}
