//! Commands as sessions: text in, text out.

mod entries;
mod incidents;
mod people;
mod privacy;
mod properties;
mod session;
mod vectors;
