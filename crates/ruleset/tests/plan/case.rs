//! A dump, a command, and the plan as lines of text.

use ruleset::ufw::{self, Options, Profiles, Services};
use ruleset::{Backend, Family, Ruleset, iptables, plan};

const SERVICES: &str = "ssh 22/tcp\nsmtp 25/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\nhttps 443/tcp\npostgresql 5432/tcp\n";
const PROFILES: &str =
    "[Nginx Full]\ntitle=Web\nports=80,443/tcp\n\n[MSN]\ntitle=x\nports=1863|6891:6900/tcp|6901\n";

/// A host, as far as a plan needs it.
#[derive(Clone, Default)]
pub struct Case {
    pub rules: Ruleset,
    pub families: Vec<Family>,
    pub options: Options,
    pub listeners: Vec<ruleset::Listener>,
    pub flows: Vec<ruleset::Flow>,
    pub ways_in: Vec<ruleset::WayIn>,
    pub observed: Vec<plan::Observed>,
}

impl Case {
    /// With IPv4 rules.
    pub fn v4(dump: &str) -> Self {
        Self::default().with(dump, Backend::IptablesNft, Family::Ip)
    }

    /// The same rules for IPv4 and IPv6.
    pub fn pair(dump: &str) -> Self {
        Self::v4(dump).with(dump, Backend::IptablesNft, Family::Ip6)
    }

    /// With more rules.
    pub fn with(mut self, dump: &str, backend: Backend, family: Family) -> Self {
        let (rules, notes) = iptables::parse(dump, backend, family);
        assert_eq!(notes, [], "the dump is whole");
        self.rules.tables.extend(rules.tables);
        if !self.families.contains(&family) {
            self.families.push(family);
        }
        self
    }

    /// With options.
    pub fn told(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub fn state(&self) -> plan::State<'_> {
        plan::State {
            ruleset: &self.rules,
            flows: &self.flows,
            listeners: &self.listeners,
            ways_in: &self.ways_in,
            observed: &self.observed,
            families: &self.families,
        }
    }

    pub fn edit(&self, command: &[&str]) -> ufw::Edit {
        let mut profiles = Profiles::default();
        profiles.add(PROFILES);
        let words: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let mut edit = ufw::parse(&words, &Services::parse(SERVICES), &profiles).expect("a whole command");
        edit.options = self.options.clone();
        edit
    }

    /// What comes of a command whose words have no spaces.
    pub fn plan(&self, command: &str) -> String {
        self.plan_words(&command.split(' ').collect::<Vec<_>>())
    }

    /// What comes of a command.
    pub fn plan_words(&self, command: &[&str]) -> String {
        let made = match plan::make(&self.edit(command), &self.state()) {
            Ok(made) => made,
            Err(refusal) => {
                return format!(
                    "exit {}: {refusal}\n  {}",
                    refusal.exit_status(),
                    refusal.hint().replace('\n', "\n  ")
                );
            }
        };
        let mut lines = plan::commands(&made.changes);
        if made.noop {
            let by = made.because.expect("a reason");
            let number = by.rule.map_or("policy".to_owned(), |number| number.to_string());
            lines.push(format!("noop: {} {} {number}: {}", by.family.as_str(), by.chain, by.text));
        }
        lines.extend(made.impact.notes.iter().map(|note| format!("note: {note}")));
        let again = plan::after(&self.rules, &made.changes);
        let back = plan::after(&again, &plan::inverse(&made.changes));
        assert_eq!(plan::digest(&back), plan::digest(&self.rules), "plan and inverse");
        lines.join("\n")
    }
}
