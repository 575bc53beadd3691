//! The project's own chores: `cargo xtask test`, `tidy`, `bench`, `docs`.

fn main() {}
