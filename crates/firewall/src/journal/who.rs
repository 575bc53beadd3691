//! Who changes something: several names of one person, since any one of them may be missing.

use std::fs;

use ruleset::WayIn;
use serde::{Deserialize, Serialize};

/// Who it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The user as whom the process runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user who logged in (the kernel's login uid), whatever they became since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Who called sudo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sudo: Option<String>,
    /// Where they are logged in from, if that can be told for sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_peer: Option<String>,
    /// The process id.
    pub pid: u32,
}

impl Who {
    /// Of this process.
    pub fn of_process(ways_in: &[WayIn]) -> Self {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let login = fs::read_to_string("/proc/self/loginuid").ok();
        let sudo = std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty());
        let peer = match ways_in {
            [one] => Some(one.peer.address.to_string()),
            _ => None,
        };
        Self {
            user: Some(user(&users, nix::unistd::getuid().as_raw())),
            login: login
                .and_then(|text| text.trim().parse().ok())
                .filter(|uid| *uid != u32::MAX)
                .map(|uid| user(&users, uid)),
            sudo,
            ssh_peer: peer,
            pid: std::process::id(),
        }
    }

    /// The name by which they are known best.
    pub fn name(&self) -> String {
        let names = [&self.login, &self.sudo, &self.user];
        names.into_iter().flatten().next().cloned().unwrap_or_else(|| "unknown".into())
    }
}

/// The user's name, or the number if /etc/passwd has none.
fn user(users: &str, uid: u32) -> String {
    let number = uid.to_string();
    let found = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    });
    found.unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_logged_in_counts_more_than_who_it_became() {
        let mut who = Who { user: Some("root".into()), ..Who::default() };
        assert_eq!(who.name(), "root");
        who.sudo = Some("ana".into());
        assert_eq!(who.name(), "ana");
        who.login = Some("ben".into());
        assert_eq!(who.name(), "ben");
        assert_eq!(user("root:x:0:0::/root:/bin/sh\nana:x:1000:1000::/:/bin/sh", 1000), "ana");
        assert_eq!(user("root:x:0:0::/root:/bin/sh", 7), "7");
    }
}
