//! `CT`, `NOTRACK`: whether and how a flow is tracked.

use crate::{Action, Ends};

use super::{Target, written};

pub(super) const NOTRACK: Target =
    Target { options: &[], read: |_, _, _| Some(Action::Notrack), ends: Ends::Unknown };

pub(super) const CT: Target = Target {
    options: &[
        "--notrack",
        "--helper",
        "--ctevents",
        "--expevents",
        "--zone",
        "--zone-orig",
        "--zone-reply",
        "--timeout",
    ],
    read: |name, options, _| {
        if options.iter().any(|option| option.name == "--notrack") {
            return Some(Action::Notrack);
        }
        Some(Action::Other { text: written(name, options), ends: Ends::GoesOn })
    },
    ends: Ends::Unknown,
};
