//! What the next boot would load, beside what is live.

use std::collections::BTreeMap;
use std::path::Path;

use ruleset::{Backend, Family, Rule, Ruleset, iptables, owners};

use super::{Mechanism, boot_file, mechanisms};

/// Sentences for people: which mechanism loads what, and what would be different.
pub fn compared(root: &Path, live: &Ruleset) -> Vec<String> {
    let found = mechanisms(root);
    let mut lines: Vec<String> = Vec::new();
    for one in &found {
        lines.push(match one.is_enabled {
            true => one.advice.clone(),
            false => format!("{} is there, but nothing loads it at boot", one.file.display()),
        });
    }
    if !found.iter().any(|one| one.is_enabled) {
        lines.push("nothing loads rules at boot: after a reboot everything passes".into());
    }
    if found.iter().any(|one| one.mechanism == Mechanism::NetfilterPersistent) {
        for family in [Family::Ip, Family::Ip6] {
            lines.extend(file_differences(root, family, live));
        }
    }
    lines
}

fn file_differences(root: &Path, family: Family, live: &Ruleset) -> Vec<String> {
    let Some(path) = boot_file(root, family) else { return Vec::new() };
    let name = Path::new("/").join(path.strip_prefix(root).unwrap_or(&path));
    let Ok(bytes) = std::fs::read(&path) else {
        let has_rules = live
            .tables
            .iter()
            .any(|table| table.family == family && table.chains.iter().any(|chain| !chain.rules.is_empty()));
        let line =
            format!("{} is not there: after a reboot {} has no rules", name.display(), family.as_str());
        return has_rules.then_some(line).into_iter().collect();
    };
    let (file, _) = iptables::parse(&iptables::from_bytes(&bytes), Backend::IptablesNft, family);
    let (saved, now) = (counted(&file, family), counted(live, family));
    let mut lines: Vec<String> = Vec::new();
    for (key, (text, number)) in &now {
        let missing = number.saturating_sub(saved.get(key).map_or(0, |(_, number)| *number));
        if missing > 0 {
            lines.push(format!("{}: not in it: {text}", name.display()));
        }
    }
    for (key, (text, number)) in &saved {
        if number.saturating_sub(now.get(key).map_or(0, |(_, number)| *number)) > 0 {
            lines.push(format!("{}: in it, not live: {text}", name.display()));
        }
    }
    if lines.is_empty() {
        lines.push(format!("{}: as it is live", name.display()));
    }
    lines
}

/// Rules and policies that an admin made, by what they mean: text for people and how many there are.
fn counted(rules: &Ruleset, family: Family) -> BTreeMap<String, (String, usize)> {
    let mut found: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let tables = rules.tables.iter().filter(|table| table.family == family && table.backend != Backend::Nft);
    for table in tables {
        for chain in &table.chains {
            if owners::owner_of_chain(&chain.name).is_some_and(|owner| owner.is_foreign) {
                continue;
            }
            let place = format!("{} {}", table.name, chain.name);
            if let Some(base) = chain.base.as_ref().filter(|base| base.policy == ruleset::Policy::Drop) {
                let text = format!("{place} policy {}", base.policy.as_str());
                found.entry(text.clone()).or_insert((text, 0)).1 += 1;
            }
            for rule in chain.rules.iter().filter(|rule| !leads_away(rule)) {
                let key = format!(
                    "{place} {:?} {:?}",
                    iptables::parse_rule(&rule.text, family).steps,
                    rule.comment
                );
                let text = format!("{place}: {}", rule.text);
                found.entry(key).or_insert((text, 0)).1 += 1;
            }
        }
    }
    found
}

/// Into a chain of another program, which makes this rule itself.
fn leads_away(rule: &Rule) -> bool {
    let target = rule.text.rsplit_once("-j ").map(|(_, target)| target.split(' ').next().unwrap_or_default());
    target.and_then(owners::owner_of_chain).is_some_and(|owner| owner.is_foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_both_ways() {
        let site = tempfile::tempdir().unwrap();
        let folder = site.path().join("etc/iptables");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(site.path().join("usr/sbin")).unwrap();
        std::fs::write(site.path().join("usr/sbin/netfilter-persistent"), "").unwrap();
        std::fs::write(
            folder.join("rules.v4"),
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 25 -j ACCEPT\nCOMMIT\n",
        )
        .unwrap();
        let live = "*filter\n:INPUT DROP [0:0]\n:f2b-sshd - [0:0]\n-A INPUT -j f2b-sshd\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n\
            -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n-A f2b-sshd -j RETURN\nCOMMIT\n";
        let live = iptables::parse(live, Backend::IptablesNft, Family::Ip).0;
        assert_eq!(
            compared(site.path(), &live),
            [
                "netfilter-persistent loads its files at boot (/etc/iptables/rules.v4)",
                "/etc/iptables/rules.v4: not in it: filter INPUT: -p tcp -m tcp --dport 80 -j ACCEPT",
                "/etc/iptables/rules.v4: in it, not live: filter INPUT: -p tcp --dport 25 -j ACCEPT",
            ]
        );
    }
}
