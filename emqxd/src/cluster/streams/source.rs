//! The rows of this node in pages, for a snapshot of them.
//!
//! Clients and exact filters come from the workers, one page in each command; all others from the tables. A page is
//! read at one moment of its table; what changes behind it is in the stream.

use std::sync::Arc;

use emqxd_broker::WorkerId;
use emqxd_cluster::stream::{Frame, PAGE_ROWS, PageBuffer, Record, Row};

use super::journal::{Listing, NodeJournal};
use super::rows::{push_filters, push_members, push_retained};
use crate::node::NodeShared;
use crate::worker::WorkerGone;

/// Filters looked at for a page of groups, each of which may have many members.
const GROUP_FILTERS: usize = 64;
/// Retained messages of a page: they are held while it is sent.
const RETAINED_ROWS: usize = 256;

/// Reads pages, one after the other.
pub(super) struct Source<'a> {
    node: &'a NodeShared,
    journal: &'a NodeJournal,
    place: Place,
    _listing: Listing<'a>,
}

/// Where the next page begins.
enum Place {
    Clients { worker: WorkerId, from: usize },
    Exact { worker: WorkerId, from: u32 },
    Wildcards { after: Option<String> },
    Groups { after: Option<String> },
    Retained { after: Option<String> },
    End,
}

impl<'a> Source<'a> {
    /// From the beginning.
    pub fn new(node: &'a Arc<NodeShared>, journal: &'a NodeJournal, retained_only: bool) -> Self {
        let place = match retained_only {
            true => Place::Retained { after: None },
            false => Place::Clients { worker: 0, from: 0 },
        };
        Self {
            node,
            journal,
            place,
            _listing: journal.list(),
        }
    }

    /// The next page, as frames, and whether it is the last one.
    ///
    /// # Errors
    /// The node stops.
    pub async fn next(&mut self) -> Result<(Vec<Frame>, bool), WorkerGone> {
        let mut page = PageBuffer::new();
        let place = std::mem::replace(&mut self.place, Place::End);
        self.place = match place {
            Place::Clients { worker, from } => self.clients(worker, from, &mut page).await?,
            Place::Exact { worker, from } => self.exact(worker, from, &mut page).await?,
            Place::Wildcards { after } => self.wildcards(after, &mut page),
            Place::Groups { after } => self.groups(after, &mut page),
            Place::Retained { after } => self.retained(after, &mut page),
            Place::End => Place::End,
        };
        Ok((page.take(), matches!(self.place, Place::End)))
    }

    async fn clients(&self, worker: WorkerId, from: usize, page: &mut PageBuffer) -> Result<Place, WorkerGone> {
        let Some(handle) = self.node.worker(worker) else {
            return Ok(Place::Exact { worker: 0, from: 0 });
        };
        let read = handle.run(move |worker| worker.shard.sessions_page_here(from, PAGE_ROWS));
        let (clients, next) = read.await?;
        // One that was not told of yet will be.
        for (client_id, since) in clients.iter().filter(|(_, since)| *since > 0) {
            page.push(
                &Record::Present(Row::Client {
                    client_id,
                    since: *since,
                }),
                None,
            );
        }
        Ok(match next {
            Some(from) => Place::Clients { worker, from },
            None => Place::Clients {
                worker: worker + 1,
                from: 0,
            },
        })
    }

    async fn exact(&self, worker: WorkerId, from: u32, page: &mut PageBuffer) -> Result<Place, WorkerGone> {
        let Some(handle) = self.node.worker(worker) else {
            return Ok(Place::Wildcards { after: None });
        };
        let read = handle.run(move |worker| worker.shard.local_exact_page(from, PAGE_ROWS));
        let (filters, next) = read.await?;
        push_filters(&filters, page);
        Ok(match next {
            Some(from) => Place::Exact { worker, from },
            None => Place::Exact {
                worker: worker + 1,
                from: 0,
            },
        })
    }

    fn wildcards(&self, after: Option<String>, page: &mut PageBuffer) -> Place {
        let (filters, next) = self
            .node
            .tables
            .routes
            .local_wildcards_page(after.as_deref(), PAGE_ROWS);
        push_filters(&filters, page);
        match next {
            Some(after) => Place::Wildcards { after: Some(after) },
            None => Place::Groups { after: None },
        }
    }

    fn groups(&self, after: Option<String>, page: &mut PageBuffer) -> Place {
        let (groups, next) = self
            .node
            .tables
            .routes
            .local_groups_page(after.as_deref(), GROUP_FILTERS);
        push_members(&groups, page);
        match next {
            Some(after) => Place::Groups { after: Some(after) },
            None => Place::Retained { after: None },
        }
    }

    fn retained(&self, after: Option<String>, page: &mut PageBuffer) -> Place {
        let rows = self.node.retained.export_page(after.as_deref(), RETAINED_ROWS);
        push_retained(&rows, self.journal.clock(), page);
        match rows.last() {
            Some(last) if rows.len() == RETAINED_ROWS => Place::Retained {
                after: Some(last.topic.to_string()),
            },
            _ => Place::End,
        }
    }
}
