//! Why no plan is made, or why one isn't carried out: what, why, what to do.

use thiserror::Error;

/// No plan. `Display` says what; [`Refusal::hint`] what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Another program's rules decide.
    #[error(
        "{owner} decides here, in {place}: its rules are never edited from outside, it would not know and take them back"
    )]
    Foreign {
        /// Who.
        owner: String,
        /// Where.
        place: String,
        /// Its own command.
        command: String,
    },
    /// nft's own rules decide.
    #[error("native nft rules decide here, in {place}: they are read and composed, not edited")]
    Native {
        /// Where.
        place: String,
        /// The command of nft that would do it.
        command: String,
    },
    /// It would cut what lives.
    #[error("{0}")]
    Cuts(String),
    /// No rule is exactly equal.
    #[error("no rule says exactly that")]
    NoSuchRule {
        /// What was looked for.
        wanted: Vec<String>,
        /// Near ones, each with its number.
        near: Vec<String>,
    },
    /// Several rules are exactly equal.
    #[error("several rules say exactly that")]
    Several {
        /// Each with its number.
        found: Vec<String>,
    },
    /// No rule has this number.
    #[error("there is no rule {0}")]
    NoSuchNumber(usize),
    /// No chain has this name, or it can't be edited.
    #[error("the chain {0} is not there")]
    NoSuchChain(String),
    /// No such place in the chain.
    #[error("{chain} has no rule {number}")]
    NoSuchPlace {
        /// The chain.
        chain: String,
        /// What was given.
        number: usize,
    },
    /// Nothing is known about the family.
    #[error("nothing is known about {0}: there is no dump of it")]
    UnknownFamily(&'static str),
    /// It can't be done so.
    #[error("{what}")]
    Impossible {
        /// What.
        what: String,
        /// What to do.
        hint: &'static str,
    },
}

impl Refusal {
    /// 1 for what was asked wrongly, 3 for what could be done but is not.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Foreign { .. } | Self::Native { .. } | Self::Cuts(_) => 3,
            _ => 1,
        }
    }

    /// A name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "foreign-chain",
            Self::Native { .. } => "native-nft",
            Self::Cuts(_) => "cuts",
            Self::NoSuchRule { .. } => "no-such-rule",
            Self::Several { .. } => "several-rules",
            Self::NoSuchNumber(_) => "no-such-number",
            Self::NoSuchChain(_) => "no-such-chain",
            Self::NoSuchPlace { .. } => "no-such-place",
            Self::UnknownFamily(_) => "unknown-family",
            Self::Impossible { .. } => "impossible",
        }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::Foreign { command, .. } | Self::Native { command, .. } => command.clone(),
            Self::Cuts(_) => "--cut goes on all the same; --for 10m takes it back".to_owned(),
            Self::NoSuchRule { near, .. } if near.is_empty() => {
                "`deadstick-fw status numbered` shows all, `delete N` takes one".to_owned()
            }
            Self::NoSuchRule { near, .. } => {
                format!("`delete N` takes one of the nearest:\n{}", near.join("\n"))
            }
            Self::Several { found } => format!("`delete N` takes one:\n{}", found.join("\n")),
            Self::NoSuchNumber(_) => "`deadstick-fw status numbered` shows them".to_owned(),
            Self::NoSuchChain(_) => {
                "`deadstick-fw show` lists the chains; none is made for a rule".to_owned()
            }
            Self::NoSuchPlace { .. } => "`deadstick-fw show` numbers the rules of each chain".to_owned(),
            Self::UnknownFamily(_) => "give one with --from or --from6".to_owned(),
            Self::Impossible { hint, .. } => (*hint).to_owned(),
        }
    }
}
