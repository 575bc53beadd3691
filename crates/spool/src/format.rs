//! Header and frames as bytes. Normative text: docs/formats/spool.md.

/// The largest payload, in bytes.
pub const MAX_PAYLOAD: usize = 4 * 1_048_576;

/// First bytes of a spool.
pub const MAGIC: &[u8; 7] = b"DSSPOOL";
/// The version of the format.
pub const VERSION: u8 = 1;
/// Bytes of the header, and so the offset of the first frame.
pub const HEADER: u64 = 20;
/// Bytes of a frame before its payload.
pub const FRAME: u64 = 8;

/// A place in a spool: everything before it has been read.
///
/// Marks of a spool that was emptied since are recognised by their generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub(crate) generation: u64,
    pub(crate) offset: u64,
}

/// magic (7) || version (1) || generation (8) || CRC-32 of these 16 (4); little endian.
pub fn header(generation: u64) -> [u8; HEADER as usize] {
    let mut bytes = [0; HEADER as usize];
    bytes[..7].copy_from_slice(MAGIC);
    bytes[7] = VERSION;
    bytes[8..16].copy_from_slice(&generation.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// What the first bytes of a file are.
#[derive(Debug, PartialEq, Eq)]
pub enum HeaderRead {
    /// A header of this version, with its generation.
    Good(u64),
    /// A whole header of another version.
    Other(u8),
    /// No header.
    Damaged,
}

/// Reads the header at the start of a file.
pub fn read_header(bytes: &[u8]) -> HeaderRead {
    let Some(bytes) = bytes.first_chunk::<{ HEADER as usize }>() else { return HeaderRead::Damaged };
    let (head, crc) = bytes.split_at(16);
    if head[..7] != MAGIC[..] || crc != crc32fast::hash(head).to_le_bytes() {
        return HeaderRead::Damaged;
    }
    match (head[7], head[8..].try_into()) {
        (VERSION, Ok(generation)) => HeaderRead::Good(u64::from_le_bytes(generation)),
        (other, _) => HeaderRead::Other(other),
    }
}

/// length (4) || CRC-32 of length and payload (4) || payload; little endian.
pub fn frame(payload: &[u8]) -> Option<Vec<u8>> {
    let len = u32::try_from(payload.len()).ok().filter(|_| (1..=MAX_PAYLOAD).contains(&payload.len()))?;
    let len = len.to_le_bytes();
    let mut bytes = Vec::with_capacity(payload.len() + FRAME as usize);
    bytes.extend_from_slice(&len);
    bytes.extend_from_slice(&crc(len, payload).to_le_bytes());
    bytes.extend_from_slice(payload);
    Some(bytes)
}

/// The length of the payload that a frame's first bytes announce, with the CRC; `None` when no
/// frame begins so.
pub fn announced(head: [u8; FRAME as usize]) -> Option<(u32, u32)> {
    let [a, b, c, d, e, f, g, h] = head;
    let len = u32::from_le_bytes([a, b, c, d]);
    (1..=MAX_PAYLOAD as u64).contains(&u64::from(len)).then_some((len, u32::from_le_bytes([e, f, g, h])))
}

/// CRC-32 (the one of zlib and Ethernet) over length and payload.
pub fn crc(len: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&len);
    hasher.update(payload);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of docs/formats/spool.md.
    #[test]
    fn writes_the_vector() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&header(1)), "445353504f4f4c0101000000000000000f90e083");
        assert_eq!(
            hex(&frame(br#"{"text":"hello"}"#).unwrap()),
            "10000000c1d1748a7b2274657874223a2268656c6c6f227d"
        );
        assert_eq!(read_header(&header(7)), HeaderRead::Good(7));
    }

    #[test]
    fn refuses_what_is_no_frame() {
        assert_eq!(frame(b""), None);
        assert_eq!(frame(&vec![b'x'; MAX_PAYLOAD + 1]), None);
        assert_eq!(announced([0; 8]), None, "zeros, as a file system leaves them after a crash");
        assert_eq!(announced([0xff; 8]), None);
        assert_eq!(read_header(&[]), HeaderRead::Damaged);
        let mut newer = header(1);
        newer[7] = 2;
        let crc = crc32fast::hash(&newer[..16]).to_le_bytes();
        newer[16..].copy_from_slice(&crc);
        assert_eq!(read_header(&newer), HeaderRead::Other(2));
    }
}
