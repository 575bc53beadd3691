//! Listening: where, with or without TLS, and how it ends.
//!
//! Beyond loopback the server listens only when somebody exists who can sign in, and only when
//! what they send is encrypted: by our own certificates, or by a proxy in front.

mod endpoint;
mod gate;
mod serve;
mod tls;

pub use endpoint::{Bound, ListenError, bind};
pub use tls::TlsError;
