//! Windows of facts in, what is read out of them as text.

mod alike;
mod brief;
mod chat;
mod figures;
mod proposals;
mod story;
