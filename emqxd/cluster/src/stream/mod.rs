//! What each node owns (routes, members of share groups, places of clients, retained messages), told to all others as
//! a stream of changes.
//!
//! A node is the only writer of its stream. Its changes are numbered and the last of them kept in a [`Ring`]; each other
//! node follows over a link of [`crate::link::Lane::Replication`]: first the rows as they are, if it does not go on
//! where it stopped, then each change. Rows are sets, so a change that is told twice does no harm, and a snapshot may be
//! taken from tables that change meanwhile: what changed since its beginning is told again behind it.
//!
//! | file | what |
//! | --- | --- |
//! | `record.rs` | a row, or its end, as bytes |
//! | `ring.rs` | the last changes, with their numbers |
//! | `sums.rs` | what two nodes compare: numbers of rows, and sums of their hashes |
//! | `message.rs` | what writer and follower say to each other |
//! | `feed.rs` | the writer's side towards one follower, without I/O |
//! | `follower.rs` | the follower's side, without I/O |
//!
//! No table and no type of the broker is in here: texts and bytes come in, [`Replica`] takes them out.

mod feed;
mod follower;
mod message;
mod record;
mod ring;
mod sums;
#[cfg(test)]
mod tests;

pub use self::feed::{Feed, Next};
pub use self::follower::{Follower, FollowerPhase, Heard, Replica, StreamError};
pub use self::message::{FRAME_MAX, Frame, Heartbeat, PAGE_BYTES, PAGE_ROWS, PageBuffer, STREAM_VERSION};
pub use self::record::{Malformed, Record, RetainedRecord, Row};
pub use self::ring::{Ring, RingCounts};
pub use self::sums::{Kind, Sum, Sums, Tally};
