//! Finds the other nodes of a cluster: from a list, DNS, etcd, Kubernetes or multicast.
//!
//! [`settings`] says which and where, as EMQX's `cluster.*` does; [`Finder`] asks. What is found are names of nodes, from
//! which the addresses of their link ports follow. Whether they let this node in is said there. This crate names no other
//! of ours; every question is bounded in time, every answer in size.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod dns;
mod error;
mod etcd;
mod finder;
mod http;
mod k8s;
mod mcast;
mod node_name;
pub mod settings;

pub use error::DiscoveryError;
pub use finder::{Finder, Found, Own, Seed};
pub use node_name::{link_address, link_port, second_port};
