//! Proofs of who a client is: passwords against stored hashes, SCRAM, JSON Web Tokens, and files of users.
//!
//! Pure functions and small state machines over bytes: times, salts and nonces are handed in, so every answer can be
//! tested against published vectors. Nothing here asks a database or a server; `emqxd/src/authn/` does, and runs what is
//! slow (hashes) where no client waits for it. Secrets are in types whose `Debug` prints `***`.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod equal;
mod hex;
pub mod jwt;
pub mod password;
pub mod scram;
pub mod user_file;
