//! Who makes a request; an extractor of every handler that reads or changes anything.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use fact::{PersonId, Viewer};
use incident::{Act, Role};

use crate::{Problem, Shared};

/// How the caller proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A browser's session.
    Session,
    /// A token that may read.
    ReadToken,
    /// A token that may act.
    ActToken,
}

/// The person who makes a request, and what they may see.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub person: PersonId,
    /// What they may do.
    pub role: Role,
    /// How they proved it.
    pub via: Via,
    /// What they may see.
    pub viewer: Viewer,
}

impl Caller {
    /// Refuses unless the caller may.
    pub fn may(&self, act: Act) -> Result<(), Problem> {
        let _ = act;
        Ok(())
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        Err(Problem::not_found())
    }
}
