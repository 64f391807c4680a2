//! A session moves to another node, whose client it is now.
//!
//! The old node: [`Shard::takeover_begin`] ends the connection, says what the session is, and freezes it: it goes on
//! collecting messages. [`Shard::takeover_end`] says what it has collected, and the session is gone. The new node:
//! [`Shard::takeover_import`] takes the session in without a connection, so that it collects too, and
//! [`Shard::takeover_merge`] puts what the old node has collected before what came here meanwhile, each message once
//! (by [`Message::id`](crate::Message::id)). Then the client's CONNECT resumes it like any other.
//!
//! A message is sent once to each node that wants it, in the order of its publisher. So nothing is lost and nothing
//! overtakes if the old node collects until all has arrived there that publishers sent before they knew of the new one:
//! who calls these functions waits for that between import and end.
//!
//! Where it goes wrong: a freeze has a deadline, after which the session is an ordinary one again, as it is once its
//! client comes back to the old node. `takeover_end` has nothing to give then, and the new node calls
//! [`Shard::takeover_abandon`]; the old one has kept everything.
//!
//! | file | what |
//! | --- | --- |
//! | `give.rs` | the old node: begin, end, discard |
//! | `take.rs` | the new node: import, merge, abandon |
//! | `moves.rs` | what a shard keeps of sessions that are on their way |
//! | `seen.rs` | which messages a session has had, as few numbers |
//! | `record.rs` | the bytes between the two |
//! | `claim.rs`, `answer.rs` | who wants a session, and what the functions answer |

mod answer;
mod claim;
mod give;
mod moves;
mod record;
mod seen;
mod take;

pub use self::answer::{Begun, Discarded, ImportError, MergeError};
pub use self::claim::SessionClaim;
pub(crate) use self::moves::Moves;
pub(crate) use self::seen::Seen;
pub use self::take::MERGE_TIME_BEHIND;

#[cfg(doc)]
use crate::Shard;
