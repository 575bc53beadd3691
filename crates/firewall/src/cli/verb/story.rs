//! `story`: the story that this tool exists for, ufw against deadstick-fw.

use clap::Args;

use super::playground::{Setting, told};
use crate::cli::{Ending, Failure, Session};
use crate::playground::{self, Column, Story as Told};
use crate::view::{Align, Table, strong};

/// Replays what a helpful sysadmin does to a server under pressure: with ufw, then with deadstick-fw.
#[derive(Debug, Args)]
pub struct Story {
    #[command(flatten)]
    setting: Setting,
}

impl Story {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        session.out.remark(
            "Building the server and its nodes twice, and doing to each what was done; some seconds.",
        );
        let story = playground::tell(self.setting.start(), self.setting.is_legacy()).map_err(told)?;
        session.out.print(&story, || page(&story))
    }
}

fn page(story: &Told) -> String {
    let mut text = String::new();
    for column in &story.columns {
        text.push_str(&strong(&column.tool));
        text.push('\n');
        if let Some(why) = &column.skipped {
            text.push_str(&format!("  skipped: {why}\n\n"));
            continue;
        }
        text.push_str(&table(column));
        text.push('\n');
    }
    text.push_str(
        "live: connections from before that still answer. new: connections that the nodes need, made anew.\n\
         exposed: reachable although it never should be. A server that is told nothing changes nothing.",
    );
    text
}

fn table(column: &Column) -> String {
    let mut table = Table::new(&[
        ("after", Align::Left),
        ("exit", Align::Right),
        ("live", Align::Right),
        ("new", Align::Right),
        ("exposed", Align::Right),
        ("rules v4", Align::Right),
        ("v6", Align::Right),
        ("policies v4", Align::Left),
    ]);
    let red = anstyle::AnsiColor::Red.on_default();
    let plain = anstyle::Style::new();
    for step in &column.steps {
        let (lives, works, all) = step.measured.counts();
        let exposed = step.measured.exposed.len();
        let mark = |is_bad: bool| if is_bad { red } else { plain };
        let policies: Vec<&str> =
            step.measured.policies_v4.iter().map(|one| one.split(' ').nth(1).unwrap_or_default()).collect();
        table.styled([
            (if step.command.is_empty() { "(the start)".to_owned() } else { step.command.clone() }, plain),
            (
                step.exit.map_or_else(String::new, |exit| exit.to_string()),
                mark(step.exit.is_some_and(|exit| exit != 0)),
            ),
            (format!("{lives}/{all}"), mark(lives < all)),
            (format!("{works}/{all}"), mark(works < all)),
            (exposed.to_string(), mark(exposed > 0)),
            (step.measured.rules_v4.to_string(), plain),
            (step.measured.rules_v6.to_string(), plain),
            (policies.join(" "), plain),
        ]);
    }
    table.lines(2)
}
