//! API tokens: a person's or a source's, kept as digests.

use std::sync::{Mutex, PoisonError};

use fact::{PersonId, SourceId, Timestamp};
use store::{Secret, SecretHash, StoreError, Token, TokenScope};

use super::secret::{Purpose, digest, fresh};
use super::touch::Used;
use crate::App;

/// Every token begins with this, so that leaked ones can be searched for.
pub(crate) const PREFIX: &str = "ds_";

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A person's: reads, or does what they may.
    Person(PersonId),
    /// A source's: writes its facts and nothing else.
    Source(SourceId),
}

/// Tokens that live as long as the process.
#[derive(Debug, Default)]
pub(crate) struct ProcessTokens(Mutex<Vec<(SecretHash, PersonId)>>);

impl ProcessTokens {
    fn add(&self, hash: SecretHash, person: PersonId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((hash, person));
    }

    fn person(&self, hash: SecretHash) -> Option<PersonId> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().find(|(known, _)| *known == hash).map(|(_, person)| *person)
    }
}

impl App {
    /// Makes a token that acts for a person while this process lives and is written nowhere.
    pub fn process_token(&self, person: PersonId) -> Secret {
        let secret = format!("{PREFIX}{}", fresh(self.ids.as_ref()));
        self.process_tokens.add(digest(Purpose::Token, &secret), person);
        Secret(secret)
    }

    /// Makes a token; the secret is told this once.
    pub async fn issue_token(
        &self,
        owner: Owner,
        scope: TokenScope,
        label: String,
        expires_at: Option<Timestamp>,
    ) -> Result<(Token, Secret), StoreError> {
        let secret = format!("{PREFIX}{}", fresh(self.ids.as_ref()));
        let now = self.now();
        let (person, source) = match owner {
            Owner::Person(person) => (Some(person), None),
            Owner::Source(source) => (None, Some(source)),
        };
        let token = Token {
            id: self.ids.uuid(now),
            hash: digest(Purpose::Token, &secret),
            label,
            scope,
            person,
            source,
            created_at: now,
            expires_at,
            last_used: None,
        };
        self.store.add_token(token.clone()).await?;
        Ok((token, Secret(secret)))
    }
}

/// Whose token it is and what it may do.
pub(crate) async fn owner(app: &App, shown: &str) -> Result<Option<(Owner, TokenScope)>, StoreError> {
    if !shown.starts_with(PREFIX) {
        return Ok(None);
    }
    let hash = digest(Purpose::Token, shown);
    if let Some(person) = app.process_tokens.person(hash) {
        return Ok(Some((Owner::Person(person), TokenScope::Act)));
    }
    let now = app.now();
    let Some(token) = app.store.token(hash, now).await? else { return Ok(None) };
    if token.last_used.is_none_or(|last| now.micros_since(last) >= 60_000_000) {
        app.touches.note(Used::Token(token.id), now);
    }
    let owner = match (token.person, token.source) {
        (Some(person), _) => Owner::Person(person),
        (None, Some(source)) => Owner::Source(source),
        (None, None) => return Ok(None),
    };
    Ok(Some((owner, token.scope)))
}
