//! Sessions and channels as data, for another process that goes on with them: an upgrade that drops no connection.
//!
//! [`Shard::export_page`](crate::Shard::export_page) says what a shard holds, a page of sessions at a time and without
//! changing anything; [`Shard::import`](crate::Shard::import) takes one session in, perhaps in another shard of another
//! number of shards. In between it is bytes: [`Writer`] and [`Reader`] with [`Field`], which the daemon uses for what it
//! adds of its own. Everything that is derived (routes, share groups' members, exclusive topics, gauges, timers) is made
//! again on the way in. Not carried: caches, and whose turn it is in a share group.
//!
//! | file | what |
//! | --- | --- |
//! | `codec.rs` | bytes and back: numbers, texts, lists, shared messages |
//! | `fields.rs` | the types of MQTT and of the rules |
//! | `state.rs` | what is carried of a session and of its channel |
//! | `export.rs`, `import.rs` | the shard's two sides |

mod codec;
mod export;
mod fields;
mod import;
mod state;

pub use self::codec::{Field, Malformed, Reader, SharedRead, SharedWritten, Writer};
pub use self::import::ImportError;
pub(crate) use self::import::UNLIMITED;
pub use self::state::SessionState;
pub(crate) use self::state::{ChannelState, LinkState};
