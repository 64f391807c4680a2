//! Every configuration key in one table: its type, its default, what it is for.
//!
//! The table decides which keys are known, words the errors about values, feeds the
//! suggestions and is what the man page is made from. The keys are EMQX 5's; ours are marked in
//! their text. Which setting a key ends up in is said in `decode/`; a test reads every default
//! back, so the two cannot drift apart.

mod table;

use std::fmt;

use super::listener::ListenerKind;

/// One key.
#[derive(Debug)]
pub struct KeyDoc {
    /// Dotted; `<type>` and `<name>` stand for any one part.
    pub key: &'static str,
    /// What its value may be.
    pub value_type: ValueType,
    /// As one would write it; empty if the key is not set.
    pub default: &'static str,
    /// What it does, in one sentence.
    #[cfg_attr(not(test), allow(dead_code, reason = "for the man page"))]
    pub doc: &'static str,
    /// Whether the daemon acts on it.
    pub effect: Effect,
}

/// Whether the daemon acts on a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Acts,
    /// EMQX does; here it is accepted with a warning.
    NotYet,
    /// Accepted without a word: another message says it all, or nobody would miss it.
    Quiet,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueType {
    /// `true` or `false`
    Boolean,
    /// A whole number from `min` to `max`.
    Integer { min: u64, max: u64 },
    /// A whole number, or `word` for none.
    IntegerOr { word: &'static str, min: u64, max: u64 },
    /// A decimal number from `min` to `max`.
    Decimal { min: f64, max: f64 },
    /// Any text.
    Text,
    /// `name@host`
    NodeName,
    /// Not shown in messages.
    Cookie,
    /// Any text that is a secret; not shown either.
    Secret,
    /// Texts, or one alone.
    Texts,
    /// Node names, as a list or with commas between them.
    NodeNames,
    /// URLs, likewise.
    Urls,
    /// One URL.
    Url,
    /// A name of letters, digits, `_`, `-` and dots.
    Name,
    /// An IP address, perhaps with a port.
    Server,
    /// An IPv4 address of a multicast group.
    Group,
    /// An IPv4 address of this machine.
    Interface,
    /// Ports, as a list or with commas between them.
    Ports,
    /// `80%`
    Percent,
    /// A file or folder; `${EMQX_LOG_DIR}` and `${EMQX_ETC_DIR}` are put in.
    Path,
    /// `15s`
    Duration,
    /// A duration, or the word for none.
    DurationOr(&'static str),
    /// Bytes, from `min` to `max`.
    Size { min: u64, max: u64 },
    /// Bytes, or the word for no limit.
    SizeOr(&'static str),
    /// `1000/s`
    Rate,
    /// An address and port.
    Bind,
    /// `"240,30,5"`
    TcpKeepalive,
    /// A list of rules.
    AccessRules,
    /// A list of addresses and networks.
    Networks,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `system`, `utc` or `+02:00`.
    TimeOffset,
    /// `{ "topic" = 10 }`
    Priorities,
    /// A list of authenticators.
    Authenticators,
    /// Anything: the daemon does not look into it.
    Any,
}

impl ValueType {
    /// What was expected, for a message.
    #[must_use]
    pub fn expected(&self) -> String {
        match *self {
            Self::Boolean => "true or false".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::IntegerOr { word, min, max } => {
                format!("a whole number from {min} to {max}, or {word}")
            }
            Self::Decimal { min, max } => format!("a number from {min} to {max}"),
            Self::Text => "a text".to_owned(),
            Self::NodeName => "a node name such as emqx@127.0.0.1".to_owned(),
            Self::Secret => "a text".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::NodeNames => "a list of node names such as [\"emqx@10.0.0.1\", \"emqx@10.0.0.2\"]".to_owned(),
            Self::Urls => "a list of URLs such as [\"http://127.0.0.1:2379\"]".to_owned(),
            Self::Url => "a URL such as https://kubernetes.default.svc:443".to_owned(),
            Self::Name => "a name of letters, digits, _, - and dots".to_owned(),
            Self::Server => "an IP address, with a port if it is not 53, such as 127.0.0.1:5353".to_owned(),
            Self::Group => "an IPv4 multicast address from 224.0.0.0 to 239.255.255.255".to_owned(),
            Self::Interface => "an IPv4 address of this machine, or 0.0.0.0".to_owned(),
            Self::Ports => "a list of ports such as [4369, 4370]".to_owned(),
            Self::Percent => "a percentage such as 80%".to_owned(),
            Self::Cookie => "1 to 255 characters without backslash, quotes or white space".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Duration => "a duration such as 15s or 1h30m".to_owned(),
            Self::DurationOr(word) => format!("a duration such as 15s or 1h30m, or {word}"),
            Self::Size { min: 0, max: u64::MAX } => "a size such as 1MB".to_owned(),
            Self::Size { max, .. } => format!("a size such as 1MB, at most {}", size(max)),
            Self::SizeOr(word) => format!("a size such as 1MB, or {word}"),
            Self::Rate => "a rate such as 1000/s or 1MB/s, or infinity".to_owned(),
            Self::Bind => "a port or an IP address and port such as 0.0.0.0:1883".to_owned(),
            Self::TcpKeepalive => "none or \"idle,interval,probes\" such as \"240,30,5\"".to_owned(),
            Self::AccessRules => "a list of rules such as [\"deny 192.168.0.0/24\", \"allow all\"]".to_owned(),
            Self::Networks => "a list of addresses and networks such as [\"10.0.0.0/8\"]".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::TimeOffset => "system, utc or an offset such as +02:00".to_owned(),
            Self::Priorities => "disabled or topics with priorities from 1 to 255 such as { \"t/1\" = 10 }".to_owned(),
            Self::Authenticators => "a list of authenticators [ { mechanism = ... } ]".to_owned(),
            Self::Any => "anything".to_owned(),
        }
    }
}

impl fmt::Display for ValueType {
    /// The type in a word or two, for a table.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Boolean => formatter.write_str("boolean"),
            Self::Integer { .. } => formatter.write_str("integer"),
            Self::IntegerOr { word, .. } => write!(formatter, "integer | {word}"),
            Self::Decimal { .. } => formatter.write_str("number"),
            Self::Texts => formatter.write_str("list of texts"),
            Self::NodeNames => formatter.write_str("list of node names"),
            Self::Urls => formatter.write_str("list of URLs"),
            Self::Url => formatter.write_str("URL"),
            Self::Server | Self::Group | Self::Interface => formatter.write_str("address"),
            Self::Ports => formatter.write_str("list of ports"),
            Self::Percent => formatter.write_str("percentage"),
            Self::Text | Self::Name | Self::NodeName | Self::Cookie | Self::Secret => formatter.write_str("text"),
            Self::Path => formatter.write_str("path"),
            Self::Duration => formatter.write_str("duration"),
            Self::DurationOr(word) => write!(formatter, "duration | {word}"),
            Self::Size { .. } => formatter.write_str("size"),
            Self::SizeOr(word) => write!(formatter, "size | {word}"),
            Self::Rate => formatter.write_str("rate | infinity"),
            Self::Bind => formatter.write_str("address"),
            Self::TcpKeepalive => formatter.write_str("keepalive | none"),
            Self::AccessRules => formatter.write_str("list of rules"),
            Self::Networks => formatter.write_str("list of networks"),
            Self::OneOf(words) => formatter.write_str(&words.join(" | ")),
            Self::TimeOffset => formatter.write_str("system | utc | offset"),
            Self::Priorities => formatter.write_str("topic priorities | disabled"),
            Self::Authenticators => formatter.write_str("list of authenticators"),
            Self::Any => formatter.write_str("section"),
        }
    }
}

/// Bytes in the largest unit that divides them.
fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    match units.iter().find(|(unit, _)| bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}

/// All keys, section by section.
#[must_use]
pub fn schema() -> &'static [KeyDoc] {
    table::KEYS
}

/// The entry of a dotted key, where any name fits `<name>`.
pub fn find(key: &str) -> Option<&'static KeyDoc> {
    schema().iter().find(|doc| {
        let mut parts = key.split('.');
        doc.key
            .split('.')
            .all(|pattern| parts.next().is_some_and(|part| part_fits(pattern, part)))
            && parts.next().is_none()
    })
}

/// Whether `part` of a key is what `pattern` stands for.
pub(super) fn part_fits(pattern: &str, part: &str) -> bool {
    match pattern {
        "<type>" => ListenerKind::ALL.iter().any(|kind| kind.as_str() == part),
        "<name>" => true,
        _ => pattern == part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_whatever_the_name_of_its_listener() {
        let key = find("listeners.tcp.my_own.tcp_options.backlog").unwrap();
        assert_eq!(key.key, "listeners.<type>.<name>.tcp_options.backlog");
        assert!(find("listeners.tcp.my_own.tcp_options").is_none());
        assert!(find("mqtt.max_packet").is_none());
    }

    #[test]
    fn no_key_is_there_twice_and_each_says_what_it_is_for() {
        let mut seen = std::collections::HashSet::new();
        for doc in schema() {
            assert!(seen.insert(doc.key), "{} is there twice", doc.key);
            let needs_text = doc.effect == Effect::Acts;
            assert!(!needs_text || doc.doc.ends_with('.'), "{}", doc.key);
        }
    }
}
