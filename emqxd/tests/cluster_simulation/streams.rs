//! What each node owns, told to the others: the daemon's `cluster/streams` without its tasks.
//!
//! Journal, replica, records and rows are the daemon's own files; what they are carried by (`follow.rs`, `serve.rs`) and
//! the order of a snapshot's pages (`source.rs`, by two rows here, so that much happens between two of them) are written
//! anew.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use emqxd_cluster::stream::{Feed, Follower, FollowerPhase, Frame, Heard, Next, PageBuffer, Record, Row};

use crate::journal::{Listing, NodeJournal};
use crate::network::{Event, Lane, LinkId, Start};
use crate::node::Node;
use crate::replica::{PeerReplica, Tables, retained_sum};
use crate::rows::{push_filters, push_members, push_retained};
use crate::world::World;

/// As the daemon's `follow.rs` and `serve.rs`.
const SILENCE_MS: u64 = 5_000;
const PAUSE_MS: u64 = 100;
const PAUSE_MAX_MS: u64 = 5_000;
const BEAT_MS: u64 = 1_000;
/// Rows of a page.
const PAGE_ROWS: usize = 2;

/// A node as follower of another one.
pub struct Following {
    pub follower: Follower,
    pub replica: PeerReplica,
    link: Option<LinkId>,
    is_connecting: bool,
    again_at: u64,
    pause: u64,
    heard_at: u64,
}

/// A follower of a node.
pub struct Serving {
    feed: Option<Feed>,
    source: Option<Source>,
    is_page_due: bool,
    beat_at: u64,
    is_told_of: u64,
}

/// Where the next page of a snapshot begins.
struct Source {
    place: Place,
    _listing: Listing<'static>,
}

enum Place {
    Clients(usize, usize),
    Exact(usize, u32),
    Wildcards(Option<String>),
    Groups(Option<String>),
    Retained(Option<String>),
    End,
}

impl Following {
    pub fn new(tables: Tables, slot: u8) -> Self {
        Self {
            follower: Follower::new(),
            replica: PeerReplica::new(tables, slot),
            link: None,
            is_connecting: false,
            again_at: 0,
            pause: PAUSE_MS,
            heard_at: 0,
        }
    }

    /// The link is over.
    fn lost(&mut self, now: u64) {
        if self.follower.phase() == FollowerPhase::Following {
            self.pause = PAUSE_MS;
        }
        self.link = None;
        self.follower.lost();
        if self.replica.is_sweep_due() {
            self.follower.forget();
        }
        self.again_at = now + self.pause;
        self.pause = PAUSE_MAX_MS.min(self.pause * 2);
    }

    /// The node is down: what it owned is nobody's.
    fn clear(&mut self) {
        self.link = None;
        self.follower.lost();
        self.follower.forget();
        at_once(self.replica.clear());
        (self.again_at, self.pause) = (0, PAUSE_MS);
    }
}

/// What gives way to other tasks is gone on with at once.
fn at_once<T>(task: impl Future<Output = T>) -> T {
    let mut task = pin!(task);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = task.as_mut().poll(&mut context) {
            return done;
        }
    }
}

impl World {
    /// Links to those that are up and have none.
    pub fn tick_streams(&mut self, node: usize) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        for (peer, following) in at.follows.iter_mut().enumerate() {
            if peer == node || !at.peers[peer].is_up {
                continue;
            }
            match following.link {
                Some(link) if now >= following.heard_at + SILENCE_MS => {
                    following.lost(now);
                    self.net.close(link, 0, false);
                }
                None if !following.is_connecting && now >= following.again_at => {
                    following.is_connecting = true;
                    self.net.connect(at.start, peer, Lane::Stream);
                }
                _ => {}
            }
        }
        let due: Vec<LinkId> = at
            .serves
            .iter()
            .filter(|(_, serving)| now >= serving.beat_at)
            .map(|(id, _)| *id)
            .collect();
        for link in due {
            self.beat(node, link);
        }
    }

    fn beat(&mut self, node: usize, link: LinkId) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        let Some(serving) = at.serves.get_mut(&link) else {
            return;
        };
        serving.beat_at = now + BEAT_MS;
        if serving.feed.is_some() && serving.source.is_none() {
            let frame = Feed::heartbeat(at.journal.ring(), retained_sum(&at.tables.retained));
            self.net.send(link, 1, joined(&frame));
        }
    }

    pub fn stream_connected(&mut self, from: Start, to: Start, link: Option<LinkId>) {
        let now = self.net.now();
        let Some(at) = self.at(from) else { return };
        let is_up = at.peers[to.node].is_up;
        let following = &mut at.follows[to.node];
        following.is_connecting = false;
        match link {
            Some(link) if is_up => {
                following.link = Some(link);
                following.heard_at = now;
                let hello = following.follower.greet();
                self.net.send(link, 0, hello.into());
            }
            Some(link) => self.net.close(link, 0, false),
            None => following.lost(now),
        }
    }

    pub fn stream_accepted(&mut self, node: usize, link: LinkId) {
        let beat_at = self.net.now() + BEAT_MS;
        let Some(at) = &mut self.nodes[node] else { return };
        let serving = Serving {
            feed: None,
            source: None,
            is_page_due: false,
            beat_at,
            is_told_of: 0,
        };
        at.serves.insert(link, serving);
    }

    /// The follower has heard something, or that its link is over.
    pub fn follower_hears(&mut self, start: Start, peer: usize, link: LinkId, frame: Option<Bytes>) {
        let now = self.net.now();
        let Some(at) = self.at(start) else { return };
        let following = &mut at.follows[peer];
        if following.link != Some(link) {
            return;
        }
        let Some(frame) = frame else {
            following.lost(now);
            return;
        };
        following.heard_at = now;
        match following.follower.on_frame(&frame, &mut following.replica) {
            Ok(Heard::Fine) => {}
            Ok(Heard::Complete) => at_once(following.replica.sweep()),
            Ok(Heard::RetainedDiffer) => self.net.send(link, 0, Follower::want_retained().into()),
            Err(error) => {
                following.lost(now);
                self.net.close(link, 0, false);
                self.tell(|| format!("{} has lost the stream of {peer}: {error}", start.node));
                let is_ours = error == emqxd_cluster::stream::StreamError::OtherBoot;
                assert!(is_ours, "the stream of {peer} to {}: {error}", start.node);
                return;
            }
        }
        let Some(at) = self.at(start) else { return };
        let arrived = at.follows[peer].replica.take_arrived();
        self.clients_arrived(start.node, peer, arrived);
    }

    /// A follower of this node has said something, or has gone.
    pub fn feed_hears(&mut self, start: Start, from: usize, link: LinkId, frame: Option<Bytes>) {
        let Some(at) = self.at(start) else { return };
        let ring = at.journal.ring();
        let Some(serving) = at.serves.get_mut(&link) else {
            return;
        };
        let is_fine = match (frame, &mut serving.feed) {
            (Some(hello), None) => {
                serving.feed = Some(Feed::new(&hello, start.boot, ring).expect("a follower of this version"));
                true
            }
            (Some(question), Some(feed)) => {
                feed.heard(&question).expect("a follower of this version");
                at.follows[from].follower.on_asked_by_writer();
                true
            }
            (None, _) => false,
        };
        if !is_fine {
            at.serves.remove(&link);
        }
    }

    /// Sends all followers of a node what there is for them.
    pub fn feed_followers(&mut self, node: usize) {
        let Some(at) = &mut self.nodes[node] else { return };
        let links: Vec<LinkId> = at.serves.keys().copied().collect();
        for link in links {
            self.feed_follower(node, link);
        }
    }

    fn feed_follower(&mut self, node: usize, link: LinkId) {
        let Some(at) = &mut self.nodes[node] else { return };
        let (start, ring) = (at.start, at.journal.ring());
        let Some(serving) = at.serves.get_mut(&link) else {
            return;
        };
        if serving.is_page_due {
            return;
        }
        let Some(feed) = &mut serving.feed else { return };
        loop {
            match feed.next(ring) {
                Next::Send(frame) => self.net.send(link, 1, joined(&frame)),
                Next::Page {
                    from_start,
                    retained_only,
                } => {
                    if from_start || serving.source.is_none() {
                        serving.source = Some(Source::new(&at.journal, retained_only));
                    }
                    // What changes until then comes behind the page, which is read now.
                    let Some(source) = &mut serving.source else { return };
                    let (frames, is_last) = source.next(&at.broker, &at.tables);
                    for frame in frames {
                        self.net.send(link, 1, joined(&frame));
                    }
                    feed.page_sent(is_last);
                    if is_last {
                        serving.source = None;
                        continue;
                    }
                    serving.is_page_due = true;
                    let pause = self.net.dice.below(10) as u64;
                    self.net.after(pause, Event::Page(start, link));
                    return;
                }
                Next::Wait { sent } => {
                    serving.is_told_of = sent;
                    return;
                }
            }
        }
    }

    pub fn page_is_due(&mut self, start: Start, link: LinkId) {
        let Some(at) = self.at(start) else { return };
        if let Some(serving) = at.serves.get_mut(&link) {
            serving.is_page_due = false;
            self.feed_follower(start.node, link);
        }
    }

    /// A node holds another one for down, or for another start of itself than it was linked to.
    pub fn end_stream(&mut self, node: usize, peer: usize, is_down: bool) {
        let now = self.net.now();
        let Some(at) = &mut self.nodes[node] else { return };
        let following = &mut at.follows[peer];
        let link = following.link;
        match is_down {
            true => following.clear(),
            false if link.is_some() => following.lost(now),
            false => {}
        }
        if let Some(link) = link {
            self.net.close(link, 0, false);
        }
        if is_down {
            // The others may have heard more of it.
            for following in &mut at.follows {
                following.follower.doubt_retained();
            }
        }
    }
}

fn joined(frame: &Frame) -> Bytes {
    [&frame.head[..], &frame.payload[..]].concat().into()
}

impl Source {
    fn new(journal: &std::sync::Arc<NodeJournal>, retained_only: bool) -> Self {
        // Kept for as long as the test runs, in place of a lifetime: a node has few snapshots.
        let journal: &'static NodeJournal = Box::leak(Box::new(std::sync::Arc::clone(journal)));
        Self {
            place: match retained_only {
                true => Place::Retained(None),
                false => Place::Clients(0, 0),
            },
            _listing: journal.list(),
        }
    }

    fn next(&mut self, broker: &crate::support::TestBroker, tables: &Tables) -> (Vec<Frame>, bool) {
        let mut page = PageBuffer::new();
        let state = broker.state();
        self.place = match std::mem::replace(&mut self.place, Place::End) {
            Place::Clients(worker, from) => match state.shards.get(worker) {
                Some(shard) => {
                    let (clients, next) = shard.sessions_page_here(from, PAGE_ROWS);
                    for (client_id, since) in clients.iter().filter(|(_, since)| *since > 0) {
                        let row = Row::Client {
                            client_id,
                            since: *since,
                        };
                        page.push(&Record::Present(row), None);
                    }
                    next.map_or(Place::Clients(worker + 1, 0), |from| Place::Clients(worker, from))
                }
                None => Place::Exact(0, 0),
            },
            Place::Exact(worker, from) => match state.shards.get(worker) {
                Some(shard) => {
                    let (filters, next) = shard.local_exact_page(from, PAGE_ROWS);
                    push_filters(&filters, &mut page);
                    next.map_or(Place::Exact(worker + 1, 0), |from| Place::Exact(worker, from))
                }
                None => Place::Wildcards(None),
            },
            Place::Wildcards(after) => {
                let (filters, next) = tables.routes.local_wildcards_page(after.as_deref(), PAGE_ROWS);
                push_filters(&filters, &mut page);
                next.map_or(Place::Groups(None), |after| Place::Wildcards(Some(after)))
            }
            Place::Groups(after) => {
                let (groups, next) = tables.routes.local_groups_page(after.as_deref(), PAGE_ROWS);
                push_members(&groups, &mut page);
                next.map_or(Place::Retained(None), |after| Place::Groups(Some(after)))
            }
            Place::Retained(after) => retained_page(tables, after.as_deref(), &mut page),
            Place::End => Place::End,
        };
        (page.take(), matches!(self.place, Place::End))
    }
}

fn retained_page(tables: &Tables, after: Option<&str>, page: &mut PageBuffer) -> Place {
    let rows = tables.retained.export_page(after, PAGE_ROWS);
    push_retained(&rows, &tables.clock, page);
    match rows.last() {
        Some(last) if rows.len() == PAGE_ROWS => Place::Retained(Some(last.topic.to_string())),
        _ => Place::End,
    }
}

impl Node {
    /// Whether what it knows of another one is what that one says of itself.
    pub fn knows_all_of(&self, other: &Self) -> bool {
        let following = &self.follows[other.start.node];
        let (last, sums) = other.journal.ring().now();
        following.follower.is_in_sync()
            && following.follower.sequence() == last
            && emqxd_cluster::stream::Replica::sums(&following.replica) == sums
    }
}
