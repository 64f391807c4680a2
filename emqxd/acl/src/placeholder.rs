//! What stands in a rule's topic for something of the client: `${clientid}`, `%c` and their like.
//!
//! A value is looked up when a topic is compared and never put together with the text around it, so asking costs no
//! allocation. What a value may contain is judged in `topic_pattern.rs`.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use crate::RuleError;
use crate::error::quoted;
use crate::question::Who;

/// What EMQX 5 knows, for errors.
const KNOWN: &str = "`${clientid}`, `${username}`, `${cert_common_name}`, `${cert_subject}`, `${peerhost}`, `${zone}`, \
                     `${listener}`, `${client_attrs.NAME}`, and the levels `%c`, `%u`, `%cn`; `${$}` is a plain `$`";
/// Longest text of an address: eight groups of four digits.
const ADDRESS_BYTES_MAX: usize = 45;

/// What stands for something of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placeholder {
    ClientId,
    Username,
    CommonName,
    Subject,
    PeerHost,
    Zone,
    Listener,
    Attribute(Box<str>),
}

/// A client's value for a placeholder.
pub(crate) enum Value<'a> {
    Text(&'a str),
    Address(AddressText),
}

impl Placeholder {
    /// The placeholder that `${name}` is.
    pub(crate) fn named(name: &str) -> Result<Self, RuleError> {
        Ok(match name {
            "clientid" => Self::ClientId,
            "username" => Self::Username,
            "cert_common_name" => Self::CommonName,
            "cert_subject" => Self::Subject,
            "peerhost" => Self::PeerHost,
            "zone" => Self::Zone,
            "listener" => Self::Listener,
            other => match other.strip_prefix("client_attrs.") {
                Some(attribute) if !attribute.is_empty() => Self::Attribute(attribute.into()),
                _ => {
                    return Err(RuleError::new(
                        format!("{} is not a placeholder", quoted(&format!("${{{other}}}"))),
                        format!("known are {KNOWN}"),
                    ));
                }
            },
        })
    }

    /// The placeholder that a whole level of EMQX 4 is, if it is one.
    pub(crate) fn of_level(level: &str) -> Result<Option<Self>, RuleError> {
        Ok(Some(match level {
            "%c" => Self::ClientId,
            "%u" => Self::Username,
            "%cn" => Self::CommonName,
            // Aliases that plugins of EMQX 4 set. The client id in their place could be wider than what was meant.
            "%cida" | "%cna" => {
                return Err(RuleError::new(
                    format!("`{level}` stands for an alias, and there are no aliases here"),
                    "write `%c` for the client id or `%cn` for the common name of the certificate",
                ));
            }
            _ => return Ok(None),
        }))
    }

    /// What this client has there.
    pub(crate) fn value<'a>(&self, who: &Who<'a>) -> Option<Value<'a>> {
        let text = match self {
            Self::ClientId => Some(who.client_id),
            Self::Username => who.username,
            Self::CommonName => who.common_name,
            Self::Subject => who.subject,
            Self::PeerHost => return Some(Value::Address(AddressText::new(who.address))),
            Self::Zone => Some(who.zone),
            Self::Listener => Some(who.listener),
            Self::Attribute(name) => attribute(who, name),
        };
        text.map(Value::Text)
    }
}

/// A client attribute's value.
pub(crate) fn attribute<'a>(who: &Who<'a>, name: &str) -> Option<&'a str> {
    let (_, value) = who.attributes.iter().find(|(known, _)| **known == *name)?;
    Some(value)
}

impl Value<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Address(text) => text.as_str(),
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientId => f.write_str("${clientid}"),
            Self::Username => f.write_str("${username}"),
            Self::CommonName => f.write_str("${cert_common_name}"),
            Self::Subject => f.write_str("${cert_subject}"),
            Self::PeerHost => f.write_str("${peerhost}"),
            Self::Zone => f.write_str("${zone}"),
            Self::Listener => f.write_str("${listener}"),
            Self::Attribute(name) => write!(f, "${{client_attrs.{name}}}"),
        }
    }
}

/// An address as text, without a heap.
pub(crate) struct AddressText {
    bytes: [u8; ADDRESS_BYTES_MAX],
    len: usize,
}

impl AddressText {
    fn new(address: IpAddr) -> Self {
        let mut text = Self {
            bytes: [0; ADDRESS_BYTES_MAX],
            len: 0,
        };
        if write!(text, "{}", address.to_canonical()).is_err() {
            text.len = 0; // no address is longer; an empty value matches nothing
        }
        text
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for AddressText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let free = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
