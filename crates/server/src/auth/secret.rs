//! Secrets: fresh random ones, their digests, base64url.

use hmac::{Hmac, KeyInit, Mac};
use incident::Source;
use sha2::{Digest, Sha256};
use store::{Secret, SecretHash};
use subtle::ConstantTimeEq;

use crate::Ids;

/// What a secret is for. Each use has digests of its own, so that a secret made for one can't be
/// shown for another: an invite that a chat program fetched is no login link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A link that logs in when it is opened.
    Login,
    /// A link that asks first.
    Invite,
    /// A browser's cookie.
    Session,
    /// An API token.
    Token,
}

/// Thirty-two random bytes as text.
pub(crate) fn fresh(ids: &dyn Ids) -> String {
    let mut bytes = [0; 32];
    ids.random(&mut bytes);
    base64url(&bytes)
}

/// The digest under which a secret is kept.
pub(crate) fn digest(purpose: Purpose, secret: &str) -> SecretHash {
    let label: &[u8] = match purpose {
        Purpose::Login => b"login\0",
        Purpose::Invite => b"invite\0",
        Purpose::Session => b"session\0",
        Purpose::Token => b"token\0",
    };
    SecretHash(Sha256::new().chain_update(label).chain_update(secret).finalize().into())
}

/// The secret of a source, derived: nothing to keep, nothing to lose, a new generation replaces it.
pub fn source_secret(key: &[u8; 32], source: &Source) -> Secret {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(source.id.as_bytes());
    mac.update(&source.secret_generation.to_be_bytes());
    let mut text = base64url(&mac.finalize().into_bytes());
    text.truncate(22);
    Secret(text)
}

/// A secret for what is not there, so that showing one for it takes the same way.
pub(crate) fn nobodys_secret(ids: &dyn Ids) -> Secret {
    Secret(fresh(ids))
}

/// Compares in a time that does not depend on where they differ.
pub(crate) fn is_same(shown: &str, secret: &Secret) -> bool {
    shown.as_bytes().ct_eq(secret.0.as_bytes()).into()
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_vectors_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_secret_for_one_use_is_none_for_another() {
        assert_ne!(digest(Purpose::Login, "x"), digest(Purpose::Invite, "x"));
    }
}
