//! The server itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SourceHealth;

/// The log's proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeadView {
    /// How many positions there are.
    pub size: u64,
    /// The root of the tree over them, in hexadecimal.
    pub root: String,
}

/// Whether the server can do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerHealth {
    /// All is well.
    pub ok: bool,
    /// Its version.
    pub version: String,
    /// How each source's recording goes, of those that the caller sees.
    pub sources: Vec<SourceHealth>,
}

/// The settings in force, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigView {
    /// How people reach the server.
    pub base_url: String,
    /// Whether cookies are marked `Secure`.
    pub is_https: bool,
    /// A proxy in front tells the client's address.
    pub behind_proxy: bool,
    /// Largest body of a request, in bytes.
    pub max_body: usize,
    /// Its version.
    pub version: String,
}
