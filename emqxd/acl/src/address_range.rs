//! Addresses of a rule: one address, or a network such as `10.0.0.0/8`.
//!
//! An IPv4 address that is written as IPv6 (`::ffff:10.0.0.7`, as a dual-stack listener sees it) is the IPv4 one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::RuleError;
use crate::error::quoted;

/// Bits before an IPv4 address that is written as IPv6.
const MAPPED_PREFIX: u8 = 96;

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressRange {
    /// Its other bits are 0.
    base: IpAddr,
    prefix: u8,
}

impl AddressRange {
    /// Whether `address`, in canonical form, is in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.base.is_ipv4() && masked(address, self.prefix) == self.base
    }

    fn bits(&self) -> u8 {
        bits(self.base)
    }
}

fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

impl FromStr for AddressRange {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = || {
            RuleError::new(
                format!("{} is not an address", quoted(text)),
                "write an address such as \"10.0.0.7\" or a network such as \"10.0.0.0/8\" or \"fd00::/8\"",
            )
        };
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            // `u8` alone would take "+8".
            Some((address, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(digits.parse::<u8>().map_err(|_| wrong())?))
            }
            Some(_) => return Err(wrong()),
        };
        let written: IpAddr = address.parse().map_err(|_| wrong())?;
        let prefix = prefix.unwrap_or_else(|| bits(written));
        if prefix > bits(written) {
            return Err(RuleError::new(
                format!("{} has a prefix of more than {} bits", quoted(text), bits(written)),
                "write the number of leading bits that addresses have in common",
            ));
        }
        // A network that is wider than the IPv4 part stays IPv6.
        let (base, prefix) = match written.to_canonical() {
            IpAddr::V4(v4) if written.is_ipv6() && prefix >= MAPPED_PREFIX => (IpAddr::V4(v4), prefix - MAPPED_PREFIX),
            _ => (written, prefix),
        };
        Ok(Self {
            base: masked(base, prefix),
            prefix,
        })
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix == self.bits() {
            self.base.fmt(f)
        } else {
            write!(f, "{}/{}", self.base, self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        let address: IpAddr = address.parse().unwrap();
        range.parse::<AddressRange>().unwrap().contains(address.to_canonical())
    }

    #[test]
    fn a_network_contains_the_addresses_that_begin_like_it() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(contains("10.1.2.3/8", "10.9.9.9"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("127.0.0.1", "127.0.0.1"));
        assert!(!contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("0.0.0.0/0", "8.8.8.8"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("::/0", "::1"));
        assert!(contains("fd00::/8", "fdab::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_form_is_the_ipv4_address() {
        assert!(contains("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(contains("::ffff:10.0.0.0/104", "10.1.1.1"));
        assert!(!contains("::/0", "::ffff:127.0.0.1"));
    }

    #[test]
    fn a_range_prints_in_its_shortest_form() {
        for (text, printed) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("FD00::1/8", "fd00::/8"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_not_an_address_is_an_error() {
        for bad in [
            "",
            "10.0.0",
            "10.0.0.1/33",
            "::1/129",
            "10.0.0.1/",
            "10.0.0.1/+8",
            "localhost",
            "1.2.3.4/8/9",
        ] {
            assert!(bad.parse::<AddressRange>().is_err(), "{bad:?}");
        }
    }
}
