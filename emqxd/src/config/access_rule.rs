//! `access_rules` of a listener: which peers may connect, by address.

use std::net::IpAddr;
use std::str::FromStr;

/// One rule; the first that matches a peer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRule {
    /// `allow` or `deny`.
    pub allow: bool,
    /// `all` if `None`.
    pub network: Option<Cidr>,
}

/// A network: the first `prefix` bits of `address`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    /// Any address of the network.
    pub address: IpAddr,
    /// At most 32, for IPv6 at most 128.
    pub prefix: u8,
}

impl AccessRule {
    /// Whether this rule speaks about `peer`.
    #[must_use]
    pub fn matches(&self, peer: IpAddr) -> bool {
        self.network.is_none_or(|network| network.contains(peer))
    }

    /// What `rules` say about `peer`; without a rule for it, it may connect.
    #[must_use]
    pub fn allows(rules: &[Self], peer: IpAddr) -> bool {
        let rule = rules.iter().find(|rule| rule.matches(peer));
        rule.is_none_or(|rule| rule.allow)
    }
}

impl Cidr {
    /// Whether `peer` is in the network. An IPv4 peer of an IPv6 socket counts as IPv4.
    #[must_use]
    pub fn contains(&self, peer: IpAddr) -> bool {
        match (self.address, peer.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(peer)) => {
                let differing = u32::from(network) ^ u32::from(peer);
                differing.leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(peer)) => {
                let differing = u128::from(network) ^ u128::from(peer);
                differing.leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// The text is not `allow` or `deny` and `all`, an address or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAccessRule;

impl FromStr for AccessRule {
    type Err = NotAnAccessRule;

    fn from_str(text: &str) -> Result<Self, NotAnAccessRule> {
        let mut words = text.split_ascii_whitespace();
        let allow = match words.next() {
            Some("allow") => true,
            Some("deny") => false,
            _ => return Err(NotAnAccessRule),
        };
        let network = match words.next() {
            Some("all") => None,
            Some(network) => Some(network.parse()?),
            None => return Err(NotAnAccessRule),
        };
        match words.next() {
            None => Ok(Self { allow, network }),
            Some(_) => Err(NotAnAccessRule),
        }
    }
}

impl FromStr for Cidr {
    type Err = NotAnAccessRule;

    fn from_str(text: &str) -> Result<Self, NotAnAccessRule> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotAnAccessRule)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => prefix.parse().map_err(|_| NotAnAccessRule)?,
        };
        if prefix > bits {
            return Err(NotAnAccessRule);
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &[&str]) -> Vec<AccessRule> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_first_matching_rule_decides() {
        let rules = rules(&["allow 10.0.0.7", "deny 10.0.0.0/8", "deny fe80::/10", "allow all"]);
        for (peer, allowed) in [
            ("10.0.0.7", true),
            ("10.200.0.1", false),
            ("::ffff:10.0.0.8", false),
            ("11.0.0.1", true),
            ("fe80::1", false),
            ("2001:db8::1", true),
        ] {
            let peer_address = peer.parse().unwrap();
            assert_eq!(AccessRule::allows(&rules, peer_address), allowed, "{peer}");
        }
        assert!(AccessRule::allows(&[], "10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_prefix_of_0_is_every_address_of_its_family() {
        let rules = rules(&["deny 0.0.0.0/0"]);
        assert!(!AccessRule::allows(&rules, "203.0.113.1".parse().unwrap()));
        assert!(AccessRule::allows(&rules, "::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "allow",
            "all",
            "permit all",
            "allow 10.0.0.0/33",
            "allow 10.0.0",
            "deny all x",
            "deny ::/129",
            "deny host",
        ] {
            assert_eq!(text.parse::<AccessRule>(), Err(NotAnAccessRule), "{text}");
        }
    }
}
