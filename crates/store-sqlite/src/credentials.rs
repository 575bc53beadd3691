//! Digests of secrets: small tables beside the log, changed in place by the one writer.

use async_trait::async_trait;
use fact::{PersonId, SourceId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use store::{Credentials, Invite, SecretHash, Session, StoreError, Token, TokenScope};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::SqliteStore;
use crate::writer::Job;

const ADD_INVITE: &str = "INSERT OR REPLACE INTO invites (hash, person, expires_at) VALUES (?, ?, ?)";
const INVITE: &str = "SELECT person FROM invites WHERE hash = ? AND expires_at > ?";
const END_INVITE: &str = "DELETE FROM invites WHERE hash = ?";
const TIDY_INVITES: &str = "DELETE FROM invites WHERE expires_at <= ?";
const ADD_SESSION: &str =
    "INSERT OR REPLACE INTO sessions (hash, person, created_at, expires_at, last_used, agent)
    VALUES (?, ?, ?, ?, ?, ?)";
const SESSION: &str = "SELECT hash, person, created_at, expires_at, last_used, agent FROM sessions
    WHERE hash = ? AND expires_at > ?";
const SESSIONS: &str = "SELECT hash, person, created_at, expires_at, last_used, agent FROM sessions
    WHERE person = ? ORDER BY created_at, hash";
const SHORTEN_SESSION: &str = "UPDATE sessions SET expires_at = min(expires_at, ?) WHERE hash = ?";
const TOUCH_SESSION: &str = "UPDATE sessions SET last_used = ? WHERE hash = ?";
const END_SESSION: &str = "DELETE FROM sessions WHERE hash = ?";
const TIDY_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at <= ?";
const END_PERSON: [&str; 3] = [
    "DELETE FROM invites WHERE person = ?",
    "DELETE FROM sessions WHERE person = ?",
    "DELETE FROM tokens WHERE person = ?",
];
const ADD_TOKEN: &str = "INSERT OR REPLACE INTO tokens (id, hash, label, scope, person, source, created_at, expires_at, last_used)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const TOKEN: &str =
    "SELECT id, hash, label, scope, person, source, created_at, expires_at, last_used FROM tokens
    WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)";
const TOKENS: &str =
    "SELECT id, hash, label, scope, person, source, created_at, expires_at, last_used FROM tokens
    ORDER BY created_at, id";
const TOUCH_TOKEN: &str = "UPDATE tokens SET last_used = ? WHERE id = ?";
const END_TOKEN: &str = "DELETE FROM tokens WHERE id = ?";

/// Every statement of this module, for the test that prepares them all.
#[cfg(test)]
pub(crate) const STATEMENTS: [&str; 19] = [
    ADD_INVITE,
    INVITE,
    END_INVITE,
    TIDY_INVITES,
    ADD_SESSION,
    SESSION,
    SESSIONS,
    SHORTEN_SESSION,
    TOUCH_SESSION,
    END_SESSION,
    TIDY_SESSIONS,
    END_PERSON[0],
    END_PERSON[1],
    END_PERSON[2],
    ADD_TOKEN,
    TOKEN,
    TOKENS,
    TOUCH_TOKEN,
    END_TOKEN,
];

impl SqliteStore {
    /// Runs a change on the writer's thread in a transaction of its own.
    async fn change<T: Send + 'static>(
        &self,
        doing: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Alone(Box::new(move |writer| {
            let changed = writer.db.transaction().and_then(|transaction| {
                let changed = change(&transaction)?;
                transaction.commit()?;
                Ok(changed)
            });
            let _ = reply.send(changed.map_err(|error| writer.failure(doing, error)));
        })))
        .await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

#[async_trait]
impl Credentials for SqliteStore {
    async fn add_invite(&self, invite: Invite) -> Result<(), StoreError> {
        self.change("keeping a one-time link", move |db| {
            let Invite { hash, person, expires_at } = invite;
            db.execute(ADD_INVITE, params![hash.0, person.as_bytes(), expires_at.micros()])?;
            Ok(())
        })
        .await
    }

    async fn take_invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError> {
        self.change("using a one-time link", move |db| {
            let person = invite(db, hash, now)?;
            db.execute(END_INVITE, [hash.0])?;
            db.execute(TIDY_INVITES, [now.micros()])?;
            Ok(person)
        })
        .await
    }

    async fn invite(&self, hash: SecretHash, now: Timestamp) -> Result<Option<PersonId>, StoreError> {
        self.readers.read("reading a one-time link", move |db| Ok(invite(db, hash, now)?)).await
    }

    async fn add_session(&self, session: Session) -> Result<(), StoreError> {
        self.change("keeping a session", move |db| {
            db.execute(TIDY_SESSIONS, [session.created_at.micros()])?;
            keep_session(db, &session)
        })
        .await
    }

    async fn session(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.readers
            .read("reading a session", move |db| {
                let mut statement = db.prepare_cached(SESSION)?;
                Ok(statement.query_row(params![hash.0, now.micros()], session_row).optional()?)
            })
            .await
    }

    async fn rotate_session(
        &self,
        old: SecretHash,
        new: Session,
        grace: Timestamp,
    ) -> Result<(), StoreError> {
        self.change("rotating a session", move |db| {
            db.execute(SHORTEN_SESSION, params![grace.micros(), old.0])?;
            keep_session(db, &new)
        })
        .await
    }

    async fn touch_session(&self, hash: SecretHash, at: Timestamp) -> Result<(), StoreError> {
        self.change("noting the use of a session", move |db| {
            db.execute(TOUCH_SESSION, params![at.micros(), hash.0])?;
            Ok(())
        })
        .await
    }

    async fn sessions(&self, person: PersonId) -> Result<Vec<Session>, StoreError> {
        self.readers
            .read("reading sessions", move |db| {
                let mut statement = db.prepare_cached(SESSIONS)?;
                let sessions = statement.query_map([person.as_bytes()], session_row)?;
                Ok(sessions.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.change("ending a session", move |db| db.execute(END_SESSION, [hash.0]).map(drop)).await
    }

    async fn end_person(&self, person: PersonId) -> Result<(), StoreError> {
        self.change("ending a person's sessions", move |db| {
            END_PERSON.iter().try_for_each(|text| db.execute(text, [person.as_bytes()]).map(drop))
        })
        .await
    }

    async fn add_token(&self, token: Token) -> Result<(), StoreError> {
        self.change("keeping a token", move |db| {
            let values = params![
                token.id.as_bytes(),
                token.hash.0,
                token.label,
                scope_text(token.scope),
                token.person.map(|person| *person.as_bytes()),
                token.source.map(|source| *source.as_bytes()),
                token.created_at.micros(),
                token.expires_at.map(Timestamp::micros),
                token.last_used.map(Timestamp::micros),
            ];
            db.execute(ADD_TOKEN, values).map(drop)
        })
        .await
    }

    async fn token(&self, hash: SecretHash, now: Timestamp) -> Result<Option<Token>, StoreError> {
        self.readers
            .read("reading a token", move |db| {
                let mut statement = db.prepare_cached(TOKEN)?;
                Ok(statement.query_row(params![hash.0, now.micros()], token_row).optional()?)
            })
            .await
    }

    async fn touch_token(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.change("noting the use of a token", move |db| {
            db.execute(TOUCH_TOKEN, params![at.micros(), id.as_bytes()]).map(drop)
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.readers
            .read("reading tokens", move |db| {
                let mut statement = db.prepare_cached(TOKENS)?;
                let tokens = statement.query_map([], token_row)?;
                Ok(tokens.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn revoke_token(&self, id: Uuid) -> Result<bool, StoreError> {
        self.change("revoking a token", move |db| Ok(db.execute(END_TOKEN, [id.as_bytes()])? > 0)).await
    }
}

fn invite(db: &Connection, hash: SecretHash, now: Timestamp) -> rusqlite::Result<Option<PersonId>> {
    db.prepare_cached(INVITE)?
        .query_row(params![hash.0, now.micros()], |row| Ok(PersonId::from_bytes(row.get(0)?)))
        .optional()
}

fn keep_session(db: &Connection, session: &Session) -> rusqlite::Result<()> {
    let values = params![
        session.hash.0,
        session.person.as_bytes(),
        session.created_at.micros(),
        session.expires_at.micros(),
        session.last_used.micros(),
        session.agent,
    ];
    db.execute(ADD_SESSION, values).map(drop)
}

fn session_row(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        hash: SecretHash(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        created_at: Timestamp::from_micros(row.get(2)?),
        expires_at: Timestamp::from_micros(row.get(3)?),
        last_used: Timestamp::from_micros(row.get(4)?),
        agent: row.get(5)?,
    })
}

fn token_row(row: &Row<'_>) -> rusqlite::Result<Token> {
    let scope: String = row.get(3)?;
    Ok(Token {
        id: Uuid::from_bytes(row.get(0)?),
        hash: SecretHash(row.get(1)?),
        label: row.get(2)?,
        scope: scope_of(&scope),
        person: row.get::<_, Option<[u8; 16]>>(4)?.map(PersonId::from_bytes),
        source: row.get::<_, Option<[u8; 16]>>(5)?.map(SourceId::from_bytes),
        created_at: Timestamp::from_micros(row.get(6)?),
        expires_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
        last_used: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_micros),
    })
}

fn scope_text(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "read",
        TokenScope::Act => "act",
        TokenScope::Record => "record",
    }
}

/// A scope that is not readable allows the least.
fn scope_of(text: &str) -> TokenScope {
    match text {
        "act" => TokenScope::Act,
        "record" => TokenScope::Record,
        _ => TokenScope::Read,
    }
}
