//! Pages: one folder each, with the view that it shows, its handler and its template.
//!
//! Pages read and their forms work without scripts; nothing in them is inline. Everything that a
//! person does is a command (`command`), everything shown comes from `reading`.

use axum::Router;
use axum::routing::{get, post};

pub(crate) mod assets;
mod brief;
mod command;
pub(crate) mod door;
pub(crate) mod entry;
mod fact;
mod frame;
pub(crate) mod incident;
mod incidents;
pub(crate) mod now;
pub(crate) mod part;
mod people;
pub(crate) mod refusal;
#[cfg(test)]
mod rendered;
mod sources;
pub(crate) mod visitor;
mod words;
pub(crate) mod zone;

use crate::Shared;

/// The routes of this part.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(now::page))
        .route("/incidents", get(incidents::page))
        .route("/incidents/{incident}", get(incident::page))
        .route("/incidents/{incident}/brief", get(brief::page))
        .route("/facts/{fact}", get(fact::page))
        .route("/sources", get(sources::page))
        .route("/sources/{source}/url", post(sources::show_url))
        .route("/sources/{source}/test", post(sources::test))
        .route("/people", get(people::page).post(people::add))
        .route("/people/{person}/link", post(people::invite))
        .route("/tokens", post(people::add_token))
        .route("/tokens/{token}/revoke", post(people::revoke_token))
        .route("/sessions/{session}/end", post(people::end_session))
        .route("/do", post(command::perform))
        .route("/line", post(command::say))
        .route("/mark", post(command::mark))
        .route("/hand-over", post(brief::hand_over))
        .route("/zone", post(command::choose_zone))
        .route("/assets/{folder}/{name}", get(assets::asset))
        .fallback(refusal::nothing)
}
