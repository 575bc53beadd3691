//! A netlink socket of the network namespace of the thread that opened it.

use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send, setsockopt,
    socket, sockopt,
};

use super::message::{Message, received};

/// nlmsg_type of an answer with an error code (0: all went well).
const ERROR: u16 = 2;
/// nlmsg_type at the end of a dump.
const DONE: u16 = 3;
/// Flag: the dump was disturbed by a change and has to be repeated.
const INTERRUPTED: u16 = 0x10;

/// Which part of the kernel is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Addresses, routes, links.
    Route,
    /// Sockets.
    SockDiag,
    /// nf_tables, conntrack, ipset.
    Netfilter,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum NetlinkError {
    /// The socket itself failed.
    #[error("the netlink socket failed")]
    Socket(#[source] Errno),
    /// The kernel refused a message.
    #[error("the kernel refused message {sequence}")]
    Refused {
        /// The sequence number of the message that was refused.
        sequence: u32,
        /// Why.
        #[source]
        errno: Errno,
    },
    /// Something changed while it was read.
    #[error("the state changed while it was read")]
    Interrupted,
}

impl NetlinkError {
    /// The kernel's error number, if it gave one.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Socket(errno) | Self::Refused { errno, .. } => Some(*errno),
            Self::Interrupted => None,
        }
    }
}

/// The kernel's refusal of one message of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The sequence number of the message.
    pub sequence: u32,
    /// Why.
    pub errno: Errno,
}

/// A socket.
#[derive(Debug)]
pub struct Socket {
    descriptor: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    /// Opens one in the network namespace of this thread.
    pub fn open(protocol: Protocol) -> Result<Self, NetlinkError> {
        let protocol = match protocol {
            Protocol::Route => SockProtocol::NetlinkRoute,
            Protocol::SockDiag => SockProtocol::NetlinkSockDiag,
            Protocol::Netfilter => SockProtocol::NetlinkNetFilter,
        };
        let descriptor = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)
            .map_err(NetlinkError::Socket)?;
        bind(descriptor.as_raw_fd(), &NetlinkAddr::new(0, 0)).map_err(NetlinkError::Socket)?;
        // Large dumps and batches: more room means fewer calls, and no ENOBUFS. Not being allowed to is no reason to fail.
        let _ = setsockopt(&descriptor, sockopt::RcvBufForce, &(8 << 20));
        let _ = setsockopt(&descriptor, sockopt::SndBufForce, &(64 << 20));
        Ok(Self { descriptor, sequence: 0, buffer: vec![0; 256 << 10] })
    }

    /// The next sequence number.
    pub fn sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Sends bytes that hold one message or several.
    pub fn send(&self, bytes: &[u8]) -> Result<(), NetlinkError> {
        send(self.descriptor.as_raw_fd(), bytes, MsgFlags::empty()).map_err(NetlinkError::Socket)?;
        Ok(())
    }

    /// Asks, and hands each part of the answer (kind, payload) to `take`, until the dump is done or the request acknowledged.
    ///
    /// `kind`, `flags` as in [`Message`]; REQUEST is added, and ACK unless it is a dump.
    pub fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        payload: Vec<u8>,
        mut take: impl FnMut(u16, &[u8]),
    ) -> Result<(), NetlinkError> {
        let sequence = self.sequence();
        let is_dump = flags & super::flags::DUMP == super::flags::DUMP;
        let flags = flags | super::flags::REQUEST | if is_dump { 0 } else { super::flags::ACK };
        let mut bytes = Vec::new();
        Message { kind, flags, sequence, payload }.write_to(&mut bytes);
        self.send(&bytes)?;
        let mut is_interrupted = false;
        loop {
            let length = recv(self.descriptor.as_raw_fd(), &mut self.buffer, MsgFlags::empty())
                .map_err(NetlinkError::Socket)?;
            for message in received(&self.buffer[..length]) {
                if message.sequence != sequence {
                    continue;
                }
                is_interrupted |= message.flags & INTERRUPTED != 0;
                match message.kind {
                    DONE if is_interrupted => return Err(NetlinkError::Interrupted),
                    DONE => return Ok(()),
                    ERROR => return outcome(sequence, message.payload),
                    kind => take(kind, message.payload),
                }
            }
        }
    }

    /// Sends a batch and hands whatever the kernel answered (kind, sequence, payload) to `take`; gives the refusals.
    ///
    /// The kernel works on a batch inside the call that sends it, so all answers are there when it returns.
    pub fn batch(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(u16, u32, &[u8]),
    ) -> Result<Vec<Refusal>, NetlinkError> {
        self.send(bytes)?;
        let mut refusals = Vec::new();
        loop {
            let length = match recv(self.descriptor.as_raw_fd(), &mut self.buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(length) => length,
                Err(Errno::EAGAIN) => return Ok(refusals),
                Err(errno) => return Err(NetlinkError::Socket(errno)),
            };
            for message in received(&self.buffer[..length]) {
                if message.kind != ERROR {
                    take(message.kind, message.sequence, message.payload);
                } else if let Err(NetlinkError::Refused { sequence, errno }) =
                    outcome(message.sequence, message.payload)
                {
                    refusals.push(Refusal { sequence, errno });
                }
            }
        }
    }

    /// Receives the answers to messages `first..=last` that were sent with ACK; the first refusal is the outcome.
    pub fn acknowledged(&mut self, first: u32, last: u32) -> Result<(), NetlinkError> {
        let mut result = Ok(());
        let mut seen = first.wrapping_sub(1);
        while seen != last {
            let length = recv(self.descriptor.as_raw_fd(), &mut self.buffer, MsgFlags::empty())
                .map_err(NetlinkError::Socket)?;
            for message in received(&self.buffer[..length]) {
                if message.kind != ERROR || message.sequence < first || message.sequence > last {
                    continue;
                }
                seen = message.sequence;
                if result.is_ok() {
                    result = outcome(seen, message.payload);
                }
            }
        }
        result
    }
}

fn outcome(sequence: u32, payload: &[u8]) -> Result<(), NetlinkError> {
    let code = payload.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes));
    match code {
        0 => Ok(()),
        code => Err(NetlinkError::Refused { sequence, errno: Errno::from_raw(code.saturating_neg()) }),
    }
}
