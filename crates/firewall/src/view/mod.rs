//! How things look on a terminal: tables, words, and nothing in recorded text that could steer it.

pub mod history;
mod moment;
pub mod numbered;
pub mod plan;
mod printable;
pub mod show;
pub mod status;
mod style;
mod table;

pub use moment::local_time;
pub use printable::{one_line, printable};
pub use style::{Tone, faint, strong, toned};
pub use table::{Align, Table};
