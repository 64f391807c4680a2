//! Which listening sockets the service manager keeps for the next start, so that a restart refuses no connection.
//!
//! `Listeners` tells of each socket it binds and of each listener that an operator stops. While the node starts nothing
//! is sent: a start that fails must leave no socket behind whose backlog nobody looks at. A socket that was inherited is
//! not stored again: whoever handed it over has it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use parking_lot::Mutex;

use super::{ServiceManager, socket_name};

/// The listening sockets in the service manager's store.
#[derive(Debug)]
pub struct SocketStore {
    service: ServiceManager,
    /// What is to be stored once the start is done; `None` from then on.
    waiting: Mutex<Option<Vec<(String, OwnedFd)>>>,
}

impl SocketStore {
    /// Nothing is stored yet.
    pub fn new(service: ServiceManager) -> Self {
        Self {
            service,
            waiting: Mutex::new(Some(Vec::new())),
        }
    }

    /// Has the socket of a listener kept.
    pub fn keep(&self, listener_id: &str, socket: BorrowedFd<'_>) {
        if !self.service.is_there() {
            return;
        }
        let name = socket_name(listener_id);
        let mut waiting = self.waiting.lock();
        let Some(waiting) = waiting.as_mut() else {
            return self.service.store(&name, socket);
        };
        match socket.try_clone_to_owned() {
            Ok(copy) => waiting.push((name, copy)),
            Err(error) => tracing::warn!(listener = listener_id, reason = %error, "listening_socket_not_stored"),
        }
    }

    /// A listener was stopped: nobody is to wait for it.
    pub fn forget(&self, listener_id: &str) {
        let name = socket_name(listener_id);
        if let Some(waiting) = self.waiting.lock().as_mut() {
            waiting.retain(|(waiting, _)| *waiting != name);
        }
        self.forget_name(&name);
    }

    /// What is stored under a name is of no use to anybody.
    pub fn forget_name(&self, name: &str) {
        self.service.forget(name);
    }

    /// The start is done: what was bound so far is stored, and what is bound from now on at once.
    pub fn start_is_done(&self) {
        let waiting = self.waiting.lock().take();
        for (name, socket) in waiting.into_iter().flatten() {
            self.service.store(&name, socket.as_fd());
        }
    }
}
