//! What a fact is: envelope, kinds, stored bytes, the Merkle tree, erasure.
//!
//! Pure: no clock, randomness, files, network. The bytes that are hashed are the bytes that are
//! stored; `docs/formats/fact.md` is the normative text and holds the test vectors.

mod digest;
mod encode;
mod envelope;
mod erasure;
mod id;
mod kind;
mod time;
mod tree;
mod viewer;

pub use digest::{Digest, IdentityKey, NativeIdentity};
pub use encode::{
    DecodeError, FORMAT, Header, Salt, content_bytes, decode_content, decode_state, leaf, leaf_of_sealed,
    sealed,
};
pub use envelope::{Content, Limits, NewFact, OutOfBounds, Span, StateContent, StateData, StoredFact};
pub use erasure::{Erased, Erasure, Expiry, Redaction, ReplacedEvent};
pub use id::{EntityId, FactId, ParseIdError, PersonId, SourceId, uuid_v7};
pub use kind::{Kind, ParseKindError};
pub use time::{ParseTimestampError, Timestamp};
pub use tree::{Peaks, TILE, Tile, node, root_of};
pub use viewer::Viewer;
