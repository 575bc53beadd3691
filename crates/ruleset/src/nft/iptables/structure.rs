//! Numbers in the C structures of x_tables, host byte order unless said otherwise.

use std::net::IpAddr;

use super::words::address;
use crate::Family;

/// A C structure.
#[derive(Clone, Copy)]
pub(super) struct Structure<'a>(pub &'a [u8]);

impl<'a> Structure<'a> {
    pub fn u8(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    pub fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_ne_bytes(self.array(at)?))
    }

    pub fn be16(self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(self.array(at)?))
    }

    pub fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_ne_bytes(self.array(at)?))
    }

    pub fn be32(self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.array(at)?))
    }

    pub fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk::<N>().copied()
    }

    /// Bytes up to the first NUL, at most `length`.
    pub fn bytes(self, at: usize, length: usize) -> Option<&'a [u8]> {
        let field = self.0.get(at..)?;
        let field = &field[..field.len().min(length)];
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        Some(&field[..end])
    }

    /// `union nf_inet_addr`: 16 bytes, of which IPv4 uses the first 4.
    pub fn inet(self, at: usize, family: Family) -> Option<u128> {
        match family {
            Family::Ip6 => Some(u128::from_be_bytes(self.array(at)?)),
            _ => self.be32(at).map(u128::from),
        }
    }

    /// The same as an address.
    pub fn inet_address(self, at: usize, family: Family) -> Option<IpAddr> {
        Some(address(family, self.inet(at, family)?))
    }
}
