//! The API, asked as programs ask it; the files mirror the tree of URLs.

#![expect(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod incidents;
mod scene;
mod table;
