//! The route table and other nodes: what this one tells them of itself, and what they have told it.
//!
//! What a node has told lies in the rows as a worker's does. It goes in slices when the node is gone
//! ([`RouteTable::drop_peer`]) or when a snapshot did not name it ([`RouteTable::sweep_peer`]): there may be a million
//! rows, and publishers wait for the lock.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytestring::ByteString;

use super::route::Route;
use super::{Digests, RouteTable, State, bit, member_digest, route_digest};
use crate::exact_routes::RouteChange;
use crate::generations::bucket_of;
use crate::remote::is_local;
use crate::split_table::Slice;
use crate::topic::has_wildcard;
use crate::{
    Change, Journal, NamedRows, SessionKey, ShareGroup, ShareMember, SubscriptionOptions, WorkerId, peer_slot,
    peer_worker,
};

/// Digests of one node's rows: see [`crate::row_digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteDigests {
    /// Of plain subscriptions.
    pub routes: u64,
    /// Of share groups' members.
    pub members: u64,
}

/// Where [`RouteTable::drop_peer`] and [`RouteTable::sweep_peer`] have come to.
#[derive(Debug, Clone, Default)]
pub struct DropCursor {
    exact: Exact,
    /// The filter looked at last.
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Exact {
    Next(Slice),
    Done,
}

impl Default for Exact {
    fn default() -> Self {
        Self::Next(Slice::default())
    }
}

impl RouteTable {
    /// Who hears of what this node's clients want: to be set before they come.
    pub fn set_journal(&self, journal: Arc<dyn Journal>) {
        self.journal.set(journal);
    }

    /// The node in `slot` has a member of a share group. Whether that was not known.
    pub fn add_peer_member(&self, slot: u8, group: &str, filter: &str, client_id: &str) -> bool {
        let member = ShareMember {
            worker: peer_worker(slot),
            session: self.peer_session(client_id),
            client_id: ByteString::from(client_id),
            options: SubscriptionOptions::default(),
        };
        self.join_group(group, filter, member)
    }

    /// It has not any more. Whether it was known.
    pub fn remove_peer_member(&self, slot: u8, group: &str, filter: &str, client_id: &str) -> bool {
        self.leave_group(group, filter, self.peer_session(client_id), peer_worker(slot))
    }

    fn peer_session(&self, client_id: &str) -> SessionKey {
        let hash = self.seed.hash(client_id);
        SessionKey {
            index: (hash >> 32) as u32,
            generation: hash as u32,
        }
    }

    /// Forgets what the node in `slot` wants, some `steps` rows in this call; whether it is done. Begin with a new
    /// cursor, and tell the table nothing of that node until it is done.
    pub fn drop_peer(&self, slot: u8, cursor: &mut DropCursor, steps: usize) -> bool {
        self.forget(slot, None, cursor, steps)
    }

    /// Forgets what a snapshot of the node in `slot` did not name, as [`Self::drop_peer`]. What the table is told
    /// between two calls is to be named too.
    pub fn sweep_peer(&self, slot: u8, named: &NamedRows, cursor: &mut DropCursor, steps: usize) -> bool {
        self.forget(slot, Some(named), cursor, steps)
    }

    fn forget(&self, slot: u8, named: Option<&NamedRows>, cursor: &mut DropCursor, steps: usize) -> bool {
        let worker = peer_worker(slot);
        let Some(bit) = bit(worker) else { return true };
        let steps = steps.max(1);
        let mut state = self.state.write();
        let mut looked_at = 0;
        while let Exact::Next(slice) = cursor.exact {
            if looked_at >= steps {
                return false;
            }
            let (rows, next) = self.forget_exact(&mut state, slice, bit, named);
            looked_at += rows.max(1);
            cursor.exact = next.map_or(Exact::Done, Exact::Next);
        }
        let left = steps.saturating_sub(looked_at);
        if left == 0 || !self.forget_in_trie(&mut state, worker, named, cursor, left) {
            return false;
        }
        if let Some(digests) = state.digests.of_peer(worker) {
            // Exact filters went without their texts.
            *digests = named.map_or_else(RouteDigests::default, |named| RouteDigests {
                routes: named.route_digest(),
                members: named.member_digest(),
            });
        }
        true
    }

    fn forget_exact(
        &self,
        state: &mut State,
        slice: Slice,
        bit: u64,
        named: Option<&NamedRows>,
    ) -> (usize, Option<Slice>) {
        let State {
            exact,
            exact_with_groups,
            exact_in_both,
            ..
        } = state;
        let keeps = |hash| named.is_some_and(|named| named.has_route_hash(hash));
        exact.remove_from_slice(slice, bit, keeps, |hash, change| {
            if change == RouteChange::Filter && exact_with_groups.find(hash, |&other| other == hash).is_some() {
                *exact_in_both = exact_in_both.saturating_sub(1);
            }
            self.exact_changes[bucket_of(hash)].fetch_add(1, Ordering::Release);
        })
    }

    /// Filters with wildcards, and those with groups; whether all have been looked at.
    fn forget_in_trie(
        &self,
        state: &mut State,
        worker: WorkerId,
        named: Option<&NamedRows>,
        cursor: &mut DropCursor,
        steps: usize,
    ) -> bool {
        let page = state.routes.page(cursor.filter.as_deref(), steps);
        let is_last = page.len() < steps;
        let last = page.last().map(|(filter, _)| filter.clone());
        let concerned = page.into_iter().filter(|(_, route)| route.concerns(worker));
        let filters: Vec<String> = concerned.map(|(filter, _)| filter).collect();
        for filter in filters {
            self.forget_filter(state, worker, named, &filter);
        }
        if !is_last {
            cursor.filter = last;
        }
        is_last
    }

    fn forget_filter(&self, state: &mut State, worker: WorkerId, named: Option<&NamedRows>, filter: &str) {
        let Some(route) = state.routes.get_mut(filter) else {
            return;
        };
        let is_kept = named.is_some_and(|named| named.has_route(filter));
        let mut has_changed = !is_kept && route.remove_worker(worker);
        if let Some(more) = &mut route.more {
            for group in &mut more.groups {
                if !group.has_members_of(worker) {
                    continue;
                }
                let group = Arc::make_mut(group);
                let name = group.name().clone();
                let keeps = |member: &ShareMember| {
                    named.is_some_and(|named| named.has_member(&name, filter, &member.client_id))
                };
                has_changed |= group.leave_all(worker, keeps) > 0;
            }
            more.groups.retain(|group| !group.is_empty());
            route.drop_empty_parts();
        }
        if route.is_empty() {
            state.routes.remove(filter);
            self.count_exact_group(state, filter, false);
        }
        if has_changed {
            self.changed(filter);
        }
    }

    /// Filters with wildcards that this node's clients have plain subscriptions to, behind `after`: at most `limit`
    /// filters are looked at; the filter to go on from. Those without wildcards are listed by the shards
    /// ([`crate::Shard::local_exact_page`]).
    pub fn local_wildcards_page(&self, after: Option<&str>, limit: usize) -> (Vec<String>, Option<String>) {
        self.local_page(after, limit, |filter, route, page| {
            if has_wildcard(&filter) && route.has_local() {
                page.push(filter);
            }
        })
    }

    /// Share groups that this node's clients are in ([`ShareGroup::local_members`]), in pages as those of
    /// [`Self::local_wildcards_page`].
    pub fn local_groups_page(&self, after: Option<&str>, limit: usize) -> (Vec<Arc<ShareGroup>>, Option<String>) {
        self.local_page(after, limit, |_, route, page| {
            let groups = route.more.iter().flat_map(|more| &more.groups);
            page.extend(groups.filter(|group| group.local_members().len() > 0).cloned());
        })
    }

    fn local_page<T>(
        &self,
        after: Option<&str>,
        limit: usize,
        mut look: impl FnMut(String, &Route, &mut Vec<T>),
    ) -> (Vec<T>, Option<String>) {
        let limit = limit.max(1);
        let state = self.state.read();
        let found = state.routes.page(after, limit);
        let next = (found.len() == limit)
            .then(|| found.last().map(|(filter, _)| filter.clone()))
            .flatten();
        let mut page = Vec::new();
        for (filter, route) in found {
            look(filter, route, &mut page);
        }
        (page, next)
    }

    /// The digests of what this node's clients want, if it has a journal.
    pub fn local_digests(&self) -> RouteDigests {
        self.state.read().digests.local
    }

    /// The digests of what the node in `slot` has told. While its rows are dropped or swept they say nothing.
    pub fn peer_digests(&self, slot: u8) -> RouteDigests {
        let mut state = self.state.write();
        let digests = state.digests.of_peer(peer_worker(slot));
        digests.copied().unwrap_or_default()
    }

    /// Whether the journal hears of what this worker's clients do.
    pub(super) fn is_noted(&self, worker: WorkerId) -> bool {
        is_local(worker) && self.journal.get().is_some()
    }

    /// The first plain subscription of this node to a filter, or the last one.
    pub(super) fn note_route(&self, state: &mut State, change: Change<'_>) {
        let digest = &mut state.digests.local.routes;
        *digest = match change {
            Change::RouteAdded { filter } => digest.wrapping_add(route_digest(filter)),
            Change::RouteRemoved { filter } => digest.wrapping_sub(route_digest(filter)),
            _ => return,
        };
        if let Some(journal) = self.journal.get() {
            journal.note(change);
        }
    }

    /// One more worker has a filter.
    pub(super) fn note_shared(&self, filter: &str) {
        if let Some(journal) = self.journal.get()
            && journal.is_being_listed()
        {
            journal.note(Change::RouteShared { filter });
        }
    }

    /// A member of a share group came or went.
    pub(super) fn note_member(&self, state: &mut State, worker: WorkerId, change: Change<'_>) {
        let is_here = is_local(worker);
        let is_noted = self.is_noted(worker);
        let digests = if is_noted {
            Some(&mut state.digests.local)
        } else {
            state.digests.of_peer(worker)
        };
        match change {
            Change::MemberJoined {
                group,
                filter,
                client_id,
            } => {
                if let Some(digests) = digests {
                    digests.members = digests.members.wrapping_add(member_digest(group, filter, client_id));
                }
                state.shared_subscriptions += usize::from(is_here);
            }
            Change::MemberLeft {
                group,
                filter,
                client_id,
            } => {
                if let Some(digests) = digests {
                    digests.members = digests.members.wrapping_sub(member_digest(group, filter, client_id));
                }
                state.shared_subscriptions -= usize::from(is_here);
            }
            _ => return,
        }
        if is_noted && let Some(journal) = self.journal.get() {
            journal.note(change);
        }
    }
}

impl Digests {
    /// Those of another node; `None` for a worker.
    pub(super) fn of_peer(&mut self, worker: WorkerId) -> Option<&mut RouteDigests> {
        self.peers.get_mut(usize::from(peer_slot(worker)?))
    }
}
