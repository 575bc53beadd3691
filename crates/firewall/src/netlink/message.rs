//! Messages: a header of 16 bytes, then a payload, padded to 4 bytes.

/// Flags of requests (linux/netlink.h).
pub mod flags {
    /// A request.
    pub const REQUEST: u16 = 1;
    /// An answer is wanted even if all went well.
    pub const ACK: u16 = 4;
    /// What was made is told to the one who asked for it, too.
    pub const ECHO: u16 = 8;
    /// Everything, not one object (root and match).
    pub const DUMP: u16 = 0x300;
    /// Replaces what is there.
    pub const REPLACE: u16 = 0x100;
    /// Fails if it exists.
    pub const EXCL: u16 = 0x200;
    /// Makes it if it is absent.
    pub const CREATE: u16 = 0x400;
    /// At the end of the list.
    pub const APPEND: u16 = 0x800;
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// nlmsg_type.
    pub kind: u16,
    /// nlmsg_flags.
    pub flags: u16,
    /// nlmsg_seq.
    pub sequence: u32,
    /// What follows the header: for nfnetlink 4 bytes (family, version, resource id in network order), then attributes.
    pub payload: Vec<u8>,
}

impl Message {
    /// Adds it to bytes that will be sent.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        let length = u32::try_from(self.payload.len() + 16).expect("a message is below 4 GB");
        bytes.extend_from_slice(&length.to_ne_bytes());
        bytes.extend_from_slice(&self.kind.to_ne_bytes());
        bytes.extend_from_slice(&self.flags.to_ne_bytes());
        bytes.extend_from_slice(&self.sequence.to_ne_bytes());
        bytes.extend_from_slice(&0_u32.to_ne_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
}

/// A message in bytes that were received.
pub(super) struct Received<'a> {
    pub kind: u16,
    pub flags: u16,
    pub sequence: u32,
    pub payload: &'a [u8],
}

/// The messages in bytes that were received; stops at the first that is cut off.
pub(super) fn received(mut bytes: &[u8]) -> impl Iterator<Item = Received<'_>> {
    std::iter::from_fn(move || {
        let head = bytes.first_chunk::<16>()?;
        let word = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let half = |at: usize| u16::from_ne_bytes([head[at], head[at + 1]]);
        let length = usize::try_from(word(0)).ok()?;
        let one =
            Received { kind: half(4), flags: half(6), sequence: word(8), payload: bytes.get(16..length)? };
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(one)
    })
}
