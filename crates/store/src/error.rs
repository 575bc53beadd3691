//! What can go wrong in a store.

/// A store can't do what was asked. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, read-only or failing; the text says which and where.
    #[error("the log can't be written: {what}")]
    Unwritable {
        /// What, where, and what to do.
        what: String,
    },
    /// The database answers with an error.
    #[error("the database failed while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The log is not whole: run `deadstick verify`.
    #[error("the log is damaged at position {position}: {what}")]
    Damaged {
        /// Where.
        position: u64,
        /// What.
        what: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}
