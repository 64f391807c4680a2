//! How a run begins: connections, CONNECT, subscriptions.

use std::time::{Duration, Instant};

use mqtt_codec::{PacketId, QoS};
use nix::sys::epoll::EpollEvent;

use super::publishing::scheduled;
use super::{Engine, client_id, system, unencodable};
use crate::bench::link::{Link, LinkState, OpenError, Role};
use crate::bench::{outbound, trouble};
use crate::failure::CliFailure;

/// Connections on their way at once: well below the backlog of a usual listener (1024).
const CONNECTING_MAX: usize = 200;

/// A TCP connection that takes so long was not accepted at first: the system tries again after a second.
const SLOW_CONNECT: Duration = Duration::from_millis(950);

/// Filters in one SUBSCRIBE, and such packets of which the answer may be missing, over all connections.
const FILTERS_TOGETHER: usize = 100;
const SUBACKS_MISSING_MAX: usize = 200;

impl Engine {
    /// Connects one client for each of `roles`, all at once or `rate` a second.
    pub fn connect_all(&mut self, roles: &[Role], rate: Option<u32>) -> Result<(), CliFailure> {
        let (goal, begin) = (self.links.len() + roles.len(), self.now());
        let mut next = 0;
        let mut last = (self.counts.up, begin);
        while self.counts.up < goal {
            let now = self.now();
            let due = rate.map_or(roles.len(), |rate| {
                scheduled(now - begin, rate).min(roles.len() as u64) as usize
            });
            while next < due && self.connecting < CONNECTING_MAX {
                self.open(roles[next])?;
                next += 1;
            }
            self.ping_due()?;
            self.turn(if next < due && self.connecting < CONNECTING_MAX {
                Duration::ZERO
            } else {
                Duration::from_millis(1)
            })?;
            self.tell("connecting", self.counts.up as u64, goal as u64);
            if last.0 != self.counts.up || self.connecting == 0 {
                last = (self.counts.up, now);
            } else if now - last.1 > self.timeout.as_nanos() as u64 {
                let what = format!("{} of {goal} clients are connected", self.counts.up);
                return Err(trouble::no_progress(&what, self.timeout));
            }
        }
        Ok(())
    }

    pub(super) fn open(&mut self, role: Role) -> Result<(), CliFailure> {
        let index = self.links.len();
        let source = (!self.sources.is_empty()).then(|| self.sources[index % self.sources.len()]);
        let packet = outbound::connect(&self.identity, client_id(&self.tag, index)).map_err(unencodable)?;
        let target = match role {
            Role::Publisher(_) => self.publish_target,
            Role::Subscriber(_) | Role::Idle => self.target,
        };
        let failed = |error| trouble::not_connected(target, self.counts.up, &error);
        let mut link = Link::open(target, source, role, self.now(), packet).map_err(|error| match error {
            OpenError::Source(address, error) => trouble::no_source(address, &error),
            OpenError::System(error) => failed(error),
        })?;
        link.greet_at_once(&mut self.counts.writes).map_err(failed)?;
        let event = EpollEvent::new(link.interest, index as u64);
        self.epoll
            .add(&link.stream, event)
            .map_err(|errno| system("epoll", errno))?;
        self.links.push(link);
        self.connecting += 1;
        Ok(())
    }

    /// Subscribes: the filters of each subscriber, several in a packet. Returns once all are answered, or, without
    /// `wait`, once all are sent.
    pub fn subscribe_all(&mut self, filters: &[Vec<String>], qos: QoS, wait: bool) -> Result<(), CliFailure> {
        let total: usize = filters.iter().map(Vec::len).sum();
        let mut done = 0;
        for index in 0..self.links.len() {
            let Role::Subscriber(number) = self.links[index].role else {
                continue;
            };
            let mut packet_id = PacketId::FIRST;
            for some in filters[number as usize].chunks(FILTERS_TOGETHER) {
                let packet = outbound::subscribe(self.identity.version, packet_id, some, qos).map_err(unencodable)?;
                packet_id = packet_id.next();
                self.links[index].out.extend_from_slice(&packet);
                self.flush(index)?;
                self.subacks_missing += 1;
                self.wait_for_subacks(SUBACKS_MISSING_MAX)?;
                done += some.len();
                self.tell("subscribing", done as u64, total as u64);
            }
        }
        self.wait_for_subacks(if wait { 0 } else { SUBACKS_MISSING_MAX })
    }

    /// Ends the subscriptions of each subscriber, few enough for one packet, and waits for the answers.
    pub fn unsubscribe_all(&mut self, filters: &[Vec<String>]) -> Result<(), CliFailure> {
        for index in 0..self.links.len() {
            let Role::Subscriber(number) = self.links[index].role else {
                continue;
            };
            let version = self.identity.version;
            let packet = outbound::unsubscribe(version, PacketId::FIRST, &filters[number as usize]);
            self.links[index].out.extend_from_slice(&packet.map_err(unencodable)?);
            self.flush(index)?;
            self.subacks_missing += 1;
        }
        self.wait_for_subacks(0)
    }

    pub(super) fn wait_for_subacks(&mut self, missing_max: usize) -> Result<(), CliFailure> {
        let mut last = (self.subacks_missing, Instant::now());
        while self.subacks_missing > missing_max {
            self.turn(Duration::from_millis(10))?;
            if last.0 != self.subacks_missing {
                last = (self.subacks_missing, Instant::now());
            } else if last.1.elapsed() > self.timeout {
                return Err(trouble::no_progress(
                    "answers to SUBSCRIBE or UNSUBSCRIBE are missing",
                    self.timeout,
                ));
            }
        }
        Ok(())
    }

    /// TCP is connected, or has failed.
    pub(super) fn greet(&mut self, index: usize) -> Result<(), CliFailure> {
        let now = self.now();
        let link = &mut self.links[index];
        link.finish_connect()
            .map_err(|error| trouble::not_connected(self.target, self.counts.up, &error))?;
        if now - link.started_ns >= SLOW_CONNECT.as_nanos() as u64 {
            self.counts.slow_connects += 1;
        }
        link.state = LinkState::Greeting;
        self.flush(index)
    }
}
