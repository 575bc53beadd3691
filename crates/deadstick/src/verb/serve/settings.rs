//! Settings of the server: options over environment over the configuration file over defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::failure::Failure;

/// What may be said on the command line or by the environment.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Configuration file [default: config.toml in ~/.config/deadstick or /etc/deadstick, where there is one]
    #[arg(long, value_name = "FILE", env = "DEADSTICK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:7700]
    #[arg(long, value_name = "ADDRESS", env = "DEADSTICK_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Certificate chain in PEM, for TLS
    #[arg(long, value_name = "FILE", env = "DEADSTICK_CERTIFICATE")]
    pub certificate: Option<PathBuf>,
    /// Its private key in PEM
    #[arg(long, value_name = "FILE", env = "DEADSTICK_KEY")]
    pub key: Option<PathBuf>,
    /// A proxy in front ends TLS, and says so in X-Forwarded-Proto and X-Forwarded-For
    #[arg(long, env = "DEADSTICK_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// How people reach the server, if not by --listen: `https://deadstick.example.org`
    #[arg(long, value_name = "URL", env = "DEADSTICK_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The form of the program's own log, on stderr [default: text]
    #[arg(long, value_enum, value_name = "FORM", env = "DEADSTICK_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// The form of the program's own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// The configuration file: every key may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    behind_proxy: Option<bool>,
    public_url: Option<String>,
    log_format: Option<LogFormat>,
    max_body: Option<usize>,
    max_connections: Option<usize>,
}

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// The configuration file that was read.
    pub config: Option<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate chain in PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key in PEM.
    pub key: Option<PathBuf>,
    /// A proxy in front ends TLS.
    pub behind_proxy: bool,
    /// How people reach the server, if not by `listen`.
    pub public_url: Option<String>,
    /// The form of the program's own log.
    pub log_format: LogFormat,
    /// Largest body of a request, in bytes.
    pub max_body: usize,
    /// Connections open at once.
    pub max_connections: usize,
}

/// Largest body of a request unless told: 10 MB, a thousand long facts.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// Connections open at once unless told. With the log's own files that stays below the 1,024 files which
/// a program may open where nobody set more.
const MAX_CONNECTIONS: usize = 900;

/// The configuration file with every key, its meaning and default.
pub const TEMPLATE: &str = include_str!("config.toml");

impl Settings {
    /// All of them together, checked.
    pub fn of(options: &Options, data: Option<&Path>, environment: &Environment) -> Result<Self, Failure> {
        let (config, file) = read_file(options.config.as_deref(), environment)?;
        let named = data.map(Path::to_owned).or_else(|| environment.data.clone());
        let settings = Settings {
            config,
            data: named.or(file.data).unwrap_or_else(|| environment.default_data()),
            listen: options
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7700))),
            certificate: options.certificate.clone().or(file.certificate),
            key: options.key.clone().or(file.key),
            behind_proxy: options.behind_proxy || file.behind_proxy.unwrap_or(false),
            public_url: options
                .public_url
                .clone()
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
            log_format: options.log_format.or(file.log_format).unwrap_or_default(),
            max_body: file.max_body.unwrap_or(MAX_BODY),
            max_connections: file.max_connections.unwrap_or(MAX_CONNECTIONS),
        };
        settings.check()?;
        Ok(settings)
    }

    /// What can't be meant is refused before anything is opened.
    fn check(&self) -> Result<(), Failure> {
        if self.certificate.is_some() != self.key.is_some() {
            return Err(Failure::usage("settings", "A certificate and its key belong together.")
                .hint("Give both --certificate and --key, or neither."));
        }
        if self.max_connections < 10 {
            return Err(Failure::usage(
                "settings",
                "With fewer than 10 connections a browser or two are all.",
            )
            .hint("Leave max_connections away, or set it to 900."));
        }
        if let Some(url) = &self.public_url
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            return Err(Failure::usage("settings", format!("`{url}` is not an address that browsers open."))
                .hint("Write --public-url https://deadstick.example.org."));
        }
        Ok(())
    }
}

fn read_file(
    named: Option<&Path>,
    environment: &Environment,
) -> Result<(Option<PathBuf>, ConfigFile), Failure> {
    let usual = environment.config_files().into_iter().find(|path| path.exists());
    let Some(path) = named.map(Path::to_owned).or(usual) else {
        return Ok((None, ConfigFile::default()));
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::environment("config", format!("The configuration file {} can't be read.", path.display()))
            .why(error)
            .hint("`deadstick config --template` prints one with every key.")
    })?;
    let file = parse(&text).map_err(|why| {
        Failure::usage("config", format!("The configuration file {} can't be understood.", path.display()))
            .why(why)
            .hint("`deadstick config --template` prints one with every key.")
    })?;
    Ok((Some(path), file))
}

/// Reads a configuration file's text.
pub fn parse(text: &str) -> Result<ConfigFile, String> {
    basic_toml::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(options: &Options, config: &str) -> Result<Settings, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let options = Options { config: Some(file), ..options.clone() };
        let environment = Environment { home: Some("/home/ana".into()), ..Environment::default() };
        Settings::of(&options, None, &environment)
    }

    #[test]
    fn options_count_more_than_the_file() {
        let told = settings(&Options::default(), "listen = \"127.0.0.1:1\"\ndata = \"/srv/d\"\n").unwrap();
        assert_eq!((told.listen.port(), told.data), (1, PathBuf::from("/srv/d")));
        let options = Options { listen: Some("127.0.0.1:2".parse().unwrap()), ..Options::default() };
        assert_eq!(settings(&options, "listen = \"127.0.0.1:1\"\n").unwrap().listen.port(), 2);
        assert_eq!(settings(&Options::default(), "").unwrap().listen.port(), 7700);
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        let check = |config: &str, expected: &str| {
            let refused = settings(&Options::default(), config).unwrap_err();
            assert_eq!(refused.exit_status(), 2);
            assert!(refused.problem.title.contains(expected), "{}", refused.problem.title);
        };
        check("certificate = \"a.pem\"\n", "belong together");
        check("public_url = \"deadstick\"\n", "not an address");
        check("lisen = \"127.0.0.1:1\"\n", "can't be understood");
        check("listen = \"here\"\n", "can't be understood");
        check("max_connections = 0\n", "fewer than 10");
    }

    #[test]
    fn the_template_is_the_defaults() {
        let packaged = include_str!("../../../../../packaging/config.toml");
        assert_eq!(packaged, TEMPLATE, "packaging/config.toml is a copy of the template");
        assert_eq!(parse(TEMPLATE).unwrap(), ConfigFile::default());
        let uncommented: String = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n");
        let told = settings(&Options::default(), &uncommented).unwrap();
        assert_eq!((told.max_body, told.max_connections), (MAX_BODY, MAX_CONNECTIONS));
        assert_eq!(told.listen.to_string(), "127.0.0.1:7700");
        assert!(told.certificate.is_some() && told.public_url.is_some());
    }
}
