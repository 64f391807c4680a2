//! `trace` and `traces`: following one client, topic or address through the broker.
//!
//! A trace that writes a file of its caller's choice takes an open descriptor along with the request: the CLI opens,
//! the daemon writes. Starting, stopping and tailing take the admin role, because payloads are personal data;
//! the list shows none.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number, text};
use crate::{ErrorCode, Failure, LogLevel};

/// A verb of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceRequest {
    /// `trace list`, `traces list`: answered with `View::Traces` chunks.
    List,
    /// `trace start`, `traces start`: answered with `View::Trace`. One that is only watched streams its lines and
    /// ends with the caller.
    Start(Box<TraceStart>),
    /// `trace stop`, `traces stop`
    Stop {
        /// Which.
        target: TraceTarget,
    },
    /// `trace delete`, `traces delete`: stops it and removes the file in the daemon's folder.
    Delete {
        /// Which.
        name: String,
    },
    /// `trace tail`: the lines written from now on, until the caller leaves or the trace ends.
    Tail {
        /// Which.
        name: String,
    },
}

/// What is to be traced, how, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStart {
    /// `^[A-Za-z]+[A-Za-z0-9-_]*$`; made up by the daemon if there is none.
    pub name: Option<String>,
    /// Who or what is followed.
    pub subject: TraceSubject,
    /// Events below are left out.
    pub level: LogLevel,
    /// How lines look.
    pub format: TraceFormat,
    /// How payloads look.
    pub payload: TracePayload,
    /// Longer payloads are cut, bytes.
    pub payload_limit: u32,
    /// When it stops by itself; the daemon's choice if `None`.
    pub duration_ms: Option<u64>,
    /// Bytes after which it stops; the daemon's choice if `None`.
    pub max_bytes: Option<u64>,
    /// Lines a second; more are dropped and counted. `None` for no such bound.
    pub rate: Option<u32>,
    /// Where lines go.
    pub destination: TraceDestination,
}

/// Who or what a trace follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceSubject {
    /// A client id.
    Client(String),
    /// A topic filter.
    Topic(String),
    /// An IP address, or a network as `10.0.0.0/8`.
    IpAddress(String),
}

impl TraceSubject {
    /// EMQX's atom for the kind: `clientid`, `topic`, `ip_address`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Client(_) => "clientid",
            Self::Topic(_) => "topic",
            Self::IpAddress(_) => "ip_address",
        }
    }

    /// What was given for it.
    pub fn value(&self) -> &str {
        match self {
            Self::Client(value) | Self::Topic(value) | Self::IpAddress(value) => value,
        }
    }
}

/// How the lines of a trace look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceFormat {
    /// EMQX's text.
    Text,
    /// A JSON object a line.
    Json,
}

impl TraceFormat {
    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// How payloads look in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TracePayload {
    /// As text; hexadecimal if it is none.
    Text,
    /// Hexadecimal.
    Hex,
    /// `******`
    Hidden,
}

impl TracePayload {
    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Hidden => "hidden",
        }
    }
}

/// Where the lines of a trace go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceDestination {
    /// To the caller, for as long as it stays.
    Live,
    /// Through the descriptor that comes with the request.
    Descriptor {
        /// The path as the caller wrote it; it is shown and never opened.
        shown: String,
    },
    /// Into the daemon's trace folder, under the trace's name; goes on after a restart.
    Folder,
}

/// Names a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TraceTarget {
    /// By its name.
    Name(String),
    /// By what it follows, as EMQX's `trace stop client C`.
    Subject(TraceSubject),
}

impl TraceRequest {
    /// How many verbs the group has.
    pub const VERBS: u8 = 5;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::List => ("trace list", Role::ReadOnly),
            Self::Start(_) => ("trace start", Role::Admin),
            Self::Stop { .. } => ("trace stop", Role::Admin),
            Self::Delete { .. } => ("trace delete", Role::Admin),
            Self::Tail { .. } => ("trace tail", Role::Admin),
        }
    }

    pub(super) fn takes_descriptor(&self) -> bool {
        matches!(self, Self::Start(start) if matches!(start.destination, TraceDestination::Descriptor { .. }))
    }

    pub(super) fn is_watch(&self) -> bool {
        match self {
            Self::Tail { .. } => true,
            Self::Start(start) => start.destination == TraceDestination::Live,
            Self::List | Self::Stop { .. } | Self::Delete { .. } => false,
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::List => Vec::new(),
            Self::Start(start) => start.arguments(),
            Self::Stop {
                target: TraceTarget::Subject(subject),
            } => vec![(subject.kind(), subject.value().into())],
            Self::Stop {
                target: TraceTarget::Name(name),
            }
            | Self::Delete { name }
            | Self::Tail { name } => vec![("name", name.into())],
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Start(start) => start.check(),
            Self::List | Self::Stop { .. } | Self::Delete { .. } | Self::Tail { .. } => Ok(()),
        }
    }
}

impl TraceStart {
    fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let file = match &self.destination {
            TraceDestination::Live => Cow::Borrowed("(live)"),
            TraceDestination::Descriptor { shown } => Cow::Borrowed(&**shown),
            TraceDestination::Folder => Cow::Borrowed("(trace folder)"),
        };
        given([
            (self.subject.kind(), Some(self.subject.value().into())),
            ("name", text(&self.name)),
            ("file", Some(file)),
            ("level", Some(self.level.as_str().into())),
            ("formatter", Some(self.format.as_str().into())),
            ("payload", Some(self.payload.as_str().into())),
            ("duration_ms", self.duration_ms.map(number)),
            ("max_bytes", self.max_bytes.map(number)),
            ("rate", self.rate.map(number)),
        ])
    }

    fn check(&self) -> Result<(), Failure> {
        let refuse = |message: String| Err(Failure::new(ErrorCode::InvalidArgument, message));
        if let Some(name) = self.name.as_deref().filter(|name| !is_trace_name(name)) {
            return refuse(format!(
                "\"{name}\" is no name for a trace; it should match ^[A-Za-z]+[A-Za-z0-9-_]*$ in at most {NAME_BYTES_MAX} characters"
            ));
        }
        if self.destination == TraceDestination::Folder && self.name.is_none() {
            return refuse("a trace in the daemon's folder needs a name".to_owned());
        }
        if self.subject.value().is_empty() {
            return refuse(format!("the {} to trace is empty", self.subject.kind()));
        }
        Ok(())
    }
}

/// Longest name of a trace; with prefix, date and ending it has to fit into a file name of 255 bytes.
const NAME_BYTES_MAX: usize = 200;

/// Whether EMQX would take the name: `^[A-Za-z]+[A-Za-z0-9-_]*$`. Nothing else may become part of a path.
pub fn is_trace_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_harmless_in_a_path_are_taken() {
        for name in ["a", "mytraces_ip", "T-1", "Z9-_"] {
            assert!(is_trace_name(name), "{name}");
        }
        for name in ["", "1a", "_a", "-a", "a/b", "../x", "a.b", "a b", "é", "a\n", "a\0"] {
            assert!(!is_trace_name(name), "{name:?}");
        }
        assert!(is_trace_name(&"a".repeat(200)));
        assert!(!is_trace_name(&"a".repeat(201)));
    }
}
