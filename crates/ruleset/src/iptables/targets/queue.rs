//! `QUEUE`, `NFQUEUE`: a program decides.

use crate::{Action, Ends};

use super::Target;

pub(super) const QUEUE: Target =
    Target { options: &[], read: |_, options, _| Some(Action::Queue(options.text())), ends: Ends::Unknown };

pub(super) const NFQUEUE: Target = Target {
    options: &["--queue-num", "--queue-balance", "--queue-bypass", "--queue-cpu-fanout"],
    read: |_, options, _| {
        let text = options.text();
        Some(Action::Queue(if text.is_empty() { "--queue-num 0".to_owned() } else { text }))
    },
    ends: Ends::Unknown,
};
