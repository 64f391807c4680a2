//! Messages on their way to another node: what is on the wire, what the sender keeps until it is acknowledged, what the
//! receiver drops because it had it.
//!
//! A *lane* carries the messages of one worker's publishers to one other node, in order, over a link of
//! [`crate::link::Lane::Messages`]. Messages are numbered from 1 on; they travel in batches, and the receiver
//! acknowledges by number. After a broken link the sender begins again behind what the receiver says it had.
//!
//! | file | what |
//! | --- | --- |
//! | `record.rs` | one message as bytes |
//! | `frame.rs` | batches of them, and the few words around: hello, welcome, acknowledgement |
//! | `sender.rs` | the queue of a lane |
//! | `receiver.rs` | what has come over a lane |
//!
//! No I/O and no clock: the daemon's `cluster/lanes` has both.

mod frame;
mod receiver;
mod record;
mod sender;
#[cfg(test)]
mod tests;

pub use self::frame::{
    ACKNOWLEDGEMENT_MAX, Batch, FRAME_MAX, FromReceiver, FromSender, HELLO_MAX, acknowledgement, hello, welcome,
};
pub use self::receiver::{Acknowledgements, Receiver};
pub use self::record::{Malformed, Member, Record};
pub use self::sender::{Figures, Limits, LinkState, Outgoing, Pushed, Sender};
