//! The embedded default: one writer with group commit over SQLite.
