//! The connections of a run and the loop that serves them: one epoll, one read for each event, answers and messages
//! gathered into one write. `run` calls it phase by phase; whatever goes wrong with a connection ends the run.

mod connecting;
mod holding;
mod publishing;
mod receiving;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use emqx_shared::Progress;
use mqtt_codec::{QoS, ReasonCode};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

use self::holding::Pinging;
use super::histogram::Histogram;
use super::link::{Link, LinkState, Role};
use super::outbound::{self, Identity, Publishes};
use super::plan::Order;
use super::publishers::{Bounds, Publisher};
use super::trouble;
use crate::failure::CliFailure;
use crate::progress::ProgressReport;

/// Room for reading besides the part of a packet that was carried over. A subscriber of many publishers is read in
/// pieces that let them send whole windows again: with less the server gets smaller batches and looks dearer.
const READ_BYTES: usize = 256 * 1024;

/// What a packet may have besides payload and topic: properties that the server adds.
const PACKET_EXTRA_BYTES: usize = 64 * 1024;

/// Events taken from epoll at once.
const EVENTS: usize = 1024;

/// A phase that is over by then tells nothing.
const PROGRESS_AFTER: Duration = Duration::from_millis(300);

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Events with this number are the timer's.
const TIMER: u64 = u64::MAX;

/// What a run counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub up: usize,
    pub slow_connects: u64,
    pub filters_refused: u64,
    pub sent: u64,
    pub received: u64,
    pub acknowledged: u64,
    /// Messages that the server answered with an error.
    pub refused: u64,
    /// Deliveries that were not newer than the last of their publisher.
    pub out_of_order: u64,
    /// Deliveries that are none of ours.
    pub foreign: u64,
    /// PINGREQs, and their answers.
    pub pings: u64,
    pub pongs: u64,
    /// System calls.
    pub reads: u64,
    pub writes: u64,
}

/// The messages to publish and how.
#[derive(Debug)]
struct Flow {
    publishes: Publishes,
    bounds: Bounds,
    publishers: Vec<Publisher>,
    ready: VecDeque<u32>,
    order: Order,
    /// The last sequence number for each pair that `order` watches.
    last: Vec<u32>,
}

/// The connections and the loop.
pub struct Engine {
    pub counts: Counts,
    /// From the first packet of TCP to CONNACK.
    pub connect_latency: Histogram,
    /// From when a message was due to its delivery, while `measuring`.
    pub latency: Histogram,
    pub measuring: bool,
    /// Where latency counts from a common start: when the subscription was sent.
    pub latency_since: Option<u64>,
    /// The lowest that a server announced.
    pub receive_maximum: u16,
    pub packet_bytes_max: Option<u32>,
    /// The first error that the server answered a message or a filter with.
    pub refusal: Option<ReasonCode>,
    target: SocketAddr,
    publish_target: SocketAddr,
    sources: Vec<IpAddr>,
    identity: Identity,
    tag: String,
    timeout: Duration,
    epoll: Epoll,
    events: Vec<EpollEvent>,
    links: Vec<Link>,
    connecting: usize,
    subacks_missing: usize,
    buffer: Vec<u8>,
    clock: Instant,
    flow: Flow,
    pinging: Pinging,
    phase: Phase,
    quiet: bool,
}

/// What is going on, for the operator who waits.
struct Phase {
    what: &'static str,
    began_ns: u64,
    told_ns: u64,
    progress: ProgressReport,
}

/// What an engine is made with.
pub struct Settings {
    pub target: SocketAddr,
    /// Where publishers connect.
    pub publish_target: SocketAddr,
    pub sources: Vec<IpAddr>,
    pub identity: Identity,
    pub tag: String,
    pub timeout: Duration,
    /// Each client is to send a PINGREQ so often; `None` if none is.
    pub keep_alive: Option<Duration>,
    /// Bytes of the payload.
    pub payload: usize,
    pub quiet: bool,
}
impl Engine {
    pub fn new(settings: Settings) -> Result<Self, CliFailure> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).map_err(|errno| system("epoll", errno))?;
        let publishes = Publishes::new(settings.identity.version, &[], QoS::AtMostOnce, false, 0);
        Ok(Self {
            counts: Counts::default(),
            connect_latency: Histogram::new(),
            latency: Histogram::new(),
            measuring: false,
            latency_since: None,
            receive_maximum: u16::MAX,
            packet_bytes_max: None,
            refusal: None,
            target: settings.target,
            publish_target: settings.publish_target,
            sources: settings.sources,
            identity: settings.identity,
            tag: settings.tag,
            timeout: settings.timeout,
            epoll,
            events: vec![EpollEvent::empty(); EVENTS],
            links: Vec::new(),
            connecting: 0,
            subacks_missing: 0,
            buffer: vec![0; settings.payload + PACKET_EXTRA_BYTES + READ_BYTES],
            clock: Instant::now(),
            flow: Flow {
                publishes: publishes.map_err(unencodable)?,
                bounds: Bounds {
                    missing_max: None,
                    fan: 1,
                    unacknowledged_max: None,
                },
                publishers: Vec::new(),
                ready: VecDeque::new(),
                order: Order::Unwatched,
                last: Vec::new(),
            },
            pinging: Pinging::new(settings.keep_alive),
            phase: Phase {
                what: "",
                began_ns: 0,
                told_ns: 0,
                progress: ProgressReport::new(settings.quiet),
            },
            quiet: settings.quiet,
        })
    }

    /// Nanoseconds since the run began.
    #[inline]
    pub fn now(&self) -> u64 {
        // 584 years.
        self.clock.elapsed().as_nanos() as u64
    }

    /// Serves the connections for `span`.
    pub fn pump(&mut self, span: Duration) -> Result<(), CliFailure> {
        let end = Instant::now() + span;
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
        {
            self.turn(left.min(Duration::from_millis(50)))?;
        }
        Ok(())
    }

    /// Says goodbye on every connection.
    pub fn disconnect_all(mut self) {
        for link in &mut self.links {
            link.out.extend_from_slice(outbound::disconnect());
            // It ends in any case.
            let _ = link.flush(&mut self.counts.writes);
        }
    }

    fn tell(&mut self, what: &'static str, done: u64, total: u64) {
        let now = self.now();
        if self.phase.what != what {
            // The bar of the phase before goes with it.
            self.phase = Phase {
                what,
                began_ns: now,
                told_ns: now,
                progress: ProgressReport::new(self.quiet),
            };
        }
        let phase = &mut self.phase;
        let is_short = now - phase.began_ns < PROGRESS_AFTER.as_nanos() as u64;
        if is_short || now - phase.told_ns < PROGRESS_EVERY.as_nanos() as u64 {
            return;
        }
        phase.told_ns = now;
        phase.progress.update(&Progress {
            what: what.to_owned(),
            done: done.min(total),
            total: Some(total),
        });
    }

    /// Serves whatever happens within `wait`, which is rounded down to a millisecond.
    fn turn(&mut self, wait: Duration) -> Result<(), CliFailure> {
        let wait = u16::try_from(wait.as_millis()).unwrap_or(u16::MAX);
        let mut events = std::mem::take(&mut self.events);
        let outcome = match self.epoll.wait(&mut events, wait) {
            Ok(count) => events[..count].iter().try_for_each(|event| self.serve(event)),
            Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(errno) => Err(system("epoll", errno)),
        };
        self.events = events;
        outcome
    }

    fn serve(&mut self, event: &EpollEvent) -> Result<(), CliFailure> {
        if event.data() == TIMER {
            return Ok(());
        }
        let index = event.data() as usize;
        if self.links[index].state == LinkState::Connecting {
            return self.greet(index);
        }
        let flags = event.events();
        if flags.contains(EpollFlags::EPOLLOUT) {
            self.flush(index)?;
            if let Role::Publisher(number) = self.links[index].role
                && self.links[index].waiting() == 0
                && (number as usize) < self.flow.publishers.len()
            {
                self.queue_if_worth(number as usize);
            }
        }
        if flags.intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR) {
            self.read(index)?;
        }
        Ok(())
    }

    fn flush(&mut self, index: usize) -> Result<(), CliFailure> {
        let link = &mut self.links[index];
        if link.flush(&mut self.counts.writes).is_err() {
            // What the server said before it closed is still to be read.
            return self.read(index).and(Err(self.ended(index, None)));
        }
        self.settle_interest(index)
    }

    fn settle_interest(&mut self, index: usize) -> Result<(), CliFailure> {
        let link = &mut self.links[index];
        let wanted = link.wanted();
        if wanted == link.interest {
            return Ok(());
        }
        link.interest = wanted;
        let mut event = EpollEvent::new(wanted, index as u64);
        self.epoll
            .modify(&link.stream, &mut event)
            .map_err(|errno| system("epoll", errno))
    }
}

fn client_id(tag: &str, index: usize) -> String {
    format!("bench-{tag}-{index}")
}

fn system(what: &str, errno: nix::errno::Errno) -> CliFailure {
    trouble::system(what, &errno.into())
}

/// What the arguments come to is too long for MQTT.
pub fn unencodable(error: mqtt_codec::EncodeError) -> CliFailure {
    CliFailure::usage("a packet cannot be encoded").why(error.to_string())
}
