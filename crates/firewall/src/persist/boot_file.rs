//! Editing an iptables-save file: our own changes come in or go, every other byte stays.

use ruleset::plan::{Change, Operation};
use ruleset::{Family, Ruleset};

/// A file with changes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedFile {
    /// Its text.
    pub text: String,
    /// Changes that it can't hold, and why.
    pub left_out: Vec<String>,
}

/// Makes these changes in a file. `live` is the state in which they are made: it tells beside which rules each one stands.
pub fn edited(text: &str, family: Family, changes: &[Change], live: &Ruleset) -> EditedFile {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(Into::into).collect();
    let mut left_out = Vec::new();
    for change in changes.iter().filter(|change| change.family == family) {
        if !super::is_iptables(change) {
            left_out.push(format!("a file of iptables can't hold `{}`", change.rule));
            continue;
        }
        if let Err(why) = make(&mut lines, change, live) {
            left_out.push(why);
        }
    }
    EditedFile { text: lines.concat(), left_out }
}

fn make(lines: &mut Vec<String>, change: &Change, live: &Ruleset) -> Result<(), String> {
    let Some((begin, end)) = table(lines, &change.table) else {
        return make_table(lines, change);
    };
    let declared = lines[begin..end].iter().position(|line| chain_of(line) == Some(&change.chain));
    let Some(declared) = declared.map(|at| at + begin) else {
        return Err(format!(
            "it has no chain {}, so the change there does not outlive a reboot",
            change.chain
        ));
    };
    if change.op == Operation::Policy {
        let line = &lines[declared];
        let policy = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
        lines[declared] = line.replacen(&format!(" {policy}"), &format!(" {}", change.rule), 1);
        return Ok(());
    }
    let rules: Vec<usize> = (begin..end).filter(|at| rule_of(&lines[*at], &change.chain).is_some()).collect();
    let goes = match (change.op, &change.removed) {
        (Operation::Delete, None) => Some(change.rule.as_str()),
        (_, removed) => removed.as_ref().map(|removed| removed.rule.as_str()),
    };
    let place = goes.and_then(|goes| place_of(lines, &rules, change, goes, live));
    match (change.op, place) {
        (Operation::Delete, Some(at)) => {
            lines.remove(at);
        }
        // It was never in the file.
        (Operation::Delete, None) => {}
        (Operation::Replace, Some(at)) => {
            lines[at] = written(&lines[at], change);
        }
        _ => {
            let at = insertion(lines, &rules, change, live)
                .unwrap_or_else(|| last_place(lines, &rules, (begin, end), change));
            let line = written("\n", change);
            lines.insert(at, line);
        }
    }
    Ok(())
}

/// The lines of a table: after `*NAME`, up to its COMMIT. The last one of that name counts, as it does for iptables-restore.
fn table(lines: &[String], name: &str) -> Option<(usize, usize)> {
    let begin = lines.iter().rposition(|line| line.trim().strip_prefix('*') == Some(name))? + 1;
    let end = lines[begin..].iter().position(|line| line.trim() == "COMMIT")?;
    Some((begin, begin + end))
}

/// The chain that a line declares: `:INPUT ACCEPT [0:0]`.
fn chain_of(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix(':')?.split_whitespace().next()
}

/// The text of a rule of this chain, after `-A CHAIN `; counters before it are left out.
fn rule_of<'l>(line: &'l str, chain: &str) -> Option<&'l str> {
    let line = line.trim();
    let line = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) => rest.trim_start(),
        None => line,
    };
    let rest = line.strip_prefix("-A").or_else(|| line.strip_prefix("--append"))?.trim_start();
    let rest = rest.strip_prefix(chain)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix([' ', '\t']).map(str::trim) }
}

/// Where the file has the rule that goes: of several equal ones that whose place in the chain is nearest.
fn place_of(lines: &[String], rules: &[usize], change: &Change, goes: &str, live: &Ruleset) -> Option<usize> {
    let equal: Vec<usize> = rules
        .iter()
        .copied()
        .filter(|at| {
            rule_of(&lines[*at], &change.chain).is_some_and(|rule| is_same(rule, goes, change.family))
        })
        .collect();
    let ideal = insertion(lines, rules, change, live).unwrap_or(usize::MAX);
    equal.into_iter().min_by_key(|at| at.abs_diff(ideal))
}

/// Before which line a rule belongs that stands at `change.position` in the live chain: after the nearest rule before it that the
/// file has too, else before the nearest one after it.
fn insertion(lines: &[String], rules: &[usize], change: &Change, live: &Ruleset) -> Option<usize> {
    let chain = live.table(change.backend, change.family, &change.table)?.chain(&change.chain)?;
    let find = |text: &str, from_end: bool| {
        let is_it = |at: &&usize| {
            rule_of(&lines[**at], &change.chain).is_some_and(|rule| is_same(rule, text, change.family))
        };
        if from_end { rules.iter().rev().find(is_it).copied() } else { rules.iter().find(is_it).copied() }
    };
    let index = change.position.saturating_sub(1).min(chain.rules.len());
    let before = chain.rules[..index].iter().rev().find_map(|rule| find(&rule.text, true));
    if let Some(at) = before {
        return Some(at + 1);
    }
    // Of an insert the live chain has the rule itself at its position.
    let is_in = chain.rules.get(index).is_some_and(|rule| rule.text == change.rule);
    let after = index + usize::from(is_in && change.op != Operation::Delete);
    chain.rules.get(after..)?.iter().find_map(|rule| find(&rule.text, false))
}

/// With no neighbour in the file: first in the chain if it is first there, else last.
fn last_place(lines: &[String], rules: &[usize], (begin, end): (usize, usize), change: &Change) -> usize {
    match rules {
        [first, ..] if change.position <= 1 => *first,
        [.., last] => last + 1,
        // After the declarations, and after the rules of other chains that stand right below them.
        [] => (begin..end).rev().find(|at| chain_of(&lines[*at]).is_some()).map_or(begin, |at| at + 1),
    }
}

fn is_same(one: &str, other: &str, family: Family) -> bool {
    if one == other {
        return true;
    }
    let parsed = |text| ruleset::iptables::parse_rule(text, family);
    let (one, other) = (parsed(one), parsed(other));
    one.steps == other.steps && one.comment == other.comment
}

/// The line of a rule, ended like its neighbour.
fn written(like: &str, change: &Change) -> String {
    let end = if like.ends_with("\r\n") { "\r\n" } else { "\n" };
    format!("-A {} {}{end}", change.chain, change.rule)
}

/// A table that the file doesn't have yet, with its built-in chains open, as the kernel makes them.
fn make_table(lines: &mut Vec<String>, change: &Change) -> Result<(), String> {
    let chains: &[&str] = match change.table.as_str() {
        "filter" => &["INPUT", "FORWARD", "OUTPUT"],
        "nat" => &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
        "mangle" => &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
        "raw" => &["PREROUTING", "OUTPUT"],
        _ => &[],
    };
    if !chains.contains(&change.chain.as_str()) {
        return Err(format!(
            "it has no table {} with a chain {}, so the change there does not outlive a reboot",
            change.table, change.chain
        ));
    }
    if change.op == Operation::Delete {
        return Ok(());
    }
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    lines.push(format!("*{}\n", change.table));
    for chain in chains {
        let is_set = change.op == Operation::Policy && change.chain == *chain;
        let policy = if is_set { change.rule.as_str() } else { "ACCEPT" };
        lines.push(format!(":{chain} {policy} [0:0]\n"));
    }
    if change.op != Operation::Policy {
        lines.push(format!("-A {} {}\n", change.chain, change.rule));
    }
    lines.push("COMMIT\n".into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use ruleset::plan::Removed;
    use ruleset::{Backend, iptables};

    use super::*;

    const FILE: &str = "# by hand\n*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*filter\n:INPUT DROP [12:840]\n:WEB - [0:0]\n\
        -A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT   \n[3:4] -A INPUT -j WEB\n-A WEB -p tcp --dport 80 -j ACCEPT\nCOMMIT\n# end\n";

    /// What is live: the file's rules, one of fail2ban's before them, and more at the end.
    const LIVE: &str = "*filter\n:INPUT DROP [0:0]\n:WEB - [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd\n-A INPUT -i lo -j ACCEPT\n\
        -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\n-A INPUT -j WEB\n-A WEB -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n";

    fn change(op: Operation, chain: &str, position: usize, rule: &str) -> Change {
        let removed =
            (op != Operation::Insert).then(|| Removed { rule: rule.into(), handle: None, counters: None });
        Change {
            op,
            backend: Backend::IptablesNft,
            family: Family::Ip,
            table: "filter".into(),
            chain: chain.into(),
            position,
            rule: rule.into(),
            removed,
        }
    }

    /// Lines that went and came.
    fn difference(change: Change) -> Vec<String> {
        let live = iptables::parse(LIVE, Backend::IptablesNft, Family::Ip).0;
        let edit = edited(FILE, Family::Ip, &[change], &live);
        let (old, new): (Vec<&str>, Vec<&str>) = (FILE.lines().collect(), edit.text.lines().collect());
        let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
        let rest = (old.len() - same).min(new.len() - same);
        let tail = (1..=rest).take_while(|n| old[old.len() - n] == new[new.len() - n]).count();
        let mut told = vec![format!("at {}", same + 1)];
        told.extend(old[same..old.len() - tail].iter().map(|line| format!("-{line}")));
        told.extend(new[same..new.len() - tail].iter().map(|line| format!("+{line}")));
        told.extend(edit.left_out);
        told
    }

    #[test]
    fn own_edits_at_their_place_and_nothing_else() {
        let check = |change, expected: &[&str]| assert_eq!(difference(change), expected);
        check(
            change(Operation::Insert, "INPUT", 4, "-p tcp -m tcp --dport 443 -j ACCEPT"),
            &["at 11", "+-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT"],
        );
        // Before everything that the file has: fail2ban's rule isn't in it.
        check(
            change(Operation::Insert, "INPUT", 1, "-s 192.0.2.1/32 -j DROP"),
            &["at 9", "+-A INPUT -s 192.0.2.1/32 -j DROP"],
        );
        // The file's line is written otherwise, and means the same.
        check(
            change(Operation::Delete, "INPUT", 3, "-p tcp -m tcp --dport 22 -j ACCEPT"),
            &["at 10", "--A INPUT -p tcp --dport 22 -j ACCEPT   "],
        );
        check(change(Operation::Delete, "INPUT", 3, "-p tcp -m tcp --dport 23 -j ACCEPT"), &["at 15"]);
        check(
            change(Operation::Policy, "INPUT", 0, "ACCEPT"),
            &["at 7", "-:INPUT DROP [12:840]", "+:INPUT ACCEPT [12:840]"],
        );
        check(
            change(Operation::Insert, "DOCKER-USER", 1, "-j DROP"),
            &["at 15", "it has no chain DOCKER-USER, so the change there does not outlive a reboot"],
        );
        let mut new = change(Operation::Insert, "PREROUTING", 1, "-p udp -j NOTRACK");
        new.table = "raw".into();
        check(
            new,
            &[
                "at 15",
                "+*raw",
                "+:PREROUTING ACCEPT [0:0]",
                "+:OUTPUT ACCEPT [0:0]",
                "+-A PREROUTING -p udp -j NOTRACK",
                "+COMMIT",
            ],
        );
    }

    #[test]
    fn a_chain_whose_name_begins_like_another_is_another() {
        assert_eq!(rule_of("-A INPUT -j X", "INPUT"), Some("-j X"));
        assert_eq!(rule_of("-A INPUT2 -j X", "INPUT"), None);
        assert_eq!(rule_of("[1:2] -A INPUT", "INPUT"), Some(""));
        assert_eq!(rule_of(":INPUT ACCEPT", "INPUT"), None);
    }
}
