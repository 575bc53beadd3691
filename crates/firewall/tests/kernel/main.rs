//! The kernel is the judge: rulesets are loaded in namespaces of their own, real packets are sent, and what became of
//! them is compared with what the interpreter says of the live rules.

mod bytes;
mod random;
mod space;
mod verdicts;
mod world;
