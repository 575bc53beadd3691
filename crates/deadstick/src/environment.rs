//! What the process is told by its surroundings, read once.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Zoned;

/// The environment's part of the settings.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `DEADSTICK_DATA`.
    pub data: Option<PathBuf>,
    /// `DEADSTICK_URL`.
    pub url: Option<String>,
    /// `DEADSTICK_TOKEN`: never an option, which `ps` would show to everybody.
    pub token: Option<String>,
    /// `DEADSTICK_CA`.
    pub ca: Option<PathBuf>,
    /// `STATE_DIRECTORY`, as set by systemd.
    pub state_directory: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `USER` or `LOGNAME`, else the name that belongs to the process's user id.
    pub user: Option<String>,
}

impl Environment {
    /// As the process finds it. Empty variables count as not set.
    pub fn of_process() -> Self {
        let text = |name| variable(name).and_then(|value| value.into_string().ok());
        let path = |name| variable(name).map(PathBuf::from);
        Environment {
            data: path("DEADSTICK_DATA"),
            url: text("DEADSTICK_URL"),
            token: text("DEADSTICK_TOKEN"),
            ca: path("DEADSTICK_CA"),
            state_directory: path("STATE_DIRECTORY"),
            data_home: path("XDG_DATA_HOME"),
            state_home: path("XDG_STATE_HOME"),
            config_home: path("XDG_CONFIG_HOME"),
            home: path("HOME"),
            user: text("USER").or_else(|| text("LOGNAME")).or_else(user_of_process),
        }
    }

    /// Where the server keeps its data unless told.
    pub fn default_data(&self) -> PathBuf {
        if let Some(directory) = &self.state_directory {
            return directory.clone();
        }
        self.data_home.clone().unwrap_or_else(|| self.home_or_root().join(".local/share")).join("deadstick")
    }

    /// Where commands wait while a server elsewhere is away.
    pub fn state(&self) -> PathBuf {
        self.state_home.clone().unwrap_or_else(|| self.home_or_root().join(".local/state")).join("deadstick")
    }

    /// Where the configuration file is looked for.
    pub fn config_files(&self) -> Vec<PathBuf> {
        let own = self.config_home.clone().unwrap_or_else(|| self.home_or_root().join(".config"));
        [own, PathBuf::from("/etc")].map(|folder| folder.join("deadstick/config.toml")).into()
    }

    fn home_or_root(&self) -> PathBuf {
        self.home.clone().unwrap_or_else(|| PathBuf::from("/"))
    }
}

fn user_of_process() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut lines = users.lines().map(|line| line.split(':'));
    lines.find_map(|mut parts| {
        let name = parts.next()?;
        (parts.nth(1)? == id).then(|| name.to_owned())
    })
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Now, in the local zone.
pub fn now() -> Zoned {
    Zoned::now()
}

/// Now, as facts carry it.
pub fn timestamp() -> fact::Timestamp {
    now().timestamp().into()
}

/// A fresh fact id.
pub fn fresh_id() -> fact::FactId {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("the system's random source answers");
    fact::FactId(fact::uuid_v7(timestamp(), random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_goes_to_systemds_directory_then_xdg_then_home() {
        let mut env = Environment { home: Some("/home/ana".into()), ..Environment::default() };
        assert_eq!(env.default_data(), PathBuf::from("/home/ana/.local/share/deadstick"));
        env.data_home = Some("/data".into());
        assert_eq!(env.default_data(), PathBuf::from("/data/deadstick"));
        env.state_directory = Some("/var/lib/deadstick".into());
        assert_eq!(env.default_data(), PathBuf::from("/var/lib/deadstick"));
        assert_eq!(env.state(), PathBuf::from("/home/ana/.local/state/deadstick"));
    }
}
