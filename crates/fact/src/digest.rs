//! Digests and the identity of a fact.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::SourceId;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// From stored bytes; `None` unless there are 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Digest)
    }

    /// Sixty-four hexadecimal digits.
    pub fn hex(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What makes two deliveries the same fact: a keyed digest of source and native id.
///
/// Keyed, because native ids of logs without ids of their own are made of nick and text, and a
/// redacted text must not be guessable from what is left of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NativeIdentity(pub [u8; 16]);

impl NativeIdentity {
    /// Thirty-two hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// From thirty-two hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for NativeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The log's own key for [`NativeIdentity`], made once with the log.
#[derive(Clone)]
pub struct IdentityKey(pub [u8; 32]);

impl IdentityKey {
    /// First 16 bytes of HMAC-SHA256(key, source || native id).
    pub fn identity(&self, source: SourceId, native_id: &str) -> NativeIdentity {
        self.keyed(source, &[], native_id)
    }

    /// First 16 bytes of HMAC-SHA256(key, source || 0xff || thread), by which a thread is looked up.
    ///
    /// No text begins with 0xff in UTF-8, so that no thread is ever taken for a native id.
    pub fn thread(&self, source: SourceId, thread: &str) -> NativeIdentity {
        self.keyed(source, &[0xff], thread)
    }

    fn keyed(&self, source: SourceId, mark: &[u8], name: &str) -> NativeIdentity {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(source.as_bytes());
        mac.update(mark);
        mac.update(name.as_bytes());
        let full = mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        NativeIdentity(short)
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(secret)")
    }
}
