//! MQTT over WebSocket, the server's side (MQTT 5, 6; RFC 6455).
//!
//! [`upgrade`] reads the HTTP request of a new connection and answers it; what comes of it is a [`WebSocket`], whose
//! reads and writes are the bytes inside binary frames. Frames mean nothing: a packet may span several and a frame may
//! hold many. There is no compression: a frame of some bytes could unpack to any size before anybody has authenticated.
//!
//! | file | what |
//! | --- | --- |
//! | `upgrade.rs` | the HTTP request and its answer |
//! | `request.rs` | what of the request is looked at, and the rules for it |
//! | `forwarded.rs` | the client's address as proxies in front tell it |
//! | `stream.rs` | [`WebSocket`]: reads and writes |
//! | `frames.rs` | frames to bytes, in place |
//! | `outgoing.rs` | the frames that are being sent |

mod forwarded;
mod frames;
mod outgoing;
mod request;
mod stream;
mod upgrade;

pub use self::forwarded::client_address;
pub use self::frames::{Control, Decoded, FrameDecoder, FrameError, Payload};
pub use self::request::{Refusal, Request, UpgradeSettings};
pub use self::stream::{WebSocket, WebSocketFailure, WebSocketState};
pub use self::upgrade::{UpgradeError, Upgraded, upgrade};
