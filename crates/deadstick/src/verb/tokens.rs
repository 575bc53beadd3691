//! `tokens`: for scripts.

use api::{NewToken, Token, TokenScope};
use clap::{Args, Subcommand, ValueEnum};
use fact::Timestamp;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// Reads what its person may read
    Read,
    /// Does what its person may do
    Act,
    /// Writes facts of its source
    Record,
}

impl From<Scope> for TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => TokenScope::Read,
            Scope::Act => TokenScope::Act,
            Scope::Record => TokenScope::Record,
        }
    }
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
                let scope = TokenScope::from(if source.is_some() { Scope::Record } else { scope });
                let person = match person {
                    Some(name) => Some(crate::reference::Directory::read(&client)?.person(&name)?),
                    None => None,
                };
                let request = serde_json::json!({
                    "label": label, "scope": scope, "source": source, "person": person, "expires_at": expires_at,
                });
                let made: NewToken = client.post("/api/v1/tokens", &request)?;
                session.out.print(&made, || {
                    let label = one_line(&made.about.label, 80);
                    format!("{label}: this is shown only once. Use it as DEADSTICK_TOKEN.\n{}", made.token)
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
        let owner = token.person.as_ref().map(|person| person.name.clone());
        [
            token.label.clone(),
            format!("{:?}", token.scope).to_lowercase(),
            owner.or_else(|| token.source.clone()).unwrap_or_default(),
            moment(Some(token.created_at), "-"),
            moment(token.expires_at, "never"),
            moment(token.last_used, "never"),
            token.id.to_string(),
        ]
    });
    table(["label", "scope", "of", "made", "expires", "last used", "id"], rows)
}
