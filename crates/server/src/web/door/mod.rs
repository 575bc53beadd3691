//! The pages before anybody is signed in: they must read well to a stranger.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, Here, html};
use super::zone::Zone;

/// Why somebody stands at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Not signed in.
    SignIn,
    /// An invitation that can be used.
    Invited,
    /// A link that was used or is over.
    DeadLink,
    /// A person who left.
    NotActive,
}

#[derive(Template)]
#[template(path = "door/door.html")]
pub(crate) struct Page<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) door: Door,
}

impl Page<'_> {
    fn is(&self, door: Door) -> bool {
        self.door == door
    }
}

/// The frame of a page at the door.
pub(crate) fn frame(door: Door) -> Frame {
    let title = match door {
        Door::SignIn => "Sign in",
        Door::Invited => "You are invited",
        Door::DeadLink => "This link no longer works",
        Door::NotActive => "Not active",
    };
    let mut frame = Frame::new("door", Here::Elsewhere, title, None, Zone::default(), "/");
    frame.nav = false;
    frame
}

/// A page at the door.
pub(crate) fn door(status: StatusCode, door: Door) -> Response {
    html(status, &Page { frame: &frame(door), door })
}
