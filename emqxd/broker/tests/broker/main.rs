//! The rules of the broker core, told from outside: clients of a broker in memory with an invented clock.
//!
//! One file for each feature; `session_model.rs` holds the session against a plain model with random operations.

mod support;

mod admission;
mod aliases;
mod anything_goes;
mod authorization;
mod cluster;
mod congestion;
mod connect;
mod expiry;
mod handover;
mod identity;
mod keep_alive;
mod moves;
mod moves_model;
mod publish;
mod qos2;
mod recheck;
mod resume;
mod retained;
mod session_model;
mod session_queue;
mod shards;
mod shared;
mod subscribe;
mod takeover;
mod trace;
mod wills;
