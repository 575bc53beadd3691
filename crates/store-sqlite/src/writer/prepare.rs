//! What can be done for a fact before it has a position: on the caller's thread, not the writer's.

use fact::{Digest, IdentityKey, Limits, NativeIdentity, NewFact, OutOfBounds, Salt, content_bytes, sealed};
use store::StoreError;

/// A fact with everything that doesn't depend on its position.
pub(crate) struct Prepared {
    pub(crate) fact: NewFact,
    pub(crate) identity: NativeIdentity,
    pub(crate) thread: Option<NativeIdentity>,
    pub(crate) content: Vec<u8>,
    pub(crate) salt: Salt,
    pub(crate) sealed: Digest,
    pub(crate) refused: Option<OutOfBounds>,
}

/// Checks, encodes, salts and hashes.
pub(crate) fn prepare(key: &IdentityKey, facts: Vec<NewFact>) -> Result<Vec<Prepared>, StoreError> {
    let mut salts = vec![0; 16 * facts.len()];
    getrandom::fill(&mut salts).map_err(|error| StoreError::Database {
        doing: "asking the system for random bytes",
        source: error.to_string().into(),
    })?;
    let salts = salts.chunks_exact(16).map(|salt| Salt::try_from(salt).expect("chunks of 16"));
    let with_salt = facts.into_iter().zip(salts);
    Ok(with_salt.map(|(fact, salt)| prepared(key, fact, salt, Limits::check)).collect())
}

/// One fact, with a salt of its own and the limits that apply to it.
pub(crate) fn prepared(
    key: &IdentityKey,
    fact: NewFact,
    salt: Salt,
    limits: impl Fn(&NewFact) -> Result<(), OutOfBounds>,
) -> Prepared {
    let refused = limits(&fact).err();
    let content = if refused.is_some() { Vec::new() } else { content_bytes(&fact.content) };
    Prepared {
        identity: key.identity(fact.source, &fact.content.native_id),
        thread: fact.content.thread.as_deref().map(|thread| key.thread(fact.source, thread)),
        sealed: sealed(&salt, &content),
        fact,
        content,
        salt,
        refused,
    }
}
