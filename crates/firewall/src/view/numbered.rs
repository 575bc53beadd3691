//! `status numbered`: rules in the columns that ufw's users know.

use ruleset::plan::Numbered;
use ruleset::{Action, Family, Field, Rule, Step, Test, Values, iptables};
use serde::Serialize;

use super::printable;

/// A rule in ufw's columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The number that `delete` and `insert` take.
    pub number: usize,
    /// `22/tcp`, `Anywhere on eth0`.
    pub to: String,
    /// `ALLOW IN`.
    pub action: String,
    /// `10.0.0.0/8`, `Anywhere (v6)`.
    pub from: String,
    /// Where it stands: table, chain and number there.
    pub place: String,
    /// The rule's text.
    pub rule: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Do the columns say all that the rule says?
    #[serde(skip)]
    is_whole: bool,
}

impl Row {
    /// Of a numbered rule.
    pub fn of(one: &Numbered<'_>) -> Self {
        let mut parts = Parts::of(one.rule, one.family);
        let version = if one.family == Family::Ip6 { " (v6)" } else { "" };
        let direction = match one.chain {
            "OUTPUT" => "OUT",
            "FORWARD" | "DOCKER-USER" => "FWD",
            _ => "IN",
        };
        let (action, is_known) = action(one.rule);
        parts.is_whole &= is_known && one.table == "filter";
        let any = |text: &Option<String>| text.clone().unwrap_or_else(|| "Anywhere".into());
        let mut to = match (&parts.destination, &parts.port) {
            (None, None) => {
                parts.protocol.clone().map_or_else(|| "Anywhere".into(), |name| format!("Anywhere/{name}"))
            }
            (destination, port) => {
                let place = destination.clone().into_iter().chain(port.clone()).collect::<Vec<_>>().join(" ");
                parts.protocol.as_ref().map_or(place.clone(), |name| format!("{place}/{name}"))
            }
        };
        to.push_str(version);
        if let Some(name) = &parts.interface {
            to.push_str(&format!(" on {name}"));
        }
        Self {
            number: one.number,
            to,
            action: if one.table == "filter" { format!("{action} {direction}") } else { action },
            from: format!("{}{version}", any(&parts.source)),
            place: format!("{} {} {}", one.table, one.chain, one.position),
            rule: one.rule.text.clone(),
            comment: one.rule.comment.clone(),
            is_whole: parts.is_whole,
        }
    }
}

/// What the columns can say.
#[derive(Debug, Default)]
struct Parts {
    protocol: Option<String>,
    port: Option<String>,
    source: Option<String>,
    destination: Option<String>,
    interface: Option<String>,
    is_whole: bool,
}

impl Parts {
    fn of(rule: &Rule, family: Family) -> Self {
        let mut parts = Self { is_whole: true, ..Self::default() };
        for step in &rule.steps {
            let Step::Test(test) = step else { continue };
            parts.is_whole &= parts.take(test, family).is_some();
        }
        parts
    }

    /// `None` if a column can't say it.
    fn take(&mut self, test: &Test, family: Family) -> Option<()> {
        let Test::Field { field, values, negated: false } = test else { return None };
        match (field, values) {
            (Field::Protocol, Values::Ranges(ranges)) => {
                let [one] = ranges.as_slice() else { return None };
                let number = u8::try_from(one.first).ok().filter(|_| one.first == one.last)?;
                let name = iptables::protocol_name(number)?.to_owned();
                // Tests of ports repeat it.
                let is_new = self.protocol.as_ref().is_none_or(|known| *known == name);
                self.protocol = Some(name);
                is_new.then_some(())
            }
            (Field::DestinationPort, Values::Ranges(ranges)) => {
                let one = |range: &ruleset::Range| match range.first == range.last {
                    true => range.first.to_string(),
                    false => format!("{}:{}", range.first, range.last),
                };
                put(&mut self.port, ranges.iter().map(one).collect::<Vec<_>>().join(","))
            }
            (Field::Source, values) => put(&mut self.source, network(values, family)?),
            (Field::Destination, values) => put(&mut self.destination, network(values, family)?),
            (Field::InInterface, Values::Names(names)) => {
                let [name] = names.as_slice() else { return None };
                put(&mut self.interface, format!("{}{}", name.text, if name.is_prefix { "+" } else { "" }))
            }
            _ => None,
        }
    }
}

fn put(place: &mut Option<String>, text: String) -> Option<()> {
    let is_free = place.is_none();
    *place = Some(text);
    is_free.then_some(())
}

/// One network, as an address and a length.
fn network(values: &Values, family: Family) -> Option<String> {
    let bits = if family == Family::Ip6 { 128 } else { 32 };
    let (first, prefix) = match values {
        Values::Ranges(ranges) => {
            let [one] = ranges.as_slice() else { return None };
            let size = (one.last - one.first).checked_add(1)?;
            (one.first, bits - size.is_power_of_two().then(|| size.trailing_zeros())?)
        }
        Values::Masked(masked) => {
            let [one] = masked.as_slice() else { return None };
            let ones = (one.mask << (128 - bits)).leading_ones();
            (one.value, (ones == one.mask.count_ones()).then_some(ones)?)
        }
        Values::AnyBit(_) | Values::Names(_) => return None,
    };
    let address = match family {
        Family::Ip6 => std::net::Ipv6Addr::from(first).to_string(),
        _ => std::net::Ipv4Addr::from(u32::try_from(first).ok()?).to_string(),
    };
    Some(if prefix == bits { address } else { format!("{address}/{prefix}") })
}

/// ufw's word, and whether it says all.
fn action(rule: &Rule) -> (String, bool) {
    match rule.action() {
        Some(Action::Accept) => ("ALLOW".into(), true),
        Some(Action::Drop) => ("DENY".into(), true),
        Some(Action::Reject(_)) => ("REJECT".into(), true),
        Some(Action::Return) => ("RETURN".into(), true),
        Some(Action::Jump(chain) | Action::Goto(chain)) => (format!("TO {chain}"), true),
        Some(_) => (target(&rule.text), false),
        None => ("COUNT".into(), true),
    }
}

/// The word after `-j`.
fn target(text: &str) -> String {
    let mut words = text.split_whitespace().skip_while(|word| *word != "-j");
    words.nth(1).unwrap_or("OTHER").to_owned()
}

/// The rows as ufw prints them; where the columns don't say all, the rule's text follows.
pub fn text(rows: &[Row]) -> String {
    let columns = [(|row: &Row| &row.to) as fn(&Row) -> &String, |row| &row.action, |row| &row.from];
    let width = |column: fn(&Row) -> &String, least: usize| {
        rows.iter().map(|row| printable(column(row)).chars().count()).max().unwrap_or(0).max(least)
    };
    let widths = [width(columns[0], 26), width(columns[1], 11), width(columns[2], 27)];
    let mut text = format!("     {:<w0$} {:<w1$} From\n", "To", "Action", w0 = widths[0], w1 = widths[1]);
    text.push_str(&format!("     {:<w0$} {:<w1$} ----\n", "--", "------", w0 = widths[0], w1 = widths[1]));
    for row in rows {
        let cells: Vec<String> = columns
            .iter()
            .zip(widths)
            .map(|(column, width)| {
                let cell = printable(column(row));
                format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count())))
            })
            .collect();
        let rest = match (row.is_whole, &row.comment) {
            (false, _) => format!(" # {}: {}", row.place, row.rule),
            (true, Some(comment)) => format!(" # {comment}"),
            (true, None) => String::new(),
        };
        let line = format!("[{:>2}] {}{}", row.number, cells.join(" "), printable(&rest));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use ruleset::{Backend, plan};

    use super::*;

    #[test]
    fn rules_in_ufws_columns() {
        let v4 = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
            -A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -m comment --comment \"the database\" -j ACCEPT\n\
            -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT\n-A INPUT -s 192.0.2.7/32 -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n";
        let v6 = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n";
        let mut rules = iptables::parse(v4, Backend::IptablesNft, Family::Ip).0;
        rules.tables.extend(iptables::parse(v6, Backend::IptablesNft, Family::Ip6).0.tables);
        let rows: Vec<Row> = plan::numbered(&rules).map(|one| Row::of(&one)).collect();
        insta::assert_snapshot!(text(&rows), @"
             To                         Action      From
             --                         ------      ----
        [ 1] Anywhere on lo             ALLOW IN    Anywhere
        [ 2] Anywhere                   ALLOW IN    Anywhere                    # filter INPUT 2: -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        [ 3] 5432/tcp                   ALLOW IN    10.0.0.0/8                  # the database
        [ 4] 80,443/tcp                 ALLOW IN    Anywhere
        [ 5] Anywhere                   REJECT IN   192.0.2.7
        [ 6] 53/udp (v6)                ALLOW IN    Anywhere (v6)
        ");
    }
}
