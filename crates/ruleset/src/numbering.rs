//! The numbers of `status numbered`: an admin's own rules for what comes in, IPv4 first, as ufw's users know it.
//!
//! Rules of the chains that the kernel calls at the input hook come first, then those of an admin's own chains that they lead to. What
//! another program made has no number here: it is not ours to delete.

use std::collections::VecDeque;

use crate::{Action, Backend, Family, Hook, Rule, Ruleset, Step, Table, owners};

/// A rule with a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbered<'a> {
    /// From 1 on.
    pub number: usize,
    /// Its table.
    pub table: &'a Table,
    /// Its chain's name.
    pub chain: &'a str,
    /// Its place in the chain, 1-based, as `iptables -L --line-numbers` has it.
    pub position: usize,
    /// The rule.
    pub rule: &'a Rule,
}

/// All rules that have a number, in its order.
pub fn numbered(ruleset: &Ruleset) -> Vec<Numbered<'_>> {
    let mut found = Vec::new();
    for family in [Family::Ip, Family::Ip6] {
        for backend in [Backend::IptablesNft, Backend::IptablesLegacy] {
            if let Some(table) = ruleset.table(backend, family, "filter") {
                take(table, &mut found);
            }
        }
    }
    found
}

fn take<'a>(table: &'a Table, found: &mut Vec<Numbered<'a>>) {
    let is_input = |hook| hook == Some(Hook::Input);
    let begin = table.chains.iter().filter(|chain| is_input(chain.base.as_ref().map(|base| base.hook)));
    let mut waiting: VecDeque<&str> = begin.map(|chain| chain.name.as_str()).collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(name) = waiting.pop_front() {
        let Some(chain) = table.chain(name).filter(|_| !seen.contains(&name)) else { continue };
        seen.push(name);
        for (index, rule) in chain.rules.iter().enumerate() {
            let target = rule.steps.iter().find_map(jump);
            if target.is_some_and(is_foreign) {
                continue;
            }
            waiting.extend(target);
            found.push(Numbered {
                number: found.len() + 1,
                table,
                chain: &chain.name,
                position: index + 1,
                rule,
            });
        }
    }
}

fn jump(step: &Step) -> Option<&str> {
    match step {
        Step::Do(Action::Jump(chain) | Action::Goto(chain)) => Some(chain),
        _ => None,
    }
}

fn is_foreign(chain: &str) -> bool {
    owners::owner_of_chain(chain).is_some_and(|owner| owner.is_foreign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iptables;

    #[test]
    fn own_rules_are_numbered_v4_first() {
        let v4 = "*filter\n:INPUT DROP [0:0]\n:WEB - [0:0]\n:UNUSED - [0:0]\n:f2b-sshd - [0:0]\n\
            -A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd\n-A INPUT -p tcp -j WEB\n\
            -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A WEB -p tcp -m tcp --dport 80 -j ACCEPT\n\
            -A WEB -p tcp -j WEB\n-A UNUSED -j DROP\n-A f2b-sshd -s 192.0.2.1/32 -j DROP\nCOMMIT\n";
        let v6 = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n";
        let mut ruleset = iptables::parse(v6, Backend::IptablesNft, Family::Ip6).0;
        ruleset.tables.extend(iptables::parse(v4, Backend::IptablesNft, Family::Ip).0.tables);
        let told: Vec<String> = numbered(&ruleset)
            .iter()
            .map(|one| {
                let family = one.table.family.as_str();
                format!("{} {family} {} {} {}", one.number, one.chain, one.position, one.rule.text)
            })
            .collect();
        assert_eq!(
            told,
            [
                "1 ip INPUT 1 -i lo -j ACCEPT",
                "2 ip INPUT 3 -p tcp -j WEB",
                "3 ip INPUT 4 -p tcp -m tcp --dport 22 -j ACCEPT",
                "4 ip WEB 1 -p tcp -m tcp --dport 80 -j ACCEPT",
                "5 ip WEB 2 -p tcp -j WEB",
                "6 ip6 INPUT 1 -p tcp -m tcp --dport 443 -j ACCEPT",
            ]
        );
    }
}
