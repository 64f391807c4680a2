//! `bench SCENARIO`

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use mqtt_codec::ProtocolVersion;

use crate::duration;

/// Below `emqx-ctl bench --help`.
pub const BENCH_NOTES: &str = "\
Without --rate it is a closed loop: a publisher sends again once a quarter of its window is free. Compare servers by \
their processor time for each message. With --rate messages go by the clock, and latency counts from when each was due.

The usual arguments are the shapes that servers are compared by; for fan-in add --window 100, on a server with \
mqtt.max_mqueue_len = infinity and mqtt.max_inflight = 1000.";

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Connection storm: how fast clients get in, and what each costs the server
    Connect(ConnectBench),
    /// Many publishers, one subscriber of all their topics
    FanIn(FanInBench),
    /// One publisher, many subscribers of its topic
    FanOut(FanOutBench),
    /// Pairs: each publisher has a subscriber of its own
    P2p(P2pBench),
    /// Publishers, and groups of shared subscriptions that take turns
    Shared(SharedBench),
    /// Many filters, most with wildcards; each message matches one
    Wildcard(WildcardBench),
    /// Store retained messages (QoS 1 at least), let a new subscriber fetch them, then clear them
    Retained(RetainedBench),
}

/// Where the server is and how clients speak to it.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Address or name of the server
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// Its MQTT port
    #[arg(long, default_value_t = 1883, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// MQTT version
    #[arg(
        long,
        value_enum,
        default_value = "5",
        value_name = "3.1.1|5",
        hide_possible_values = true
    )]
    pub protocol: ProtocolChoice,
    /// User name of all clients
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// File with their password; a line end at its end does not count
    #[arg(long, value_name = "FILE", requires = "username")]
    pub password_file: Option<PathBuf>,
    /// Local addresses to connect from, in turn; otherwise the system's choice, and several of 127.0.0.0/8 for many
    /// connections to the loopback
    #[arg(long, value_name = "ADDRESS,...", value_delimiter = ',')]
    pub source: Vec<IpAddr>,
    /// Publishers connect here instead: another node of the cluster, so that every message goes from there to --host
    #[arg(long, value_name = "HOST[:PORT]")]
    pub publish_to: Option<String>,
    /// Process to account for as the server, or several; otherwise the daemon behind the control socket
    #[arg(long, value_name = "PID,...", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub server_pid: Vec<u32>,
}

/// `--protocol`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProtocolChoice {
    #[value(name = "3.1.1", alias = "4")]
    V311,
    #[value(name = "5", alias = "5.0")]
    V5,
}

impl From<ProtocolChoice> for ProtocolVersion {
    fn from(choice: ProtocolChoice) -> Self {
        match choice {
            ProtocolChoice::V311 => Self::V311,
            ProtocolChoice::V5 => Self::V5,
        }
    }
}

/// What a message is like.
#[derive(Debug, Args)]
pub struct MessageArgs {
    /// Quality of service, of publishers and subscribers
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=2))]
    pub qos: u8,
    /// Bytes of a payload; 16 of them carry time and sequence number
    #[arg(long, value_name = "BYTES", default_value_t = 64)]
    pub payload: usize,
    /// Messages of a publisher that may be on their way; it sends again once a quarter is free [default: 100; fan-out
    /// 20, p2p 10; fewer where more would overflow the usual queue of 1000 of the one who gets them]
    #[arg(long, value_name = "N")]
    pub window: Option<u32>,
}

/// How hard and how long the server is driven.
#[derive(Debug, Args)]
pub struct FlowArgs {
    #[command(flatten)]
    pub message: MessageArgs,
    /// Messages a second, of all publishers together (1000, 1000/s); otherwise as many as the window allows
    #[arg(long, value_name = "N/s", value_parser = rate, conflicts_with = "window")]
    pub rate: Option<u32>,
    /// How long to measure
    #[arg(long, default_value = "5s", value_parser = duration::parse)]
    pub duration: Duration,
    /// How long to run before that
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration_or_none)]
    pub warm_up: Duration,
}

#[derive(Debug, Args)]
pub struct ConnectBench {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Clients
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub clients: u32,
    /// How long to keep them connected afterwards, to see what idle clients cost
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration_or_none)]
    pub hold: Duration,
    /// How often each sends a PINGREQ meanwhile
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub keep_alive: Duration,
    /// New connections a second (500, 500/s); otherwise as fast as they are accepted
    #[arg(long, value_name = "N/s", value_parser = rate)]
    pub rate: Option<u32>,
}

#[derive(Debug, Args)]
pub struct FanInBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub flow: FlowArgs,
    /// Publishers
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub publishers: u32,
    /// Topics; otherwise ten for each publisher
    #[arg(long, value_name = "N")]
    pub topics: Option<u32>,
    /// Subscribers; each gets every message
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub subscribers: u32,
}

#[derive(Debug, Args)]
pub struct FanOutBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub flow: FlowArgs,
    /// Publishers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub publishers: u32,
    /// Subscribers
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub subscribers: u32,
}

#[derive(Debug, Args)]
pub struct P2pBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub flow: FlowArgs,
    /// Publishers; there are as many subscribers
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub publishers: u32,
}

#[derive(Debug, Args)]
pub struct SharedBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub flow: FlowArgs,
    /// Publishers
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub publishers: u32,
    /// Topics; otherwise one for each publisher
    #[arg(long, value_name = "N")]
    pub topics: Option<u32>,
    /// Share groups; each gets every message once
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub groups: u32,
    /// Subscribers of each group
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub subscribers: u32,
}

#[derive(Debug, Args)]
pub struct WildcardBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub flow: FlowArgs,
    /// Publishers
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub publishers: u32,
    /// Subscribers, among which the filters are dealt out
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub subscribers: u32,
    /// Filters
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub filters: u32,
}

#[derive(Debug, Args)]
pub struct RetainedBench {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub message: MessageArgs,
    /// Publishers
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub publishers: u32,
    /// Retained messages, each with a topic of its own
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub count: u32,
    /// How long the subscriber stops reading once it has a tenth of them
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = duration_or_none)]
    pub pause: Duration,
}

/// Reads `1000` or `1000/s`.
fn rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let rate = number.parse::<u32>().ok().filter(|rate| *rate > 0);
    rate.ok_or_else(|| "expected a number above 0 such as 1000 or 1000/s".to_owned())
}

/// A duration, or 0 for none.
fn duration_or_none(text: &str) -> Result<Duration, String> {
    match text {
        "0" | "0s" | "0ms" => Ok(Duration::ZERO),
        _ => duration::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_with_or_without_its_unit() {
        assert_eq!(rate("1000"), Ok(1000));
        assert_eq!(rate("1000/s"), Ok(1000));
        for text in ["", "0", "0/s", "-1", "1000/m", "1e3", "99999999999"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_warm_up_may_be_none() {
        assert_eq!(duration_or_none("0"), Ok(Duration::ZERO));
        assert_eq!(duration_or_none("250ms"), Ok(Duration::from_millis(250)));
        assert!(duration::parse("0").is_err());
    }
}
