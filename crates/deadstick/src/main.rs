//! The black box, the incident and its facts: server, recorders and command line in one binary.

fn main() {}
