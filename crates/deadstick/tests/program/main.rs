//! The program as a whole: sessions as text, contracts with scripts, the worked example.

mod contracts;
mod demo;
mod harness;
mod logs;
mod session;
mod sessions;
