//! Ends established connections that the new rules forbid (`--kill-established`). It can't be undone.
//!
//! To forget a connection is not enough: what its server sends next begins it anew, as an outgoing one. So sockets of this host are
//! destroyed first, and what passes through is blocked in both directions for longer than anybody sends again.

use std::net::IpAddr;

use ruleset::plan::{Change, Operation, Plan};
use ruleset::{Backend, Endpoint, Family, Flow, Ruleset, Tuple};
use serde::Serialize;

use super::Site;
use super::run::{Terms, run_with_guard};
use crate::apply::Wanted;
use crate::live::sockets::{self, TCP, UDP};
use crate::live::{Snapshot, conntrack};
use crate::netlink::{NetlinkError, Protocol, Socket, Writer};

/// SOCK_DESTROY.
const DESTROY: u16 = 21;
/// NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE.
const FORGET: u16 = (1 << 8) | 2;
/// Longer than TCP sends again what nobody acknowledged (15 tries, 924 seconds).
const BLOCKED: u64 = 960;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// How many are gone.
    pub ended: usize,
    /// Those that are still there, in words.
    pub survivors: Vec<String>,
    /// What a person has to know.
    pub notes: Vec<String>,
}

/// Ends them, looks whether they are gone, and tells which are not.
pub fn end(site: &Site, flows: &[Flow], read: &dyn Fn() -> Result<Snapshot, String>) -> Ended {
    let mut ended = Ended::default();
    if flows.is_empty() {
        return ended;
    }
    let forwarded: Vec<&Flow> = flows.iter().filter(|flow| !flow.is_local).collect();
    if !forwarded.is_empty() {
        match block(site, &forwarded, read) {
            Ok(()) => ended
                .notes
                .push(format!("What passes through is blocked in both directions for {BLOCKED} s.")),
            Err(why) => ended.notes.push(format!("What passes through could not be blocked: {why}.")),
        }
    }
    for flow in flows {
        if flow.is_local
            && let Err(error) = destroy(flow)
        {
            ended.notes.push(format!("{}: {}", name(flow), crate::cli::chain(&error)));
        }
        // One that is not tracked has nothing to forget.
        let _ = forget(flow);
    }
    let sockets = sockets::read().unwrap_or_default();
    let tracked = conntrack::read().unwrap_or_default().flows;
    for flow in flows {
        let has_socket = sockets.iter().any(|socket| {
            socket.protocol == flow.protocol && ends(flow).contains(&(socket.local, socket.remote))
        });
        let is_tracked =
            tracked.iter().any(|known| known.original == flow.original && known.protocol == flow.protocol);
        if has_socket || is_tracked {
            ended.survivors.push(name(flow));
        } else {
            ended.ended += 1;
        }
    }
    ended
}

fn name(flow: &Flow) -> String {
    let end = |end: Endpoint| match end.address {
        IpAddr::V4(address) => format!("{address}:{}", end.port),
        IpAddr::V6(address) => format!("[{address}]:{}", end.port),
    };
    format!("{} -> {}", end(flow.original.from), end(flow.original.to))
}

/// This end and the other, in every way in which a socket of this host may know them.
fn ends(flow: &Flow) -> [(Endpoint, Endpoint); 4] {
    let both = |tuple: Tuple| [(tuple.from, tuple.to), (tuple.to, tuple.from)];
    let ([a, b], [c, d]) = (both(flow.original), both(flow.reply));
    [a, b, c, d]
}

/// Ends the sockets of a flow, as `ss -K` does: both programs see a reset.
fn destroy(flow: &Flow) -> Result<(), NetlinkError> {
    if ![TCP, UDP].contains(&flow.protocol) {
        return Ok(());
    }
    let sockets = sockets::read()?;
    let mut socket = Socket::open(Protocol::SockDiag)?;
    let is_of_flow = |one: &&sockets::Socket| {
        one.protocol == flow.protocol && one.is_connected() && ends(flow).contains(&(one.local, one.remote))
    };
    for one in sockets.iter().filter(is_of_flow) {
        // inet_diag_req_v2: family, protocol, extensions, padding, states; ports, addresses, interface, cookie.
        let family = if one.local.address.is_ipv4() { 2 } else { 10 };
        let mut request = vec![family, one.protocol, 0, 0];
        request.extend_from_slice(&u32::MAX.to_ne_bytes());
        request.extend_from_slice(&one.local.port.to_be_bytes());
        request.extend_from_slice(&one.remote.port.to_be_bytes());
        for end in [one.local, one.remote] {
            let mut bytes = match end.address {
                IpAddr::V4(address) => address.octets().to_vec(),
                IpAddr::V6(address) => address.octets().to_vec(),
            };
            bytes.resize(16, 0);
            request.extend_from_slice(&bytes);
        }
        request.extend_from_slice(&one.interface.to_ne_bytes());
        // INET_DIAG_NOCOOKIE.
        request.extend_from_slice(&[0xff; 8]);
        match socket.ask(DESTROY, 0, request, |_, _| {}) {
            Err(error) if error.errno() == Some(nix::errno::Errno::ENOENT) => {}
            answer => answer?,
        }
    }
    Ok(())
}

/// Has connection tracking forget a flow. A request without a tuple would make it forget all of them.
fn forget(flow: &Flow) -> Result<(), NetlinkError> {
    let tuple = flow.original;
    let mut writer = Writer::new();
    let is_v4 = tuple.from.address.is_ipv4();
    writer.raw(&[if is_v4 { 2 } else { 10 }, 0, 0, 0]);
    writer.nest(1, |inner| {
        inner.nest(1, |addresses| {
            for (end, v4, v6) in [(tuple.from, 1, 3), (tuple.to, 2, 4)] {
                match end.address {
                    IpAddr::V4(address) => addresses.bytes(v4, &address.octets()),
                    IpAddr::V6(address) => addresses.bytes(v6, &address.octets()),
                };
            }
        });
        inner.nest(2, |transport| {
            transport.u8(1, flow.protocol).be16(2, tuple.from.port).be16(3, tuple.to.port);
        });
    });
    if flow.zone != 0 {
        writer.be16(18, flow.zone);
    }
    Socket::open(Protocol::Netfilter)?.ask(FORGET, 0, writer.into_bytes(), |_, _| {})
}

/// Drops what passes through, in both directions, for a while: rules like any other temporary ones, under a guard.
fn block(site: &Site, flows: &[&Flow], read: &dyn Fn() -> Result<Snapshot, String>) -> Result<(), String> {
    let wanted = || {
        let snapshot = read()?;
        let changes = flows.iter().flat_map(|flow| blocks(flow, &snapshot.ruleset)).collect();
        let command = vec!["block".to_owned(), "what".to_owned(), "was".to_owned(), "killed".to_owned()];
        let plan = Plan { changes, command, for_seconds: Some(BLOCKED), ..Plan::default() };
        Ok::<_, String>(Wanted::new(plan, snapshot))
    };
    let made = run_with_guard(site, wanted()?, &Terms::default(), &mut || wanted());
    made.map(|_| ()).map_err(|error| crate::cli::chain(&error))
}

/// Two rules at the top of FORWARD: addresses there are those after the translation of the destination, and before that of the source.
fn blocks(flow: &Flow, ruleset: &Ruleset) -> Vec<Change> {
    let (client, server) = (flow.original.from, flow.reply.from);
    let (family, bits) = if client.address.is_ipv4() { (Family::Ip, 32) } else { (Family::Ip6, 128) };
    let is_there = |backend| ruleset.table(backend, family, "filter").is_some();
    let backend = match is_there(Backend::IptablesLegacy) && !is_there(Backend::IptablesNft) {
        true => Backend::IptablesLegacy,
        false => Backend::IptablesNft,
    };
    let protocol = match flow.protocol {
        TCP => "tcp",
        UDP => "udp",
        _ => return Vec::new(),
    };
    let text = |from: Endpoint, to: Endpoint| {
        format!(
            "-s {}/{bits} -d {}/{bits} -p {protocol} -m {protocol} --sport {} --dport {} -j DROP",
            from.address, to.address, from.port, to.port
        )
    };
    let change = |rule| Change {
        op: Operation::Insert,
        backend,
        family,
        table: "filter".to_owned(),
        chain: "FORWARD".to_owned(),
        position: 1,
        rule,
        removed: None,
    };
    vec![change(text(client, server)), change(text(server, client))]
}
