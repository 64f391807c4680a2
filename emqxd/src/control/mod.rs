//! The control socket: what `emqx-ctl` talks to.
//!
//! `socket.rs` makes it, `server.rs` and `connection.rs` speak the protocol of the shared crate, `peer.rs` says who
//! is there, `audit.rs` writes down what was changed. `dispatch.rs` gives each request to the file of its command
//! group, which asks the node and fills views.

mod audit;
mod connection;
mod peer;
mod server;
mod socket;
