//! What a benchmark does: who connects, subscribes to what, publishes where, how hard and how long. Arguments that make
//! no sense are refused here, before anything is connected.

mod scenarios;

use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use emqx_shared::ExitCode;
use mqtt_codec::QoS;

use super::outbound::{Identity, STAMP_BYTES};
use super::server::Watch;
use crate::cli::{BenchCommand, FlowArgs, MessageArgs, TargetArgs};
use crate::failure::CliFailure;

/// Most connections of a run: more than one machine has ports and descriptors for.
const CONNECTIONS_MAX: u32 = 1_000_000;

/// Most topics and filters: about 150 MB of our own memory.
const TOPICS_MAX: u32 = 1_000_000;

/// Largest payload: EMQX's default `mqtt.max_packet_size`.
const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// Pairs of publisher and subscriber whose order can be watched: 64 MB.
const PAIRS_MAX: u64 = 16_000_000;

/// Longest run.
const DURATION_MAX: Duration = Duration::from_secs(24 * 3600);

/// Windows of a publisher where no queue comes into it: as large as EMQX's `mqtt.max_awaiting_rel`, so that QoS 2 works;
/// smaller where a message is a thousand deliveries, or where there are many pairs.
const WINDOW_DEFAULT: u32 = 100;
const WINDOW_FAN_OUT: u32 = 20;
const WINDOW_P2P: u32 = 10;

/// Largest window: packet identifiers end at 65,535.
const WINDOW_MAX: u32 = 32_000;

/// Deliveries that one subscriber can be behind without loss: EMQX's default `mqtt.max_mqueue_len`.
const QUEUE_LEN: u32 = 1000;

/// Largest password file: that is the longest password MQTT can carry, and a line end.
const PASSWORD_BYTES_MAX: u64 = 65_535 + 2;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    Connect,
    FanIn,
    FanOut,
    P2p,
    Shared,
    Wildcard,
    Retained,
}

impl Scenario {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FanIn => "fan-in",
            Self::FanOut => "fan-out",
            Self::P2p => "p2p",
            Self::Shared => "shared",
            Self::Wildcard => "wildcard",
            Self::Retained => "retained",
        }
    }
}

/// Whose messages a subscriber can get, and so between whom order is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Every publisher's.
    EachPublisher,
    /// Those of the publisher with its own number.
    OwnPublisher,
    /// Not watched: retained messages come in any order.
    Unwatched,
}

/// A benchmark to run.
#[derive(Debug)]
pub struct Plan {
    pub scenario: Scenario,
    pub host: String,
    pub port: u16,
    pub identity: Identity,
    /// How long a connection, an answer, and the last messages are waited for.
    pub timeout: Duration,
    pub qos: QoS,
    pub payload: usize,
    /// Messages of a publisher on their way; nothing end to end bounds them where there is a `rate`.
    pub window: u32,
    /// Messages (or connections) a second.
    pub rate: Option<u32>,
    pub duration: Duration,
    pub warm_up: Duration,
    /// Local addresses to connect from; none where they are chosen.
    pub sources: Vec<IpAddr>,
    /// Whose processor time and memory are told.
    /// Where publishers connect, if not there: `host` or `host:port`.
    pub publish_to: Option<String>,
    pub watch: Watch,
    /// Clients that only connect, how long they are kept then, and how often they send a PINGREQ.
    pub idle_clients: u32,
    pub hold: Duration,
    pub keep_alive: Option<Duration>,
    /// How long the subscriber stops reading in the middle of what is retained.
    pub pause: Duration,
    /// The filters of each subscriber.
    pub subscribers: Vec<Vec<String>>,
    pub topics: Vec<String>,
    pub publishers: u32,
    /// How many subscribers get each message.
    pub fan: u32,
    pub order: Order,
    /// Makes client ids and topics of this run its own.
    pub tag: String,
}

impl Plan {
    /// # Errors
    /// Exit code 64 for what makes no sense, 66 for a password file that cannot be read.
    pub fn new(command: BenchCommand, tag: String, timeout: Duration) -> Result<Self, CliFailure> {
        let plan = match command {
            BenchCommand::Connect(args) => scenarios::connect(args, tag, timeout)?,
            BenchCommand::FanIn(args) => scenarios::fan_in(args, tag, timeout)?,
            BenchCommand::FanOut(args) => scenarios::fan_out(args, tag, timeout)?,
            BenchCommand::P2p(args) => scenarios::p2p(args, tag, timeout)?,
            BenchCommand::Shared(args) => scenarios::shared(args, tag, timeout)?,
            BenchCommand::Wildcard(args) => scenarios::wildcard(args, tag, timeout)?,
            BenchCommand::Retained(args) => scenarios::retained(args, tag, timeout)?,
        };
        plan.check_order()?;
        Ok(plan)
    }

    /// All connections of the run.
    pub fn connections(&self) -> u32 {
        let subscribers = u32::try_from(self.subscribers.len()).unwrap_or(u32::MAX);
        self.idle_clients
            .saturating_add(subscribers)
            .saturating_add(self.publishers)
    }

    /// Filters of all subscribers.
    pub fn filters(&self) -> usize {
        self.subscribers.iter().map(Vec::len).sum()
    }

    /// The topics of a publisher: index of the first, and how many. Topics are dealt out; where there are fewer than
    /// publishers, several share one.
    pub fn topics_of(&self, publisher: u32) -> (usize, usize) {
        let (topics, publishers) = (self.topics.len(), self.publishers as usize);
        let publisher = publisher as usize;
        if topics <= publishers {
            return (publisher % topics.max(1), 1);
        }
        let first = publisher * topics / publishers;
        (first, (publisher + 1) * topics / publishers - first)
    }

    fn check_order(&self) -> Result<(), CliFailure> {
        let pairs = self.subscribers.len() as u64 * u64::from(self.publishers);
        if self.order != Order::EachPublisher || pairs <= PAIRS_MAX {
            return Ok(());
        }
        let message = format!(
            "{} subscribers of {} publishers are {pairs} pairs to watch, the limit is {PAIRS_MAX}",
            self.subscribers.len(),
            self.publishers
        );
        Err(CliFailure::usage(message).next("use fewer of either, or run emqx-ctl bench twice"))
    }

    fn idle(scenario: Scenario, target: TargetArgs, tag: String, timeout: Duration) -> Result<Self, CliFailure> {
        let password = match &target.password_file {
            Some(path) => Some(read_password(path)?),
            None => None,
        };
        Ok(Self {
            scenario,
            host: target.host,
            port: target.port,
            identity: Identity {
                version: target.protocol.into(),
                username: target.username,
                password,
                keep_alive_s: 0,
            },
            sources: target.source,
            publish_to: target.publish_to,
            watch: match target.server_pid.is_empty() {
                true => Watch::Daemon,
                false => Watch::Processes(target.server_pid),
            },
            hold: Duration::ZERO,
            keep_alive: None,
            pause: Duration::ZERO,
            timeout,
            qos: QoS::AtMostOnce,
            payload: 0,
            window: 0,
            rate: None,
            duration: Duration::ZERO,
            warm_up: Duration::ZERO,
            idle_clients: 0,
            subscribers: Vec::new(),
            topics: Vec::new(),
            publishers: 0,
            fan: 0,
            order: Order::Unwatched,
            tag,
        })
    }

    /// `sharing` publishers send to the same subscriber.
    fn set_message(&mut self, message: &MessageArgs, window: u32, sharing: u32) -> Result<(), CliFailure> {
        self.qos = QoS::from_u8(message.qos).unwrap_or_default();
        let payload = message.payload;
        if !(STAMP_BYTES..=PAYLOAD_BYTES_MAX).contains(&payload) {
            return Err(out_of_range("--payload", payload, STAMP_BYTES, PAYLOAD_BYTES_MAX));
        }
        self.payload = payload;
        if let Some(window) = message.window {
            self.window = in_range("--window", window, WINDOW_MAX)?;
        } else {
            // What all publishers may have on their way has to fit into the queue of the one who gets it.
            self.window = (QUEUE_LEN / sharing.max(1)).clamp(1, window);
        }
        Ok(())
    }

    fn set_flow(&mut self, flow: &FlowArgs, window: u32, sharing: u32) -> Result<(), CliFailure> {
        self.set_message(&flow.message, window, sharing)?;
        self.rate = flow.rate;
        self.duration = flow.duration;
        self.warm_up = flow.warm_up;
        check_duration("--duration", flow.duration.max(flow.warm_up))
    }
}

fn check_duration(option: &str, duration: Duration) -> Result<(), CliFailure> {
    if duration <= DURATION_MAX {
        return Ok(());
    }
    Err(CliFailure::usage("a run of more than a day is refused").next(format!("use {option} 24h or less")))
}

fn in_range(option: &str, value: u32, max: u32) -> Result<u32, CliFailure> {
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    Err(out_of_range(option, value as usize, 1, max as usize))
}

fn out_of_range(option: &str, value: usize, min: usize, max: usize) -> CliFailure {
    CliFailure::usage(format!("{option} {value} makes no sense")).next(format!("give {min} to {max}"))
}

fn read_password(path: &std::path::Path) -> Result<Vec<u8>, CliFailure> {
    let unreadable = |why: String| {
        let message = format!("the password file {} cannot be used", path.display());
        CliFailure::new("no_input", ExitCode::NoInput, message).why(why)
    };
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > PASSWORD_BYTES_MAX {
        return Err(unreadable(format!(
            "it is not a file of at most {PASSWORD_BYTES_MAX} bytes"
        )));
    }
    let mut password = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    if password.ends_with(b"\n") {
        password.pop();
        if password.ends_with(b"\r") {
            password.pop();
        }
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn plan(line: &str) -> Result<Plan, CliFailure> {
        let words = ["emqx-ctl", "bench"].into_iter().chain(line.split(' '));
        let Some(Command::Bench(command)) = Cli::try_parse_from(words).unwrap().command else {
            panic!("{line}");
        };
        Plan::new(command, "tag".to_owned(), Duration::from_secs(1))
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_values_there_are() {
        for line in [
            "connect --clients 0",
            "connect --clients 2000000",
            "fan-in --payload 15",
            "fan-in --payload 2000000",
            "fan-in --publishers 0",
            "fan-in --topics 0",
            "fan-in --window 0",
            "fan-in --window 70000",
            "fan-in --duration 2d",
            "connect --hold 2d",
            "connect --keep-alive 1d",
            "connect --keep-alive 1ms",
            "retained --pause 2d",
            "fan-out --subscribers 1000000 --publishers 1000",
            "wildcard --filters 10 --subscribers 11 --publishers 1",
            "wildcard --filters 10 --subscribers 1 --publishers 11",
            "retained --count 3 --publishers 4",
            "shared --groups 2000",
        ] {
            let failure = plan(line).unwrap_err();
            assert_eq!(failure.exit, ExitCode::Usage, "{line}");
            assert!(!failure.next.is_empty(), "{line}");
        }
    }

    #[test]
    fn options_that_a_scenario_has_no_use_for_are_unknown_to_it() {
        for line in [
            "connect --qos 1",
            "retained --rate 5",
            "p2p --filters 5",
            "fan-in --rate 5 --window 5",
            "fan-in --password-file x",
        ] {
            let words = ["emqx-ctl", "bench"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }

    #[test]
    fn a_password_file_that_is_not_there_is_a_missing_input() {
        let failure = plan("connect --username u --password-file /nowhere/at-all").unwrap_err();
        assert_eq!(failure.exit, ExitCode::NoInput);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "secret\r\n").unwrap();
        let line = format!("connect --username u --password-file {}", file.path().display());
        assert_eq!(plan(&line).unwrap().identity.password, Some(b"secret".to_vec()));
    }

    #[test]
    fn topics_are_dealt_out_whole_and_shared_where_there_are_too_few() {
        for (publishers, topics) in [(3, 10), (10, 10), (4, 2), (7, 1)] {
            let plan = plan(&format!("fan-in --publishers {publishers} --topics {topics}")).unwrap();
            let mut used = vec![0; topics];
            for publisher in 0..publishers {
                let (first, count) = plan.topics_of(publisher);
                used[first..first + count].iter_mut().for_each(|n| *n += 1);
            }
            let each = u32::max(1, publishers / topics as u32);
            assert!(used.iter().all(|n| *n >= each && *n <= each + 1), "{used:?}");
        }
    }

    #[test]
    fn the_usual_window_keeps_what_is_on_its_way_below_a_usual_queue() {
        assert_eq!(plan("fan-in --publishers 100").unwrap().window, 10);
        assert_eq!(plan("fan-in --publishers 5000").unwrap().window, 1);
        assert_eq!(plan("fan-out").unwrap().window, 20);
        assert_eq!(plan("p2p --publishers 5000").unwrap().window, 10);
        assert_eq!(plan("shared").unwrap().window, 100);
        assert_eq!(plan("shared --subscribers 2").unwrap().window, 40);
        assert_eq!(plan("wildcard").unwrap().window, 100);
        assert_eq!(plan("retained").unwrap().window, 100);
        assert_eq!(plan("fan-in --window 500").unwrap().window, 500);
    }
}
