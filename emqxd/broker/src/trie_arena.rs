//! Where the nodes of a [`crate::FilterTrie`] live: slots of equal size, used again when free.
//!
//! Slots come in chunks, so that growing neither moves the nodes there are nor leaves half of the
//! memory unused. Memory goes back when the last node goes.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use crate::trie_children::{Children, NodeId};

/// Slots in a chunk; a power of two.
const CHUNK: usize = 512;

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
    chunks: Vec<Vec<Node<T>>>,
    free: Vec<NonZeroU32>,
    used: usize,
}

impl<T> Arena<T> {
    pub(crate) const ROOT: NodeId = 0;

    pub(crate) fn new() -> Self {
        // The first chunk grows by itself: most tries are small.
        Self {
            chunks: vec![vec![Node::new("", Self::ROOT)]],
            free: Vec::new(),
            used: 1,
        }
    }

    /// Nodes in use, the root among them.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    pub(crate) fn label(&self, node: NodeId) -> &str {
        &self[node].label
    }

    pub(crate) fn add(&mut self, node: Node<T>) -> NonZeroU32 {
        self.used += 1;
        if let Some(id) = self.free.pop() {
            self[id.get()] = node;
            return id;
        }
        // With nothing free, all slots so far are in use.
        let id = NodeId::try_from(self.used - 1).expect("four thousand million nodes do not fit into memory");
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(node);
        }
        NonZeroU32::new(id).expect("the root has slot 0")
    }

    /// Frees a node's slot; not the root's.
    pub(crate) fn remove(&mut self, node: NodeId) {
        let Some(id) = NonZeroU32::new(node) else { return };
        self[node] = Node::new("", Self::ROOT);
        self.used -= 1;
        if self.used == 1 {
            self.chunks.truncate(1);
            self.chunks[0].truncate(1);
            self.free = Vec::new();
        } else {
            self.free.push(id);
        }
    }
}

impl<T> Index<NodeId> for Arena<T> {
    type Output = Node<T>;

    fn index(&self, node: NodeId) -> &Node<T> {
        let node = node as usize;
        &self.chunks[node / CHUNK][node % CHUNK]
    }
}

impl<T> IndexMut<NodeId> for Arena<T> {
    fn index_mut(&mut self, node: NodeId) -> &mut Node<T> {
        let node = node as usize;
        &mut self.chunks[node / CHUNK][node % CHUNK]
    }
}
