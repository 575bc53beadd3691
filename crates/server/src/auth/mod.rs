//! Who is it: sessions, tokens, one-time links.
//!
//! Handlers take a [`Caller`] (a person) or a [`Recorder`] (a source); the extractors check
//! everything that must never be forgotten: expiry, foreign origins, tokens that only read.

mod address;
mod caller;
mod csrf;
mod failures;
mod link;
mod pages;
mod secret;
mod session;
mod token;
mod touch;

pub use address::ClientAddress;
pub use caller::{Caller, Recorder, Via};
pub use link::Link;
pub use secret::source_secret;
pub use token::Owner;

pub(crate) use caller::bearer;
pub(crate) use failures::Failures;
pub(crate) use secret::{is_same, nobodys_secret};
pub(crate) use session::{carry_cookie, shown_session};
pub(crate) use token::{ProcessTokens, owner};
pub(crate) use touch::Touches;

use axum::Router;

use crate::Shared;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    pages::routes()
}
