//! The story that this tool exists for, replayed: ufw against deadstick-fw, on the same server with the same nodes.

use std::io::Read;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::error::PlaygroundError;
use super::lifeline;
use super::private::make_private;
use super::rules::Start;
use super::stage::myself;
use super::state::Measured;
use super::world::World;

/// Both columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    /// What the server starts from.
    pub start: Start,
    /// ufw, then this tool.
    pub columns: Vec<Column>,
}

/// One tool's way through the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub tool: String,
    /// Why it was not played.
    pub skipped: Option<String>,
    /// Before anything, then after each command.
    pub steps: Vec<Step>,
}

/// A command, and how things are after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// As a person would type it; empty for the start.
    pub command: String,
    /// Its exit status.
    pub exit: Option<i32>,
    /// What it printed, both streams.
    pub output: String,
    /// How things are afterwards.
    pub measured: Measured,
}

/// The tools, and what the person under pressure types.
const UFW: [&[&str]; 3] = [&["ufw", "disable"], &["ufw", "--force", "enable"], &["ufw", "disable"]];
const OWN: [&[&str]; 3] = [
    &["deadstick-fw", "disable"],
    &["deadstick-fw", "enable"],
    &["deadstick-fw", "default", "deny", "incoming", "--keep-present", "--no-confirm", "--yes"],
];

/// Plays both columns, each in a world of its own.
pub fn tell(start: Start, is_legacy: bool) -> Result<Story, PlaygroundError> {
    let mut columns = Vec::new();
    for tool in ["ufw", "deadstick-fw"] {
        columns.push(play_elsewhere(tool, start, is_legacy)?);
    }
    Ok(Story { start, columns })
}

/// In a process of its own, since nobody can leave the namespaces that he entered.
fn play_elsewhere(tool: &str, start: Start, is_legacy: bool) -> Result<Column, PlaygroundError> {
    let lost = |error| PlaygroundError::Io("lost the process that plays the story", error);
    let mut command = myself()?;
    command.args(["playground-stage", "--story", tool]);
    if start == Start::Closed {
        command.arg("--closed");
    }
    if is_legacy {
        command.arg("--legacy");
    }
    let mut played = lifeline::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped())).map_err(lost)?;
    let mut text = String::new();
    if let Some(mut output) = played.child.stdout.take() {
        output.read_to_string(&mut text).map_err(lost)?;
    }
    let status = played.child.wait().map_err(lost)?;
    serde_json::from_str(&text).map_err(|_| PlaygroundError::Program {
        program: format!("the story of {tool}"),
        what: format!("ended with {status}"),
    })
}

/// One column, in this process's fresh namespaces.
pub fn play(tool: &str, start: Start, is_legacy: bool) -> Result<Column, PlaygroundError> {
    make_private()?;
    let commands: &[&[&str]] = if tool == "ufw" { &UFW } else { &OWN };
    let mut column = Column { tool: tool.to_owned(), skipped: None, steps: Vec::new() };
    if tool == "ufw" && Command::new("ufw").arg("--version").output().is_err() {
        column.skipped = Some("ufw is not installed".to_owned());
        return Ok(column);
    }
    let world = World::build(start, is_legacy)?;
    column.steps.push(Step {
        command: String::new(),
        exit: None,
        output: String::new(),
        measured: world.measure()?,
    });
    for words in commands {
        let (exit, output) = type_in(words, &world)?;
        let typed: Vec<&str> =
            words.iter().copied().filter(|word| !["--force", "--yes"].contains(word)).collect();
        column.steps.push(Step { command: typed.join(" "), exit, output, measured: world.measure()? });
    }
    Ok(column)
}

fn type_in(words: &[&str], world: &World) -> Result<(Option<i32>, String), PlaygroundError> {
    let mut command = if words[0] == "ufw" { Command::new("ufw") } else { myself()? };
    command.args(&words[1..]).stdin(Stdio::null()).env("DEADSTICK_FW_STATE", "/run/deadstick-fw");
    command.envs(world.way_in().iter().map(|text| ("SSH_CONNECTION", text)));
    let output = command.output().map_err(|error| PlaygroundError::Program {
        program: words.join(" "),
        what: format!("can't be run: {error}"),
    })?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status.code(), text))
}
