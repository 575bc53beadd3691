//! Attributes of a rule to expressions. The numbers of attributes are those of linux/netfilter/nf_tables.h.

use ruleset::nft::expression::{Expression, Extension, Operator, Verdict};

use crate::netlink::{Attribute, Attributes};

/// The expressions of NFTA_RULE_EXPRESSIONS (or of a list in a set or dynset).
pub fn expressions(list: &[u8]) -> Vec<Expression<'_>> {
    Attributes::new(list).map(|element| expression(element.nested())).collect()
}

/// The same into a list whose room is used again.
pub fn expressions_into<'a>(list: &'a [u8], room: Vec<Expression<'_>>) -> Vec<Expression<'a>> {
    let mut found = emptied(room);
    found.extend(Attributes::new(list).map(|element| expression(element.nested())));
    found
}

/// An empty list with the room of another: what was borrowed in it is gone.
pub fn emptied<'a>(mut list: Vec<Expression<'_>>) -> Vec<Expression<'a>> {
    list.clear();
    list.into_iter().map(|_| unreachable!("it was emptied")).collect()
}

/// One expression: NFTA_EXPR_NAME 1, NFTA_EXPR_DATA 2.
pub fn expression(attributes: Attributes<'_>) -> Expression<'_> {
    let name = attributes.find(1).map_or("", text);
    let data = attributes.find(2).map_or(&[][..], |data| data.payload);
    known(name, &Fields::new(data)).unwrap_or(Expression::Unknown { name, data })
}

/// Text up to the first NUL; empty if it is not UTF-8, which the kernel's own names are.
pub fn text(attribute: Attribute<'_>) -> &str {
    let payload = attribute.payload;
    let end = payload.iter().position(|byte| *byte == 0).unwrap_or(payload.len());
    std::str::from_utf8(&payload[..end]).unwrap_or_default()
}

/// Attributes by number.
struct Fields<'a>([Option<Attribute<'a>>; 12]);

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut fields = [None; 12];
        for attribute in Attributes::new(bytes) {
            if let Some(slot) = fields.get_mut(usize::from(attribute.number)) {
                *slot = slot.or(Some(attribute));
            }
        }
        Self(fields)
    }

    fn at(&self, number: usize) -> Option<Attribute<'a>> {
        self.0[number]
    }

    fn be16(&self, number: usize) -> Option<u16> {
        self.at(number)?.be16()
    }

    fn be32(&self, number: usize) -> Option<u32> {
        self.at(number)?.be32()
    }

    fn be64(&self, number: usize) -> Option<u64> {
        self.at(number)?.be64()
    }

    fn text(&self, number: usize) -> Option<&'a str> {
        let found = text(self.at(number)?);
        (!found.is_empty()).then_some(found)
    }

    /// Bytes in NFTA_DATA_VALUE.
    fn value(&self, number: usize) -> Option<&'a [u8]> {
        Some(self.at(number)?.nested().find(1)?.payload)
    }
}

fn known<'a>(name: &str, at: &Fields<'a>) -> Option<Expression<'a>> {
    Some(match name {
        "payload" => payload(at)?,
        "cmp" => Expression::Compare {
            register: at.be32(1)?,
            operator: Operator::from_number(at.be32(2)?)?,
            data: at.value(3)?,
        },
        "meta" => match (at.be32(1), at.be32(3)) {
            (Some(register), None) => Expression::Meta { key: at.be32(2)?, register },
            (None, Some(register)) => Expression::MetaSet { key: at.be32(2)?, register },
            _ => return None,
        },
        "counter" => Expression::Counter { bytes: at.be64(1)?, packets: at.be64(2)? },
        "immediate" => immediate(at)?,
        "match" => Expression::Match(extension(at)?),
        "target" => Expression::Target(extension(at)?),
        "bitwise" => bitwise(at)?,
        "lookup" => Expression::Lookup {
            set: at.text(1)?,
            source: at.be32(2)?,
            destination: at.be32(3),
            negated: at.be32(5).unwrap_or(0) & 1 != 0,
        },
        "ct" => {
            let direction = at.at(3).and_then(Attribute::u8);
            match (at.be32(1), at.be32(4)) {
                (Some(register), None) => Expression::Ct { key: at.be32(2)?, direction, register },
                (None, Some(register)) => Expression::CtSet { key: at.be32(2)?, direction, register },
                _ => return None,
            }
        }
        "range" => Expression::Range {
            register: at.be32(1)?,
            negated: at.be32(2)? != 0,
            first: at.value(3)?,
            last: at.value(4)?,
        },
        "byteorder" => {
            Expression::Byteorder { source: at.be32(1)?, destination: at.be32(2)?, size: at.be32(5)? }
        }
        "limit" => Expression::Limit {
            rate: at.be64(1)?,
            unit: at.be64(2)?,
            burst: at.be32(3).unwrap_or(0),
            is_bytes: at.be32(4).unwrap_or(0) == 1,
            negated: at.be32(5).unwrap_or(0) & 1 != 0,
        },
        "quota" => Expression::Quota {
            bytes: at.be64(1)?,
            negated: at.be32(2).unwrap_or(0) & 1 != 0,
            consumed: at.be64(4).unwrap_or(0),
        },
        "connlimit" => {
            Expression::Connlimit { count: at.be32(1)?, negated: at.be32(2).unwrap_or(0) & 1 != 0 }
        }
        "log" => Expression::Log {
            group: at.be16(1),
            prefix: at.at(2).map(|prefix| prefix.payload.strip_suffix(&[0]).unwrap_or(prefix.payload)),
            length: at.be32(3),
            threshold: at.be16(4),
            level: at.be32(5),
            flags: at.be32(6).unwrap_or(0),
        },
        "notrack" => Expression::Notrack,
        _ => return verdictlike(name, at),
    })
}

fn verdictlike<'a>(name: &str, at: &Fields<'a>) -> Option<Expression<'a>> {
    Some(match name {
        "nat" => Expression::Nat {
            is_destination: at.be32(1)? == 1,
            family: at.be32(2)?,
            addresses: (at.be32(3), at.be32(4)),
            ports: (at.be32(5), at.be32(6)),
            flags: at.be32(7).unwrap_or(0),
        },
        "masq" => Expression::Masquerade { flags: at.be32(1).unwrap_or(0), ports: (at.be32(2), at.be32(3)) },
        "redir" => Expression::Redirect { ports: (at.be32(1), at.be32(2)), flags: at.be32(3).unwrap_or(0) },
        "reject" => {
            Expression::Reject { kind: at.be32(1)?, code: at.at(2).and_then(Attribute::u8).unwrap_or(0) }
        }
        "queue" if at.at(4).is_none() => Expression::Queue {
            number: at.be16(1)?,
            total: at.be16(2).unwrap_or(1),
            flags: at.be16(3).unwrap_or(0),
        },
        "tproxy" => Expression::Tproxy { family: at.be32(1)?, address: at.be32(2), port: at.be32(3) },
        "fib" => Expression::Fib { register: at.be32(1)?, result: at.be32(2)?, flags: at.be32(3)? },
        "exthdr" if at.at(7).is_none() => Expression::Exthdr {
            register: at.be32(1)?,
            kind: at.at(2)?.u8()?,
            offset: at.be32(3)?,
            length: at.be32(4)?,
            is_presence: at.be32(5).unwrap_or(0) & 1 != 0,
            operation: at.be32(6).unwrap_or(0),
        },
        "socket" if at.at(3).is_none() => Expression::Socket { key: at.be32(1)?, register: at.be32(2)? },
        "rt" => Expression::Rt { register: at.be32(1)?, key: at.be32(2)? },
        "numgen" => Expression::Numgen {
            register: at.be32(1)?,
            modulus: at.be32(2)?,
            is_random: at.be32(3)? == 1,
            offset: at.be32(4).unwrap_or(0),
        },
        "hash" => Expression::Hash {
            source: if at.be32(7).unwrap_or(0) == 1 { None } else { Some(at.be32(1)?) },
            register: at.be32(2)?,
            modulus: at.be32(4)?,
            seed: at.be32(5),
            offset: at.be32(6).unwrap_or(0),
        },
        "dynset" => dynset(at)?,
        "objref" => match at.be32(1) {
            Some(kind) => Expression::Object { kind, name: at.text(2)? },
            None => Expression::ObjectMap { source: at.be32(3)?, set: at.text(4)? },
        },
        _ => return None,
    })
}

fn payload<'a>(at: &Fields<'a>) -> Option<Expression<'a>> {
    let (base, offset, length) = (at.be32(2)?, at.be32(3)?, at.be32(4)?);
    match (at.be32(1), at.be32(5)) {
        (Some(register), None) => Some(Expression::Payload { register, base, offset, length }),
        (None, Some(register)) => Some(Expression::PayloadSet { register, base, offset, length }),
        _ => None,
    }
}

fn bitwise<'a>(at: &Fields<'a>) -> Option<Expression<'a>> {
    let (source, destination) = (at.be32(1)?, at.be32(2)?);
    match at.be32(6).unwrap_or(0) {
        0 => Some(Expression::Bitwise { source, destination, mask: at.value(4)?, xor: at.value(5)? }),
        operation => Some(Expression::BitwiseOther {
            source,
            destination,
            operation,
            data: at.value(7).unwrap_or_default(),
        }),
    }
}

/// Data is a value or, for register 0, a verdict.
fn immediate<'a>(at: &Fields<'a>) -> Option<Expression<'a>> {
    let register = at.be32(1)?;
    let data = at.at(2)?.nested();
    if let Some(value) = data.find(1) {
        return Some(Expression::Immediate { register, data: value.payload });
    }
    Some(Expression::Verdict(verdict(data.find(2)?)?))
}

/// NFTA_DATA_VERDICT: code 1, chain 2.
pub fn verdict(attribute: Attribute<'_>) -> Option<Verdict<'_>> {
    let fields = attribute.nested();
    let chain = fields.find(2).map_or("", text);
    let code = fields.find(1)?.be32()?.cast_signed();
    Some(match code {
        1 => Verdict::Accept,
        0 => Verdict::Drop,
        -1 => Verdict::Continue,
        -2 => Verdict::Break,
        -3 => Verdict::Jump(chain),
        -4 => Verdict::Goto(chain),
        -5 => Verdict::Return,
        code if code & 0xff == 3 => Verdict::Queue,
        code => Verdict::Unknown(code),
    })
}

fn extension<'a>(at: &Fields<'a>) -> Option<Extension<'a>> {
    Some(Extension {
        name: at.text(1)?,
        revision: at.be32(2)?,
        info: at.at(3).map_or(&[][..], |info| info.payload),
    })
}

fn dynset<'a>(at: &Fields<'a>) -> Option<Expression<'a>> {
    let mut list = Vec::new();
    if let Some(one) = at.at(7) {
        list.push(expression(one.nested()));
    }
    if let Some(several) = at.at(10) {
        list.extend(expressions(several.payload));
    }
    Some(Expression::Dynset {
        set: at.text(1)?,
        operation: at.be32(3)?,
        key: at.be32(4)?,
        data: at.be32(5),
        timeout: at.be64(6),
        negated: at.be32(9).unwrap_or(0) & 1 != 0,
        expressions: list,
    })
}
