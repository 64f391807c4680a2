//! What the bench programs use that run whole clusters: daemons on machines of their own or on loopback addresses, cuts
//! between them, and a client for their listeners.

// Each program uses a part of it.
#![allow(dead_code)]

pub mod client;
pub mod network;
pub mod node;
