//! Names in place of client ids, user names, addresses and topics: the same one for the same thing throughout a
//! bundle, from a key that is thrown away afterwards, so that nobody can try names out against it.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::{IpAddr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Pseudonyms that are remembered to be found in log lines.
const KNOWN_MAX: usize = 100_000;
/// Shorter names occur in log lines by accident.
const NAME_IN_LINE_MIN: usize = 4;

/// What a name belongs to: the first part of its pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Client,
    User,
    Address,
    Topic,
    Name,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::User => "user",
            Self::Address => "host",
            Self::Topic => "topic",
            Self::Name => "name",
        }
    }

    /// By the name of a field, in JSON or in a line of the log.
    fn of_field(name: &str) -> Option<Self> {
        Some(match name {
            "client_id" | "clientid" | "clientId" | "keepalive_example" | "frame_too_large_example" => Self::Client,
            "username" | "user" | "by" | "set_by" => Self::User,
            "peername" | "peer" | "last_peer" | "http_peer" | "tls_peer" | "peerhost" | "address" => Self::Address,
            "topic" | "filter" | "topic_filter" => Self::Topic,
            "customer" | "email" | "deployment" | "who" | "scanners" | "subject" | "weak_admins" => Self::Name,
            _ => return None,
        })
    }
}

/// Gives the pseudonyms of one bundle.
#[derive(Debug)]
pub struct Pseudonyms {
    key: [u8; 32],
    known: HashMap<String, String>,
    /// Names that were replaced.
    pub replaced: u64,
}

impl Pseudonyms {
    /// With a key that nobody has seen.
    pub fn new() -> Self {
        let mut key = [0; 32];
        for part in key.chunks_exact_mut(8) {
            // Each `RandomState` has keys of its own, made from the system's randomness.
            part.copy_from_slice(&RandomState::new().build_hasher().finish().to_ne_bytes());
        }
        Self {
            key,
            known: HashMap::new(),
            replaced: 0,
        }
    }

    /// Replaces all names in a document, by the fields they stand in; addresses wherever they stand.
    ///
    /// Recursive as deep as the document, which is one of ours.
    pub fn replace(&mut self, value: &mut Value, field: &str) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.replace(value, name);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item, field)),
            Value::String(text) => {
                *text = match Kind::of_field(field) {
                    Some(_) if text.is_empty() => return,
                    Some(Kind::Address) => self.addresses(text),
                    Some(kind) => self.name(kind, text),
                    None => self.line(text),
                };
            }
            _ => {}
        }
    }

    /// Replaces the names in a line of text: those of known fields, those seen before, and addresses.
    pub fn line(&mut self, line: &str) -> String {
        let mut out = String::with_capacity(line.len());
        for (index, part) in line.split(", ").enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            let field = part.split_once(": ").and_then(|(before, value)| {
                let name = before.rsplit([' ', '{']).next()?;
                Some((before, Kind::of_field(name)?, value))
            });
            match field {
                Some((before, Kind::Address, value)) => out.push_str(&format!("{before}: {}", self.addresses(value))),
                Some((before, kind, value)) => out.push_str(&format!("{before}: {}", self.name(kind, value))),
                None => {
                    let text = self.addresses(part);
                    out.push_str(&self.seen_before(&text));
                }
            }
        }
        out
    }

    fn name(&mut self, kind: Kind, name: &str) -> String {
        self.replaced += 1;
        // Whatever field it stood in first: it is the same thing.
        if let Some(pseudonym) = self.known.get(name) {
            return pseudonym.clone();
        }
        let pseudonym = self.pseudonym(kind, name);
        if self.known.len() < KNOWN_MAX && name.len() >= NAME_IN_LINE_MIN {
            self.known.insert(name.to_owned(), pseudonym.clone());
        }
        pseudonym
    }

    fn pseudonym(&self, kind: Kind, name: &str) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return kind.prefix().to_owned();
        };
        mac.update(kind.prefix().as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        let digest = mac.finalize().into_bytes();
        let digits: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{digits}", kind.prefix())
    }

    /// Words that are names seen in a field before.
    fn seen_before(&mut self, text: &str) -> String {
        if self.known.is_empty() {
            return text.to_owned();
        }
        let is_edge = |c: char| c.is_whitespace() || "\"'<>(){}[]=,;".contains(c);
        let mut out = String::with_capacity(text.len());
        for piece in text.split_inclusive(is_edge) {
            let word = piece.trim_end_matches(is_edge);
            match self.known.get(word) {
                Some(pseudonym) => {
                    self.replaced += 1;
                    out.push_str(pseudonym);
                    out.push_str(&piece[word.len()..]);
                }
                None => out.push_str(piece),
            }
        }
        out
    }

    /// IP addresses, with a port or without; those that name no one (loopback, any) stay.
    fn addresses(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '[' | ']');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let start = rest.find(is_part).unwrap_or(rest.len());
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(&self.address(word));
            rest = after;
        }
        out
    }

    fn address(&mut self, word: &str) -> String {
        let trimmed = word.trim_end_matches(['.', ':']);
        let tail = &word[trimmed.len()..];
        let (ip, port) = match (
            trimmed.parse::<SocketAddr>(),
            trimmed.trim_matches(['[', ']']).parse::<IpAddr>(),
        ) {
            (Ok(socket), _) => (socket.ip(), format!(":{}", socket.port())),
            (_, Ok(ip)) => (ip, String::new()),
            _ => return word.to_owned(),
        };
        if ip.is_loopback() || ip.is_unspecified() {
            return word.to_owned();
        }
        self.replaced += 1;
        format!("{}{port}{tail}", self.pseudonym(Kind::Address, &ip.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_has_one_pseudonym_throughout_a_bundle_and_another_in_the_next() {
        let mut names = Pseudonyms::new();
        let mut value = json!({"client_id": "sensor-17", "rows": [{"peername": "10.0.0.9:5000", "topic": "a/b"}]});
        names.replace(&mut value, "");
        let client = value["client_id"].as_str().unwrap().to_owned();
        assert!(client.starts_with("client-"), "{value}");
        let text = value.to_string();
        for name in ["sensor-17", "10.0.0.9", "a/b"] {
            assert!(!text.contains(name), "{text}");
        }
        let line = names.line("clientid: sensor-17, msg: x, peername: 10.0.0.9:7, about sensor-17 and [2001:db8::1]:5");
        assert_eq!(line.matches(&client).count(), 2, "{line}");
        assert!(
            !line.contains("sensor-17") && !line.contains("10.0.0.9") && !line.contains("2001"),
            "{line}"
        );
        assert!(line.contains("msg: x") && line.contains(":7"), "{line}");
        let mut event = json!({"subject": "sensor-17"});
        names.replace(&mut event, "");
        assert_eq!(event["subject"], client, "the same thing in another field");
        assert_ne!(Pseudonyms::new().name(Kind::Client, "sensor-17"), client);
    }

    #[test]
    fn times_versions_and_loopback_stay_as_they_are() {
        let mut names = Pseudonyms::new();
        for line in [
            "2026-11-22T11:15:19.123+00:00 [info] listener: tcp:default, address: 0.0.0.0:1883",
            "running 3 d, emqxd 1.0.0 = emqx-ctl 1.0.0, 127.0.0.1:1883, [::1]:1883",
        ] {
            assert_eq!(names.line(line), line);
        }
        assert_eq!(names.replaced, 0);
    }
}
