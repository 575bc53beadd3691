//! Who looks at a page: the caller, with the zone in which times are told to them.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::frame::{Frame, Here};
use super::refusal::Refused;
use super::zone::{self, Zone};
use crate::Shared;
use crate::auth::Caller;

/// A signed-in person at a page.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) name: String,
    pub(crate) zone: Zone,
}

impl Visitor {
    /// A page's frame for this visitor.
    pub(crate) fn frame(
        &self,
        page: &'static str,
        here: Here,
        title: impl Into<String>,
        back: impl Into<String>,
    ) -> Frame {
        Frame::new(page, here, title, Some(self.name.clone()), self.zone.clone(), back)
    }
}

/// The zone that the reader chose.
pub(crate) fn zone_of(headers: &HeaderMap) -> Zone {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == zone::COOKIE);
    chosen.map_or_else(Zone::default, |(_, name)| Zone::named(name))
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refused> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let name = app.state().person(caller.person).map_or_else(String::new, |person| person.name.clone());
        Ok(Visitor { caller, name, zone: zone_of(&parts.headers) })
    }
}
