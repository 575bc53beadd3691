//! `suspect`: is it the firewall?

use std::io::IsTerminal;
use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use ruleset::routing::{Routes, Way};
use ruleset::verdict::{Answer, DecidedBy, Judge, Verdict, Visit};
use ruleset::{Hook, Ruleset};
use serde::Serialize;

use super::check::{self, PacketOptions};
use crate::cli::arguments::seconds;
use crate::cli::{Ending, Failure, Session};
use crate::live::Want;
use crate::view::{Tone, printable, strong, toned};

/// Somebody can't reach a service: is it the firewall? Tells yes or no with the rule, looks at its counters while it is tried again,
/// and proposes what would let just that through for a minute. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deadstick-fw suspect --src 10.0.0.7 --dport 5432\n  \
    deadstick-fw suspect --src 10.0.0.7 --dport 53 --proto udp --watch 10s")]
pub struct Suspect {
    /// Who can't reach it: an address
    #[arg(long, value_name = "ADDRESS")]
    src: IpAddr,
    /// Which port
    #[arg(long, value_name = "PORT")]
    dport: u16,
    /// At which address [default: this host's one on the way back]
    #[arg(long, value_name = "ADDRESS")]
    dst: Option<IpAddr>,
    /// Which protocol
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    proto: String,
    /// The interface it comes in by [default: the one on the way back]
    #[arg(long = "in", value_name = "NAME")]
    in_interface: Option<String>,
    /// Look at the counters for so long while it is tried again, instead of waiting for Enter
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    watch: Option<u64>,
}

/// What a rule counted while it was tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Counted {
    #[serde(flatten)]
    at: DecidedBy,
    /// Packets before.
    before: u64,
    /// Packets after.
    after: u64,
}

#[derive(Debug, Serialize)]
struct Finding {
    /// Is it the firewall? Null: can't tell.
    firewall: Option<bool>,
    /// In one sentence.
    because: String,
    answer: Answer,
    /// What was counted meanwhile; null if nothing was tried.
    counted: Option<Vec<Counted>>,
    /// What would let just that through.
    proposal: Option<String>,
}

impl Suspect {
    /// Runs it.
    pub fn run(self, session: &Session) -> Result<Ending, Failure> {
        let before = session.snapshot(Want::default())?.ruleset;
        session.tell_notes(&before);
        let judge = Judge::new(&before);
        let asked = self.packet(&before).asked(&judge)?;
        let answer = judge.session(&asked.packet);
        let counted = match self.is_tried_again(session)? {
            false => None,
            true => Some(counted(&answer, &before, &session.snapshot(Want::default())?.ruleset)),
        };
        let finding = self.finding(answer, counted);
        session.out.print(&finding, || text(&finding))
    }

    /// The packet that is asked about: what was not said follows from the way back.
    fn packet(&self, ruleset: &Ruleset) -> PacketOptions {
        let routes = Routes::new(&ruleset.host);
        let version = if self.src.is_ipv6() { 6 } else { 4 };
        let back = routes.is_known().then(|| routes.way(self.src, None, Some(0), None));
        let interface = match back {
            Some(Way::Out(names)) if names.len() == 1 => names.into_iter().next(),
            Some(Way::Here) => Some("lo".to_owned()),
            _ => None,
        };
        let interface = self.in_interface.clone().or(interface);
        let own = interface.as_deref().map(|name| routes.addresses_of(name, version)).unwrap_or_default();
        PacketOptions {
            in_interface: interface,
            src: Some(self.src.to_string()),
            dst: self.dst.or(own.first().copied()).map(|address| address.to_string()),
            proto: Some(self.proto.clone()),
            dport: Some(self.dport.to_string()),
            ..PacketOptions::default()
        }
    }

    /// Waits until it was tried again; `false` if nobody could.
    fn is_tried_again(&self, session: &Session) -> Result<bool, Failure> {
        if !session.is_live() {
            return Ok(false);
        }
        if let Some(time) = self.watch {
            session.out.remark(&format!("Looking at the counters for {time} s: try it again now."));
            std::thread::sleep(Duration::from_secs(time));
            return Ok(true);
        }
        if session.out.json || !std::io::stdin().is_terminal() {
            return Ok(false);
        }
        session.out.remark("Try it again now, then press Enter here.");
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.map_err(|error| Failure::new("stdin", "The terminal can't be read.").because(&error))?;
        Ok(true)
    }

    fn finding(&self, answer: Answer, counted: Option<Vec<Counted>>) -> Finding {
        let has_counted = |by: &DecidedBy| {
            counted
                .as_ref()
                .and_then(|all| all.iter().find(|one| one.at == *by))
                .map(|one| one.after > one.before)
        };
        let by = answer.decided_by.as_ref();
        let nothing = if answer.verdict == Verdict::Depends {
            "what was not said"
        } else {
            "no rule: no chain looks at it"
        };
        let place = by.map_or_else(|| nothing.to_owned(), check::place);
        let moved = by.and_then(has_counted);
        let (firewall, because) = match (answer.verdict, moved) {
            (Verdict::Drop | Verdict::Reject, Some(true)) => {
                (Some(true), format!("it is, by {place}; it counted while it was tried"))
            }
            (Verdict::Drop | Verdict::Reject, Some(false)) => {
                let why = format!(
                    "it would be, by {place}; but that counted nothing while it was tried, so the packets come by another way, or don't come here"
                );
                (None, why)
            }
            (Verdict::Drop | Verdict::Reject, None) => (Some(true), format!("it is, by {place}")),
            (Verdict::Accept, Some(false)) => {
                let why = format!(
                    "it isn't: it passes by {place}; that counted nothing while it was tried, so no such packet came here"
                );
                (Some(false), why)
            }
            (Verdict::Accept, _) => (Some(false), format!("it isn't: it passes by {place}")),
            (Verdict::Depends, _) => (None, format!("it hangs on {place}")),
        };
        let proposal = (firewall != Some(false)).then(|| self.proposal(&answer));
        Finding { firewall, because, answer, counted, proposal }
    }

    /// Just that flow, for a minute.
    fn proposal(&self, answer: &Answer) -> String {
        let is_forwarded = answer.way.iter().any(|visit| visit.hook == Hook::Forward.as_str());
        let route = if is_forwarded { "route " } else { "" };
        let to = self.dst.map_or_else(|| "any".to_owned(), |address| address.to_string());
        format!(
            "deadstick-fw {route}allow from {} to {to} port {} proto {} --for 60s",
            self.src,
            self.dport,
            self.proto.to_ascii_lowercase()
        )
    }
}

/// What the rules on the way counted between two readings; those without a counter are left out.
fn counted(answer: &Answer, before: &Ruleset, after: &Ruleset) -> Vec<Counted> {
    let ways = answer.outcomes.iter().flat_map(|outcome| &outcome.way).chain(&answer.way);
    let mut all: Vec<Counted> = Vec::new();
    for Visit { at, .. } in ways {
        if all.iter().any(|one| one.at == *at) {
            continue;
        }
        if let (Some(before), Some(after)) = (packets(before, at), packets(after, at)) {
            all.push(Counted { at: at.clone(), before, after });
        }
    }
    all
}

fn packets(ruleset: &Ruleset, at: &DecidedBy) -> Option<u64> {
    let chain = ruleset.table(at.backend, at.family, &at.table)?.chain(&at.chain)?;
    let counters = match at.rule {
        // Another program may have changed the chain meanwhile.
        Some(number) => chain.rules.get(number - 1).filter(|rule| rule.text == at.text)?.counters,
        None => chain.counters,
    };
    counters.map(|counters| counters.packets)
}

fn text(finding: &Finding) -> String {
    let (word, tone) = match finding.firewall {
        Some(true) => ("yes", Tone::Bad),
        Some(false) => ("no", Tone::Good),
        None => ("can't tell", Tone::Warning),
    };
    let mut text =
        format!("Is it the firewall? {}: {}.\n", toned(&strong(word), tone), printable(&finding.because));
    for one in finding.counted.iter().flatten().filter(|one| one.after > one.before) {
        text.push_str(&format!("  {} more packets: {}\n", one.after - one.before, check::place(&one.at)));
    }
    if finding.counted.as_ref().is_some_and(|all| all.iter().all(|one| one.after <= one.before)) {
        text.push_str("  no rule on its way counted a packet meanwhile\n");
    }
    if let Some(proposal) = &finding.proposal {
        text.push_str(&format!(
            "To let just that through for a minute, and see:\n  {}\n",
            printable(proposal)
        ));
    }
    text.push('\n');
    text.push_str(&check::text(&finding.answer));
    text
}

#[cfg(test)]
mod tests {
    use ruleset::{Backend, Counters, Family, iptables};

    use super::*;

    fn suspect() -> Suspect {
        Suspect {
            src: "10.0.0.7".parse().expect("an address"),
            dport: 5432,
            dst: None,
            proto: "tcp".to_owned(),
            in_interface: Some("eth0".to_owned()),
            watch: None,
        }
    }

    /// What is found when the policy's counter goes up by `more` (or nothing was tried).
    fn check(rules: &str, more: Option<u64>, expected: (Option<bool>, &str)) {
        let text = format!("*filter\n:INPUT DROP [5:300]\n{rules}COMMIT\n");
        let (before, notes) = iptables::parse(&text, Backend::IptablesNft, Family::Ip);
        assert_eq!(notes, []);
        let judge = Judge::new(&before);
        let asked = suspect().packet(&before).asked(&judge).expect("a packet");
        let answer = judge.session(&asked.packet);
        let mut after = before.clone();
        after.tables[0].chains[0].counters = more.map(|more| Counters { packets: 5 + more, bytes: 0 });
        let seen = more.map(|_| counted(&answer, &before, &after));
        let finding = suspect().finding(answer, seen);
        assert_eq!((finding.firewall, finding.because.as_str()), expected);
        let proposal = "deadstick-fw allow from 10.0.0.7 to any port 5432 proto tcp --for 60s";
        assert_eq!(finding.proposal.is_some(), expected.0 != Some(false));
        assert!(finding.proposal.is_none_or(|text| text == proposal));
    }

    #[test]
    fn yes_no_and_cant_tell() {
        let policy = "the policy of INPUT (ip filter, iptables-nft): policy DROP";
        check("", None, (Some(true), &format!("it is, by {policy}")));
        check("", Some(3), (Some(true), &format!("it is, by {policy}; it counted while it was tried")));
        check(
            "",
            Some(0),
            (
                None,
                &format!(
                    "it would be, by {policy}; but that counted nothing while it was tried, so the packets come by another way, or don't come here"
                ),
            ),
        );
        let rule = "-p tcp -m tcp --dport 5432 -j ACCEPT";
        check(
            &format!("-A INPUT {rule}\n"),
            None,
            (
                Some(false),
                &format!("it isn't: it passes by rule 1 of INPUT (ip filter, iptables-nft): {rule}"),
            ),
        );
        let limit = "-m limit --limit 3/min -j ACCEPT";
        check(
            &format!("-A INPUT {limit}\n"),
            None,
            (None, &format!("it hangs on rule 1 of INPUT (ip filter, iptables-nft): {limit}")),
        );
    }
}
