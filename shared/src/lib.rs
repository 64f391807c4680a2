//! What `emqxd` and `emqx-ctl` say to each other over the control socket: plain data, and the
//! bytes it travels as. Nothing in here knows how the broker works or how output is drawn.
//!
//! One exchange, from the outside in: [`hello`] (16 fixed bytes both ways), then [`frame`]s whose
//! bodies [`codec`] turns into values: first a [`Welcome`] from the daemon, then for each
//! [`Request`] any number of [`Reply`] frames, the last of which is `Done` or `Failed`.
//!
//! Everything encoded is appended to, never changed: variants and fields that have been released
//! keep their place, and a changed question is a new variant. `tests/wire/` holds example bytes.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod codec;
pub mod exit_code;
pub mod failure;
pub mod frame;
pub mod hello;
pub mod log_level;
pub mod port_holder;
pub mod reply;
pub mod request;
pub mod rows;
pub mod socket_path;
pub mod views;
pub mod welcome;

pub use exit_code::ExitCode;
pub use failure::{ErrorCode, Failure};
pub use log_level::LogLevel;
pub use reply::{Progress, Reply};
pub use request::{Request, Role};
pub use views::View;
pub use welcome::Welcome;

/// The control protocol that this crate speaks, and the oldest it still understands.
///
/// Raised only when an exchange changes in a way that new variants cannot express.
pub const PROTOCOL: hello::ProtocolRange = hello::ProtocolRange { min: 1, max: 1 };
