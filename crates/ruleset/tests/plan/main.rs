//! Plans: a dump and a command in, the plan out.

mod case;
mod delete;
mod keep;
mod living;
mod neighbours;
mod place;
