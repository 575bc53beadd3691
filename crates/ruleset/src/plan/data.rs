//! The types of a plan; their JSON is the contract of `plan --json` and `apply FILE`.

use serde::{Deserialize, Serialize};

use crate::{Backend, Counters, Family, Flow, Listener, WayIn};

/// Which state a plan was made for: it is applied only onto the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateId {
    /// Digest of everything that decides: tables, chains, policies, texts of rules, sets; not their counters.
    pub digest: String,
    /// The network namespace: device and inode.
    pub namespace: Option<(u64, u64)>,
    /// The boot id of the kernel.
    pub boot: Option<String>,
}

/// What would be changed and what that means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Id of this plan, a UUID.
    #[serde(default)]
    pub id: String,
    /// What was asked, as it was typed.
    #[serde(default)]
    pub command: Vec<String>,
    /// Is it so already?
    pub noop: bool,
    /// By which rule it is so already.
    pub because: Option<Because>,
    /// In this order, in one transaction where the backend has them.
    pub changes: Vec<Change>,
    /// What it does to traffic, flows, services and the way in.
    pub impact: Impact,
    /// The state that it was made for.
    #[serde(default)]
    pub made_for: StateId,
    /// Seconds after which it is taken back (`--for`).
    #[serde(default)]
    pub for_seconds: Option<u64>,
    /// `--reason`.
    #[serde(default)]
    pub reason: Option<String>,
    /// `--incident`.
    #[serde(default)]
    pub incident: Option<String>,
}

/// The rule by which something is so already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// Its family.
    pub family: Family,
    /// Its table.
    pub table: String,
    /// Its chain.
    pub chain: String,
    /// Its number, 1-based; `None` for the chain's policy.
    pub rule: Option<usize>,
    /// Its text.
    pub text: String,
}

/// What is done at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A rule comes in.
    Insert,
    /// A rule goes.
    Delete,
    /// A rule is put in another's place.
    Replace,
    /// A base chain's policy: `rule` is `ACCEPT` or `DROP`.
    Policy,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is done.
    pub op: Operation,
    /// In which backend.
    pub backend: Backend,
    /// In which family.
    pub family: Family,
    /// In which table.
    pub table: String,
    /// In which chain.
    pub chain: String,
    /// 1-based: where the new rule stands after this change, or where the deleted one stood before it. 0 for a policy.
    pub position: usize,
    /// The text after `-A CHAIN ` of the rule that comes in, or of the one that goes; for a policy its word.
    pub rule: String,
    /// What goes, for putting it back: of delete, replace and policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Removed>,
}

/// What a change takes away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// Its text, or the word of the policy.
    pub rule: String,
    /// The kernel's handle, where there is one.
    pub handle: Option<u64>,
    /// Its counters then.
    pub counters: Option<Counters>,
}

/// What a plan does to the living.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// What changes in each chain, drawn with its neighbours and numbers.
    #[serde(default)]
    pub picture: Vec<String>,
    /// What traffic is decided otherwise, in sentences.
    #[serde(default)]
    pub traffic: Vec<String>,
    /// Live flows that are cut.
    #[serde(default)]
    pub cut: Vec<Flow>,
    /// Live flows of which that can't be told, each with the reason.
    #[serde(default)]
    pub unsure: Vec<Flows>,
    /// Services that lose or gain peers.
    #[serde(default)]
    pub services: Vec<ServiceImpact>,
    /// What is lost by rewriting rules: counters, quotas, limits.
    #[serde(default)]
    pub lost_state: Vec<String>,
    /// Each way in: does it survive?
    #[serde(default)]
    pub ways_in: Vec<WayInImpact>,
    /// What else a person should know.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A flow about which nothing sure can be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flows {
    /// The flow.
    pub flow: Flow,
    /// Why not.
    pub because: String,
}

/// What a plan does to a listening service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceImpact {
    /// The service.
    pub listener: Listener,
    /// A sentence: `open to everybody, then to nobody`.
    pub text: String,
    /// Does it lose (true) or gain (false)?
    pub loses: bool,
}

/// What a plan does to a way in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WayInImpact {
    /// The way in.
    pub way_in: WayIn,
    /// Does this session go on? `None`: can't tell.
    pub session_survives: Option<bool>,
    /// Could the same peer log in anew? `None`: can't tell.
    pub login_works: Option<bool>,
    /// Does this plan change anything about it? What was so before is told, and refuses nothing.
    #[serde(default)]
    pub is_affected: bool,
    /// Which rule decides, or why we can't tell.
    pub because: String,
}
