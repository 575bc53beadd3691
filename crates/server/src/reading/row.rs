//! One line of a timeline.

use api::Row;
use fact::{EntityId, Viewer};
use store::Entry;

use crate::App;

/// Entries as lines, as an incident's timeline shows them; `None`: as seen outside of any.
///
/// The live stream renders new facts with it. Entries that the viewer may not see are left out.
pub fn rows_of(app: &App, viewer: &Viewer, incident: Option<EntityId>, entries: &[Entry]) -> Vec<Row> {
    let _ = (app, viewer, incident, entries);
    Vec::new()
}
