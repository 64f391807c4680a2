//! `doctor`: what is wrong with a node, or soon will be, as checks with an id, evidence and a fix.
//!
//! `gather.rs` collects [`Facts`] from the daemon, `host.rs` and `files.rs` from the machine, `unattended.rs` from
//! what is left when no daemon answers. [`judge`] turns facts into [`Finding`]s and looks at nothing else, so it is
//! the same for a running node, a dead one and the facts in a bundle (`diagnose analyze`), and is tested with
//! invented facts. The ids are explained in the catalogue (`explain D014`).

mod checks;
mod facts;
mod files;
mod finding;
mod gather;
mod host;
mod judge;
mod program;
mod quote;
mod unattended;

#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use finding::{Category, Finding, Severity};
pub use gather::{Wanted, gather};
pub use judge::judge;
pub use program::run as run_program;
pub use quote::quote;
