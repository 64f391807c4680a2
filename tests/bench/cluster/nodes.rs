//! Nodes of one cluster on loopback addresses.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

pub use crate::node::agree;
use crate::node::{self, Loopback, Machines};

/// A daemon.
pub type Node = node::Node<Loopback>;

/// Makes and starts nodes, and waits until they are one cluster.
pub fn start(count: usize, root: &Path, more: &str) -> io::Result<Vec<Node>> {
    node::start(count, &Loopback, root, more)
}

/// The address of a node.
pub fn address(number: usize) -> Ipv4Addr {
    Loopback::address(number)
}
