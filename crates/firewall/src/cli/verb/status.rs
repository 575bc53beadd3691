//! `status`: what there is, on one screen.

use clap::{Args, ValueEnum};
use ruleset::plan;

use crate::cli::{Ending, Failure, Session};
use crate::guard::Record;
use crate::live::Want;
use crate::persist;
use crate::view::numbered::{self, Row};
use crate::view::status::{ChangeLine, Status as Screen};

/// Shows which backends hold rules, what happens by default, who owns what, which services listen and to whom they are open.
#[derive(Debug, Args)]
#[command(
    after_help = "`numbered` counts the rules for `delete N` and `insert N`; `verbose` is the same as nothing."
)]
pub struct Status {
    /// As ufw has it
    #[arg(value_enum, value_name = "numbered|verbose")]
    how: Option<How>,
    /// Also compare with what would be loaded at the next boot
    #[arg(long)]
    boot: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum How {
    Numbered,
    Verbose,
}

impl Status {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let is_numbered = self.how == Some(How::Numbered);
        let snapshot = session.snapshot(Want { services: !is_numbered, flows: false })?;
        if is_numbered {
            session.tell_notes(&snapshot.ruleset);
            let rows: Vec<Row> = plan::numbered(&snapshot.ruleset).map(|one| Row::of(&one)).collect();
            return session.out.print(&rows, || match rows.is_empty() {
                true => "No rules of your own.".into(),
                false => numbered::text(&rows),
            });
        }
        let files = [&session.globals.from, &session.globals.from6];
        let files: Vec<String> = files.into_iter().flatten().map(|file| file.display().to_string()).collect();
        let source = if session.is_live() { "live".to_owned() } else { files.join(", ") };
        let mut screen = Screen::of(source, &snapshot);
        if session.is_live() {
            let site = session.changes();
            screen.pending =
                site.pending().map(|record| line(&record, record.confirm.map(|confirm| confirm.deadline)));
            let temporary = site.temporary();
            screen.temporary = temporary
                .iter()
                .map(|record| line(record, record.expires.map(|expiry| expiry.deadline)))
                .collect();
        }
        if self.boot {
            screen.boot = Some(persist::compared(&session.globals.root, &snapshot.ruleset));
        }
        session.out.print(&screen, || screen.text())
    }
}

fn line(record: &Record, deadline: Option<crate::guard::Moment>) -> ChangeLine {
    ChangeLine {
        id: record.id.to_string(),
        command: record.title(),
        since: record.begun_at,
        seconds_left: deadline.map(crate::guard::Moment::seconds_left),
        reason: record.reason.clone(),
        incident: record.incident.clone(),
    }
}
