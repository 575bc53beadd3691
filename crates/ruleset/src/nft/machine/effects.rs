//! Expressions that do something, and loads that have no field.

use super::{Held, Machine, number};
use crate::nft::expression::Expression;
use crate::nft::kind::Kind;
use crate::nft::selector::Selector;
use crate::nft::statement::Statement;
use crate::nft::wording;
use crate::{Action, Ends, Nat};

/// NFT_META_MARK, and NFT_CT_MARK.
const MARK: u32 = 3;
const NFTRACE: u32 = 12;

impl Machine<'_> {
    pub(super) fn other_load(&mut self, expression: &Expression<'_>) {
        let (register, text, kind) = match expression {
            Expression::Exthdr { register, operation, kind, offset, length, is_presence } => {
                let name = ["exthdr", "tcp option", "ip option", "sctp chunk", "dccp option"];
                let name = name.get(usize::try_from(*operation).unwrap_or(0)).unwrap_or(&"exthdr");
                let text = match is_presence {
                    true => format!("{name} {kind}"),
                    false => format!("{name} {kind} @{offset},{length}"),
                };
                let is_byte = *is_presence || *length == 1;
                (*register, text, if is_byte { Kind::Presence } else { Kind::Integer })
            }
            Expression::Socket { register, key } => {
                let keys = [
                    ("transparent", Kind::Integer),
                    ("mark", Kind::Hex),
                    ("wildcard", Kind::Integer),
                    ("cgroupv2", Kind::Integer),
                ];
                let (name, kind) =
                    keys.get(usize::try_from(*key).unwrap_or(4)).copied().unwrap_or(("?", Kind::Integer));
                (*register, format!("socket {name}"), kind)
            }
            Expression::Rt { register, key } => {
                let keys = ["classid", "nexthop", "nexthop", "mtu", "ipsec"];
                let name = keys.get(usize::try_from(*key).unwrap_or(5)).unwrap_or(&"?");
                (*register, format!("rt {name}"), Kind::Integer)
            }
            Expression::Numgen { register, modulus, is_random, offset } => {
                let mode = if *is_random { "random" } else { "inc" };
                let offset = if *offset > 0 { format!(" offset {offset}") } else { String::new() };
                (*register, format!("numgen {mode} mod {modulus}{offset}"), Kind::Integer)
            }
            Expression::Hash { source, register, modulus, .. } => {
                let text = match source {
                    Some(source) => format!("jhash {} mod {modulus}", self.held_text(*source)),
                    None => format!("symhash mod {modulus}"),
                };
                (*register, text, Kind::Integer)
            }
            _ => return,
        };
        self.load(register, Selector::Other(text, kind), true);
    }

    pub(super) fn effect(&mut self, expression: &Expression<'_>) {
        match expression {
            Expression::Counter { packets, bytes } => {
                self.add(Statement::Silent(format!("counter packets {packets} bytes {bytes}")));
            }
            Expression::Limit { rate, unit, burst, is_bytes, negated } => {
                self.opaque(wording::limit(*rate, *unit, *burst, *is_bytes, *negated));
            }
            Expression::Quota { bytes, negated, consumed } => {
                self.opaque(wording::quota(*bytes, *negated, *consumed));
            }
            Expression::Connlimit { count, negated } => {
                let over = if *negated { "over " } else { "" };
                self.opaque(format!("ct count {over}{count}"));
            }
            Expression::Log { .. } => {
                let text = wording::log(expression);
                self.act(text.clone(), Action::Log(text));
            }
            Expression::Notrack => self.act("notrack", Action::Notrack),
            Expression::Reject { kind, code } => {
                let (text, name) = wording::reject(*kind, *code, self.around.family, self.raiser.version());
                self.act(text, Action::Reject(name));
            }
            Expression::Queue { number, total, flags } => {
                let text = wording::queue(*number, *total, *flags);
                self.act(text.clone(), Action::Queue(text));
            }
            Expression::MetaSet { key, register } => self.set("meta", *key, *register),
            Expression::CtSet { key, register, .. } => self.set("ct", *key, *register),
            Expression::Nat { is_destination, family, addresses, ports, flags } => {
                self.nat(*is_destination, *family, *addresses, *ports, *flags);
            }
            Expression::Masquerade { ports, flags } => {
                self.port_nat("masquerade", *ports, *flags, Action::Masquerade);
            }
            Expression::Redirect { ports, flags } => {
                self.port_nat("redirect", *ports, *flags, Action::Redirect);
            }
            Expression::Match(extension) => {
                let text = (self.around.extension)(extension, false)
                    .unwrap_or_else(|| format!("xt match \"{}\"", extension.name));
                self.opaque(text);
            }
            Expression::Target(extension) => {
                let text = (self.around.extension)(extension, true)
                    .unwrap_or_else(|| format!("xt target \"{}\"", extension.name));
                self.act(text.clone(), Action::Other { text, ends: Ends::Unknown });
            }
            other => self.rest(other),
        }
    }

    fn rest(&mut self, expression: &Expression<'_>) {
        match expression {
            Expression::Dynset { set, operation, key, timeout, expressions, .. } => {
                let verb = ["add", "update", "delete"];
                let verb = verb.get(usize::try_from(*operation).unwrap_or(0)).unwrap_or(&"add");
                let mut timeout = match timeout {
                    None | Some(0) => String::new(),
                    Some(time) => format!(" timeout {}", wording::duration(*time)),
                };
                for expression in expressions {
                    timeout.push(' ');
                    timeout.push_str(&wording::stateful(expression));
                }
                if let Some(Held::Loaded { what, .. }) = self.held(*key).cloned() {
                    self.add(Statement::Need(vec![what]));
                }
                // It ends the rule if the set is full.
                let text = format!("{verb} @{set} {{ {}{timeout} }}", self.held_text(*key));
                self.opaque(text);
            }
            Expression::Object { kind: 1, name } => {
                self.add(Statement::Silent(format!("counter name \"{name}\"")));
            }
            Expression::Object { kind, name } => {
                let kinds = [
                    "object",
                    "counter",
                    "quota",
                    "ct helper",
                    "limit",
                    "ct count",
                    "tunnel",
                    "ct timeout",
                    "secmark",
                    "ct expectation",
                    "synproxy",
                ];
                let word = kinds.get(usize::try_from(*kind).unwrap_or(0)).unwrap_or(&"object");
                let text = format!("{word} name \"{name}\"");
                match kind {
                    3 | 6..=9 => self.act(text.clone(), Action::Other { text, ends: Ends::GoesOn }),
                    _ => self.opaque(text),
                }
            }
            Expression::PayloadSet { register, base, offset, length } => {
                let place = self.payload(*base, *offset, *length).text();
                let text = format!("{place} set {}", self.held_text(*register));
                self.act(text.clone(), Action::Other { text, ends: Ends::Unknown });
            }
            Expression::Unknown { name, data } if matches!(*name, "last" | "dup") => {
                let text = format!("{name} # {} bytes", data.len());
                self.act(text.clone(), Action::Other { text, ends: Ends::GoesOn });
            }
            other => {
                let text = wording::unknown(other);
                self.act(text.clone(), Action::Other { text, ends: Ends::Unknown });
            }
        }
    }

    /// `meta mark set`, `ct mark set`, and whatever else is set.
    fn set(&mut self, object: &str, key: u32, register: u32) {
        let is_meta = object == "meta";
        let held = self.held(register).cloned();
        let name = wording::settable(object, key);
        if is_meta && key == NFTRACE {
            return self.act("meta nftrace set 1", Action::Log("meta nftrace set 1".to_owned()));
        }
        let action = match (&held, key) {
            (Some(Held::Constant(bytes)), MARK) if bytes.len() == 4 => {
                let value = u32::try_from(number(bytes, true)).unwrap_or(0);
                Some((format!("0x{value:08x}"), mark(is_meta, value, u32::MAX)))
            }
            (Some(Held::Loaded { what: Selector::Named(from), mask, xor, is_host_order: true }), MARK) => {
                let kept = mask.map_or(u32::MAX, |mask| u32::try_from(mask).unwrap_or(u32::MAX));
                let value = u32::try_from(*xor).unwrap_or(0);
                let text = wording::marked(from.text, kept, value);
                match (from.text, is_meta) {
                    ("meta mark", true) | ("ct mark", false) => Some((text, mark(is_meta, value, !kept))),
                    ("ct mark", true) if value == 0 => {
                        Some((text, Action::RestoreMark { mask: u32::MAX, ct_mask: kept }))
                    }
                    ("meta mark", false) if value == 0 => {
                        Some((text, Action::SaveMark { mask: kept, ct_mask: u32::MAX }))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match action {
            Some((value, action)) => self.act(format!("{name} set {value}"), action),
            None => {
                let text = format!("{name} set {}", self.held_text(register));
                // What comes later may ask for it.
                let ends = if key == MARK { Ends::Unknown } else { Ends::GoesOn };
                self.act(text.clone(), Action::Other { text, ends });
            }
        }
    }

    fn nat(
        &mut self,
        is_destination: bool,
        family: u32,
        addresses: (Option<u32>, Option<u32>),
        ports: (Option<u32>, Option<u32>),
        flags: u32,
    ) {
        let verb = if is_destination { "dnat" } else { "snat" };
        let address = |register: Option<u32>| match self.held(register?) {
            Some(Held::Constant(bytes)) => wording::address(bytes, family),
            _ => None,
        };
        let first = address(addresses.0);
        let last = address(addresses.1).or(first);
        let is_followed = addresses.0.is_none() == first.is_none();
        match (self.ports(ports), is_followed && flags & !0x1f == 0) {
            (Some(ports), true) => {
                let nat = Nat { addresses: first.zip(last), ports, flags: wording::nat_flags(flags) };
                let of = match (self.around.family, family) {
                    (crate::Family::Inet, 2) => " ip",
                    (crate::Family::Inet, 10) => " ip6",
                    _ => "",
                };
                let text = wording::nat(&format!("{verb}{of}"), &nat);
                self.act(text, if is_destination { Action::Dnat(nat) } else { Action::Snat(nat) });
            }
            _ => {
                let to = addresses.0.map_or_else(String::new, |register| self.held_text(register));
                let text = format!("{verb} to {to}");
                self.act(text.clone(), Action::Other { text, ends: Ends::Unknown });
            }
        }
    }

    fn port_nat(
        &mut self,
        verb: &str,
        ports: (Option<u32>, Option<u32>),
        flags: u32,
        action: impl FnOnce(Nat) -> Action,
    ) {
        match self.ports(ports) {
            Some(ports) if flags & !0x1f == 0 => {
                let nat = Nat { addresses: None, ports, flags: wording::nat_flags(flags) };
                self.act(wording::nat(verb, &nat), action(nat));
            }
            _ => {
                let text = format!("{verb} to a port that a map tells");
                self.act(text.clone(), Action::Other { text, ends: Ends::Unknown });
            }
        }
    }

    /// `None`: there are ports, but not constant ones.
    #[expect(clippy::option_option, reason = "not known, none, or some")]
    fn ports(&self, registers: (Option<u32>, Option<u32>)) -> Option<Option<(u16, u16)>> {
        let port = |register: u32| match self.held(register) {
            Some(Held::Constant(bytes)) => Some(u16::from_be_bytes(*bytes.first_chunk()?)),
            _ => None,
        };
        match registers {
            (None, _) => Some(None),
            (Some(first), last) => {
                let first = port(first)?;
                let last = match last {
                    Some(last) => port(last)?,
                    None => first,
                };
                Some(Some((first, last)))
            }
        }
    }
}

fn mark(is_meta: bool, value: u32, mask: u32) -> Action {
    if is_meta { Action::SetMark { value, mask } } else { Action::SetCtMark { value, mask } }
}
