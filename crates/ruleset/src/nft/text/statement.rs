//! Statements that are not comparisons.

use super::rule::selector;
use super::scan;
use crate::nft::builder::Building;
use crate::nft::selector::Selector;
use crate::nft::statement::Statement;
use crate::nft::wording::{self, Operand};
use crate::{Action, Counters, Ends, Nat};

/// Words that are read one after the other.
#[derive(Clone, Debug)]
pub(super) struct Words<'a> {
    words: &'a [&'a str],
    at: usize,
}

impl<'a> Words<'a> {
    pub fn new(words: &'a [&'a str]) -> Self {
        Self { words, at: 0 }
    }

    pub fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.at += usize::from(word.is_some());
        word
    }

    pub fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Takes this word, if it is the next one.
    pub fn take(&mut self, word: &str) -> bool {
        let is_it = self.peek() == Some(word);
        self.at += usize::from(is_it);
        is_it
    }

    /// The words from here to where `end` is.
    pub fn until(&self, end: &Words<'_>) -> String {
        self.words.get(self.at..end.at).unwrap_or_default().join(" ")
    }
}

fn act(text: String, action: Action) -> Statement {
    Statement::Act { text, action }
}

/// Reads a statement that begins with a word of its own.
pub(super) fn read(at: &mut Words<'_>, rule: &mut Building<'_>) -> Option<Statement> {
    let start = at.clone();
    let word = at.next()?;
    let simple = |action| Some(act(word.to_owned(), action));
    match word {
        "accept" => simple(Action::Accept),
        "drop" => simple(Action::Drop),
        "return" => simple(Action::Return),
        "continue" => simple(Action::Other { text: word.to_owned(), ends: Ends::GoesOn }),
        "notrack" => simple(Action::Notrack),
        "jump" | "goto" => {
            let chain = at.next()?.trim_matches('"').to_owned();
            let text = format!("{word} {chain}");
            Some(act(text, if word == "jump" { Action::Jump(chain) } else { Action::Goto(chain) }))
        }
        "counter" => Some(counter(at, rule)),
        "limit" | "quota" => limit(word, at),
        "log" => {
            log(at);
            let text = start.until(at);
            Some(act(text.clone(), Action::Log(text)))
        }
        "reject" => {
            let (kind, name) = refusal(at)?;
            Some(wording::reject_named(&kind, &name, rule.family(), rule.version()))
        }
        "queue" => {
            while matches!(at.peek(), Some("num" | "to" | "flags" | "bypass" | "fanout" | "bypass,fanout"))
                || at.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            {
                at.next();
            }
            let text = start.until(at);
            Some(act(text.clone(), Action::Queue(text)))
        }
        "dnat" | "snat" | "masquerade" | "redirect" => nat(word, at, &start),
        "add" | "update" | "delete" => {
            let (set, element) = (at.next()?, at.next()?);
            let inner = element.strip_prefix('{')?.strip_suffix('}')?.trim();
            set.strip_prefix('@')?;
            let words = scan::words(inner);
            let mut key = Words::new(&words);
            let mut keys = vec![selector(&mut key)?];
            while key.take(".") {
                keys.push(selector(&mut key)?);
            }
            let mut inner = crate::nft::statement::joined(&keys);
            // What follows is written as the kernel's expressions are.
            while let Some(word) = key.next() {
                inner.push(' ');
                match (word, key.clone()) {
                    ("limit" | "quota", mut rest) => match limit(word, &mut rest) {
                        Some(Statement::Opaque(text)) => {
                            inner.push_str(&text);
                            key = rest;
                        }
                        _ => inner.push_str(word),
                    },
                    (word, _) => inner.push_str(word),
                }
            }
            rule.statements.push(Statement::Need(keys));
            Some(Statement::Opaque(format!("{word} {set} {{ {inner} }}")))
        }
        "xt" => {
            let (kind, name) = (at.next()?, at.next()?);
            let text = format!("xt {kind} {name}");
            Some(match kind {
                // nft prints no parameters: each is a test of its own.
                "match" => Statement::Opaque(format!("{text} # {}", start.at)),
                _ => act(text.clone(), Action::Other { text, ends: Ends::Unknown }),
            })
        }
        "ct" => of_connection(at),
        _ => None,
    }
}

fn counter(at: &mut Words<'_>, rule: &mut Building<'_>) -> Statement {
    if at.take("name") {
        return Statement::Silent(format!("counter name {}", at.next().unwrap_or_default()));
    }
    let mut found = Counters::default();
    let number = |at: &mut Words<'_>| at.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    if at.take("packets") {
        found.packets = number(at);
        if at.take("bytes") {
            found.bytes = number(at);
        }
        rule.counters = Some(found);
    }
    Statement::Silent(format!("counter packets {} bytes {}", found.packets, found.bytes))
}

fn limit(word: &str, at: &mut Words<'_>) -> Option<Statement> {
    if at.take("name") {
        return Some(Statement::Opaque(format!("{word} name {}", at.next()?)));
    }
    let is_rate = at.take("rate");
    let is_over = at.take("over");
    at.take("until");
    let number = |at: &mut Words<'_>| at.next()?.parse::<u64>().ok();
    if word == "quota" {
        let count = number(at)?.checked_mul(size(at.next()?)?)?;
        let used = if at.take("used") { number(at)?.checked_mul(size(at.next()?)?)? } else { 0 };
        return Some(Statement::Opaque(wording::quota(count, is_over, used)));
    }
    if !is_rate {
        return None;
    }
    let rate = at.next()?;
    let (rate, unit, scale, is_bytes) = match rate.split_once('/') {
        Some((rate, unit)) => (rate.parse().ok()?, unit, 1, false),
        None => {
            let (size_word, unit) = at.next()?.split_once('/')?;
            (rate.parse::<u64>().ok()?, unit, size(size_word)?, true)
        }
    };
    let unit = match unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    let mut burst = 5;
    if is_bytes {
        burst = 0;
    }
    if at.take("burst") {
        burst = number(at)?;
        let of = at.next()?;
        if of != "packets" {
            burst = burst.checked_mul(size(of)?)?;
        }
    }
    Some(Statement::Opaque(wording::limit(
        rate.checked_mul(scale)?,
        unit,
        u32::try_from(burst).ok()?,
        is_bytes,
        is_over,
    )))
}

fn size(word: &str) -> Option<u64> {
    Some(match word {
        "bytes" => 1,
        "kbytes" => 1 << 10,
        "mbytes" => 1 << 20,
        _ => return None,
    })
}

fn log(at: &mut Words<'_>) {
    while let Some("prefix" | "level" | "group" | "snaplen" | "queue-threshold" | "flags") = at.peek() {
        let is_flags = at.next() == Some("flags");
        let value = at.next();
        if is_flags && matches!(value, Some("tcp" | "ip")) {
            at.next();
        }
    }
}

fn refusal(at: &mut Words<'_>) -> Option<(String, String)> {
    if !at.take("with") {
        return Some((String::new(), String::new()));
    }
    match at.next()? {
        "tcp" => at.take("reset").then(|| ("tcp reset".to_owned(), String::new())),
        kind => {
            at.take("type");
            Some((kind.to_owned(), at.next()?.to_owned()))
        }
    }
}

fn nat(verb: &str, at: &mut Words<'_>, start: &Words<'_>) -> Option<Statement> {
    let mut family = String::new();
    if let Some(word @ ("ip" | "ip6")) = at.peek()
        && matches!(verb, "dnat" | "snat")
    {
        at.next();
        family = format!(" {word}");
    }
    let mut nat = Nat::default();
    if at.take("to") {
        let target = at.next()?;
        let is_constant =
            target.starts_with([':', '[']) || target.starts_with(|c: char| c.is_ascii_hexdigit());
        let read = is_constant.then(|| target_of(target)).flatten();
        match read {
            Some((addresses, ports)) => (nat.addresses, nat.ports) = (addresses, ports),
            None => {
                // From a map: `to ip saddr map @m`, `to numgen ... map { ... }`.
                while at.next().is_some_and(|word| !word.starts_with(['@', '{'])) {}
                let text = start.until(at);
                return Some(act(text.clone(), Action::Other { text, ends: Ends::Unknown }));
            }
        }
    }
    if let Some(word) = at.peek()
        && scan::list(word).iter().all(|flag| matches!(*flag, "random" | "fully-random" | "persistent"))
    {
        at.next();
        nat.flags = word.to_owned();
    }
    let text = wording::nat(&format!("{verb}{family}"), &nat);
    Some(act(text, wording::nat_action(verb, nat)))
}

type Target = (Option<(std::net::IpAddr, std::net::IpAddr)>, Option<(u16, u16)>);

/// `10.0.0.1-10.0.0.2:80-90`, `[::1]:80`, `:80`, `::1`.
fn target_of(word: &str) -> Option<Target> {
    let (address, ports) = match (word.rfind("]:"), word.starts_with(':') && !word.starts_with("::")) {
        (Some(at), _) => (&word[..=at], Some(&word[at + 2..])),
        (None, true) => ("", Some(&word[1..])),
        (None, false) if word.matches(':').count() == 1 => {
            let (address, ports) = word.split_once(':')?;
            (address, Some(ports))
        }
        (None, false) => (word, None),
    };
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        (first.to_owned(), last.to_owned())
    };
    let addresses = match address {
        "" => None,
        address => {
            let (first, last) = range(address);
            let one = |text: &str| text.trim_matches(['[', ']']).parse().ok();
            Some((one(&first)?, one(&last)?))
        }
    };
    let ports = match ports {
        None => None,
        Some(ports) => {
            let (first, last) = range(ports);
            Some((first.parse().ok()?, last.parse().ok()?))
        }
    };
    Some((addresses, ports))
}

/// `ct count over 3`, `ct helper set "ftp"`.
fn of_connection(at: &mut Words<'_>) -> Option<Statement> {
    match at.next()? {
        "count" => {
            let over = if at.take("over") { "over " } else { "" };
            Some(Statement::Opaque(format!("ct count {over}{}", at.next()?)))
        }
        kind @ ("helper" | "timeout" | "expectation") if at.take("set") => {
            let text = format!("ct {kind} set {}", at.next()?);
            Some(act(text.clone(), Action::Other { text, ends: Ends::GoesOn }))
        }
        _ => None,
    }
}

/// `meta mark set meta mark & 0xff00 | 0x1`.
pub(super) fn set(key: &Selector, at: &mut Words<'_>) -> Option<Statement> {
    let number = |word: &str| match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    };
    let mut operand = match number(at.peek()?) {
        Some(turned) => {
            at.next();
            Operand { from: None, kept: 0, turned }
        }
        None => Operand { from: Some(selector(at)?), kept: u32::MAX, turned: 0 },
    };
    // Words as nft prints them, and the names that older ones print.
    while let Some(sign @ ("&" | "|" | "^" | "and" | "or" | "xor")) = at.peek() {
        at.next();
        let sign = match sign {
            "and" => "&",
            "or" => "|",
            "xor" => "^",
            other => other,
        };
        operand = operand.with(sign, number(at.next()?)?);
    }
    Some(wording::mangle(key, &operand))
}
