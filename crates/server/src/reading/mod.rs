//! Read models: what a viewer sees, for the API, the pages and the live stream alike.
//!
//! Functions of the app, a viewer and a query; they change nothing. Everything comes out as the
//! types of the `api` crate. What a viewer may not see is answered exactly as what is not there.

mod alike;
mod brief;
mod changes;
mod export;
mod fact_view;
mod fresh;
mod incident;
mod insight;
mod loose_ends;
mod markdown;
mod names;
mod now;
mod people;
mod proposals;
mod row;
mod scope;
mod source;
mod timeline;

pub use crate::recording::health;
pub use alike::alike;
pub use brief::brief;
pub use changes::changes_before;
pub use export::export;
pub use fact_view::{fact_view, revisions};
pub use fresh::{fresh_rows, news};
pub use incident::{incident_contract, incident_list, incident_named, incident_view};
pub use insight::Remembered;
pub use markdown::markdown;
pub(crate) use names::person as person_ref;
pub use now::now;
pub use people::people;
pub use proposals::proposals_of;
pub use row::rows_of;
pub(crate) use scope::lies_outside;
pub use source::{source_view, sources};
pub use timeline::{MAX_LIMIT, TimelineQuery, rare_rows, timeline};
