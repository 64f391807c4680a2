//! What this machine allows a benchmark: descriptors, local ports, the listen backlog. The soft descriptor limit is
//! raised to the hard one; a target on the loopback is approached from several source addresses where one has too few
//! ports.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};

use emqx_shared::ExitCode;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::trouble::Warning;
use crate::failure::CliFailure;

/// Descriptors besides the connections: standard streams, epoll, timer, control socket, files read in passing.
const OTHER_DESCRIPTORS: u64 = 32;

/// Local ports of Linux where its setting cannot be read.
const PORTS_DEFAULT: u32 = 28_232;

/// Part of the local ports, in tenths, that a run takes from one address. Others need some too, and once half are taken
/// the system searches long for a free one: 20 times the processor time of a connection was measured.
const PORTS_TENTHS: u32 = 4;

/// Raises the descriptor limit as far as `connections` need.
///
/// # Errors
/// Exit code 64: the hard limit is too low.
pub fn raise_descriptors(connections: u32) -> Result<(), CliFailure> {
    let needed = u64::from(connections) + OTHER_DESCRIPTORS;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Ok(());
    };
    if needed <= soft {
        return Ok(());
    }
    if needed > hard || setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() {
        return Err(too_few_descriptors(connections, needed, hard));
    }
    Ok(())
}

fn too_few_descriptors(connections: u32, needed: u64, hard: u64) -> CliFailure {
    CliFailure {
        exit: ExitCode::Usage,
        ..CliFailure::new(
            "descriptor_limit",
            ExitCode::Usage,
            format!("{connections} connections need {needed} descriptors, this process may have {hard}"),
        )
    }
    .why("the hard limit of open files (RLIMIT_NOFILE) is lower")
    .next("raise it: ulimit -Hn as root, LimitNOFILE= of a unit, or nofile in /etc/security/limits.conf")
    .next("or use fewer clients; emqx-ctl explain EMFILE")
}

/// The local addresses to connect from in turn; none where the system is to choose.
pub fn source_addresses(target: IpAddr, connections: u32) -> (Vec<IpAddr>, Option<Warning>) {
    spread(target, connections, local_ports())
}

fn spread(target: IpAddr, connections: u32, ports: u32) -> (Vec<IpAddr>, Option<Warning>) {
    let each = (ports / 10 * PORTS_TENTHS).max(1);
    if connections <= each {
        return (Vec::new(), None);
    }
    match target {
        IpAddr::V4(address) if address.is_loopback() => {
            let count = connections.div_ceil(each).min(254);
            let address = |last| IpAddr::V4(Ipv4Addr::new(127, 0, 1, last));
            ((1..=u8::try_from(count).unwrap_or(254)).map(address).collect(), None)
        }
        _ => (Vec::new(), Some(few_ports(connections, ports))),
    }
}

fn few_ports(connections: u32, ports: u32) -> Warning {
    Warning::new(
        "ephemeral_ports",
        format!(
            "{connections} connections to one address take many of this machine's {ports} local ports: it may run out"
        ),
        "sysctl -w net.ipv4.ip_local_port_range='1024 65535', or run emqx-ctl bench on several machines",
    )
}

/// How many ports the system chooses from (`net.ipv4.ip_local_port_range`).
fn local_ports() -> u32 {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut numbers = text.split_whitespace().map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(low)), Some(Ok(high))) if high >= low => high - low + 1,
        _ => PORTS_DEFAULT,
    }
}

/// How often a full backlog has turned a connection away on this machine (`ListenOverflows`); `None` if it does not
/// tell.
pub fn listen_overflows() -> Option<u64> {
    overflows_in(&fs::read_to_string("/proc/net/netstat").ok()?)
}

fn overflows_in(netstat: &str) -> Option<u64> {
    let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("TcpExt:"));
    let (names, values) = (lines.next()?, lines.next()?);
    let mut pairs = names.split_whitespace().zip(values.split_whitespace());
    let (_, value) = pairs.find(|(name, _)| *name == "ListenOverflows")?;
    value.parse().ok()
}

/// Connections waited for the server to accept them.
pub fn backlog_warning(slow: u64, overflows: u64) -> Warning {
    let somaxconn = fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap_or_default();
    let somaxconn = somaxconn.trim();
    let told = match overflows {
        0 => "the listen backlog was full, or the server too busy to accept".to_owned(),
        count => format!("the listen backlog was full, {count} were turned away (ListenOverflows)"),
    };
    Warning::new(
        "backlog",
        format!("{slow} connections took a second or more to be accepted: {told}"),
        format!(
            "on the server raise listeners.tcp.default.tcp_options.backlog (1024) and sysctl net.core.somaxconn \
             (here {somaxconn}), or connect more slowly with --rate"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_left_to_the_system_and_more_are_spread_over_the_loopback() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(spread(loopback, 400, 1000), (vec![], None));
        let (sources, warning) = spread(loopback, 1100, 1000);
        assert_eq!((sources.len(), warning), (3, None));
        assert_eq!(sources[0].to_string(), "127.0.1.1");
    }

    #[test]
    fn another_machine_is_warned_about() {
        let far = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let (sources, warning) = spread(far, 1500, 1000);
        assert!(sources.is_empty());
        assert_eq!(warning.unwrap().code, "ephemeral_ports");
    }

    #[test]
    fn overflows_are_found_by_their_name() {
        let text = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 22 333\nIpExt: A\nIpExt: 5\n";
        assert_eq!(overflows_in(text), Some(22));
        assert_eq!(overflows_in("IpExt: A\nIpExt: 5\n"), None);
    }

    #[test]
    fn more_connections_than_descriptors_are_refused_with_both_numbers() {
        let failure = too_few_descriptors(5000, 5032, 4096);
        assert_eq!(failure.exit, ExitCode::Usage);
        assert!(failure.message.contains("5032") && failure.message.contains("4096"));
    }
}
