//! What is asked: a client, what it wants to do, and the answer a rule can give.
//!
//! The daemon fills [`Who`] from the connection and [`Action`] from the packet; both borrow, so that asking costs
//! no allocation.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::RuleError;

/// The client that asks.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// The client id in force.
    pub client_id: &'a str,
    /// The user name in force: CONNECT's or the certificate's.
    pub username: Option<&'a str>,
    /// Where it comes from; behind a balancer the client's own address.
    pub address: IpAddr,
    /// Common name of its certificate.
    pub common_name: Option<&'a str>,
    /// Distinguished name of its certificate.
    pub subject: Option<&'a str>,
    /// The zone of its listener.
    pub zone: &'a str,
    /// The listener's id, such as `tcp:default`.
    pub listener: &'a str,
    /// Its `client_attrs`, name and value; empty if the node sets none.
    pub attributes: &'a [(Box<str>, Box<str>)],
}

/// What the client wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// A PUBLISH, or the will at CONNECT.
    Publish {
        /// A valid topic name.
        topic: &'a str,
        /// 0, 1 or 2.
        qos: u8,
        /// The RETAIN flag.
        retain: bool,
    },
    /// One filter of a SUBSCRIBE.
    Subscribe {
        /// A valid topic filter without `$share/{group}/`, `$queue/` or `$exclusive/`.
        filter: &'a str,
        /// The QoS that is asked for: 0, 1 or 2.
        qos: u8,
    },
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// It may.
    Allow,
    /// It may not.
    Deny,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        })
    }
}

impl FromStr for Permission {
    type Err = RuleError;

    fn from_str(word: &str) -> Result<Self, RuleError> {
        match word {
            "allow" => Ok(Self::Allow),
            "deny" => Ok(Self::Deny),
            other => Err(RuleError::expected("`allow` or `deny`", other)),
        }
    }
}

/// The node's security profile, which rules may ask for (`{security_profile, legacy}`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SecurityProfile {
    /// As EMQX always was: open until it is closed.
    #[default]
    Legacy,
    /// Closed until it is opened.
    Hardened,
}

impl fmt::Display for SecurityProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "legacy",
            Self::Hardened => "hardened",
        })
    }
}

impl FromStr for SecurityProfile {
    type Err = RuleError;

    fn from_str(word: &str) -> Result<Self, RuleError> {
        match word {
            "legacy" => Ok(Self::Legacy),
            "hardened" => Ok(Self::Hardened),
            other => Err(RuleError::expected("`legacy` or `hardened`", other)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A client for tests, from 10.0.0.7 at `tcp:default`.
    pub(crate) fn client<'a>(client_id: &'a str, username: Option<&'a str>) -> Who<'a> {
        Who {
            client_id,
            username,
            address: IpAddr::from([10, 0, 0, 7]),
            common_name: None,
            subject: None,
            zone: "default",
            listener: "tcp:default",
            attributes: &[],
        }
    }
}
