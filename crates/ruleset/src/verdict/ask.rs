//! Does a test hold for what is known of the packet?

use std::rc::Rc;

use super::case::{Case, Change};
use super::domain::Split;
use super::index::{ChainId, Judge};
use super::known::width;
use super::presence::{Named, Presence};
use super::words;
use crate::routing::AddressKind;
use crate::{Field, Masked, Range, Test, Values};

/// An answer.
#[derive(Debug)]
pub(super) enum Reply {
    Yes,
    No,
    /// It may hold or not: what would follow from either.
    Unsure(Box<[Branch; 2]>),
}

/// What follows on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The test holds.
    Holds,
    /// It doesn't.
    Fails,
    /// It has to be asked again, more being known.
    Again,
}

/// One side of a fork.
#[derive(Debug)]
pub(super) struct Branch {
    pub change: Change,
    pub then: Then,
    pub text: String,
}

/// All bits that [`Field::CtStatus`] may have.
const STATUS_BITS: u128 = (1 << 15) - 1;
/// The states that are not virtual.
const STATE_BITS: u128 = 0x7f;

impl Reply {
    pub fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn negated_if(self, is_negated: bool) -> Self {
        match self {
            reply if !is_negated => reply,
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unsure(mut branches) => {
                for branch in branches.iter_mut() {
                    branch.then = match branch.then {
                        Then::Holds => Then::Fails,
                        Then::Fails => Then::Holds,
                        Then::Again => Then::Again,
                    };
                }
                Self::Unsure(branches)
            }
        }
    }

    /// Where one side is not the whole answer, and has to be asked again.
    pub fn again_where(self, then: Then) -> Self {
        match self {
            Self::Unsure(mut branches) => {
                for branch in branches.iter_mut().filter(|branch| branch.then == then) {
                    branch.then = Then::Again;
                }
                Self::Unsure(branches)
            }
            sure => sure,
        }
    }
}

impl Judge<'_> {
    pub(super) fn ask(&self, case: &mut Case, chain: ChainId, test: &Test) -> Reply {
        match test {
            Test::Field { field, values, negated } => self.ask_field(case, *field, values, *negated),
            Test::Set { set, keys, negated } => {
                self.ask_set(case, chain.table, set, keys).negated_if(*negated)
            }
            Test::Opaque { text, negated } => case.ask_opaque(text).negated_if(*negated),
            Test::Any(tests) => {
                for test in tests {
                    match self.ask(case, chain, test) {
                        Reply::Yes => return Reply::Yes,
                        Reply::No => {}
                        unsure @ Reply::Unsure(_) => return unsure.again_where(Then::Fails),
                    }
                }
                Reply::No
            }
        }
    }

    pub(super) fn ask_field(&self, case: &mut Case, field: Field, values: &Values, negated: bool) -> Reply {
        let field = match case.named(field) {
            Named::As(field) => field,
            Named::Unsure(reply) => return reply.again_where(Then::Holds).again_where(Then::Fails),
        };
        match field {
            Field::CtState => Reply::of(case.has_state(values)).negated_if(negated),
            Field::CtStatus if !case.is_tracked() => Reply::No,
            Field::CtStatus => case.ask_status(values).negated_if(negated),
            Field::SourceType => self.ask_kind(case, Field::Source, values).negated_if(negated),
            Field::DestinationType => self.ask_kind(case, Field::Destination, values).negated_if(negated),
            Field::Fragment => Reply::of(values.has(0) != negated),
            Field::Dscp => case.ask_split(Field::Tos, &dscp_as_tos(values)).negated_if(negated),
            _ => match case.presence(field) {
                Presence::Sure => case.ask_split(field, values).negated_if(negated),
                Presence::Never => Reply::No,
                Presence::Protocol(wanted) => {
                    case.ask_split(Field::Protocol, &wanted).again_where(Then::Holds)
                }
                Presence::Socket => match case.ask_socket() {
                    Reply::Yes => case.ask_split(field, values).negated_if(negated),
                    other => other.again_where(Then::Holds),
                },
            },
        }
    }

    /// Is the kind of this address (source or destination) among the values?
    fn ask_kind(&self, case: &mut Case, of: Field, values: &Values) -> Reply {
        let address = case.known.address(of, case.version);
        if self.routes.is_known() {
            return match address {
                Some(address) => Reply::of(values.has(self.routes.kind(address).bit())),
                None => {
                    let wanted = self.routes.addresses(case.version, |kind| values.has(kind.bit()));
                    case.ask_split(of, &wanted)
                }
            };
        }
        if let Some(kind) = address.and_then(AddressKind::without_host) {
            return Reply::of(values.has(kind.bit()));
        }
        let kind = if of == Field::Source { Field::SourceType } else { Field::DestinationType };
        if case.known.number(kind).is_some() {
            case.assume_kind(of);
        }
        case.ask_split(kind, values)
    }
}

impl Case {
    fn has_state(&self, values: &Values) -> bool {
        let state = u128::from(self.state());
        match values {
            Values::AnyBit(bits) => state & bits & STATE_BITS != 0,
            other => other.has(state),
        }
    }

    fn assume_kind(&mut self, of: Field) {
        let is_local = self.known.number(Field::DestinationType) == Some(AddressKind::Local.bit());
        let sentence = match (of, is_local) {
            (Field::Source, _) => {
                "the addresses of the host are not known: the source was taken as one of a kind that fits the hook"
            }
            (_, true) => "the addresses of the host are not known: the destination was taken as one of them",
            (_, false) => {
                "the addresses of the host are not known: the destination was taken as none of them"
            }
        };
        self.assume(sentence);
    }

    /// Something that rules can't decide and that is the same wherever it is asked about while `key` is.
    fn ask_atom(&self, text: &str, key: u64, condition: impl Fn(bool) -> String) -> Reply {
        if let Some((_, _, holds)) = self.atoms.iter().find(|(one, at, _)| *at == key && **one == *text) {
            return Reply::of(*holds);
        }
        let text: Rc<str> = text.into();
        let branch = |holds: bool, then| Branch {
            change: Change::Atom(Rc::clone(&text), key, holds),
            then,
            text: condition(holds),
        };
        Reply::Unsure(Box::new([branch(true, Then::Holds), branch(false, Then::Fails)]))
    }

    pub(super) fn ask_opaque(&self, text: &str) -> Reply {
        // Numbers of rewritings are even keys, numbers of begun rules odd ones.
        let key = if is_stateless(text) { self.epoch * 2 } else { self.begun * 2 + 1 };
        self.ask_atom(text, key, |holds| {
            if holds { format!("`{text}` holds") } else { format!("`{text}` does not hold") }
        })
    }

    /// A test that has an exact meaning, but too many pieces for this way of asking, or members that are not known.
    pub(super) fn ask_as_atom(&self, sentence: &str) -> Reply {
        self.ask_atom(sentence, self.epoch * 2, |holds| {
            if holds { sentence.to_owned() } else { format!("not so: {sentence}") }
        })
    }

    fn ask_socket(&self) -> Reply {
        self.ask_atom("socket", u64::MAX, |holds| {
            format!("{} of this host sends it", if holds { "a socket" } else { "no socket" })
        })
    }

    fn ask_status(&self, values: &Values) -> Reply {
        let (own, known) = (u128::from(self.tracking.status), u128::from(self.tracking.status_known));
        let bits = match values {
            Values::AnyBit(bits) if own & known & bits != 0 => return Reply::Yes,
            Values::AnyBit(bits) => *bits,
            Values::Masked(masked) => masked.iter().fold(0, |all, one| all | one.mask),
            Values::Ranges(_) | Values::Names(_) => STATUS_BITS,
        };
        let missing = bits & !known & STATUS_BITS;
        if missing == 0 {
            return Reply::of(values.has(own & known));
        }
        let bit = u32::try_from(missing & missing.wrapping_neg()).expect("a status has 15 bits");
        let branch = |bits, text: &str| Branch {
            change: Change::Status(bits, bit),
            then: Then::Again,
            text: format!("the connection {text}"),
        };
        let [set, unset] = words::status(bit);
        Reply::Unsure(Box::new([branch(bit, set), branch(0, unset)]))
    }

    pub(super) fn ask_split(&mut self, field: Field, values: &Values) -> Reply {
        let variable = self.known.variable_of(field, self.version);
        match self.known.domain(variable).split(values, width(field, self.version)) {
            Split::Yes => Reply::Yes,
            Split::No => Reply::No,
            Split::Both { yes, no, is_whole } => {
                let branch = |domain, then, holds| Branch {
                    change: Change::Narrow(variable, domain),
                    then,
                    text: words::condition(field, values, holds, self.version),
                };
                let no_then = if is_whole { Then::Fails } else { Then::Again };
                Reply::Unsure(Box::new([branch(yes, Then::Holds, true), branch(no, no_then, false)]))
            }
            Split::Hard => self.ask_as_atom(&words::condition(field, values, true, self.version)),
        }
    }
}

/// The upper six bits of TOS.
fn dscp_as_tos(values: &Values) -> Values {
    match values {
        Values::Ranges(ranges) => Values::Ranges(
            ranges
                .iter()
                .map(|range| Range { first: range.first << 2, last: (range.last << 2) | 3 })
                .collect(),
        ),
        Values::Masked(masked) => Values::Masked(
            masked.iter().map(|one| Masked { value: one.value << 2, mask: one.mask << 2 }).collect(),
        ),
        Values::AnyBit(bits) => Values::AnyBit(bits << 2),
        Values::Names(names) => Values::Names(names.clone()),
    }
}

/// Extensions whose answer hangs on the packet and the moment alone: the same text is the same answer.
///
/// All others are taken to have a memory (limit, hashlimit, recent, quota, statistic, connlimit) and may answer anew.
const STATELESS: &[&str] = &[
    "string",
    "bpf",
    "u32",
    "time",
    "policy",
    "rpfilter",
    "physdev",
    "socket",
    "owner",
    "helper",
    "ecn",
    "length",
    "realm",
    "cpu",
    "devgroup",
    "cgroup",
    "ipv6header",
    "rt",
    "dst",
    "hbh",
    "frag",
    "ah",
    "esp",
    "geoip",
    "tcpmss",
    "ipvs",
    "l2tp",
    "dccp",
    "sctp",
    "comp",
    "eui64",
    "mh",
    "srh",
    "ttl",
    "hl",
    "pkttype",
    "connlabel",
];

fn is_stateless(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix("-m ") else { return false };
    rest.split_whitespace().next().is_some_and(|module| STATELESS.contains(&module))
}
