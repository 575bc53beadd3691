//! `enable`, `disable`, `reload`, `reset`: typed by habit, they change nothing.

use ruleset::ufw::Habit;
use ruleset::{Backend, Policy, Ruleset};
use serde::Serialize;

use super::{Ending, Failure, Session};
use crate::live::Want;

#[derive(Debug, Serialize)]
struct Answer {
    changed: bool,
    typed: &'static str,
    live: Vec<String>,
    meant: Vec<&'static str>,
}

/// Says what is live, and which command was perhaps meant.
pub fn answer(habit: Habit, session: &Session) -> Result<Ending, Failure> {
    let snapshot = session.snapshot(Want::default())?;
    let (typed, meant) = match habit {
        Habit::Enable => (
            "enable",
            vec![
                "default deny incoming --keep-present   closes what nobody uses, keeps what is used",
                "status                                 shows what is open",
            ],
        ),
        Habit::Disable => (
            "disable",
            vec![
                "rollback, or undo N                    takes back what this tool changed",
                "allow PORT --for 10m                   opens one port for a while",
                "suspect --src ADDRESS --dport PORT     tells whether the firewall is to blame",
            ],
        ),
        Habit::Reload => {
            ("reload", vec!["status --boot                          compares what is live with what boots"])
        }
        Habit::Reset => {
            ("reset", vec!["history, undo N                        takes changes back one by one"])
        }
    };
    let answer = Answer { changed: false, typed, live: live(&snapshot.ruleset), meant };
    session.out.print(&answer, || {
        let mut text = format!(
            "`{typed}` changes nothing: there is no second set of rules to switch to. What the kernel has now is the firewall:\n"
        );
        for line in &answer.live {
            text.push_str(&format!("  {line}\n"));
        }
        text.push_str("Perhaps you want:\n");
        for line in &answer.meant {
            text.push_str(&format!("  deadstick-fw {line}\n"));
        }
        text
    })
}

/// A line for each base chain that can stop something.
fn live(rules: &Ruleset) -> Vec<String> {
    let mut lines = Vec::new();
    for table in &rules.tables {
        for chain in &table.chains {
            let Some(base) = &chain.base else { continue };
            let stops = base.policy == Policy::Drop || !chain.rules.is_empty();
            if base.kind != ruleset::ChainKind::Filter || !stops {
                continue;
            }
            let backend = if table.backend == Backend::IptablesNft { "" } else { table.backend.as_str() };
            let rules = if chain.rules.len() == 1 { "rule" } else { "rules" };
            let line = format!(
                "{} {} {}: {} {rules}, policy {} {backend}",
                table.family.as_str(),
                table.name,
                chain.name,
                chain.rules.len(),
                base.policy.as_str(),
            );
            lines.push(line.trim_end().to_owned());
        }
    }
    if lines.is_empty() {
        lines.push("no rules: everything passes".to_owned());
    }
    lines
}
