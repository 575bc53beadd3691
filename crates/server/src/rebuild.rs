//! The state, folded anew from the log.

use incident::{State, StateFact};
use store::{StateRow, Store, StoreError};

use crate::App;

impl App {
    /// Folds all state facts of a log, as at start.
    pub async fn rebuild(store: &dyn Store) -> Result<State, StoreError> {
        let mut state = State::default();
        store
            .state_facts(&mut |row| {
                if let Some(fact) = state_fact(row) {
                    state.apply(&fact);
                }
            })
            .await?;
        Ok(state)
    }
}

fn state_fact(row: StateRow) -> Option<StateFact> {
    match row {
        StateRow::Fact(stored) => StateFact::from_stored(stored),
        StateRow::Replaced { event, id, occurred_at, recorded_at } => Some(StateFact {
            position: event.position,
            recorded_at,
            id,
            entity: event.entity,
            version: event.version,
            occurred_at,
            event: event.event,
        }),
    }
}
