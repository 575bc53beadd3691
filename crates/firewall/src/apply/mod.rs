//! Carries a plan out: nothing without protection, nothing half done, and read back afterwards.
//!
//! nf_tables takes all changes in one transaction that is refused if anything was written since the
//! state was read. The legacy tables are changed under their lock, one transaction for each family.
//! Whoever calls keeps, through [`Ledger`], what an undo needs before anything is written.

mod edit;
mod error;
mod legacy;
mod nft;
mod order;
mod program;

use ruleset::plan::{Change, Plan};
use ruleset::{Backend, Ruleset};
use uuid::Uuid;

pub use edit::{Edit, Edits, Gone, Hex, Made, Neighbour, Undone};
pub use error::{ApplyError, Unverified};
pub use nft::EncodeError;
pub use program::ProgramError;

use crate::live::Snapshot;

/// How often a plan is made again because others wrote at the same time.
const ATTEMPTS: usize = 50;

/// A plan, and the state that it was made for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The plan.
    pub plan: Plan,
    /// The rules and sets as they were read.
    pub ruleset: Ruleset,
    /// The generation of nf_tables at which they were read.
    pub generation: Option<u32>,
}

impl Wanted {
    /// A plan and the snapshot that it was made for.
    pub fn new(plan: Plan, snapshot: Snapshot) -> Self {
        Self { plan, ruleset: snapshot.ruleset, generation: snapshot.generation }
    }
}

/// Reads the state again and makes the plan again, for when others wrote since; or tells why that can't be.
pub type Again<'a> = dyn FnMut() -> Result<Wanted, String> + 'a;

/// Is told before and after each write, so that an undo is possible even if this process ends at once.
pub trait Ledger {
    /// These edits come next: whatever an undo needs has to be kept now. An error keeps them from being written.
    fn before(&mut self, edits: &Edits) -> std::io::Result<()>;
    /// They are written and verified; handles are known now.
    fn after(&mut self, edits: &Edits) -> std::io::Result<()>;
}

/// Keeps nothing: for edits that nobody has to be able to take back.
impl Ledger for () {
    fn before(&mut self, _: &Edits) -> std::io::Result<()> {
        Ok(())
    }

    fn after(&mut self, _: &Edits) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The plan that was carried out in the end; positions may have moved since the first one.
    pub plan: Plan,
    /// What was written, and how to take it back.
    pub edits: Edits,
    /// How often others wrote in between.
    pub retries: usize,
}

/// Carries the plan out, or leaves everything as it is. `tag` must not have been used before.
pub fn apply(
    mut wanted: Wanted,
    tag: Uuid,
    again: &mut Again<'_>,
    ledger: &mut dyn Ledger,
) -> Result<Applied, ApplyError> {
    let first = wanted.plan.clone();
    let mut cache = nft::Cache::default();
    for retries in 0..ATTEMPTS {
        let ready = prepare(&wanted, tag, &mut cache)?;
        match ready.write(&wanted.ruleset, ledger) {
            Ok(edits) => return Ok(Applied { plan: wanted.plan, edits, retries }),
            Err(nft::WriteError::Failed(error)) => return Err(error),
            Err(nft::WriteError::Stale) => {
                wanted = again().map_err(ApplyError::Changed)?;
                order::is_same_meaning(&first, &wanted.plan).map_err(ApplyError::Changed)?;
            }
        }
    }
    Err(ApplyError::Busy(ATTEMPTS))
}

/// Takes edits back, as far as they are still there and ours. Others' rules stay.
pub fn undo(edits: &Edits) -> Result<Undone, ApplyError> {
    let mut undone = Undone::default();
    for backend in [Backend::IptablesLegacy, Backend::IptablesNft] {
        let numbers = numbers(edits.edits.iter().map(|edit| &edit.change), backend);
        if numbers.is_empty() {
            continue;
        }
        undone.extend(match backend {
            Backend::IptablesLegacy => legacy::undo(edits, &numbers)?,
            _ => nft::undo(edits, &numbers)?,
        });
    }
    Ok(undone)
}

fn numbers<'a>(changes: impl Iterator<Item = &'a Change>, backend: Backend) -> Vec<usize> {
    changes.enumerate().filter(|(_, change)| change.backend == backend).map(|(number, _)| number).collect()
}

/// Everything that can be refused is refused here, before anything is written.
fn prepare(wanted: &Wanted, tag: Uuid, cache: &mut nft::Cache) -> Result<Ready, ApplyError> {
    let changes = &wanted.plan.changes;
    if let Some(change) = changes.iter().find(|change| change.backend == Backend::Nft) {
        return Err(ApplyError::Native(Box::new(change.clone())));
    }
    let blank = |change: &Change| Edit {
        change: change.clone(),
        handle: None,
        gone: None,
        above: Vec::new(),
        below: Vec::new(),
    };
    let mut edits = Edits { tag, edits: changes.iter().map(blank).collect(), made: Vec::new() };
    let of = |backend| -> Vec<(usize, &Change)> {
        changes.iter().enumerate().filter(|(_, change)| change.backend == backend).collect()
    };
    let nft = nft::prepare(&of(Backend::IptablesNft), &wanted.ruleset, wanted.generation, &mut edits, cache)?;
    let legacy = numbers(changes.iter(), Backend::IptablesLegacy);
    Ok(Ready { edits, nft, legacy })
}

/// A plan that is ready to be written.
struct Ready {
    edits: Edits,
    nft: Option<nft::Prepared>,
    legacy: Vec<usize>,
}

impl Ready {
    /// Writes nf_tables and the legacy tables, the more protective part first.
    fn write(mut self, ruleset: &Ruleset, ledger: &mut dyn Ledger) -> Result<Edits, nft::WriteError> {
        let failed = nft::WriteError::Failed;
        let kept = |error| nft::WriteError::Failed(ApplyError::Ledger(error));
        // The lock comes first: whoever waits for it must not have written anything yet.
        let mut legacy = match self.legacy.is_empty() {
            true => None,
            false => Some(legacy::lock(&self.legacy, ruleset, &mut self.edits)?),
        };
        ledger.before(&self.edits).map_err(kept)?;
        let is_legacy_first = order::is_closing_first(&self.edits, Backend::IptablesLegacy);
        let mut is_written = false;
        for backend in order::backends(is_legacy_first) {
            let result = match (backend, &mut legacy, &self.nft) {
                (Backend::IptablesLegacy, Some(legacy), _) => {
                    is_written = true;
                    legacy.write(&mut self.edits).map_err(failed)
                }
                (Backend::IptablesNft, _, Some(nft)) => match nft::write(nft, &mut self.edits) {
                    Ok(told) => {
                        is_written = true;
                        nft::verify(nft, &self.edits, &told).map_err(failed)
                    }
                    Err(error) => Err(error),
                },
                _ => Ok(()),
            };
            if let Err(error) = result {
                drop(legacy);
                return Err(if is_written { taken_back(error, &self.edits) } else { error });
            }
        }
        drop(legacy);
        if let Err(error) = ledger.after(&self.edits) {
            return Err(taken_back(kept(error), &self.edits));
        }
        Ok(self.edits)
    }
}

/// Takes back whatever was written before the failure; nothing is found where nothing was.
fn taken_back(error: nft::WriteError, edits: &Edits) -> nft::WriteError {
    let undone = match undo(edits) {
        Ok(undone) => undone,
        Err(failure) => Undone { failed: vec![failure.to_string()], ..Undone::default() },
    };
    let is_nothing = undone.done.is_empty() && undone.failed.is_empty();
    match error {
        nft::WriteError::Stale if undone.is_whole() => nft::WriteError::Stale,
        nft::WriteError::Failed(error) if is_nothing => nft::WriteError::Failed(error),
        error => {
            let source = match error {
                nft::WriteError::Failed(error) => error,
                nft::WriteError::Stale => ApplyError::Busy(1),
            };
            nft::WriteError::Failed(ApplyError::TakenBack { source: Box::new(source), undone })
        }
    }
}
