//! The addresses that an `ip_address` trace follows: one address, or a network as `10.0.0.0/8`.
//!
//! EMQX compares the text, so that `10.0.0.1` catches `10.0.0.10` too; here addresses are compared.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// One address or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    network: u128,
    mask: u128,
}

/// The text is no address and no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct NotAnIpRange(pub String);

impl IpRange {
    /// Whether the address is in it. IPv4 written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.network
    }
}

impl FromStr for IpRange {
    type Err = NotAnIpRange;

    fn from_str(text: &str) -> Result<Self, NotAnIpRange> {
        let refused = || NotAnIpRange(text.to_owned());
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = match length {
            Some(length) => length.parse().map_err(|_| refused())?,
            None => width,
        };
        if length > width {
            return Err(refused());
        }
        // IPv4 takes the last 32 bits of the mapped form.
        let mask = match length + 128 - width {
            0 => 0,
            length => u128::MAX << (128 - length),
        };
        Ok(Self {
            network: bits(address) & mask,
            mask,
        })
    }
}

fn bits(address: IpAddr) -> u128 {
    let address: Ipv6Addr = match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    u128::from(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        range.parse::<IpRange>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_catches_itself_and_no_address_that_only_begins_like_it() {
        assert!(contains("10.0.0.1", "10.0.0.1"));
        assert!(!contains("10.0.0.1", "10.0.0.10"));
        assert!(!contains("10.0.0.1", "10.0.0.100"));
        assert!(contains("10.0.0.1", "::ffff:10.0.0.1"));
        assert!(contains("::1", "::1"));
        assert!(!contains("::1", "127.0.0.1"));
    }

    #[test]
    fn a_network_catches_what_is_in_it() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("10.1.2.3/16", "10.1.9.9"));
        assert!(contains("0.0.0.0/0", "1.2.3.4"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("::/0", "::1"));
        assert!(contains("fe80::/10", "fe80::1"));
        assert!(!contains("fe80::/10", "fec0::1"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "10.0.0",
            "10.0.0.1:1883",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "host",
            "/8",
        ] {
            assert!(text.parse::<IpRange>().is_err(), "{text}");
        }
    }
}
