//! The model as iptables-save prints it.

use std::fmt::Write;

use crate::{Backend, Chain, Family, Ruleset, Syntax, Table};

/// The tables of one backend and family as iptables-save prints them, without its comments that tell the time.
///
/// Rules are printed as their text is. Counters of rules come with `with_counters` (`iptables-save -c`), those of policies always.
/// What iptables can't load (nft's own rules and sets in such a table) is printed as a comment.
pub fn print(ruleset: &Ruleset, family: Family, backend: Backend, with_counters: bool) -> String {
    let mut out = String::new();
    for table in ruleset.tables.iter().filter(|table| table.family == family && table.backend == backend) {
        print_table(table, with_counters, &mut out);
    }
    out
}

fn print_table(table: &Table, with_counters: bool, out: &mut String) {
    push(out, format_args!("*{}\n", table.name));
    for chain in &table.chains {
        print_chain(chain, out);
    }
    for chain in &table.chains {
        for rule in &chain.rules {
            if rule.syntax != Syntax::Iptables {
                push(out, format_args!("# not iptables, in chain {}: {}\n", chain.name, rule.text));
                continue;
            }
            if let (true, Some(counters)) = (with_counters, rule.counters) {
                push(out, format_args!("[{}:{}] ", counters.packets, counters.bytes));
            }
            out.push_str("-A ");
            out.push_str(&chain.name);
            if !rule.text.is_empty() {
                out.push(' ');
                out.push_str(&rule.text);
            }
            out.push('\n');
        }
    }
    for other in table.others.iter().flat_map(|other| other.lines()) {
        push(out, format_args!("# not understood: {other}\n"));
    }
    out.push_str("COMMIT\n");
}

fn print_chain(chain: &Chain, out: &mut String) {
    let policy = chain.base.as_ref().map_or("-", |base| base.policy.as_str());
    let counters = chain.counters.unwrap_or_default();
    push(out, format_args!(":{} {policy} [{}:{}]\n", chain.name, counters.packets, counters.bytes));
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes any text");
}
