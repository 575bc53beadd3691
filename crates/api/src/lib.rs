//! Wire types of the HTTP API and problem codes; shared by server and command line.

mod problem;

pub use problem::Problem;
