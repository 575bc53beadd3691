//! `ACCEPT`, `DROP`, `RETURN`.

use crate::{Action, Ends};

use super::Target;

pub(super) const ACCEPT: Target =
    plain(|_, options, _| options.iter().next().is_none().then_some(Action::Accept));
pub(super) const DROP: Target =
    plain(|_, options, _| options.iter().next().is_none().then_some(Action::Drop));
pub(super) const RETURN: Target =
    plain(|_, options, _| options.iter().next().is_none().then_some(Action::Return));

const fn plain(
    read: fn(&str, crate::iptables::given::Options<'_, '_>, crate::Family) -> Option<Action>,
) -> Target {
    Target { options: &[], read, ends: Ends::Unknown }
}
