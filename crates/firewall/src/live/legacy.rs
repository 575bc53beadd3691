//! The tables of iptables-legacy and ip6tables-legacy.
//!
//! The programs are run only where /proc says that there are tables: asking for one by name would create it.
//! Saving takes no lock, so it doesn't wait for one.

use ruleset::iptables::{from_bytes, parse};
use ruleset::{Backend, Family, Note, Table};

use super::program::{self, ProgramError};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Legacy {
    /// The tables of both families.
    pub tables: Vec<Table>,
    /// What a person has to know.
    pub notes: Vec<Note>,
}

/// Reads both families. What can't be read although it exists is a note, since verdicts then are not certain.
pub fn read() -> Legacy {
    let mut found = Legacy::default();
    for (family, names, save) in [
        (Family::Ip, "ip_tables_names", ["iptables-legacy-save", "iptables-save"]),
        (Family::Ip6, "ip6_tables_names", ["ip6tables-legacy-save", "ip6tables-save"]),
    ] {
        let Some(tables) = table_names(names) else { continue };
        match save_with(save) {
            Ok(text) => {
                let (ruleset, notes) = parse(&from_bytes(&text), Backend::IptablesLegacy, family);
                found.tables.extend(ruleset.tables);
                found.notes.extend(notes.into_iter().map(|note| Note {
                    place: format!("{} {}", save[0], note.place),
                    text: note.text,
                }));
            }
            Err(error) => found.notes.push(Note {
                place: format!("iptables-legacy ({})", family.as_str()),
                text: format!(
                    "the kernel has legacy tables ({}) that could not be read, so nothing said about {} traffic is certain: {error}{}",
                    tables.join(", "),
                    family.as_str(),
                    advice(&error)
                ),
            }),
        }
    }
    found
}

/// The names of the tables that exist; `None` if there are none.
fn table_names(file: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/thread-self/net/{file}")).ok()?;
    let names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

/// By the legacy program, or by the plain one if that is the legacy one.
fn save_with([legacy, plain]: [&'static str; 2]) -> Result<Vec<u8>, ProgramError> {
    if program::path(legacy).is_none() && program::path(plain).is_some() {
        let version = program::output(plain, &["-V"])?;
        if !String::from_utf8_lossy(&version).contains("nf_tables") {
            return program::output(plain, &["-c"]);
        }
    }
    program::output(legacy, &["-c"])
}

fn advice(error: &ProgramError) -> &'static str {
    match error {
        ProgramError::Missing { .. } => "; install the package iptables",
        _ => "",
    }
}
