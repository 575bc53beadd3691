//! `tokens`: for scripts.

use clap::{Args, Subcommand, ValueEnum};
use fact::Timestamp;
use serde::{Deserialize, Serialize};

use crate::client::segment;
use crate::failure::{Ending, Failure};
use crate::output::{one_line, table};
use crate::session::Session;

/// Tokens for scripts: a person's, or a source's.
#[derive(Debug, Args)]
pub struct Tokens {
    /// What to do; lists if left out
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List tokens; secrets are never shown again
    List,
    /// Make a token, and print its secret this once
    Add {
        /// What it is for
        #[arg(value_name = "LABEL")]
        label: String,
        /// What it may do
        #[arg(long, value_enum, default_value_t = Scope::Act)]
        scope: Scope,
        /// For a source, to record its facts (scope record)
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
        /// For another person
        #[arg(long, value_name = "PERSON", conflicts_with = "source")]
        person: Option<String>,
        /// Until when: 90d, 2027-01-31 12:00, RFC 3339; until revoked if left out
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Revoke a token
    Revoke {
        /// Its id
        #[arg(value_name = "ID")]
        id: uuid::Uuid,
    },
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// Reads what its person may read
    Read,
    /// Does what its person may do
    Act,
    /// Writes facts of its source
    Record,
}

/// A token without its secret.
#[derive(Debug, Serialize, Deserialize)]
struct Token {
    id: uuid::Uuid,
    label: String,
    scope: String,
    #[serde(default)]
    person: Option<serde_json::Value>,
    #[serde(default)]
    source: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used: Option<Timestamp>,
}

impl Tokens {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let client = session.client()?;
        match self.what.unwrap_or(What::List) {
            What::List => {
                let tokens: Vec<Token> = client.read("/api/v1/tokens")?;
                session.out.print(&tokens, || list(&tokens, session))
            }
            What::Add { label, scope, source, person, expires } => {
                let expires_at = session.due(expires.as_deref())?;
                let scope = if source.is_some() { Scope::Record } else { scope };
                let person = match person {
                    Some(name) => Some(crate::reference::Directory::read(&client)?.person(&name)?),
                    None => None,
                };
                let request = serde_json::json!({
                    "label": label, "scope": scope, "source": source, "person": person, "expires_at": expires_at,
                });
                let made: serde_json::Value = client.post("/api/v1/tokens", &request)?;
                session.out.print(&made, || {
                    let secret = made.get("token").and_then(|token| token.as_str()).unwrap_or_default();
                    format!(
                        "{}: this is shown only once. Use it as DEADSTICK_TOKEN.\n{secret}",
                        one_line(&label, 80)
                    )
                })
            }
            What::Revoke { id } => {
                client.delete(&format!("/api/v1/tokens/{}", segment(&id.to_string())))?;
                session.out.print(&serde_json::json!({ "revoked": id }), || "Revoked.".into())
            }
        }
    }
}

fn list(tokens: &[Token], session: &Session) -> String {
    if tokens.is_empty() {
        return "No tokens. `deadstick tokens add LABEL` makes one.".into();
    }
    let moments = session.moments();
    let moment =
        |at: Option<Timestamp>, none: &str| at.map_or_else(|| none.to_owned(), |at| moments.full(at));
    let rows = tokens.iter().map(|token| {
        let person =
            token.person.as_ref().map(|person| match person.get("name").and_then(|name| name.as_str()) {
                Some(name) => name.to_owned(),
                None => person.as_str().unwrap_or_default().to_owned(),
            });
        [
            token.label.clone(),
            token.scope.clone(),
            person.or_else(|| token.source.clone()).unwrap_or_default(),
            moment(Some(token.created_at), "-"),
            moment(token.expires_at, "never"),
            moment(token.last_used, "never"),
            token.id.to_string(),
        ]
    });
    table(["label", "scope", "of", "made", "expires", "last used", "id"], rows)
}
