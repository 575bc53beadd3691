//! The bytes of a fact: header, content, leaf. Normative text: docs/formats/fact.md.

use sha2::{Digest as _, Sha256};

use crate::{Content, Digest, FactId, Kind, SourceId, StateContent, Timestamp};

/// The version of the stored bytes.
pub const FORMAT: u8 = 1;

/// Sixteen random bytes, erased together with the content.
pub type Salt = [u8; 16];

/// The part of a fact that is never erased from the proof and says nothing about anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Position in the log, from 1.
    pub position: u64,
    /// The fact's id.
    pub id: FactId,
    /// Its source.
    pub source: SourceId,
    /// Its kind.
    pub kind: Kind,
    /// When the log took it.
    pub recorded_at: Timestamp,
}

impl Header {
    /// format (1) || position (8, big endian) || id (16) || source (16) || recorded_at (8, big
    /// endian, microseconds) || length of kind (1) || kind.
    pub fn bytes(&self) -> Vec<u8> {
        let kind = self.kind.as_str().as_bytes();
        let mut bytes = Vec::with_capacity(50 + kind.len());
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(self.source.as_bytes());
        bytes.extend_from_slice(&self.recorded_at.micros().to_be_bytes());
        bytes.push(u8::try_from(kind.len()).expect("a kind has at most 32 bytes"));
        bytes.extend_from_slice(kind);
        bytes
    }
}

/// SHA-256(salt || content): what is left of the content in the proof.
pub fn sealed(salt: &Salt, content: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update(salt).chain_update(content).finalize().into())
}

/// SHA-256(0x00 || header || sealed content), a leaf of RFC 6962's tree.
pub fn leaf_of_sealed(header: &Header, sealed: &Digest) -> Digest {
    let leaf = Sha256::new().chain_update([0u8]).chain_update(header.bytes()).chain_update(sealed.0);
    Digest(leaf.finalize().into())
}

/// SHA-256(0x00 || header || SHA-256(salt || content)), a leaf of RFC 6962's tree.
pub fn leaf(header: &Header, salt: &Salt, content: &[u8]) -> Digest {
    leaf_of_sealed(header, &sealed(salt, content))
}

/// Stored bytes that are not a content.
#[derive(Debug, thiserror::Error)]
#[error("the stored content is not readable")]
pub struct DecodeError(#[from] serde_json::Error);

/// The content as stored: one line of JSON, fields in the order of [`Content`].
pub fn content_bytes(content: &Content) -> Vec<u8> {
    serde_json::to_vec(content).expect("a content has only string keys and finite numbers")
}

/// Reads stored bytes back.
pub fn decode_content(bytes: &[u8]) -> Result<Content, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}

/// Reads of stored bytes what state is folded from.
pub fn decode_state(bytes: &[u8]) -> Result<StateContent, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}
