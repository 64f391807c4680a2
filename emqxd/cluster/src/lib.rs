//! What makes many nodes one broker: consensus on the few precious facts, links between nodes, who is a member, and what
//! each node owns told to all others.
//!
//! The daemon gives this crate its state machine and its settings; this crate names none of its types. Commands and
//! answers are text to it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod consensus;
pub mod lease;
pub mod link;
pub mod membership;
pub mod messages;
#[cfg(test)]
mod random;
pub mod registry;
pub mod stream;
