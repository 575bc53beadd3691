//! Who may do what: one pure table.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person may do, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Takes part in incidents.
    Responder,
    /// Also redacts, and says which handles are whose.
    Facilitator,
    /// Also manages people, tokens and sources.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Viewer => "viewer",
            Role::Responder => "responder",
            Role::Facilitator => "facilitator",
            Role::Admin => "admin",
        })
    }
}

/// A sort of thing one may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Read what one may see.
    Read,
    /// Declare, and change incidents that one may see.
    Respond,
    /// Correct facts of others.
    Correct,
    /// Remove recorded content for good.
    Redact,
    /// Say which handles are whose.
    JoinHandles,
    /// Add, change, deactivate and join people: who is joined gets the access of both.
    ManagePeople,
    /// Make tokens for oneself.
    OwnTokens,
    /// Make and revoke tokens for others and for sources.
    ManageTokens,
    /// Add and change sources.
    ManageSources,
    /// Read configuration and metrics, export the log.
    Operate,
}

impl Act {
    /// All, in the order of the matrix.
    pub const ALL: [Act; 10] = [
        Act::Read,
        Act::Respond,
        Act::Correct,
        Act::Redact,
        Act::JoinHandles,
        Act::ManagePeople,
        Act::OwnTokens,
        Act::ManageTokens,
        Act::ManageSources,
        Act::Operate,
    ];

    /// The least role that may.
    pub fn least_role(self) -> Role {
        match self {
            Act::Read | Act::OwnTokens => Role::Viewer,
            Act::Respond | Act::Correct => Role::Responder,
            Act::Redact | Act::JoinHandles => Role::Facilitator,
            Act::ManagePeople | Act::ManageTokens | Act::ManageSources | Act::Operate => Role::Admin,
        }
    }

    /// Whether a role may.
    pub fn is_allowed_for(self, role: Role) -> bool {
        role >= self.least_role()
    }
}

/// The whole table as text, as checked in under docs/access-matrix.txt.
pub fn access_matrix() -> String {
    let roles = [Role::Viewer, Role::Responder, Role::Facilitator, Role::Admin];
    let mut text = format!("{:<16}", "");
    roles.iter().for_each(|role| text.push_str(&format!("{:<12}", role.to_string())));
    for act in Act::ALL {
        text = format!("{}\n{:<16}", text.trim_end(), format!("{act:?}"));
        for role in roles {
            text.push_str(&format!("{:<12}", if act.is_allowed_for(role) { "yes" } else { "-" }));
        }
    }
    format!("{}\n", text.trim_end())
}
