//! The kernel's ipsets.

use ruleset::iptables::from_bytes;
use ruleset::{IpSet, Note, SetRef, Step, Table, Test, ipset};

use super::modules;
use super::program::{self, ProgramError};
use crate::netlink;

/// Reads all sets. `tables` tells whether anything hangs on them.
pub fn read(tables: &[Table]) -> (Vec<IpSet>, Vec<Note>) {
    // Most hosts have no sets: then a look at the kernel saves starting a program.
    if !modules::is_present("ip_set") || has_sets() == Some(false) {
        return (Vec::new(), Vec::new());
    }
    let error = match program::output("ipset", &["save"]) {
        Ok(text) => return ipset::parse(&from_bytes(&text)),
        Err(error) => error,
    };
    let is_asked = tables.iter().any(asks);
    if !is_asked {
        return (Vec::new(), Vec::new());
    }
    let advice = match error {
        ProgramError::Missing { .. } => "; install the package ipset",
        _ => "",
    };
    let text = format!("rules ask ipsets whose contents could not be read: {error}{advice}");
    (Vec::new(), vec![Note { place: "ipset".to_owned(), text }])
}

/// Are there any? `None` if the kernel could not be asked.
fn has_sets() -> Option<bool> {
    // NFNL_SUBSYS_IPSET, IPSET_CMD_LIST; IPSET_ATTR_PROTOCOL, and IPSET_ATTR_FLAGS with IPSET_FLAG_LIST_SETNAME: names only.
    const LIST: u16 = 6 << 8 | 7;
    let mut request = netlink::Writer::new();
    request.raw(&[0; 4]).u8(1, 6).be32(6 | netlink::NETWORK_ORDER, 1 << 1);
    let mut socket = netlink::Socket::open(netlink::Protocol::Netfilter).ok()?;
    let mut is_any = false;
    let take = |kind, _: &[u8]| is_any |= kind == LIST;
    socket.ask(LIST, netlink::flags::DUMP, request.into_bytes(), take).ok()?;
    Some(is_any)
}

fn asks(table: &Table) -> bool {
    let rules = table.chains.iter().flat_map(|chain| &chain.rules);
    rules.flat_map(|rule| &rule.steps).any(|step| match step {
        Step::Test(test) => is_ipset(test),
        Step::Do(_) => false,
    })
}

fn is_ipset(test: &Test) -> bool {
    match test {
        Test::Set { set: SetRef::Ipset(_), .. } => true,
        Test::Any(tests) => tests.iter().any(is_ipset),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use nix::sched::{CloneFlags, unshare};

    use super::*;

    #[test]
    fn sets_are_counted_before_they_are_read() {
        let in_namespace = || {
            if unshare(CloneFlags::CLONE_NEWNET).is_err() {
                eprintln!("skipped: not root");
                return;
            }
            assert_eq!(has_sets(), Some(false));
            if program::output("ipset", &["create", "bad", "hash:ip"]).is_err() {
                eprintln!("skipped: ipset does not work here");
                return;
            }
            assert_eq!(has_sets(), Some(true));
            let (sets, notes) = read(&[]);
            assert_eq!((sets.len(), notes.len()), (1, 0));
        };
        std::thread::spawn(in_namespace).join().unwrap();
    }
}
