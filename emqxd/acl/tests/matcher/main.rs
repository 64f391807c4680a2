//! The matcher against a plain one, and against what MQTT says of every small filter there is.
//!
//! `naive.rs` says the same rules without any speed; `random.rs` makes rules, clients and requests; `coverage.rs`
//! goes through all filters of a small alphabet. A million random questions:
//! `cargo test -p emqx-acl --release -- --ignored --nocapture`.

#![allow(clippy::unwrap_used)]

mod coverage;
mod differential;
mod naive;
mod random;
