//! The address that is listened on.

use std::io;
use std::net::{SocketAddr, TcpListener};

use axum_server::tls_rustls::RustlsConfig;

use super::tls::{TlsError, server_config};
use crate::Listen;

/// A server can't listen as asked.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Nobody could sign in.
    #[error("{0} can be reached by others, and there is nobody here yet who could sign in")]
    NobodyYet(SocketAddr),
    /// What people send could be read on the way.
    #[error("{0} can be reached by others, and what they send would not be encrypted")]
    Unencrypted(SocketAddr),
    /// The address is in use, or not ours.
    #[error("can't listen on {address}")]
    Address {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Certificates or key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl ListenError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ListenError::NobodyYet(_) => {
                Some("Start it on 127.0.0.1 once, which makes the first person; then listen there.")
            }
            ListenError::Unencrypted(_) => Some(
                "Give certificates (--certificate, --key), or --behind-proxy if a proxy in front ends TLS.",
            ),
            ListenError::Address { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
                Some("Another program listens there: stop it, or choose another port with --listen.")
            }
            ListenError::Address { .. } | ListenError::Tls(_) => None,
        }
    }
}

/// An address that is bound: connections queue there until [`Bound::serve`] takes them.
#[derive(Debug)]
pub struct Bound {
    pub(super) listener: TcpListener,
    pub(super) tls: Option<RustlsConfig>,
    address: SocketAddr,
    pub(super) behind_proxy: bool,
    public_url: Option<String>,
}

/// Binds the address; `has_people` tells whether somebody could sign in before this start.
pub fn bind(listen: &Listen, has_people: bool) -> Result<Bound, ListenError> {
    if !listen.address.ip().is_loopback() {
        if !has_people {
            return Err(ListenError::NobodyYet(listen.address));
        }
        if listen.certificate.is_none() && !listen.behind_proxy {
            return Err(ListenError::Unencrypted(listen.address));
        }
    }
    let tls = match &listen.certificate {
        Some((chain, key)) => Some(RustlsConfig::from_config(server_config(chain, key)?)),
        None => None,
    };
    let failed = |source| ListenError::Address { address: listen.address, source };
    let listener = TcpListener::bind(listen.address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let public_url = listen.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    Ok(Bound { listener, tls, address, behind_proxy: listen.behind_proxy, public_url })
}

impl Bound {
    /// The address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How people reach the server, without a slash at the end.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.address))
    }

    /// Whether browsers reach the server by TLS: cookies are marked `Secure` then.
    pub fn is_https(&self) -> bool {
        self.base_url().starts_with("https://") || (self.behind_proxy && self.public_url.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, has_people: bool, behind_proxy: bool, expected: &str) {
        let address: SocketAddr = address.parse().unwrap();
        let listen = Listen { address, certificate: None, behind_proxy, public_url: None };
        let said = match bind(&listen, has_people) {
            Ok(bound) => {
                assert_ne!(bound.address().port(), 0);
                "listens".to_owned()
            }
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected), "{address} {has_people} {behind_proxy}: {said}");
    }

    #[test]
    fn beyond_loopback_needs_people_and_encryption() {
        check("127.0.0.1:0", false, false, "listens");
        check("0.0.0.0:0", false, true, "nobody here yet");
        check("0.0.0.0:0", true, false, "would not be encrypted");
        check("0.0.0.0:0", true, true, "listens");
    }

    #[test]
    fn says_that_an_address_is_in_use() {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap();
        let listen = Listen { address, certificate: None, behind_proxy: false, public_url: None };
        let error = bind(&listen, true).unwrap_err();
        assert!(error.hint().unwrap().starts_with("Another program listens there"));
    }
}
