//! Does an edit outlive a reboot? Boot files are edited in place, with our own edits only, never replaced by a dump of what is live: that would
//! keep Docker's, fail2ban's, temporary and pending rules for ever.

mod boot_file;
mod compare;
mod detect;
mod prove;
mod write;

use std::path::{Path, PathBuf};

use ruleset::plan::{Change, Operation};
use ruleset::{Backend, Family, Ruleset};
use serde::Serialize;

pub use boot_file::{EditedFile, edited};
pub use compare::compared;
pub use detect::{Found, Mechanism, mechanisms};
pub use prove::{ProveError, prove};
pub use write::replace;

/// What became of changes with regard to the next boot.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Kept {
    /// Files that now hold them.
    pub written: Vec<PathBuf>,
    /// Sentences for people: what is kept, what isn't, and what to do.
    pub remarks: Vec<String>,
}

/// The file that netfilter-persistent loads for a family.
pub fn boot_file(root: &Path, family: Family) -> Option<PathBuf> {
    let name = match family {
        Family::Ip => "etc/iptables/rules.v4",
        Family::Ip6 => "etc/iptables/rules.v6",
        Family::Inet | Family::Arp | Family::Bridge | Family::Netdev => return None,
    };
    Some(root.join(name))
}

/// Is this a network namespace of its own on the host's files? They are loaded for the host's network, not for this one.
fn is_elsewhere(root: &Path) -> bool {
    let file = |process: &str, kind: &str| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).ok();
    let is_same = |kind| matches!((file("thread-self", kind), file("1", kind)), (Some(own), Some(first)) if own == first);
    root == Path::new("/") && is_same("mnt") && file("1", "net").is_some() && !is_same("net")
}

/// What is told there.
const ELSEWHERE: &str = "This is a network namespace of its own: no boot file belongs to it, whatever made it has to make its rules.";

/// Would these changes outlive a reboot? Nothing is written.
pub fn outlook(root: &Path, changes: &[Change]) -> Vec<String> {
    if changes.is_empty() {
        return Vec::new();
    }
    if is_elsewhere(root) {
        return vec![ELSEWHERE.into()];
    }
    let found = mechanisms(root);
    let mut remarks: Vec<String> =
        found.iter().filter(|one| one.would_undo()).map(|one| one.advice.clone()).collect();
    let is_kept = found.iter().any(|one| one.mechanism == Mechanism::NetfilterPersistent && one.is_enabled);
    if is_kept {
        remarks.push("After the confirmation it is also written into the files of netfilter-persistent, so it outlives a reboot.".into());
    } else if remarks.is_empty() {
        remarks.push(
            "It does not outlive a reboot: nothing here loads rules at boot. The package iptables-persistent would, from /etc/iptables/rules.v4 and rules.v6."
                .into(),
        );
    }
    remarks
}

/// Are there boot files into which confirmed changes are written? If not, nothing has to be read for it.
pub fn is_kept(root: &Path) -> bool {
    let is_it = |one: &Found| one.mechanism == Mechanism::NetfilterPersistent && one.is_enabled;
    mechanisms(root).iter().any(is_it)
}

/// Writes confirmed changes into the boot files that there are. `live` is the state with the changes made.
pub fn keep(root: &Path, changes: &[Change], live: &Ruleset) -> Kept {
    let mut kept = Kept::default();
    if is_elsewhere(root) {
        kept.remarks = outlook(root, changes);
        return kept;
    }
    let found = mechanisms(root);
    if !found.iter().any(|one| one.mechanism == Mechanism::NetfilterPersistent && one.is_enabled) {
        kept.remarks = outlook(root, changes);
        return kept;
    }
    kept.remarks.extend(found.iter().filter(|one| one.would_undo()).map(|one| one.advice.clone()));
    for family in [Family::Ip, Family::Ip6] {
        let own: Vec<Change> = changes.iter().filter(|change| change.family == family).cloned().collect();
        let Some(path) = boot_file(root, family).filter(|_| !own.is_empty()) else { continue };
        let Ok(text) = std::fs::read_to_string(&path) else {
            kept.remarks.push(format!(
                "{} can't be read, so the change of {} rules does not outlive a reboot.",
                path.display(),
                family.as_str()
            ));
            continue;
        };
        let edit = edited(&text, family, &own, live);
        kept.remarks.extend(edit.left_out.iter().map(|why| format!("{}: {why}", path.display())));
        if edit.text == text {
            continue;
        }
        if let Err(error) = prove(&edit.text, family, live) {
            kept.remarks.push(format!(
                "{} was left as it is: with the change in it, it would not load at the next boot ({}).",
                path.display(),
                crate::cli::chain(&error)
            ));
            continue;
        }
        match replace(&path, edit.text.as_bytes()) {
            Ok(()) => kept.written.push(path),
            Err(error) => kept.remarks.push(format!(
                "{} can't be written ({error}), so the change does not outlive a reboot.",
                path.display()
            )),
        }
    }
    kept
}

/// Is this change one of a rule or a policy of iptables, which a boot file can hold?
fn is_iptables(change: &Change) -> bool {
    matches!(change.backend, Backend::IptablesNft | Backend::IptablesLegacy)
        && matches!(change.op, Operation::Insert | Operation::Delete | Operation::Replace | Operation::Policy)
}
