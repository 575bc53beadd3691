//! Who is it: sessions, tokens, one-time links.

use axum::Router;

mod caller;

pub use caller::{Caller, Via};

use crate::Shared;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    Router::new()
}
