//! A rule of nft as statements: the form in which its expressions, its text and its JSON meet.

use super::kind::Kind;
use super::selector::Selector;
use crate::{Action, Name, Range};

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `ip saddr 10.0.0.0/8`, `tcp dport { 22, 80-90 }`, `ct state new`.
    Compare(Comparison),
    /// `ip saddr . tcp dport @set`.
    Member {
        /// What is looked up.
        keys: Vec<Selector>,
        /// The set; anonymous ones begin with `__`.
        set: String,
        /// Is it an anonymous one, then its elements as nft writes them.
        elements: Option<String>,
        /// "not an element".
        negated: bool,
    },
    /// `tcp dport vmap @map`.
    VerdictMap {
        /// What is looked up.
        keys: Vec<Selector>,
        /// The map.
        map: String,
        /// As for `Member`.
        elements: Option<String>,
    },
    /// A test that rules alone can't decide, in nft's words.
    Opaque(String),
    /// Does something.
    Act {
        /// In nft's words.
        text: String,
        /// What it does.
        action: Action,
    },
    /// No words: what follows needs the headers of these to be there.
    Need(Vec<Selector>),
    /// Changes nothing for the packet: a counter.
    Silent(String),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is looked at.
    pub left: Selector,
    /// Which of its bits.
    pub mask: Option<u128>,
    /// How it is compared.
    pub relation: Relation,
    /// With what: any of these.
    pub right: Vec<Item>,
}

/// How it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is one of them.
    Is,
    /// It is none of them.
    IsNot,
    /// It has at least one of the bits.
    HasBit,
    /// It has none of the bits.
    HasNoBit,
}

/// A value on the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Numbers from first to last.
    Numbers(Range),
    /// An interface's name or the beginning of one.
    Name(Name),
}

impl Item {
    /// One number.
    pub fn number(number: u128) -> Self {
        Self::Numbers(Range { first: number, last: number })
    }
}

impl Statement {
    /// As nft writes it.
    pub fn text(&self) -> String {
        match self {
            Self::Compare(comparison) => comparison.text(),
            Self::Member { keys, set, elements, negated } => {
                let not = if *negated { "!= " } else { "" };
                match elements {
                    Some(elements) => format!("{} {not}{{ {elements} }}", joined(keys)),
                    None => format!("{} {not}@{set}", joined(keys)),
                }
            }
            Self::VerdictMap { keys, map, elements } => match elements {
                Some(elements) => format!("{} vmap {{ {elements} }}", joined(keys)),
                None => format!("{} vmap @{map}", joined(keys)),
            },
            Self::Need(_) => String::new(),
            Self::Opaque(text) | Self::Silent(text) | Self::Act { text, .. } => text.clone(),
        }
    }
}

/// Selectors of a concatenation.
pub fn joined(keys: &[Selector]) -> String {
    keys.iter().map(Selector::text).collect::<Vec<_>>().join(" . ")
}

impl Comparison {
    /// Equality with some values.
    pub fn is(left: Selector, right: Vec<Item>, negated: bool) -> Self {
        let relation = if negated { Relation::IsNot } else { Relation::Is };
        Self { left, mask: None, relation, right }
    }

    /// As nft writes it.
    pub fn text(&self) -> String {
        let kind = self.left.kind();
        let left = self.left.text();
        let bits = self.right.iter().fold(0, |sum, item| match item {
            Item::Numbers(range) => sum | range.first,
            Item::Name(_) => sum,
        });
        match (self.relation, self.mask) {
            (Relation::HasBit, _) => format!("{left} {}", kind.bits_words(bits)),
            (Relation::HasNoBit, _) => format!("{left} & {} == 0", bits_mask(kind, bits)),
            (relation, mask) => {
                let is_not = relation == Relation::IsNot;
                let right = items(&self.right, kind, self.left.bits());
                match mask {
                    Some(mask) if kind == Kind::Ipv4 || kind == Kind::Ipv6 => {
                        format!("{left} & {} {} {right}", kind.word(mask), if is_not { "!=" } else { "==" })
                    }
                    Some(mask) if kind.is_bits() && self.right.len() == 1 => {
                        let not = if is_not { "!= " } else { "" };
                        format!("{left} {not}{} / {}", kind.bits_words(bits), kind.bits_words(mask))
                    }
                    Some(mask) => {
                        format!(
                            "{left} & {} {} {right}",
                            bits_mask(kind, mask),
                            if is_not { "!=" } else { "==" }
                        )
                    }
                    None if is_not => format!("{left} != {right}"),
                    None if kind.is_bits() && self.right.len() == 1 => format!("{left} == {right}"),
                    None => format!("{left} {right}"),
                }
            }
        }
    }
}

fn bits_mask(kind: Kind, bits: u128) -> String {
    if kind.is_bits() {
        return format!("({})", kind.bits_words(bits).replace(',', " | "));
    }
    match kind {
        Kind::Hex => format!("0x{bits:08x}"),
        _ => bits.to_string(),
    }
}

/// Values as nft writes them, several in braces.
pub fn items(items: &[Item], kind: Kind, bits: u32) -> String {
    let words: Vec<String> = items.iter().map(|one| item(one, kind, bits)).collect();
    match &words[..] {
        [one] => one.clone(),
        several => format!("{{ {} }}", several.join(", ")),
    }
}

/// One value as nft writes it.
pub fn item(item: &Item, kind: Kind, bits: u32) -> String {
    match item {
        Item::Name(name) => format!("\"{}{}\"", name.text, if name.is_prefix { "*" } else { "" }),
        Item::Numbers(Range { first, last }) if first == last => kind.word(*first),
        Item::Numbers(Range { first, last }) => {
            let free = first ^ last;
            let is_network = matches!(kind, Kind::Ipv4 | Kind::Ipv6)
                && free.wrapping_add(1) & free == 0
                && first & free == 0;
            if is_network {
                return format!("{}/{}", kind.word(*first), bits.saturating_sub(free.count_ones()));
            }
            format!("{}-{}", kind.word(*first), kind.word(*last))
        }
    }
}
