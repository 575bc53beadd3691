//! The HTTP server: API, web, sign-in, live stream, jobs. Knows only `dyn Store`.
//!
//! `app` holds what all parts share. Facts come in by `recording`, commands by `command`; both end
//! in the one log. `reading` makes the read models, always for a viewer; `api` and `web` only
//! render them.

pub mod api;
mod app;
pub mod auth;
mod clock;
mod command;
mod config;
mod guards;
pub mod jobs;
pub mod listening;
pub mod live;
mod problem;
pub mod reading;
mod rebuild;
pub mod recording;
mod redaction;
mod router;
mod telemetry;
pub mod web;

pub use app::{App, Shared};
pub use clock::{Clock, Ids, SystemClock, SystemIds};
pub use command::Done;
pub use config::{Config, Listen};
pub use problem::Problem;
pub use router::router;
pub use telemetry::{Metrics, StreamGuard};
