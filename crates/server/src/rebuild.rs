//! The state, folded anew from the log.

use incident::{State, StateFact};
use store::{StateRow, Store, StoreError};

use crate::App;

impl App {
    /// Folds all state facts of a log, as at start.
    pub async fn rebuild(store: &dyn Store) -> Result<State, StoreError> {
        let mut state = State::default();
        let mut damaged = None;
        store
            .state_facts(&mut |row| match state_fact(row) {
                Ok(Some(fact)) if damaged.is_none() => state.apply(&fact),
                Ok(_) => {}
                Err(position) => {
                    damaged.get_or_insert(position);
                }
            })
            .await?;
        match damaged {
            None => Ok(state),
            Some(position) => {
                Err(StoreError::Damaged { position, what: "its content is not readable".into() })
            }
        }
    }
}

/// A row as the fold takes it; the position of one that is not readable.
fn state_fact(row: StateRow<'_>) -> Result<Option<StateFact>, u64> {
    Ok(match row {
        StateRow::Fact { position, recorded_at, id, content } => {
            let content = fact::decode_state(content).map_err(|_| position)?;
            StateFact::from_content(position, recorded_at, id, content)
        }
        StateRow::Replaced { event, id, occurred_at, recorded_at } => Some(StateFact {
            position: event.position,
            recorded_at,
            id,
            entity: event.entity,
            version: event.version,
            occurred_at,
            event: event.event,
        }),
    })
}
