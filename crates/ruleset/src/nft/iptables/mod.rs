//! Rules that iptables-nft wrote: their expressions to the text that iptables-nft-save prints, and to steps.
//!
//! Strict on purpose: a rule with anything that iptables-nft doesn't write itself is not its rule, whatever table it stands in,
//! and iptables-nft-save would print a wider one. The text is our own for all common extensions; for others it is asked of the
//! program ([`Extensions::segment`]). Steps come from the expressions, since the text can lie.

mod conntrack;
mod head;
mod matches;
mod meaning;
mod nat;
mod structure;
mod targets;
mod walk;
mod words;

pub use words::segments;

use super::expression::{Expression, Extension};
use crate::{Family, Rule};

/// What can't be told from the expressions alone.
pub trait Extensions {
    /// The name of the ipset of this number.
    fn ipset(&self, index: u16) -> Option<String>;

    /// What iptables-save prints for a match or target that we can't write: `-m recent --update ...`, `-j TEE ...`.
    fn segment(&self, extension: &Extension<'_>, family: Family, is_target: bool) -> Option<String>;
}

/// No sets, no program.
#[derive(Clone, Copy, Debug)]
pub struct NoExtensions;

impl Extensions for NoExtensions {
    fn ipset(&self, _index: u16) -> Option<String> {
        None
    }

    fn segment(&self, _extension: &Extension<'_>, _family: Family, _is_target: bool) -> Option<String> {
        None
    }
}

/// Why expressions were not read as a rule of iptables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// iptables-nft doesn't write this: a native rule.
    Native,
    /// It would, but the text of an extension is not known.
    Extension,
}

/// Reads rules of iptables-nft, and remembers what their parts mean.
pub struct Reader<'a> {
    extensions: &'a dyn Extensions,
    meanings: meaning::Meanings,
}

impl<'a> Reader<'a> {
    /// One that asks `extensions` for what the expressions alone don't tell.
    pub fn new(extensions: &'a dyn Extensions) -> Self {
        Self { extensions, meanings: meaning::Meanings::default() }
    }

    /// The rule of these expressions, in a table of family ip or ip6.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn rule(&mut self, expressions: &[Expression<'_>], family: Family) -> Result<Rule, Refusal> {
        walk::Walk::new(family, self.extensions, &mut self.meanings).rule(expressions)
    }

    /// What iptables-save prints for an extension that stands in a native rule: `-m recent ...`.
    pub fn segment(&self, extension: &Extension<'_>, family: Family, is_target: bool) -> Option<String> {
        let mut text = String::new();
        if is_target {
            text = targets::write(extension, family, self.extensions)?;
        } else {
            matches::write(extension, family, self.extensions, &mut text)?;
        }
        Some(text.trim_start().to_owned())
    }
}
