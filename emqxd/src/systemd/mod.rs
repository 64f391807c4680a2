//! What the daemon and systemd tell each other: `sd_notify`, the watchdog, listening sockets that outlive the process.
//!
//! All of it does nothing when the environment names no service manager, so a daemon that somebody started by hand is
//! the same daemon. `LISTEN_*`, `WATCHDOG_*` and `NOTIFY_SOCKET` are for this process alone: the only one that the daemon
//! ever starts is its own successor (`handover/binary.rs`), which gets what it needs of them and nothing more.
//!
//! | file | what |
//! | --- | --- |
//! | `service_manager.rs` | datagrams to the service manager (sd_notify(3)) |
//! | `inherited_sockets.rs` | listening sockets that somebody else bound (sd_listen_fds(3)) |
//! | `socket_store.rs`, `socket_name.rs` | our listening sockets in the manager's store, and their names there |
//! | `status.rs` | the line that `systemctl status` shows |
//! | `watchdog.rs` | signs of life, as long as all workers make turns |

mod inherited_sockets;
mod service_manager;
mod socket_name;
mod socket_store;
mod status;
mod watchdog;

use std::sync::Arc;

use tokio::sync::watch;

pub use self::inherited_sockets::InheritedSockets;
pub use self::service_manager::ServiceManager;
pub use self::socket_name::socket_name;
pub use self::socket_store::SocketStore;
pub use self::status::describe;
use crate::node::NodeShared;

/// The node has started: its sockets go into the store, then `READY=1` is sent, and from now on the signs of life.
pub fn announce_start(node: &Arc<NodeShared>, stop: watch::Receiver<bool>) {
    node.listeners.close_unwanted_sockets();
    node.listeners.store.start_is_done();
    if !node.service.is_there() {
        return;
    }
    let status = describe(node);
    node.service.ready(&status);
    tokio::spawn(status::keep_current(Arc::clone(node), status, stop));
    tokio::spawn(watchdog::run(Arc::clone(node)));
}
