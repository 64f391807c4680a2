//! The load tool behind `emqx-ctl bench`: one thread, one epoll, packets encoded beforehand.
//!
//! `plan` turns arguments into what to connect, subscribe and publish, and refuses what makes no sense; `run` goes
//! through the phases; `engine` owns the connections (`link`), the loop and what arrives (`inbound`); `publishers`
//! keeps windows and schedules; `limits` and `server` look at what bounds the measurement; `report` is what comes out.
//! There is no runtime here, because the tool has to cost less than the server it drives and the program that it is
//! part of has to start in a millisecond.

mod engine;
mod histogram;
mod inbound;
mod limits;
mod link;
mod outbound;
mod plan;
mod publishers;
mod report;
mod run;
mod server;
mod trouble;

pub use plan::Plan;
#[cfg(test)]
pub use report::ServerCost;
pub use report::{BenchReport, Hold, Latency};
pub use run::run;
pub use trouble::Warning;
