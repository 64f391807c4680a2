//! From the rules to the socket: writing what waits, and telling the session whether the socket keeps up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use emqxd_broker::{ConnectionKey, Metric, Time};
use tokio::io::AsyncWrite;

use super::WorkerState;
use super::connection::ConnectionTimer;
use super::moving::Pace;
use crate::negotiate::failed_io;

/// Bytes waiting for a socket above which they are written in the middle of a turn: large enough to save system
/// calls, small enough to stay in the cache.
const FLUSH_AT: usize = 24 * 1024;

impl WorkerState {
    /// Writes what waits; whether all of it left.
    pub(crate) fn write(&mut self, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        if connection.out.is_empty() && !connection.stream.wants_flush() {
            return true;
        }
        if self.pace == Pace::Frozen {
            return false;
        }
        let Some(waker) = connection.waker.clone() else {
            return false;
        };
        let mut context = Context::from_waker(&waker);
        loop {
            match connection
                .out
                .poll_write(Pin::new(&mut connection.stream), &mut context)
            {
                Poll::Ready(Ok(written)) => {
                    connection.traffic.bytes_sent += written as u64;
                    self.metrics.add(Metric::BytesSent, written as u64);
                    if connection.out.is_empty() {
                        connection.out.release(&mut self.buffers);
                        break;
                    }
                }
                Poll::Ready(Err(error)) => {
                    self.end_by_error(key, &error, now);
                    return false;
                }
                Poll::Pending => break,
            }
        }
        if connection.stream.wants_flush()
            && let Poll::Ready(Err(error)) = Pin::new(&mut connection.stream).poll_flush(&mut context)
        {
            self.end_by_error(key, &error, now);
            return false;
        }
        self.after_write(key, now)
    }

    /// Tells the session whether the socket keeps up; whether nothing waits.
    pub(super) fn after_write(&mut self, key: usize, now: Time) -> bool {
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        let waiting = connection.out.len();
        let high = connection.listener().config.tcp_options.high_watermark;
        let connection_key = ConnectionKey(key as u32);
        if connection.flags.is_congested && waiting <= high / 2 {
            connection.flags.is_congested = false;
            connection.flags.has_more_to_send = true;
        } else if !connection.flags.is_congested && waiting > high {
            connection.flags.is_congested = true;
            self.shard.on_congested(connection_key);
        }
        let waits = waiting > 0 || connection.stream.wants_flush();
        if waits && !connection.flags.is_send_timer_armed {
            connection.flags.is_send_timer_armed = true;
            let at = now.after(connection.listener().config.tcp_options.send_timeout);
            let timer = ConnectionTimer::Send(key, connection.serial, connection.bytes_left());
            self.timers.arm(at, timer);
        }
        waiting == 0
    }

    /// A read or a write has failed.
    #[cold]
    pub(super) fn end_by_error(&mut self, key: usize, error: &io::Error, now: Time) {
        let (reason, detail) = failed_io(error);
        self.end_connection(key, reason, detail, now);
    }

    /// After something was appended to a connection's buffer: it is written at the end of its own turn, or at once
    /// when it has grown large.
    pub(crate) fn appended(&mut self, key: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let is_full = connection.out.len() >= FLUSH_AT && !connection.flags.is_congested && connection.waker.is_some();
        if is_full {
            // One that did not take all of the last write is slow by itself: nobody waits for it.
            let may_wait = connection.flags.is_in_fan_out && !connection.flags.is_send_timer_armed;
            if !(may_wait && self.fan_out.is_long() && self.hold_publisher()) {
                self.write(key, now);
            }
        } else if self.is_fan_out && self.current != Some(key) {
            if !connection.flags.is_in_fan_out && !connection.flags.is_woken && connection.waker.is_some() {
                connection.flags.is_in_fan_out = true;
                self.fan_out.push(key);
                self.long_turns.work.notify_one();
            }
        } else if self.current != Some(key) {
            connection.wake();
        }
    }

    /// The connection whose turn it is fills the buffers of many faster than they are written; whether there is one.
    fn hold_publisher(&mut self) -> bool {
        let Some(key) = self.current else { return false };
        let Some(connection) = self.connections.get_mut(key) else {
            return false;
        };
        if !connection.flags.is_held {
            connection.flags.is_held = true;
            self.fan_out.hold(key, connection.serial);
        }
        true
    }
}
