//! `top`: the busiest clients, screen by screen.
//!
//! What a client did is the difference of two looks at its counters, so the counters of the look before are kept here
//! for as long as somebody watches: some forty bytes for each client, nothing otherwise. Workers are asked page by page
//! and send the first rows of each page only.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use emqx_shared::views::{ListEnd, TopRowView, TopSort, TopView};
use emqx_shared::{Failure, View};
use emqxd_broker::{ClientInfo, Metric};

use super::super::dispatch::{PAGE, on_worker};
use super::super::server::ReplySender;
use super::SIGN_OF_LIFE;
use crate::clock::unix_ms_now;
use crate::closed_connections::Traffic;
use crate::node::NodeShared;
use crate::worker::WorkerState;

/// Sends screens until there were `rounds` of them, or the caller goes, which ends this task.
pub(super) async fn run(
    node: &NodeShared,
    sort: TopSort,
    count: usize,
    interval_ms: u32,
    rounds: Option<u32>,
    replies: ReplySender,
) -> Result<View, Failure> {
    let interval = Duration::from_millis(interval_ms.into());
    let mut before = Look::default();
    before.walk(node, sort, count).await?;
    let mut totals = Totals::of(node);
    let mut looked_at = Instant::now();
    let mut sent = 0;
    while rounds.is_none_or(|rounds| sent < u64::from(rounds)) {
        wait(interval.saturating_sub(looked_at.elapsed()), &replies).await?;
        let elapsed = looked_at.elapsed();
        looked_at = Instant::now();
        let rows = before.walk(node, sort, count).await?;
        let now = Totals::of(node);
        let view = TopView {
            time_ms: unix_ms_now(),
            interval_ms: u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX).max(1),
            connections: node.connections(),
            sessions: node.sessions(),
            messages_in: now.messages_in - totals.messages_in,
            messages_out: now.messages_out - totals.messages_out,
            bytes_in: now.bytes_in - totals.bytes_in,
            bytes_out: now.bytes_out - totals.bytes_out,
            dropped: now.dropped - totals.dropped,
            rows,
        };
        totals = now;
        replies.chunk(View::Top(Box::new(view))).await?;
        sent += 1;
    }
    Ok(View::ListEnd(ListEnd {
        rows: sent,
        total: None,
    }))
}

/// Waits, with a sign of life now and then.
async fn wait(mut time: Duration, replies: &ReplySender) -> Result<(), Failure> {
    while time > SIGN_OF_LIFE {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        time -= SIGN_OF_LIFE;
        replies.chunk(View::Events(Vec::new())).await?;
    }
    tokio::time::sleep(time).await;
    Ok(())
}

/// Counters of the node.
struct Totals {
    messages_in: u64,
    messages_out: u64,
    bytes_in: u64,
    bytes_out: u64,
    dropped: u64,
}

impl Totals {
    fn of(node: &NodeShared) -> Self {
        Self {
            messages_in: node.metric(Metric::MessagesReceived),
            messages_out: node.metric(Metric::MessagesSent),
            bytes_in: node.metric(Metric::BytesReceived),
            bytes_out: node.metric(Metric::BytesSent),
            dropped: node.metric(Metric::DeliveryDropped),
        }
    }
}

/// Counters of a client at one look. Those of its connection begin anew with each connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counters {
    /// When the session and its connection began; other than before, and the counters are not the same ones.
    began_at: (u64, u64),
    messages: (u64, u64),
    bytes: (u64, u64),
    dropped: u64,
}

impl Counters {
    fn of(info: &ClientInfo, traffic: Traffic) -> Self {
        let connected_at = info.connected.as_ref().map_or(0, |connected| connected.connected_at.0);
        Self {
            began_at: (info.created_at.0, connected_at),
            messages: (traffic.messages_received, traffic.messages_sent),
            bytes: (traffic.bytes_received, traffic.bytes_sent),
            dropped: info.dropped_messages,
        }
    }

    fn since(&self, before: Option<&Self>) -> Self {
        let none = Self::default();
        let is_same_connection = |before: &&Self| before.began_at == self.began_at;
        let is_same_session = |before: &&Self| before.began_at.0 == self.began_at.0;
        let connection = before.filter(is_same_connection).unwrap_or(&none);
        let session = before.filter(is_same_session).unwrap_or(&none);
        Self {
            began_at: self.began_at,
            messages: (
                self.messages.0.saturating_sub(connection.messages.0),
                self.messages.1.saturating_sub(connection.messages.1),
            ),
            bytes: (
                self.bytes.0.saturating_sub(connection.bytes.0),
                self.bytes.1.saturating_sub(connection.bytes.1),
            ),
            dropped: self.dropped.saturating_sub(session.dropped),
        }
    }
}

/// Counters of the clients of one page, by their place.
type Page = HashMap<usize, Counters>;

/// The counters of the look before, page by page for each worker.
#[derive(Default)]
struct Look {
    pages: HashMap<(usize, usize), Page>,
}

impl Look {
    /// Looks at all clients, keeps their counters, and returns the first in the order of `sort`.
    async fn walk(&mut self, node: &NodeShared, sort: TopSort, count: usize) -> Result<Vec<TopRowView>, Failure> {
        let mut first = First::new(count);
        let mut pages = HashMap::new();
        for (number, worker) in node.workers().iter().enumerate() {
            let mut from = Some(0);
            while let Some(place) = from {
                let before = self.pages.remove(&(number, place)).unwrap_or_default();
                let look = move |worker: &mut WorkerState| look_at_page(worker, place, &before, sort, count);
                let (page, rows, next) = on_worker(node, worker, look).await?;
                pages.insert((number, place), page);
                rows.into_iter().for_each(|row| first.add(row));
                from = next;
            }
        }
        self.pages = pages;
        Ok(first.into_rows())
    }
}

/// What [`Look::walk`] does on the worker: a page of clients, of which only the first are put into words.
fn look_at_page(
    worker: &mut WorkerState,
    place: usize,
    before: &Page,
    sort: TopSort,
    count: usize,
) -> (Page, Vec<Ranked>, Option<usize>) {
    let (clients, next) = worker.shard.clients_page(place, PAGE);
    let mut page = Page::with_capacity(clients.len());
    let mut first = First::new(count);
    for (number, info) in clients.into_iter().enumerate() {
        let connection = info.connected.as_ref().map(|connected| connected.connection);
        let traffic = connection
            .and_then(|connection| worker.traffic(connection))
            .unwrap_or_default();
        let now = Counters::of(&info, traffic);
        let did = now.since(before.get(&number));
        page.insert(number, now);
        let key = rank(&did, &info, sort);
        if key > 0 && first.wants(key) {
            first.add(Ranked {
                key,
                row: row(&did, &info),
            });
        }
    }
    (page, first.into_ranked(), next)
}

fn rank(did: &Counters, info: &ClientInfo, sort: TopSort) -> u64 {
    match sort {
        TopSort::Rate => did.messages.0 + did.messages.1,
        TopSort::In => did.messages.0,
        TopSort::Out => did.messages.1,
        TopSort::Bytes => did.bytes.0 + did.bytes.1,
        TopSort::Queue => info.queue_len as u64,
        TopSort::Inflight => info.inflight as u64,
        TopSort::Dropped => did.dropped,
    }
}

fn row(did: &Counters, info: &ClientInfo) -> TopRowView {
    let peer = info.connected.as_ref().map(|connected| connected.peer.address);
    TopRowView {
        client_id: info.client_id.to_string(),
        peername: peer.map(|peer| peer.to_string()).unwrap_or_default(),
        messages_in: did.messages.0,
        messages_out: did.messages.1,
        bytes_in: did.bytes.0,
        bytes_out: did.bytes.1,
        dropped: did.dropped,
        queue: info.queue_len as u64,
        inflight: info.inflight as u64,
    }
}

/// A row and what it is ordered by.
#[derive(Debug, PartialEq, Eq)]
struct Ranked {
    key: u64,
    row: TopRowView,
}

impl Ord for Ranked {
    /// Of equals the one whose id comes first is the greater, so that screens do not jump.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let ids = || other.row.client_id.cmp(&self.row.client_id);
        self.key.cmp(&other.key).then_with(ids)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The greatest of all that are added.
struct First {
    count: usize,
    /// The least on top.
    kept: BinaryHeap<Reverse<Ranked>>,
}

impl First {
    fn new(count: usize) -> Self {
        Self {
            count,
            kept: BinaryHeap::new(),
        }
    }

    /// Whether a row with this key might be kept; making rows costs more than asking.
    fn wants(&self, key: u64) -> bool {
        self.kept.len() < self.count || self.kept.peek().is_some_and(|Reverse(least)| key >= least.key)
    }

    fn add(&mut self, row: Ranked) {
        self.kept.push(Reverse(row));
        if self.kept.len() > self.count {
            self.kept.pop();
        }
    }

    fn into_ranked(self) -> Vec<Ranked> {
        // Ascending in `Reverse` is descending without it.
        self.kept
            .into_sorted_vec()
            .into_iter()
            .map(|Reverse(row)| row)
            .collect()
    }

    fn into_rows(self) -> Vec<TopRowView> {
        self.into_ranked().into_iter().map(|ranked| ranked.row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(client_id: &str, key: u64) -> Ranked {
        let row = TopRowView {
            client_id: client_id.to_owned(),
            peername: String::new(),
            messages_in: key,
            messages_out: 0,
            bytes_in: 0,
            bytes_out: 0,
            dropped: 0,
            queue: 0,
            inflight: 0,
        };
        Ranked { key, row }
    }

    #[test]
    fn the_busiest_are_kept_in_their_order_and_of_equals_the_first_ids() {
        let mut first = First::new(3);
        for (id, key) in [("d", 5), ("a", 1), ("c", 9), ("b", 5), ("e", 5)] {
            if first.wants(key) {
                first.add(ranked(id, key));
            }
        }
        assert!(!first.wants(4));
        let ids: Vec<_> = first.into_rows().into_iter().map(|row| row.client_id).collect();
        assert_eq!(ids, ["c", "b", "d"]);
    }

    #[test]
    fn counters_of_another_connection_are_not_subtracted() {
        let counters = |began_at, messages, dropped| Counters {
            began_at,
            messages: (messages, 0),
            bytes: (0, 0),
            dropped,
        };
        let before = counters((1, 5), 100, 7);
        assert_eq!(counters((1, 5), 130, 9).since(Some(&before)).messages.0, 30);
        let reconnected = counters((1, 8), 20, 9).since(Some(&before));
        assert_eq!((reconnected.messages.0, reconnected.dropped), (20, 2));
        let another = counters((2, 9), 20, 9).since(Some(&before));
        assert_eq!((another.messages.0, another.dropped), (20, 9));
    }
}
