//! What this machine allows a benchmark: descriptors, local ports, the listen backlog. The soft descriptor limit is
//! raised to the hard one; connections come from the addresses of `--source`, or, to a target on the loopback, from as many
//! source addresses as keep their ports far from used up.

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

/// Part of the local ports, in tenths, that a run may take from one address. Others need some too, and once half are
/// taken the system searches long for a free one: 20 times the processor time of a connection was measured.
const PORTS_TENTHS: u32 = 4;

/// The same where addresses cost nothing, on the loopback: with so few taken hardly any search is needed.
const LOOPBACK_PORTS_TENTHS: u32 = 1;

/// Addresses of the loopback that are used at most: enough for more connections than are allowed.
const LOOPBACK_SOURCES_MAX: u32 = 254 * 100;

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

/// The local addresses to connect from in turn: those of `--source`, or as many of the loopback's as are needed for a
/// target there; none where the system is to choose.
///
/// # Errors
/// Exit code 64: an address is of another family than the target's.
pub fn source_addresses(
    given: &[IpAddr],
    target: IpAddr,
    connections: u32,
) -> Result<(Vec<IpAddr>, Option<Warning>), CliFailure> {
    if let Some(other) = given.iter().find(|source| source.is_ipv4() != target.is_ipv4()) {
        let message = format!("--source {other} cannot reach {target}: one is IPv4, the other IPv6");
        return Err(CliFailure::usage(message).next("give addresses of the same kind for --source and --host"));
    }
    Ok(spread(given, target, connections, local_ports()))
}

fn spread(given: &[IpAddr], target: IpAddr, connections: u32, ports: u32) -> (Vec<IpAddr>, Option<Warning>) {
    let part = |tenths: u32| (ports / 10 * tenths).max(1);
    if let IpAddr::V4(address) = target
        && address.is_loopback()
        && given.is_empty()
    {
        let count = connections
            .div_ceil(part(LOOPBACK_PORTS_TENTHS))
            .min(LOOPBACK_SOURCES_MAX);
        // Below two the system may as well choose.
        return ((0..count).filter(|_| count > 1).map(loopback_source).collect(), None);
    }
    let addresses = u32::try_from(given.len()).unwrap_or(u32::MAX).max(1);
    let each = connections.div_ceil(addresses);
    let warning = (each > part(PORTS_TENTHS)).then(|| few_ports(connections, addresses, ports));
    (given.to_vec(), warning)
}

/// 127.0.1.1, 127.0.1.2 and so on.
fn loopback_source(index: u32) -> IpAddr {
    let first = u32::from(Ipv4Addr::new(127, 0, 1, 1));
    IpAddr::V4(Ipv4Addr::from(first + index / 254 * 256 + index % 254))
}

fn few_ports(connections: u32, addresses: u32, ports: u32) -> Warning {
    let from = match addresses {
        1 => "one address".to_owned(),
        many => format!("{many} addresses"),
    };
    Warning::new(
        "ephemeral_ports",
        format!(
            "{connections} connections from {from} take many of this machine's {ports} local ports: it may run out"
        ),
        "give more local addresses with --source, sysctl -w net.ipv4.ip_local_port_range='1024 65535', or run \
         emqx-ctl bench on several machines",
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

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn few_connections_leave_the_source_to_the_system_and_many_are_spread_over_the_loopback() {
        assert_eq!(spread(&[], LOOPBACK, 100, 1000), (vec![], None));
        let (sources, warning) = spread(&[], LOOPBACK, 250, 1000);
        assert_eq!((sources.len(), warning), (3, None));
        assert_eq!(sources[0].to_string(), "127.0.1.1");
        let (sources, _) = spread(&[], LOOPBACK, 1_000_000, 28_232);
        assert_eq!(sources.len(), 355);
        assert_eq!(
            (sources[253].to_string(), sources[254].to_string()),
            ("127.0.1.254".into(), "127.0.2.1".into())
        );
    }

    #[test]
    fn given_sources_are_used_as_they_are_with_a_warning_where_their_ports_may_not_do() {
        let given = ["127.0.1.1", "127.0.1.2"].map(|text| text.parse().unwrap());
        assert_eq!(spread(&given, LOOPBACK, 800, 1000), (given.to_vec(), None));
        let (sources, warning) = spread(&given, LOOPBACK, 801, 1000);
        assert_eq!(sources, given);
        assert!(warning.unwrap().message.contains("801 connections from 2 addresses"));
    }

    #[test]
    fn a_source_of_the_other_family_is_refused() {
        let source = "::1".parse().unwrap();
        assert_eq!(
            source_addresses(&[source], LOOPBACK, 1).unwrap_err().exit,
            ExitCode::Usage
        );
    }

    #[test]
    fn another_machine_is_warned_about() {
        assert_eq!(spread(&[], FAR, 400, 1000), (vec![], None));
        let (sources, warning) = spread(&[], FAR, 1500, 1000);
        assert!(sources.is_empty());
        assert_eq!(warning.unwrap().code, "ephemeral_ports");
    }

    #[test]
    fn a_full_backlog_is_told_with_the_settings_that_bound_it() {
        let warning = backlog_warning(7, 3);
        assert_eq!(warning.code, "backlog");
        assert!(warning.message.contains("7 connections") && warning.message.contains("3 were turned away"));
        assert!(warning.next.contains("tcp_options.backlog") && warning.next.contains("somaxconn"));
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
