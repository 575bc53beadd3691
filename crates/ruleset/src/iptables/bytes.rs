//! Dumps that are not UTF-8, kept byte for byte.
//!
//! Comments, log prefixes and interface names are bytes to the kernel. A byte that is not part of valid UTF-8 becomes one character
//! of the private use area, U+EF80 to U+EFFF for the bytes 0x80 to 0xFF; those characters themselves, where a text
//! really holds them, are treated as invalid bytes. So every sequence of bytes has its own text, and comes back from it.

use std::borrow::Cow;

const FIRST: u32 = 0xef80;
const LAST: u32 = 0xefff;

/// The text for these bytes. Borrowed where they are plain UTF-8, as nearly always.
pub fn from_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(is_stand_in)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_stand_in(character) {
                let mut buffer = [0; 4];
                push_invalid(&mut out, character.encode_utf8(&mut buffer).as_bytes());
            } else {
                out.push(character);
            }
        }
        push_invalid(&mut out, chunk.invalid());
    }
    Cow::Owned(out)
}

/// The bytes of a text that came from [`from_bytes`].
pub fn to_bytes(text: &str) -> Cow<'_, [u8]> {
    if !text.chars().any(is_stand_in) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(FIRST)) {
            Ok(low) if is_stand_in(character) => out.push(0x80 + low),
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(out)
}

fn is_stand_in(character: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(character))
}

fn push_invalid(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let number = FIRST + u32::from(byte - 0x80);
        out.push(char::from_u32(number).expect("the private use area is characters"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_borrowed_and_bytes_come_back() {
        assert!(matches!(from_bytes(b"-A INPUT"), Cow::Borrowed("-A INPUT")));
        assert_eq!(from_bytes(b"caf\xe9"), "caf\u{efe9}");
        assert_eq!(to_bytes("caf\u{efe9}").as_ref(), b"caf\xe9");
    }

    proptest! {
        #[test]
        fn every_sequence_of_bytes_comes_back(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xee), Just(0xbe), Just(0x80)], 0..40)) {
            let text = from_bytes(&bytes).into_owned();
            prop_assert_eq!(to_bytes(&text).into_owned(), bytes);
        }
    }
}
