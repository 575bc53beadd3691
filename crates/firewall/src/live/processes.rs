//! Which process holds a socket, and who called us.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// Its name, as the kernel has it: at most 15 bytes.
    pub name: String,
}

/// The holders of these sockets, by inode. The daemon counts rather than the init that opened its socket for it.
pub fn holders(wanted: impl IntoIterator<Item = u64>) -> BTreeMap<u64, Holder> {
    let mut open: std::collections::BTreeSet<u64> = wanted.into_iter().filter(|inode| *inode != 0).collect();
    let mut found = BTreeMap::new();
    let mut pids = pids();
    if pids.first() == Some(&1) {
        pids.rotate_left(1);
    }
    for pid in pids {
        if open.is_empty() {
            break;
        }
        for inode in sockets_of(pid) {
            if open.remove(&inode) {
                found.insert(inode, Holder { pid, name: name(pid) });
            }
        }
    }
    found
}

/// Every process, oldest ids first.
fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids
}

/// Inodes of the sockets that a process holds, in the order of its descriptors.
pub fn sockets_of(pid: u32) -> Vec<u64> {
    let folder = format!("/proc/{pid}/fd");
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut descriptors: Vec<u32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    descriptors.sort_unstable();
    let target = |descriptor: &u32| {
        let target = fs::read_link(Path::new(&folder).join(descriptor.to_string())).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    descriptors.iter().filter_map(target).collect()
}

/// The name of a process; empty if it is gone.
pub fn name(pid: u32) -> String {
    fs::read(format!("/proc/{pid}/comm"))
        .map(|bytes| String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned())
        .unwrap_or_default()
}

/// This process, its parent, and so on up to the first.
pub fn ancestry() -> Vec<u32> {
    let mut line = vec![std::process::id()];
    while let Some(parent) = line.last().and_then(|pid| parent(*pid)) {
        // A loop can't be, but a process id may be used anew while we read.
        if parent == 0 || line.contains(&parent) {
            break;
        }
        line.push(parent);
    }
    line
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, parentheses too.
    let after = stat.rsplit_once(')')?.1;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// A variable of a process's environment as it was when it began.
pub fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|byte| *byte == 0).find_map(|pair| {
        let value = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_line_and_environment() {
        let line = ancestry();
        assert_eq!(line.first(), Some(&std::process::id()));
        assert!(line.len() >= 2, "a test has a parent");
        assert_eq!(variable(line[0], "PATH"), std::env::var("PATH").ok());
        assert_eq!(variable(line[0], "PAT"), None);
        assert!(!name(line[0]).is_empty());
    }

    #[test]
    fn our_own_socket() {
        use std::os::unix::fs::MetadataExt;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&listener);
        let inode = fs::metadata(format!("/proc/self/fd/{descriptor}")).unwrap().ino();
        let found = holders([inode, 0]);
        assert_eq!(found.get(&inode).map(|holder| holder.pid), Some(std::process::id()));
    }
}
