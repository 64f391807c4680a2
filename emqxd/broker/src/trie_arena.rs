//! Where the nodes of a [`crate::FilterTrie`] live: places of equal size (`slots.rs`), the first for the root.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use crate::slots::Slots;
use crate::trie_children::{Children, NodeId};

/// One level of one or more filters.
#[derive(Debug, Clone)]
pub(crate) struct Node<T> {
    /// Text of the level.
    pub label: Box<str>,
    pub parent: NodeId,
    /// The `+` below.
    pub any_level: Option<NonZeroU32>,
    /// The `#` below.
    pub rest: Option<NonZeroU32>,
    /// All others below.
    pub children: Children,
    /// The value of the filter that ends here.
    pub value: Option<T>,
}

impl<T> Node<T> {
    pub(crate) fn new(label: &str, parent: NodeId) -> Self {
        Self {
            label: label.into(),
            parent,
            any_level: None,
            rest: None,
            children: Children::default(),
            value: None,
        }
    }

    /// Whether no filter ends here or goes on from here.
    pub(crate) fn is_unused(&self) -> bool {
        self.value.is_none() && self.any_level.is_none() && self.rest.is_none() && self.children.is_empty()
    }
}

/// The nodes of one trie; there is always a root.
#[derive(Debug, Clone)]
pub(crate) struct Arena<T> {
    nodes: Slots<Node<T>>,
}

impl<T> Arena<T> {
    pub(crate) const ROOT: NodeId = 0;

    pub(crate) fn new() -> Self {
        let mut nodes = Slots::default();
        nodes.add(Node::new("", Self::ROOT));
        Self { nodes }
    }

    /// Nodes in use, the root among them.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn label(&self, node: NodeId) -> &str {
        &self[node].label
    }

    pub(crate) fn add(&mut self, node: Node<T>) -> NonZeroU32 {
        NonZeroU32::new(self.nodes.add(node)).expect("the root has place 0")
    }

    /// Frees a node's place; not the root's.
    pub(crate) fn remove(&mut self, node: NodeId) {
        if node != Self::ROOT {
            self.nodes.remove(node, Node::new("", Self::ROOT), 1);
        }
    }
}

impl<T> Index<NodeId> for Arena<T> {
    type Output = Node<T>;

    #[inline]
    fn index(&self, node: NodeId) -> &Node<T> {
        &self.nodes[node]
    }
}

impl<T> IndexMut<NodeId> for Arena<T> {
    fn index_mut(&mut self, node: NodeId) -> &mut Node<T> {
        &mut self.nodes[node]
    }
}
