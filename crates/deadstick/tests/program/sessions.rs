//! Whole sessions, as text scripts with recorded output: tests/cli/*.txt.

use std::path::Path;

use crate::session;

fn check(name: &str) {
    session::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(name));
}

#[test]
fn an_incident_from_beginning_to_end() {
    check("incident.txt");
}

#[test]
fn what_is_said_while_the_server_is_away_arrives_later() {
    check("away.txt");
}

#[test]
fn sources_people_and_tokens() {
    check("setup.txt");
}

#[test]
fn what_is_not_understood_or_refused() {
    check("refusals.txt");
}
