//! A ban as the store keeps it: whom it keeps out, by whom, why, since when and until when (EMQX's `banned`).

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{BanList, Refusal};

/// Keeps the clients out that it matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// What `who` names. On paper EMQX's `as`.
    #[serde(rename = "as")]
    pub kind: BanKind,
    /// A client id, user name, address, network or pattern.
    pub who: String,
    /// Who banned.
    pub by: String,
    /// Why, for people.
    pub reason: String,
    /// Since when, Unix milliseconds.
    pub at_ms: u64,
    /// Until when, Unix milliseconds; `None` for ever.
    pub until_ms: Option<u64>,
    /// Of those whom `who` names, only these; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<BanScope>,
}

/// What narrows a ban: a client id is easily borrowed, so who misuses one is kept out without its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanScope {
    /// Those who log in under this name.
    Username(String),
    /// Those who come from this address.
    Peerhost(IpAddr),
}

impl BanScope {
    /// Whether a client of this name and canonical address is meant.
    pub fn covers(&self, username: Option<&str>, address: IpAddr) -> bool {
        match self {
            Self::Username(name) => username == Some(name),
            Self::Peerhost(peerhost) => *peerhost == address,
        }
    }
}

impl fmt::Display for BanScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Username(name) => write!(f, "user {name}"),
            Self::Peerhost(peerhost) => write!(f, "{peerhost}"),
        }
    }
}

impl Ban {
    /// Whether it holds at a moment, Unix milliseconds.
    pub fn is_in_force(&self, now_ms: u64) -> bool {
        self.until_ms.is_none_or(|until| now_ms < until)
    }

    /// Whether it can be put on a list.
    ///
    /// # Errors
    /// It cannot be what it says.
    pub fn check(&self) -> Result<(), Refusal> {
        BanList::default().insert(self).map(|_| ())
    }

    /// Whether a client of this name and canonical address is among those it is narrowed to.
    pub fn covers(&self, username: Option<&str>, address: IpAddr) -> bool {
        self.only.is_empty() || self.only.iter().any(|scope| scope.covers(username, address))
    }

    /// The reason, and to whom the ban is narrowed; for people.
    pub fn shown_reason(&self) -> String {
        let mut text = self.reason.clone();
        for (index, scope) in self.only.iter().enumerate() {
            let before = if index == 0 { " (only " } else { ", " };
            text.push_str(before);
            text.push_str(&scope.to_string());
        }
        if !self.only.is_empty() {
            text.push(')');
        }
        text
    }
}

/// What a ban goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanKind {
    /// A client id.
    Clientid,
    /// A user name.
    Username,
    /// An address.
    Peerhost,
    /// A pattern that client ids match.
    ClientidRe,
    /// A pattern that user names match.
    UsernameRe,
    /// A network, such as `10.2.0.0/16`.
    PeerhostNet,
}

impl BanKind {
    /// All of them, in the order of a list.
    pub const ALL: [Self; 6] = [
        Self::Clientid,
        Self::Username,
        Self::Peerhost,
        Self::ClientidRe,
        Self::UsernameRe,
        Self::PeerhostNet,
    ];

    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clientid => "clientid",
            Self::Username => "username",
            Self::Peerhost => "peerhost",
            Self::ClientidRe => "clientid_re",
            Self::UsernameRe => "username_re",
            Self::PeerhostNet => "peerhost_net",
        }
    }

    /// The kind of that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for BanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
