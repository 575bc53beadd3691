//! What the server is told at start.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain and key in PEM, for TLS.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// A proxy in front ends TLS and says so in `X-Forwarded-Proto` and `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// How people reach the server, if not by `address`: `https://deadstick.example.org`.
    pub public_url: Option<String>,
}

/// The server's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// How people reach the server, without a slash at the end.
    pub base_url: String,
    /// Whether cookies are marked `Secure`.
    pub is_https: bool,
    /// A proxy in front tells the client's address.
    pub behind_proxy: bool,
    /// The server's own key: secrets of sources are derived from it.
    pub key: [u8; 32],
    /// Largest body of a request, in bytes.
    pub max_body: usize,
    /// Connections open at once; one address may hold half of them, a proxy all.
    pub max_connections: usize,
}
