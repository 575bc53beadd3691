//! `config`: the settings in force, or a template.

use clap::Args;

use super::serve::settings::{Options, Settings, TEMPLATE};
use crate::failure::{Ending, Failure};
use crate::session::Session;

/// Shows the settings that `serve` would run with, or a configuration file with every key.
#[derive(Debug, Args)]
pub struct Config {
    /// Print a configuration file with every key, its meaning and default
    #[arg(long)]
    template: bool,
    /// As `serve` takes them
    #[command(flatten)]
    options: Options,
}

impl Config {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        if self.template {
            return session.out.print(&serde_json::json!({ "template": TEMPLATE }), || TEMPLATE.into());
        }
        let settings = Settings::of(&self.options, session.globals.data.as_deref(), &session.environment)?;
        session.out.print(&settings, || lines(&settings))
    }
}

fn lines(settings: &Settings) -> String {
    let from = settings.config.as_ref().map_or_else(
        || "# no configuration file; `deadstick config --template` prints one".to_owned(),
        |path| format!("# from {}, the environment and options", path.display()),
    );
    let document = serde_json::to_value(settings).expect("settings are plain data");
    let keys = [
        "data",
        "listen",
        "certificate",
        "key",
        "behind_proxy",
        "public_url",
        "log_format",
        "max_body",
        "max_connections",
    ];
    let line = |key: &&str| match &document[*key] {
        serde_json::Value::Null => format!("# {key} is not set"),
        value => format!("{key} = {value}"),
    };
    format!("{from}\n{}", keys.iter().map(line).collect::<Vec<_>>().join("\n"))
}
