//! `playground`: a server with careful rules and four nodes, in namespaces that leave nothing behind.

use clap::{Args, Subcommand};

use crate::cli::{Ending, Failure, Session};
use crate::playground::{self, Column, Measured, PlaygroundError, Start};
use crate::view::{Align, Table, Tone, toned};

/// Opens a shell on a made-up server where everything may be tried; nothing outside is touched.
#[derive(Debug, Args)]
pub struct Playground {
    #[command(subcommand)]
    look: Option<Look>,
    #[command(flatten)]
    setting: Setting,
}

/// What can be asked from inside.
#[derive(Debug, Clone, Copy, Subcommand)]
enum Look {
    /// From inside: do the nodes still get what they need?
    Nodes,
}

/// How the server begins.
#[derive(Debug, Clone, Copy, Args)]
pub struct Setting {
    /// The server's own policy is DROP (else ACCEPT)
    #[arg(long)]
    closed: bool,
    /// Its rules are of iptables-legacy (else iptables-nft)
    #[arg(long)]
    legacy: bool,
}

/// A part of `playground` and `story` that runs in a process of its own.
#[derive(Debug, Args)]
pub struct Stage {
    /// Play this tool's column
    #[arg(long, value_name = "TOOL")]
    story: Option<String>,
    /// The namespaces are there
    #[arg(long)]
    inside: bool,
    #[command(flatten)]
    setting: Setting,
}

impl Setting {
    /// With what the server begins.
    pub fn start(self) -> Start {
        if self.closed { Start::Closed } else { Start::Open }
    }

    /// iptables-legacy?
    pub fn is_legacy(self) -> bool {
        self.legacy
    }

    fn arguments(self) -> Vec<String> {
        let chosen = [("--closed", self.closed), ("--legacy", self.legacy)];
        chosen.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name.to_owned()).collect()
    }
}

impl Playground {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        match self.look {
            Some(Look::Nodes) => nodes(session),
            None => enter(self.setting, Vec::new()),
        }
    }
}

impl Stage {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let setting = self.setting;
        match self.story {
            story if !self.inside => {
                enter(setting, story.into_iter().flat_map(|tool| ["--story".to_owned(), tool]).collect())
            }
            Some(tool) => {
                playground::watch();
                let column: Column =
                    playground::play(&tool, setting.start(), setting.is_legacy()).map_err(told)?;
                let text = serde_json::to_string(&column).expect("a column is plain data");
                session.out.text(&text)?;
                Ok(Ending::Done)
            }
            None => {
                playground::watch();
                playground::run_shell(setting.start(), setting.is_legacy()).map_err(told)?;
                Ok(Ending::Done)
            }
        }
    }
}

fn enter(setting: Setting, more: Vec<String>) -> Result<Ending, Failure> {
    let mut arguments = vec!["playground-stage".to_owned(), "--inside".to_owned()];
    arguments.extend(setting.arguments());
    arguments.extend(more);
    let status = playground::enter(&arguments).map_err(told)?;
    Ok(if status.success() { Ending::Done } else { Ending::No })
}

fn nodes(session: &Session) -> Result<Ending, Failure> {
    let Some(measured) = playground::ask().map_err(told)? else {
        return Err(Failure::new("not-inside", "This is no playground.")
            .hint("`deadstick-fw playground` opens one; `playground nodes` is for the shell in it."));
    };
    let (lives, works, all) = measured.counts();
    let is_well = lives == all && works == all && measured.exposed.is_empty();
    session.out.print(&measured, || table_of(&measured))?;
    Ok(if is_well { Ending::Done } else { Ending::No })
}

fn table_of(measured: &Measured) -> String {
    let word = |is_well: bool, yes: &str, no: &str| {
        if is_well { toned(yes, Tone::Good) } else { toned(no, Tone::Bad) }
    };
    let mut table = Table::new(&[
        ("node", Align::Left),
        ("to", Align::Left),
        ("live one", Align::Left),
        ("new one", Align::Left),
        ("for", Align::Left),
    ]);
    let plain = anstyle::Style::new();
    let marked = |is_well: bool| {
        if is_well { anstyle::AnsiColor::Green.on_default() } else { anstyle::AnsiColor::Red.on_default() }
    };
    for one in &measured.connections {
        table.styled([
            (one.node.clone(), plain),
            (one.to.clone(), plain),
            (if one.lives { "lives" } else { "CUT" }.to_owned(), marked(one.lives)),
            (if one.works_anew { "works" } else { "FAILS" }.to_owned(), marked(one.works_anew)),
            (one.purpose.clone(), plain),
        ]);
    }
    let exposed = if measured.exposed.is_empty() {
        word(true, "Nothing is open that should be closed.", "")
    } else {
        word(false, "", &format!("Open and should be closed: {}", measured.exposed.join(", ")))
    };
    format!("{}\n{exposed}", table.lines(0))
}

/// A failure for people.
pub fn told(error: PlaygroundError) -> Failure {
    let hint = match &error {
        PlaygroundError::Namespaces(_) => "Run it as root.",
        PlaygroundError::Program { .. } => {
            "It needs iproute2, util-linux (nsenter) and iptables; ufw for its part of the story."
        }
        _ => "Run it again; what it built is gone already.",
    };
    Failure::new("playground", "The playground failed.").because(&error).hint(hint)
}
