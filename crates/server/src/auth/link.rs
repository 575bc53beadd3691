//! One-time links: how a person gets in.

use fact::{PersonId, Timestamp};
use store::{Invite, StoreError};

use super::secret::{Purpose, digest, fresh};
use crate::App;

/// Minutes for which a login link works: it is printed where a person sits.
const LOGIN_MINUTES: i64 = 60;

/// Minutes for which an invite works: it is sent to somebody.
const INVITE_MINUTES: i64 = 3 * 24 * 60;

/// A link as it is told, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What to open.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl App {
    /// A link that logs the person in when it is opened; for the terminal they sit at.
    pub async fn login_link(&self, person: PersonId) -> Result<Link, StoreError> {
        self.link(person, Purpose::Login, "login", LOGIN_MINUTES).await
    }

    /// A link to send to somebody: its page asks first, so that a chat program's preview does not
    /// use it up.
    ///
    /// Whoever makes it could use it, so the server's log says who did.
    pub async fn invite_link(&self, person: PersonId, by: PersonId) -> Result<Link, StoreError> {
        tracing::info!(%by, of = %person, "link made");
        self.link(person, Purpose::Invite, "invite", INVITE_MINUTES).await
    }

    async fn link(
        &self,
        person: PersonId,
        purpose: Purpose,
        path: &str,
        minutes: i64,
    ) -> Result<Link, StoreError> {
        let secret = fresh(self.ids.as_ref());
        let expires_at = self.now().plus_minutes(minutes);
        self.store.add_invite(Invite { hash: digest(purpose, &secret), person, expires_at }).await?;
        Ok(Link { url: format!("{}/{path}/{secret}", self.config.base_url), expires_at })
    }
}
