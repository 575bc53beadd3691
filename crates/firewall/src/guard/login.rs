//! Since when the connection exists over which somebody is logged in.
//!
//! A session that was multiplexed over an old connection (ControlMaster), or a tmux that was begun over it, proves
//! nothing: its packets pass as established ones. Only a connection that was opened since shows that one can log in.

use super::moment::{Moment, Process};
use crate::live::processes;
use crate::live::way_in::is_sshd;

/// When the connection by which this process was called was opened; `None` at a console, and where that can't be told.
pub fn opened() -> Option<Moment> {
    let line: Vec<(u32, String)> = processes::ancestry()
        .into_iter()
        .filter(|pid| is_sshd(&processes::name(*pid)))
        .map(|pid| (pid, title(pid)))
        .collect();
    let of_ancestors = of_connection(&line).into_iter().filter_map(Process::of).map(Process::began).min();
    of_ancestors.or_else(of_variable)
}

/// The processes of one connection among the sshd that are our ancestors, nearest first: not the one that listens for all.
fn of_connection(line: &[(u32, String)]) -> Vec<u32> {
    let is_of_session = |title: &str| title.starts_with("sshd: ") || title.starts_with("sshd-session: ");
    let mut line: Vec<&(u32, String)> =
        line.iter().filter(|(_, title)| !title.contains("[listener]")).collect();
    if line.len() > 1 && line.last().is_some_and(|(_, title)| !is_of_session(title)) {
        line.pop();
    }
    line.into_iter().map(|(pid, _)| *pid).collect()
}

fn title(pid: u32) -> String {
    let text = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&text).replace('\0', " ").trim().to_owned()
}

/// In a tmux: the connection that SSH_CONNECTION names, if an sshd holds it now.
fn of_variable() -> Option<Moment> {
    let text = std::env::var("SSH_CONNECTION").ok()?;
    let sockets = crate::live::sockets::read().ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let [peer, peer_port, here, here_port] = words.as_slice() else { return None };
    let is_end = |end: ruleset::Endpoint, address: &str, port: &str| {
        let address = address.split('%').next().and_then(|address| address.parse::<std::net::IpAddr>().ok());
        address.map(|address| address.to_canonical()) == Some(end.address) && port.parse() == Ok(end.port)
    };
    let socket = sockets.iter().find(|socket| {
        socket.is_connected()
            && is_end(socket.remote, peer, peer_port)
            && is_end(socket.local, here, here_port)
    })?;
    let holders = processes::holders([socket.inode]);
    let holder = holders.get(&socket.inode).filter(|holder| is_sshd(&holder.name))?;
    Some(Process::of(holder.pid)?.began())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listener_is_not_the_connection() {
        let check = |titles: &[&str], expected: &[u32]| {
            let line: Vec<(u32, String)> =
                titles.iter().enumerate().map(|(n, title)| (n as u32, (*title).to_owned())).collect();
            assert_eq!(of_connection(&line), expected, "{titles:?}");
        };
        check(
            &[
                "sshd: root@pts/0",
                "sshd: root [priv]",
                "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
            ],
            &[0, 1],
        );
        check(
            &["sshd-session: me@pts/0", "sshd-session: me [priv]", "sshd: /usr/sbin/sshd [listener] 0"],
            &[0, 1],
        );
        check(&["sshd: root@notty", "/usr/sbin/sshd -D"], &[0]);
        check(&["sshd: root@notty"], &[0]);
        check(&["/usr/sbin/dropbear -F", "/usr/sbin/dropbear -F"], &[0]);
        check(&[], &[]);
    }
}
