//! Whose chain it is, as far as a plan has to know: what may be edited, and who is asked instead.

use crate::owners::{Owner, owner_of_chain, owner_of_table};
use crate::{Chain, Table};

/// What kind of owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A front-end that keeps its own files: its own command is named.
    FrontEnd,
    /// A list of the banned: it goes first, whatever is allowed after it.
    Bans,
    /// Docker, which leaves DOCKER-USER to the admin.
    Docker,
    /// Anybody else who writes rules by program.
    Program,
}

/// What kind of owner it is.
pub fn kind(owner: Owner) -> Kind {
    match owner.name {
        "ufw" | "firewalld" => Kind::FrontEnd,
        "fail2ban" | "CrowdSec" | "sshguard" => Kind::Bans,
        "Docker" => Kind::Docker,
        _ => Kind::Program,
    }
}

/// Whose chain has this name; `None` for the admin's own, as DOCKER-USER is.
pub fn of_chain(chain: &str) -> Option<Owner> {
    owner_of_chain(chain).filter(|owner| owner.is_foreign)
}

/// Whose table it is, by its name or because a process holds it.
pub fn of_table(table: &Table) -> Option<Owner> {
    owner_of_table(&table.name).filter(|owner| owner.is_foreign)
}

/// May an admin's edit go into this chain?
pub fn is_own(chain: &Chain) -> bool {
    of_chain(&chain.name).is_none()
}
