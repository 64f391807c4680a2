//! What both bench programs use: filters as a fleet of devices has them, and a broker of one shard.
//!
//! Everything is made from numbers, so that two runs do the same work to the instruction.

mod bench_broker;
mod filters;

pub use bench_broker::{BenchBroker, publish};
pub use filters::{filter, topic};
