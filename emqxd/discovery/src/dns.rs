//! `dns`: the records of a name are the hosts of nodes, whose short names are this node's.
//!
//! A and AAAA: each address is one (`emqx@10.0.0.2`). SRV: each target is one (`emqx@node2.example.org`); the port of the
//! record is not looked at, as in EMQX: the port of a node's links follows from its name. Nothing is kept between two
//! questions, and `/etc/resolv.conf` is read anew for each: both may change under a node that runs for months.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use crate::DiscoveryError;
use crate::settings::{Dns, RecordType};

/// How long one server may take for one question.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// How often each is asked.
const ATTEMPTS: usize = 2;
/// Where DNS is, if nobody says otherwise.
const DNS_PORT: u16 = 53;

/// The names of nodes by the records of a name.
pub(crate) async fn find(settings: &Dns, short_name: &str) -> Result<Vec<String>, DiscoveryError> {
    let resolver = resolver(settings)?;
    let hosts = match settings.record_type {
        RecordType::A => {
            let found = resolver.lookup_ip(settings.name.as_str()).await;
            let found = found.map_err(|error| failed(settings, &error))?;
            found.iter().map(|address| address.to_string()).collect()
        }
        RecordType::Srv => {
            let found = resolver.srv_lookup(settings.name.as_str()).await;
            let found = found.map_err(|error| failed(settings, &error))?;
            targets(found.answers().iter().map(|record| &record.data))
        }
    };
    Ok(hosts.into_iter().map(|host| format!("{short_name}@{host}")).collect())
}

/// The hosts that SRV records name; the root means that there is no such service (RFC 2782).
fn targets<'a>(records: impl Iterator<Item = &'a RData>) -> Vec<String> {
    let target = |data: &RData| match data {
        RData::SRV(record) => Some(record.target.to_utf8().trim_end_matches('.').to_owned()),
        _ => None,
    };
    records.filter_map(target).filter(|host| !host.is_empty()).collect()
}

fn resolver(settings: &Dns) -> Result<TokioResolver, DiscoveryError> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = match &settings.server {
        Some(server) => TokioResolver::builder_with_config(only(server, settings)?, provider),
        None => TokioResolver::builder(provider).map_err(|error| unreadable(settings, &error))?,
    };
    limits(builder.options_mut());
    builder.build().map_err(|error| unreadable(settings, &error))
}

fn limits(options: &mut ResolverOpts) {
    options.timeout = options.timeout.min(ANSWER_TIME);
    options.attempts = options.attempts.min(ATTEMPTS);
    options.cache_size = 0;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
}

/// Asks one server alone.
fn only(server: &str, settings: &Dns) -> Result<ResolverConfig, DiscoveryError> {
    let address = server.parse::<SocketAddr>().ok();
    let address = address.or_else(|| Some(SocketAddr::new(server.parse::<IpAddr>().ok()?, DNS_PORT)));
    let Some(address) = address else {
        let next = "set `cluster.dns.server` to an IP address, with a port if it is not 53";
        return Err(DiscoveryError::new(
            asked(settings),
            format!("{server} is no address"),
            next,
        ));
    };
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    let server = NameServerConfig::new(address.ip(), true, connections.into());
    Ok(ResolverConfig::from_name_servers(vec![server]))
}

fn asked(settings: &Dns) -> String {
    let kind = match settings.record_type {
        RecordType::A => "A and AAAA",
        RecordType::Srv => "SRV",
    };
    let whom = settings.server.as_deref().unwrap_or("the servers of /etc/resolv.conf");
    format!("{kind} records of {}, by {whom}", settings.name)
}

fn unreadable(settings: &Dns, error: &NetError) -> DiscoveryError {
    let next = "see whether /etc/resolv.conf can be read and names a server, or set `cluster.dns.server`";
    DiscoveryError::new(asked(settings), error.to_string(), next)
}

fn failed(settings: &Dns, error: &NetError) -> DiscoveryError {
    let name = &settings.name;
    let (came, next) = if error.is_nx_domain() {
        let next = format!("see whether `cluster.dns.name = {name}` is right and has records by now");
        ("there is no such name".to_owned(), next)
    } else if error.is_no_records_found() {
        let next = match settings.record_type {
            RecordType::A => "add A or AAAA records to it, or set `cluster.dns.record_type = srv`",
            RecordType::Srv => "add SRV records to it, or set `cluster.dns.record_type = a`",
        };
        ("the name has no such records".to_owned(), next.to_owned())
    } else {
        let next = "see whether that server answers from this machine (dig), or set `cluster.dns.server`";
        (error.to_string(), next.to_owned())
    };
    DiscoveryError::new(asked(settings), came, next)
}
