//! Letting clients go before the node, or one listener, is gone.
//!
//! [`run`] is the end of a node that was told to stop, by a signal or by `emqx-ctl shutdown`: nobody new is accepted,
//! clients go evenly over the drain time, those that speak MQTT 5 with DISCONNECT 0x8B. At the end no PUBLISH is taken
//! any more, what was acknowledged before reaches those who are still connected, and then they go, too: `worker/leaving.rs`.
//! [`let_listener_go`] does the same for one listener while the others go on serving.

mod course;
mod last_messages;
mod party;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use emqx_shared::ExitCode;
use emqxd_broker::DisconnectReason;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval, timeout};

use self::course::Course;
use self::last_messages::{last_messages, quiet};
use self::party::{TICK, let_all_go, parties, spread, wait_for_postponed};
use crate::listener::Listener;
use crate::node::NodeShared;
use crate::signals::Signals;

/// Without an operator's word no client waits longer to be let go than it takes at this rate: a few need no spreading.
const SPREAD_PER_CLIENT: Duration = Duration::from_millis(1);
/// How long clients have to take their last bytes and close.
const LAST_BYTES_TIME: Duration = Duration::from_millis(2500);

/// How far a drain is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DrainProgress {
    /// Connections when it began.
    pub total: usize,
    /// Connections that are left.
    pub left: usize,
    /// Nothing more happens.
    pub is_over: bool,
}

/// The wish that the node stops, and how far it is. The wish is an operator's; signals come by [`Signals`].
#[derive(Debug)]
pub struct Shutdown {
    asked: Mutex<Option<Asked>>,
    news: Notify,
    hurry: Notify,
    progress: watch::Sender<DrainProgress>,
    /// Listeners that let their clients go while the node goes on.
    listeners: Arc<AtomicUsize>,
}

/// Counts as a listener that lets its clients go.
struct DrainsListener(Arc<AtomicUsize>);

impl Drop for DrainsListener {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What an operator asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// How long the clients' going may take; `None` for `node.drain_time`.
    over: Option<Duration>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self {
            asked: Mutex::new(None),
            news: Notify::new(),
            hurry: Notify::new(),
            progress: watch::Sender::new(DrainProgress::default()),
            listeners: Arc::default(),
        }
    }
}

impl Shutdown {
    /// Tells the node to stop; whether nobody had before.
    pub fn ask(&self, over: Option<Duration>) -> bool {
        let mut asked = self.asked.lock();
        if asked.is_some() {
            return false;
        }
        *asked = Some(Asked { over });
        self.news.notify_one();
        true
    }

    /// How far the drain of the node is; all zero until it begins.
    pub fn progress(&self) -> watch::Receiver<DrainProgress> {
        self.progress.subscribe()
    }

    /// Whether a listener is letting its clients go.
    pub fn drains_listeners(&self) -> bool {
        self.listeners.load(Ordering::Acquire) > 0
    }

    fn begin_listener(&self) -> DrainsListener {
        self.listeners.fetch_add(1, Ordering::AcqRel);
        DrainsListener(Arc::clone(&self.listeners))
    }

    async fn asked(&self) -> Asked {
        loop {
            if let Some(asked) = *self.asked.lock() {
                return asked;
            }
            self.news.notified().await;
        }
    }
}

/// Returns when the node is to stop, with how long the clients' going may take.
pub async fn until_asked(node: &Arc<NodeShared>, signals: &mut Signals) -> Option<Duration> {
    tokio::select! {
        () = signals.until_stop(node) => {
            // A shutdown that is asked for from now on has this one's drain.
            node.shutdown.ask(None);
            None
        }
        asked = node.shutdown.asked() => {
            tracing::info!(level = "notice", by = "emqx-ctl shutdown", "stopping");
            asked.over
        }
    }
}

/// Lets all clients go. `over` is an operator's word; a signal that comes meanwhile cuts that short, and one that comes
/// when nothing is left to be cut short ends the process.
pub async fn run(node: &Arc<NodeShared>, signals: &mut Signals, over: Option<Duration>) {
    let mut may_hurry = over.is_some();
    let over = over.unwrap_or_else(|| drain_time(node));
    let draining = drain(node, over);
    tokio::pin!(draining);
    loop {
        tokio::select! {
            () = &mut draining => return,
            () = signals.until_stop(node) => {
                if !std::mem::take(&mut may_hurry) {
                    // Whatever hangs, it hangs no longer.
                    exit_at_once(node);
                }
                node.shutdown.hurry.notify_one();
            }
        }
    }
}

/// Ends the process without waiting for anybody.
pub fn exit_at_once(node: &NodeShared) -> ! {
    node.log.flush();
    std::process::exit(i32::from(ExitCode::Interrupted.number()))
}

/// `node.drain_time`, and less for few clients.
fn drain_time(node: &NodeShared) -> Duration {
    let clients = u32::try_from(open_connections(node)).unwrap_or(u32::MAX);
    node.config
        .node
        .drain_time
        .min(SPREAD_PER_CLIENT.saturating_mul(clients))
}

/// Stops all listeners and lets their clients go over a time; returns when they are gone or have had their time.
pub async fn drain(node: &NodeShared, over: Duration) {
    for listener in node.listeners.stop_all() {
        // Nobody may be reading.
        let _ = writeln!(
            std::io::stdout(),
            "Listener {} on {} stopped.",
            listener.id,
            listener.shown_address()
        );
    }
    let total = open_connections(node);
    let mut course = Course {
        node,
        listener: None,
        progress: &node.shutdown.progress,
        total,
        began: Instant::now(),
        over,
        extended_at: None,
        logged_at: Instant::now(),
    };
    course.tell();
    tracing::info!(
        level = "notice",
        clients = total,
        drain_ms = over.as_millis() as u64,
        "drain_begins"
    );
    let mut parties = parties(node, None, DisconnectReason::ServerShuttingDown).await;
    if over > TICK {
        tokio::select! {
            () = spread(&mut parties, over, &mut course) => {}
            () = node.shutdown.hurry.notified() => {
                tracing::info!(level = "notice", left = open_connections(node), "drain_cut_short");
            }
        }
    }
    last_messages(node, &mut course).await;
    for worker in node.workers() {
        let closed = worker.run(|worker| worker.close_connections(None, DisconnectReason::ServerShuttingDown));
        let _it_may_have_stopped = closed.await;
    }
    let mut ticks = interval(Duration::from_millis(10));
    let gone = async {
        while open_connections(node) > 0 {
            ticks.tick().await;
        }
    };
    let _some_may_not_take_it = timeout(LAST_BYTES_TIME, gone).await;
    // Wills of the last ones may be for clients of other nodes.
    quiet(node).await;
    let left = open_connections(node);
    if left > 0 {
        tracing::info!(connections = left, "stopped_with_open_connections");
    }
    tracing::info!(
        level = "notice",
        clients = total,
        took_ms = course.began.elapsed().as_millis() as u64,
        "drain_ended"
    );
    node.shutdown.progress.send_replace(DrainProgress {
        total,
        left,
        is_over: true,
    });
}

/// Lets the clients of a listener that was stopped go over a time, in a task of its own; what it tells is how far it is.
pub fn let_listener_go(
    node: &Arc<NodeShared>,
    listener: Arc<Listener>,
    over: Duration,
) -> watch::Receiver<DrainProgress> {
    let total = listener.open_connections();
    let (progress, watching) = watch::channel(DrainProgress {
        total,
        left: total,
        is_over: false,
    });
    let node = Arc::clone(node);
    let counted = node.shutdown.begin_listener();
    tokio::spawn(async move {
        let _until_it_is_over = counted;
        let reason = DisconnectReason::ListenerStopped;
        tracing::info!(level = "notice", listener = %listener.id, clients = total, drain_ms = over.as_millis() as u64, "drain_begins");
        let mut parties = parties(&node, Some(&listener), reason).await;
        let mut course = Course {
            node: &node,
            listener: Some(&listener),
            progress: &progress,
            total,
            began: Instant::now(),
            over,
            extended_at: None,
            logged_at: Instant::now(),
        };
        spread(&mut parties, over, &mut course).await;
        let_all_go(&mut parties).await;
        wait_for_postponed(&mut parties, &mut course).await;
        // Who was on the way from one worker to another meanwhile.
        for worker in node.workers() {
            let run = Arc::clone(&listener);
            let closed = worker.run(move |worker| worker.close_connections(Some(&run), reason));
            let _it_may_have_stopped = closed.await;
        }
        let took_ms = course.began.elapsed().as_millis() as u64;
        tracing::info!(level = "notice", listener = %listener.id, clients = total, took_ms, "drain_ended");
        progress.send_replace(DrainProgress {
            total,
            left: 0,
            is_over: true,
        });
    });
    watching
}

/// Connections of all listeners.
pub fn open_connections(node: &NodeShared) -> usize {
    node.listeners
        .list()
        .iter()
        .filter_map(|status| status.run.as_ref())
        .map(|run| run.open_connections())
        .sum()
}
