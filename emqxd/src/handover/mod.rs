//! `emqx-ctl upgrade`: another process of another binary goes on with listening sockets, clients and sessions.
//!
//! The old process starts the new one with one end of a socket pair as its stdin, stops reading from clients, waits until
//! no message is under way, and sends what it has: descriptors by `SCM_RIGHTS`, the rest as records. The new process
//! builds all of it, touching no connection, and says that it is ready; the old one says go, and from then on touches
//! none itself. Whatever fails before that word ends the new process, and the old one goes on as if nothing had been.
//!
//! | file | what |
//! | --- | --- |
//! | `binary.rs` | which binary, and whether it can go on with what this one sends |
//! | `wire.rs` | frames and descriptors between the two |
//! | `record.rs` | what is sent beside sessions |
//! | `give.rs` | the old process |
//! | `call_off.rs` | up to when it can be called off, because the node is to stop |
//! | `take.rs` | the new process |
//!
//! What a worker does for it is in `worker/moving.rs`, what is said of sessions in the broker's `handover`.

mod binary;
mod call_off;
mod give;
mod record;
mod take;
mod wire;

use std::fs::File;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

pub use self::binary::FORMATS_LINE;
use self::call_off::CallOff;
pub use self::give::{UpgradeError, give, leave};
pub(crate) use self::record::ConnectionState;
pub use self::take::{TakeError, TakeOver};
pub use self::wire::WireError;

/// The format of what is sent. A new process of another format is not given anything.
pub const FORMAT: u32 = 3;

/// What a hand-over needs of the node, and what the node has to know of one.
#[derive(Debug)]
pub struct HandOver {
    /// Listeners accept nobody: who connects waits in the backlog.
    hold: watch::Sender<bool>,
    /// The other process alone answers operators who come from now on.
    is_control_given: watch::Sender<bool>,
    /// The one that is under way, and who wants it to end.
    call_off: CallOff,
    /// Another process is the daemon now.
    is_done: AtomicBool,
    /// It should be, and is not.
    is_lost: AtomicBool,
    /// Nothing is left to be done but to end.
    over: Notify,
    locks: Mutex<Locks>,
}

/// What this process alone may have, and gives away whole.
#[derive(Debug, Default)]
struct Locks {
    /// The lock of the data folder.
    data_dir: Option<File>,
    control: Option<ControlParts>,
}

/// The control socket: as it listens, and the lock on its path.
#[derive(Debug)]
pub struct ControlParts {
    /// The listening socket.
    pub listener: UnixListener,
    /// Of `<socket>.lock`.
    pub lock: File,
}

impl HandOver {
    /// Of a node that starts; one that takes over begins with nothing moving.
    pub fn new(takes_over: bool) -> Self {
        Self {
            hold: watch::Sender::new(takes_over),
            is_control_given: watch::Sender::new(false),
            call_off: CallOff::default(),
            is_done: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
            over: Notify::new(),
            locks: Mutex::default(),
        }
    }

    /// Whether listeners and workers keep still, and news of that.
    pub fn hold(&self) -> watch::Receiver<bool> {
        self.hold.subscribe()
    }

    /// Whether listeners and workers keep still now.
    pub fn is_held(&self) -> bool {
        *self.hold.borrow()
    }

    /// Whether operators who come now are another process's, and news of that.
    pub fn control_given(&self) -> watch::Receiver<bool> {
        self.is_control_given.subscribe()
    }

    /// Whether another process is the daemon now.
    pub fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    /// The node is to stop: a hand-over that can still be undone is, and none begins any more. Returns when none is under
    /// way; whether another process is the daemon then.
    pub async fn call_off(&self) -> bool {
        self.call_off.call_off().await;
        self.is_done()
    }

    /// Nothing more can be done here: this process is to end. `is_lost` if no other serves the clients.
    pub fn end(&self, is_lost: bool) {
        self.is_lost.store(is_lost, Ordering::Release);
        self.over.notify_one();
    }

    /// Returns when this process is to end, because another is the daemon; whether that one is lost.
    pub async fn ended(&self) -> bool {
        self.over.notified().await;
        self.is_lost.load(Ordering::Acquire)
    }

    /// The lock of the data folder is held.
    pub fn keep_data_dir(&self, lock: Option<File>) {
        self.locks.lock().data_dir = lock;
    }

    /// The control socket is there.
    pub fn keep_control(&self, parts: Option<ControlParts>) {
        self.locks.lock().control = parts;
    }
}
