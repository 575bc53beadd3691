//! `check`: would this packet pass, which rule decides, by which way?

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use ruleset::verdict::{Answer, DecidedBy, Judge, Verdict, jsonl};
use serde_json::{Map, Value};

use crate::cli::{Ending, Failure, Session};
use crate::live::Want;
use crate::view::{Align, Table, Tone, printable, strong, toned};

/// Tells whether a packet would pass, by which rule, and on which way; nothing is sent.
#[derive(Debug, Args)]
#[command(after_help = "What is not given is unknown: the answer is `depends` if it hangs on that.\n\
    Unless told otherwise it is the first packet of a new connection (TCP: SYN).\n\nExamples:\n  \
    deadstick-fw check --in eth0 --src 10.0.0.7 --dst 10.0.0.1 --proto tcp --dport 5432\n  \
    deadstick-fw check --hook forward --in eth0 --out docker0 --dst 172.17.0.2 --proto tcp --dport 80\n  \
    deadstick-fw check --from rules.v4 --packets packets.jsonl --json")]
pub struct Check {
    /// The packet
    #[command(flatten)]
    pub packet: PacketOptions,
    /// Answer for each packet of a file, one JSON object a line; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "PacketOptions")]
    packets: Option<PathBuf>,
}

/// A packet in words.
#[derive(Debug, Default, Args)]
#[group(id = "PacketOptions", multiple = true)]
pub struct PacketOptions {
    /// The interface it comes in by
    #[arg(long = "in", value_name = "NAME")]
    pub in_interface: Option<String>,
    /// The interface it goes out by
    #[arg(long = "out", value_name = "NAME")]
    pub out_interface: Option<String>,
    /// Its source address
    #[arg(long, value_name = "ADDRESS")]
    pub src: Option<String>,
    /// Its destination address, before any translation
    #[arg(long, value_name = "ADDRESS")]
    pub dst: Option<String>,
    /// tcp, udp, icmp, icmpv6, ... or a number
    #[arg(long, value_name = "PROTOCOL")]
    pub proto: Option<String>,
    /// Its source port
    #[arg(long, value_name = "PORT")]
    pub sport: Option<String>,
    /// Its destination port, before any translation
    #[arg(long, value_name = "PORT")]
    pub dport: Option<String>,
    /// ICMP type: a number or a name
    #[arg(long, value_name = "TYPE")]
    pub icmp_type: Option<String>,
    /// ICMP code
    #[arg(long, value_name = "CODE")]
    pub icmp_code: Option<String>,
    /// new, established, related, invalid or untracked
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// input (for this host), forward (through it) or output (from it) [default: as its addresses say]
    #[arg(long, value_name = "HOOK")]
    pub hook: Option<String>,
    /// Its mark on arrival
    #[arg(long, value_name = "NUMBER")]
    pub mark: Option<String>,
    /// SYN, or PSH,ACK, or NONE
    #[arg(long, value_name = "FLAGS")]
    pub tcp_flags: Option<String>,
    /// Its source MAC address
    #[arg(long, value_name = "MAC")]
    pub mac: Option<String>,
    /// Its TTL or hop limit on arrival
    #[arg(long, value_name = "NUMBER")]
    pub ttl: Option<String>,
}

impl PacketOptions {
    /// As the object that a line of `--packets` holds.
    pub fn object(&self) -> Map<String, Value> {
        let fields = [
            ("in", &self.in_interface),
            ("out", &self.out_interface),
            ("src", &self.src),
            ("dst", &self.dst),
            ("proto", &self.proto),
            ("sport", &self.sport),
            ("dport", &self.dport),
            ("icmp_type", &self.icmp_type),
            ("icmp_code", &self.icmp_code),
            ("state", &self.state),
            ("hook", &self.hook),
            ("mark", &self.mark),
            ("tcp_flags", &self.tcp_flags),
            ("mac", &self.mac),
            ("ttl", &self.ttl),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| (name.to_owned(), Value::String(value.clone()))).collect()
    }

    /// The packet; which words are wrong is said by their option.
    pub fn asked(&self, judge: &Judge<'_>) -> Result<jsonl::Asked, Failure> {
        jsonl::packet(judge, &self.object()).map_err(|error| {
            Failure::new("no-packet", "This is no packet.")
                .why(error)
                .hint("`deadstick-fw help check` has examples")
        })
    }
}

impl Check {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let snapshot = session.snapshot(Want::default())?;
        session.tell_notes(&snapshot.ruleset);
        let judge = Judge::new(&snapshot.ruleset);
        if let Some(file) = &self.packets {
            return many(session, &judge, file);
        }
        let asked = self.packet.asked(&judge)?;
        let mut answer = judge.decide(&asked.packet);
        answer.assumptions.splice(0..0, asked.assumptions);
        session.out.print(&answer, || text(&answer))
    }
}

fn many(session: &Session, judge: &Judge<'_>, file: &PathBuf) -> Result<Ending, Failure> {
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| ()),
        false => std::fs::read(file).map(|all| bytes = all),
    };
    read.map_err(|error| {
        Failure::new("unreadable", format!("{} can't be read.", file.display())).because(&error)
    })?;
    let mut answers = String::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(answer) = jsonl::line(judge, &String::from_utf8_lossy(line)) {
            answers.push_str(&answer);
            answers.push('\n');
        }
    }
    if session.out.json {
        session.out.raw(answers.as_bytes())?;
    } else {
        session.out.text(table(&answers).trim_end())?;
    }
    Ok(Ending::Done)
}

/// The answers of many packets for people.
fn table(answers: &str) -> String {
    let mut table =
        Table::new(&[("packet", Align::Left), ("verdict", Align::Left), ("decided by", Align::Left)]);
    for answer in answers.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let id = match &answer["id"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let by = &answer["decided_by"];
        let place = match (&answer["error"], by["rule"].as_u64()) {
            (Value::String(error), _) => error.clone(),
            (_, Some(rule)) => {
                format!("{} {} rule {rule}: {}", word(&by["table"]), word(&by["chain"]), word(&by["text"]))
            }
            (_, None) if by.is_null() => String::new(),
            (_, None) => format!("{} {} {}", word(&by["table"]), word(&by["chain"]), word(&by["text"])),
        };
        let verdict = answer["verdict"].as_str().unwrap_or("error").to_owned();
        table.row([id, verdict, place]);
    }
    table.lines(0)
}

/// An answer for people.
pub fn text(answer: &Answer) -> String {
    let (word, tone) = word(answer.verdict);
    let mut text = toned(&strong(word), tone);
    if let Some(by) = &answer.decided_by {
        let how = if answer.verdict == Verdict::Depends { "first of all on" } else { "by" };
        text.push_str(&format!(" {how} {}", place(by)));
    } else if answer.verdict == Verdict::Accept {
        text.push_str(": no chain looks at it");
    }
    text.push('\n');
    for sentence in &answer.assumptions {
        text.push_str(&format!("  - {}\n", printable(sentence)));
    }
    if answer.way.is_empty() {
        return text;
    }
    text.push_str("its way:\n");
    let mut table = Table::new(&[
        ("hook", Align::Left),
        ("table", Align::Left),
        ("chain", Align::Left),
        ("rule", Align::Right),
        ("what happens", Align::Left),
        ("text", Align::Left),
    ]);
    for visit in &answer.way {
        table.row([
            visit.hook.to_owned(),
            format!("{} {}", visit.at.family.as_str(), visit.at.table),
            visit.at.chain.clone(),
            visit.at.rule.map_or_else(|| "-".to_owned(), |rule| rule.to_string()),
            visit.effect.clone(),
            visit.at.text.clone(),
        ]);
    }
    text.push_str(&table.lines(1));
    text
}

fn word(verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::Accept => ("accept", Tone::Good),
        Verdict::Drop => ("drop", Tone::Bad),
        Verdict::Reject => ("reject", Tone::Bad),
        Verdict::Depends => ("depends", Tone::Warning),
    }
}

/// A rule and where it is, in one line.
pub fn place(by: &DecidedBy) -> String {
    let table = format!("{} {}, {}", by.family.as_str(), by.table, by.backend.as_str());
    match by.rule {
        Some(rule) => format!(
            "rule {rule} of {} ({}): {}",
            printable(&by.chain),
            printable(&table),
            printable(&by.text)
        ),
        None => {
            format!("the policy of {} ({}): {}", printable(&by.chain), printable(&table), printable(&by.text))
        }
    }
}
