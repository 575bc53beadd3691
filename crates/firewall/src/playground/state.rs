//! What is measured: which live connections live, which new ones work, what is open that should not be, and what the rules look like.

use serde::{Deserialize, Serialize};

/// One connection that somebody depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The node.
    pub node: String,
    /// Address and port.
    pub to: String,
    /// What for.
    pub purpose: String,
    /// Does the connection that was open from the start still answer?
    pub lives: bool,
    /// Does a new connection work?
    pub works_anew: bool,
}

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Everything that somebody depends on.
    pub connections: Vec<Connection>,
    /// What is reachable and should not be, as `node → address:port`.
    pub exposed: Vec<String>,
    /// Lines of iptables-save that are rules, IPv4.
    pub rules_v4: usize,
    /// Likewise IPv6.
    pub rules_v6: usize,
    /// Policies of INPUT, FORWARD, OUTPUT, IPv4.
    pub policies_v4: Vec<String>,
    /// Likewise IPv6.
    pub policies_v6: Vec<String>,
}

impl Measured {
    /// How many of the connections from the start live, how many work anew, of how many.
    pub fn counts(&self) -> (usize, usize, usize) {
        let lives = self.connections.iter().filter(|one| one.lives).count();
        let works = self.connections.iter().filter(|one| one.works_anew).count();
        (lives, works, self.connections.len())
    }
}
