//! Deliveries that were not understood: kept as they came.

use fact::Kind;

use crate::telling::{self, Telling};
use crate::time::Told;
use crate::{Delivery, Diagnostic, Reading, base64};

/// How many bytes that are no text are kept, so that they fit into `data` as base64.
const MAX_BYTES: usize = 180_000;

/// The whole delivery as one fact of kind `unknown`.
pub fn whole(delivery: &Delivery<'_>, reason: Diagnostic) -> Reading {
    telling::settle(delivery, vec![one(delivery, reason)])
}

/// The telling of a delivery that was not understood.
pub fn one(delivery: &Delivery<'_>, reason: Diagnostic) -> Telling {
    // The time of receipt is the only one there is: nothing odd about it.
    let at = Told::At(delivery.received_at, None);
    let text = format!("not understood: {}", reason.message);
    let mut telling = Telling::new(Kind::UNKNOWN, telling::unique(delivery), at, text);
    telling.diagnostics.push(reason);
    telling.put("content_type", delivery.headers.get("content-type").unwrap_or_default());
    match std::str::from_utf8(delivery.body) {
        Ok(text) => telling.raw = text.to_owned(),
        Err(_) => {
            let kept = &delivery.body[..delivery.body.len().min(MAX_BYTES)];
            telling.put("raw_base64", base64::encode(kept));
            telling.put("raw_bytes", delivery.body.len());
        }
    }
    telling
}
