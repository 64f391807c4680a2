//! The client's address behind HTTP proxies.
//!
//! Each proxy appends the address that it was called from, so only what trusted ones have appended can be believed:
//! from the right, the first address that is no proxy of ours. Anybody can write the left part.

use std::net::{IpAddr, SocketAddr};

/// Proxies in a row that are followed.
const PROXIES_MAX: usize = 32;

/// Who is behind `peer`, if `is_trusted` knows it as a proxy and it says so in `forwarded_for`; else `peer` itself.
pub fn client_address(
    peer: SocketAddr,
    forwarded_for: Option<&str>,
    forwarded_port: Option<u16>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> SocketAddr {
    let (Some(forwarded_for), true) = (forwarded_for, is_trusted(peer.ip())) else {
        return peer;
    };
    let mut client = None;
    for part in forwarded_for.rsplit(',').take(PROXIES_MAX) {
        let Some((address, port)) = address_of(part.trim()) else {
            break;
        };
        client = Some((address, port));
        if !is_trusted(address) {
            break;
        }
    }
    match client {
        Some((address, port)) => SocketAddr::new(address, port.or(forwarded_port).unwrap_or(peer.port())),
        None => peer,
    }
}

/// An address as proxies write it: `10.0.0.1`, `10.0.0.1:4711`, `::1`, `[::1]`, `[::1]:4711`.
fn address_of(text: &str) -> Option<(IpAddr, Option<u16>)> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some((address, None));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some((address.ip(), Some(address.port())));
    }
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    inside.parse().ok().map(|address| (address, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded_for: &str, trusted: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let peer = "10.0.0.1:5000".parse().unwrap();
        client_address(peer, Some(forwarded_for), Some(77), |address| {
            trusted.contains(&address)
        })
        .to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxy_of_ours_is_the_clients() {
        assert_eq!(seen("203.0.113.9", &["10.0.0.1"]), "203.0.113.9:77");
        assert_eq!(
            seen("203.0.113.9, 10.0.0.2", &["10.0.0.1", "10.0.0.2"]),
            "203.0.113.9:77"
        );
        assert_eq!(seen("203.0.113.9:4711", &["10.0.0.1"]), "203.0.113.9:4711");
        assert_eq!(seen("[2001:db8::1]", &["10.0.0.1"]), "[2001:db8::1]:77");
    }

    #[test]
    fn what_a_client_writes_itself_is_not_believed() {
        assert_eq!(seen("1.2.3.4, 203.0.113.9", &["10.0.0.1"]), "203.0.113.9:77");
        assert_eq!(seen("203.0.113.9", &[]), "10.0.0.1:5000");
        assert_eq!(seen("unknown", &["10.0.0.1"]), "10.0.0.1:5000");
        assert_eq!(seen("", &["10.0.0.1"]), "10.0.0.1:5000");
        assert_eq!(
            seen("1.2.3.4, unknown, 10.0.0.2", &["10.0.0.1", "10.0.0.2"]),
            "10.0.0.2:77"
        );
    }
}
