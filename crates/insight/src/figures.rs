//! Figures over several incidents: what lies in two of them counts once.

use fact::Timestamp;
use incident::{Incident, Window};

/// The stretches of time that incidents cover together, oldest first, none overlapping or touching
/// another. An open incident reaches until `now`.
pub fn covered<'a>(incidents: impl IntoIterator<Item = &'a Incident>, now: Timestamp) -> Vec<Window> {
    let windows = incidents.into_iter().map(Incident::window);
    let mut windows: Vec<_> = windows.map(|it| (it.from, it.until.unwrap_or(now))).collect();
    windows.retain(|(from, until)| from <= until);
    windows.sort_unstable();
    let mut covered: Vec<Window> = Vec::new();
    for (from, until) in windows {
        match covered.last_mut() {
            Some(last) if last.until.is_some_and(|end| from <= end) => {
                last.until = last.until.max(Some(until))
            }
            _ => covered.push(Window { from, until: Some(until) }),
        }
    }
    covered
}

/// Whether a time lies in one of the stretches that [`covered`] gave.
pub fn is_covered(covered: &[Window], at: Timestamp) -> bool {
    let after = covered.partition_point(|window| window.from <= at);
    after > 0 && covered[after - 1].until.is_none_or(|until| at <= until)
}
