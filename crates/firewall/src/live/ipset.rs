//! The kernel's ipsets.

use ruleset::iptables::from_bytes;
use ruleset::{IpSet, Note, SetRef, Step, Table, Test, ipset};

use super::modules;
use super::program::{self, ProgramError};

/// Reads all sets. `tables` tells whether anything hangs on them.
pub fn read(tables: &[Table]) -> (Vec<IpSet>, Vec<Note>) {
    if !modules::is_present("ip_set") {
        return (Vec::new(), Vec::new());
    }
    let error = match program::output("ipset", &["save"]) {
        Ok(text) => return ipset::parse(&from_bytes(&text)),
        Err(error) => error,
    };
    let is_asked = tables.iter().any(asks);
    if !is_asked {
        return (Vec::new(), Vec::new());
    }
    let advice = match error {
        ProgramError::Missing { .. } => "; install the package ipset",
        _ => "",
    };
    let text = format!("rules ask ipsets whose contents could not be read: {error}{advice}");
    (Vec::new(), vec![Note { place: "ipset".to_owned(), text }])
}

fn asks(table: &Table) -> bool {
    let rules = table.chains.iter().flat_map(|chain| &chain.rules);
    rules.flat_map(|rule| &rule.steps).any(|step| match step {
        Step::Test(test) => is_ipset(test),
        Step::Do(_) => false,
    })
}

fn is_ipset(test: &Test) -> bool {
    match test {
        Test::Set { set: SetRef::Ipset(_), .. } => true,
        Test::Any(tests) => tests.iter().any(is_ipset),
        _ => false,
    }
}
