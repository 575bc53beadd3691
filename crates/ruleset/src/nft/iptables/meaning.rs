//! What an extension's text means.

use crate::{Action, Ends, Step, Test};

/// Steps of `-m NAME ...`.
pub(super) fn of_match(segment: &str) -> Vec<Step> {
    vec![Step::Test(Test::Opaque { text: segment.to_owned(), negated: false })]
}

/// Steps of `-j NAME ...`.
pub(super) fn of_target(segment: &str) -> Vec<Step> {
    vec![Step::Do(Action::Other { text: segment.to_owned(), ends: Ends::Unknown })]
}
