//! In which order parts of a plan are written, and whether a plan that was made again means the same.

use ruleset::Backend;
use ruleset::plan::{Change, Operation, Plan};

use super::edit::{Edit, Edits};

/// Does this backend's part take away traffic, so that it has to be written before another part opens something?
///
/// Every packet has to pass both backends. What is moved from one to the other is closed there before it is opened here.
pub(super) fn is_closing_first(edits: &Edits, backend: Backend) -> bool {
    let closes = |backend| edits.edits.iter().any(|edit| edit.change.backend == backend && is_closing(edit));
    closes(backend) && !closes(Backend::IptablesNft)
}

/// Both, in this order.
pub(super) fn backends(is_legacy_first: bool) -> [Backend; 2] {
    if is_legacy_first {
        [Backend::IptablesLegacy, Backend::IptablesNft]
    } else {
        [Backend::IptablesNft, Backend::IptablesLegacy]
    }
}

fn is_closing(edit: &Edit) -> bool {
    let stops = |text: &str| text.contains("-j DROP") || text.contains("-j REJECT");
    match edit.change.op {
        Operation::Insert => stops(&edit.change.rule),
        Operation::Delete => edit.gone.as_ref().is_some_and(|gone| !stops(&gone.text)),
        Operation::Replace => true,
        Operation::Policy => edit.change.rule == "DROP",
    }
}

/// Does the new plan do what the old one did, only perhaps at other positions? The error says what differs.
pub(super) fn is_same_meaning(old: &Plan, new: &Plan) -> Result<(), String> {
    if new.changes.len() != old.changes.len() {
        let (was, is) = (old.changes.len(), new.changes.len());
        return Err(format!("it would take {is} changes now, and {was} when it was planned"));
    }
    for (old, new) in old.changes.iter().zip(&new.changes) {
        let essence = |change: &Change| {
            let removed = change.removed.as_ref().map(|removed| removed.rule.clone());
            (
                change.op,
                change.backend,
                change.family,
                change.table.clone(),
                change.chain.clone(),
                change.rule.clone(),
                removed,
            )
        };
        if essence(old) != essence(new) {
            return Err(format!(
                "it would be `-A {} {}` now, not `-A {} {}`",
                new.chain, new.rule, old.chain, old.rule
            ));
        }
    }
    if new.impact.cut.len() > old.impact.cut.len() {
        return Err("it would cut more live connections now".to_owned());
    }
    let worst = |plan: &Plan| {
        plan.impact
            .ways_in
            .iter()
            .filter(|way| way.session_survives != Some(true) || way.login_works != Some(true))
            .count()
    };
    if worst(new) > worst(old) {
        return Err("the way in would not surely survive now".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ruleset::Family;

    use super::*;

    fn change(rule: &str, position: usize) -> Change {
        Change {
            op: Operation::Insert,
            backend: Backend::IptablesNft,
            family: Family::Ip,
            table: "filter".to_owned(),
            chain: "INPUT".to_owned(),
            position,
            rule: rule.to_owned(),
            removed: None,
        }
    }

    #[test]
    fn a_plan_may_move_but_not_change() {
        let plan = |changes| Plan { changes, ..Plan::default() };
        let old = plan(vec![change("-j ACCEPT", 1)]);
        assert_eq!(is_same_meaning(&old, &plan(vec![change("-j ACCEPT", 3)])), Ok(()));
        assert!(is_same_meaning(&old, &plan(vec![change("-j DROP", 1)])).is_err());
        assert!(is_same_meaning(&old, &plan(vec![])).is_err());
    }
}
