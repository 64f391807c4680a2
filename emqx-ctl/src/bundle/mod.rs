//! `diagnose bundle|analyze`: what somebody else needs to help, in one file that can be read before it is sent.
//!
//! `collect.rs` asks the daemon and reads the log's end, `redact.rs` takes secrets out, `pseudonym.rs` replaces names
//! where that is asked for, `archive.rs` writes the file and reads one that may come from anybody. A part that cannot
//! be had is listed in the manifest with the reason; the bundle is made all the same.

mod archive;
mod collect;
mod log_tail;
mod manifest;
mod pseudonym;
mod redact;

pub use archive::{ArchiveError, read, write};
pub use collect::collect;
pub use manifest::Manifest;
