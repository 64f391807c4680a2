//! Keep alive (MQTT 5, 3.1.2.10): a client silent for 1.5 times its interval is given up.
//!
//! The judgement falls in two steps: when the interval is over the channel is only suspected, and given up one
//! timer tick later if nothing has come by then. In between the worker reads every socket that has data, so a
//! client is never blamed for packets that lay unread because the worker itself was late. A client that is not
//! read at all for a while, because of a rate limit or because another worker does not keep up, is not judged.

use std::time::Duration;

use crate::timers::TICK_MS;
use crate::{ConnectionKey, DisconnectReason, Effect, Shard, Time, TraceKind};

/// Silence that a connection may keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeepAlive {
    /// Interval in force, seconds; 0 for none.
    pub seconds: u16,
    /// Silence allowed, as a multiple of the interval.
    multiplier: f32,
    pub last_received: Time,
    suspected: bool,
    /// Nobody reads this client's packets now.
    is_unread: bool,
}

impl KeepAlive {
    pub fn new(seconds: u16, multiplier: f64, now: Time) -> Self {
        Self {
            seconds,
            multiplier: multiplier.clamp(1.0, 100.0) as f32,
            last_received: now,
            suspected: false,
            is_unread: false,
        }
    }

    /// Silence allowed, as a multiple of the interval.
    pub fn multiplier(&self) -> f64 {
        f64::from(self.multiplier)
    }

    /// When to look next; `None` without keep alive.
    pub fn deadline(&self) -> Option<Time> {
        let allowed = || Duration::from_secs_f64(f64::from(self.seconds) * f64::from(self.multiplier));
        (self.seconds > 0).then(|| self.last_received.after(allowed()))
    }

    pub fn on_received(&mut self, now: Time) {
        self.last_received = now;
        self.suspected = false;
    }
}

impl Shard {
    /// Bytes have come from the client, a whole packet or not.
    pub fn on_received(&mut self, connection: ConnectionKey, now: Time) {
        if let Some(channel) = self.channel_mut(connection) {
            channel.keep_alive.on_received(now);
        }
    }

    /// The caller stops reading from a client for a while, or goes on: until then silence means nothing.
    pub fn set_unread(&mut self, connection: ConnectionKey, is_unread: bool, now: Time) {
        if let Some(channel) = self.channel_mut(connection) {
            channel.keep_alive.is_unread = is_unread;
            channel.keep_alive.on_received(now);
        }
    }

    /// The keep-alive timer of a channel.
    pub(crate) fn on_keep_alive_timer(
        &mut self,
        connection: ConnectionKey,
        serial: u64,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(channel) = self.channel_mut(connection).filter(|channel| channel.serial == serial) else {
            return;
        };
        if channel.keep_alive.is_unread {
            channel.keep_alive.on_received(now);
        }
        let Some(deadline) = channel.keep_alive.deadline() else {
            return;
        };
        if now < deadline {
            self.arm_keep_alive(connection, deadline, now);
        } else if !channel.keep_alive.suspected {
            channel.keep_alive.suspected = true;
            let keep_alive = channel.keep_alive.seconds;
            self.trace(connection, TraceKind::Silent { keep_alive });
            self.arm_keep_alive(connection, Time(now.0 + TICK_MS), now);
        } else {
            self.close_channel(connection, DisconnectReason::KeepaliveTimeout, now, effects);
        }
    }
}
