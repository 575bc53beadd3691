//! Questions and answers as JSON, one object a line: the contract of `check --packets FILE.jsonl --json`.
//!
//! In: `{"id","hook","in","out","src","dst","proto","sport","dport","icmp_type","icmp_code","state","mark","tcp_flags","mac","ttl"}`;
//! what is absent or null is unknown, but state, TCP flags (SYN) and mark (0). Out: `{"id","verdict","decided_by","assumptions"}`,
//! or `{"id","error"}` for a line that isn't understood.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{DecidedBy, Judge, Verdict, first_state};
use crate::iptables::{icmp_number, protocol_number};
use crate::routing::AddressKind;
use crate::{Hook, Packet};

/// Why an object is no packet: a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PacketError(String);

/// A packet, and what was taken for granted in reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The packet.
    pub packet: Packet,
    /// Sentences that belong to the answer.
    pub assumptions: Vec<String>,
}

#[derive(Serialize)]
struct Answered<'a> {
    id: &'a Value,
    verdict: Verdict,
    decided_by: Option<DecidedBy>,
    assumptions: Vec<String>,
}

#[derive(Serialize)]
struct Refused<'a> {
    id: &'a Value,
    error: String,
}

/// Every field of a question.
const FIELDS: &[&str] = &[
    "id",
    "hook",
    "in",
    "out",
    "src",
    "dst",
    "proto",
    "sport",
    "dport",
    "icmp_type",
    "icmp_code",
    "state",
    "mark",
    "tcp_flags",
    "mac",
    "ttl",
];

/// Answers a line; `None` for an empty one. It never fails: what isn't understood is answered by an error.
pub fn line(judge: &Judge<'_>, line: &str) -> Option<String> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    let refused = |id: &Value, error: String| written(&Refused { id, error });
    let object = match serde_json::from_str::<Value>(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            return Some(refused(&Value::Null, "expected an object: {\"id\":...,\"src\":...}".to_owned()));
        }
        Err(error) => return Some(refused(&Value::Null, format!("no JSON: {error}"))),
    };
    let id = object.get("id").unwrap_or(&Value::Null);
    Some(match packet(judge, &object) {
        Ok(asked) => {
            let answer = judge.decide(&asked.packet);
            let mut assumptions = asked.assumptions;
            assumptions.extend(answer.assumptions);
            written(&Answered { id, verdict: answer.verdict, decided_by: answer.decided_by, assumptions })
        }
        Err(error) => refused(id, error.to_string()),
    })
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("answers are plain data")
}

/// Reads a packet. Fields that nobody knows are named among the assumptions.
pub fn packet(judge: &Judge<'_>, object: &Map<String, Value>) -> Result<Asked, PacketError> {
    let fields = Fields(object);
    let mut assumptions: Vec<String> = object
        .keys()
        .filter(|key| !FIELDS.contains(&key.as_str()))
        .map(|key| format!("`{key}` is no field of a packet and was ignored"))
        .collect();
    let (source, destination) = (fields.address("src")?, fields.address("dst")?);
    if let (Some(source), Some(destination)) = (source, destination)
        && source.is_ipv6() != destination.is_ipv6()
    {
        return Err(PacketError(format!("src {source} and dst {destination} are not of one IP version")));
    }
    let protocol = fields.protocol()?;
    let is_v6 = source.or(destination).is_some_and(|one| one.is_ipv6()) || protocol == Some(58);
    let (icmp_type, code) = fields.icmp(is_v6)?;
    let mut packet = Packet {
        hook: Hook::Prerouting,
        in_interface: fields.text("in")?,
        out_interface: fields.text("out")?,
        source,
        destination,
        protocol,
        source_port: fields.number("sport", u16::MAX.into())?.and_then(|port| u16::try_from(port).ok()),
        destination_port: fields.number("dport", u16::MAX.into())?.and_then(|port| u16::try_from(port).ok()),
        icmp_type,
        icmp_code: fields.number("icmp_code", 255)?.and_then(|code| u8::try_from(code).ok()).or(code),
        mark: fields
            .number("mark", u32::MAX.into())?
            .and_then(|mark| u32::try_from(mark).ok())
            .unwrap_or_default(),
        source_mac: fields.mac()?,
        ttl: fields.number("ttl", 255)?.and_then(|ttl| u8::try_from(ttl).ok()),
        ..Packet::default()
    };
    if let Some(flags) = fields.flags()? {
        packet.tcp_flags = flags;
    }
    packet.hook = fields.hook()?.unwrap_or_else(|| hook_of(judge, &packet));
    match fields.state()? {
        Some(state) => packet.state = state,
        None => {
            packet.state = first_state(&packet);
            let state = match packet.state {
                1 => "INVALID",
                64 => "UNTRACKED",
                _ => return Ok(Asked { packet, assumptions }),
            };
            assumptions
                .push(format!("no state was given: such a packet can't begin a connection, it is {state}"));
        }
    }
    Ok(Asked { packet, assumptions })
}

/// Where a packet begins of which that was not said: by its addresses if the host is known; without a destination it is for this host.
fn hook_of(judge: &Judge<'_>, packet: &Packet) -> Hook {
    let is_about_here = packet.destination.is_none() && packet.out_interface.is_none();
    if !judge.routes.is_known() || is_about_here && packet.source.is_none() {
        return Hook::Input;
    }
    let is_own = packet.source.is_some_and(|source| judge.routes.kind(source) == AddressKind::Local);
    match (is_own && packet.in_interface.is_none(), is_about_here) {
        (true, _) => Hook::Output,
        (false, true) => Hook::Input,
        (false, false) => Hook::Prerouting,
    }
}

struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<String>, PacketError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(PacketError(format!("`{name}` is {other}; expected a string"))),
        }
    }

    /// A number, or a string that holds one.
    fn number(&self, name: &str, largest: u64) -> Result<Option<u64>, PacketError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let number = match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => match text.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            },
            _ => None,
        };
        match number.filter(|number| *number <= largest) {
            Some(number) => Ok(Some(number)),
            None => Err(PacketError(format!("`{name}` is {value}; expected a number from 0 to {largest}"))),
        }
    }

    fn address(&self, name: &str) -> Result<Option<IpAddr>, PacketError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let one = text.strip_suffix("/32").filter(|_| !text.contains(':')).unwrap_or(&text);
        let one = one.strip_suffix("/128").unwrap_or(one);
        one.parse()
            .map(Some)
            .map_err(|_| PacketError(format!("`{name}` is {text:?}; expected one IP address")))
    }

    fn protocol(&self) -> Result<Option<u8>, PacketError> {
        let Some(value) = self.value("proto") else { return Ok(None) };
        let error =
            || PacketError(format!("`proto` is {value}; expected tcp, udp, icmp, icmpv6, ... or a number"));
        match value {
            Value::Number(number) => {
                number.as_u64().and_then(|one| u8::try_from(one).ok()).map(Some).ok_or_else(error)
            }
            Value::String(text) if matches!(text.as_str(), "all" | "any" | "") => Ok(None),
            Value::String(text) if text.eq_ignore_ascii_case("icmpv6") => Ok(Some(58)),
            Value::String(text) => protocol_number(text).map(Some).ok_or_else(error),
            _ => Err(error()),
        }
    }

    /// Type, and code where the name of the type tells it.
    fn icmp(&self, is_v6: bool) -> Result<(Option<u8>, Option<u8>), PacketError> {
        if let Some(Value::String(text)) = self.value("icmp_type")
            && let Some((kind, code)) = icmp_number(text, is_v6)
        {
            return Ok((Some(kind), code));
        }
        let kind = self.number("icmp_type", 255)?;
        Ok((kind.and_then(|kind| u8::try_from(kind).ok()), None))
    }

    fn hook(&self) -> Result<Option<Hook>, PacketError> {
        let Some(text) = self.text("hook")? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "input" => Ok(Some(Hook::Input)),
            "forward" => Ok(Some(Hook::Forward)),
            "output" => Ok(Some(Hook::Output)),
            _ => Err(PacketError(format!("`hook` is {text:?}; expected input, forward or output"))),
        }
    }

    fn state(&self) -> Result<Option<u32>, PacketError> {
        let Some(text) = self.text("state")? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "new" => Ok(Some(8)),
            "established" => Ok(Some(2)),
            "related" => Ok(Some(4)),
            "invalid" => Ok(Some(1)),
            "untracked" => Ok(Some(64)),
            _ => Err(PacketError(format!(
                "`state` is {text:?}; expected new, established, related, invalid or untracked"
            ))),
        }
    }

    fn flags(&self) -> Result<Option<u8>, PacketError> {
        let Some(text) = self.text("tcp_flags")? else { return Ok(None) };
        let mut all = 0;
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            all |= match word.to_ascii_uppercase().as_str() {
                "NONE" => 0,
                "FIN" => 1,
                "SYN" => 2,
                "RST" => 4,
                "PSH" => 8,
                "ACK" => 16,
                "URG" => 32,
                "ECE" => 64,
                "CWR" => 128,
                "ALL" => 63,
                _ => {
                    return Err(PacketError(format!(
                        "`tcp_flags` is {text:?}; expected SYN, ACK, FIN, RST, PSH, URG by commas, or NONE"
                    )));
                }
            };
        }
        Ok(Some(all))
    }

    fn mac(&self) -> Result<Option<[u8; 6]>, PacketError> {
        let Some(text) = self.text("mac")? else { return Ok(None) };
        let bytes: Option<Vec<u8>> =
            text.split([':', '-']).map(|two| u8::from_str_radix(two, 16).ok()).collect();
        let mac = bytes.and_then(|bytes| <[u8; 6]>::try_from(bytes).ok());
        mac.map(Some).ok_or_else(|| PacketError(format!("`mac` is {text:?}; expected 02:00:00:00:00:01")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, Family, iptables};

    #[test]
    fn lines_are_answered_one_by_one() {
        let text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n\
                    -A INPUT -p icmp -m icmp --icmp-type 8 -j REJECT\n-A INPUT -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n";
        let (ruleset, notes) = iptables::parse(text, Backend::IptablesNft, Family::Ip);
        assert_eq!(notes, []);
        let judge = Judge::new(&ruleset);
        let check = |question: &str, expected: &str| {
            assert_eq!(line(&judge, question).as_deref().unwrap_or("-"), expected, "{question}");
        };
        let rule = |number: usize, text: &str| {
            format!(
                r#"{{"table":"filter","chain":"INPUT","rule":{number},"text":"{text}","backend":"iptables-nft","family":"ip"}}"#
            )
        };
        check("  ", "-");
        check(
            r#"{"id":1,"hook":"input","in":"eth0","src":"10.0.0.7","dst":"10.0.0.1","proto":"tcp","sport":4000,"dport":22}"#,
            &format!(
                r#"{{"id":1,"verdict":"accept","decided_by":{},"assumptions":[]}}"#,
                rule(2, "-p tcp -m tcp --dport 22 -j ACCEPT")
            ),
        );
        check(
            r#"{"id":"x","in":"eth0","src":"10.0.0.7","proto":"17","dport":"22","state":"NEW"}"#,
            r#"{"id":"x","verdict":"drop","decided_by":{"table":"filter","chain":"INPUT","rule":null,"text":"policy DROP","backend":"iptables-nft","family":"ip"},"assumptions":[]}"#,
        );
        check(
            r#"{"id":2,"in":"eth0","src":"10.0.0.7","proto":"icmp","icmp_type":"echo-request","note":1}"#,
            &format!(
                r#"{{"id":2,"verdict":"reject","decided_by":{},"assumptions":["`note` is no field of a packet and was ignored"]}}"#,
                rule(3, "-p icmp -m icmp --icmp-type 8 -j REJECT")
            ),
        );
        check(
            r#"{"id":3,"in":"eth0","src":"10.0.0.7","proto":"tcp","dport":25,"tcp_flags":"NONE"}"#,
            &format!(
                r#"{{"id":3,"verdict":"drop","decided_by":{},"assumptions":["no state was given: such a packet can't begin a connection, it is INVALID"]}}"#,
                rule(4, "-m conntrack --ctstate INVALID -j DROP")
            ),
        );
        check(
            r#"{"id":4,"src":"10.0.0.0/8"}"#,
            r#"{"id":4,"error":"`src` is \"10.0.0.0/8\"; expected one IP address"}"#,
        );
        check(
            r#"{"id":5,"dport":70000}"#,
            r#"{"id":5,"error":"`dport` is 70000; expected a number from 0 to 65535"}"#,
        );
        check(
            r#"{"id":6,"src":"10.0.0.1","dst":"fd00::1"}"#,
            r#"{"id":6,"error":"src 10.0.0.1 and dst fd00::1 are not of one IP version"}"#,
        );
        check("[1]", r#"{"id":null,"error":"expected an object: {\"id\":...,\"src\":...}"}"#);
        assert!(line(&judge, "{").unwrap().starts_with(r#"{"id":null,"error":"no JSON: "#));
    }
}
