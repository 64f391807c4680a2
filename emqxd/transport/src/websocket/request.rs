//! The HTTP request that asks for a WebSocket (RFC 6455, 4.1 and 4.2), and who is refused.
//!
//! [`Request::parse`] looks at a whole request head and does nothing else, so each rule has its test and the parser
//! its fuzz target. A refusal is an HTTP answer that a person with a browser or curl understands.

use httparse::Header;
use tungstenite::handshake::derive_accept_key;

/// Headers of one request; browsers send some twenty.
const HEADERS_MAX: usize = 64;
/// Bytes of the forwarded addresses that are looked at, from their end: what a client wrote itself stands before what
/// proxies have appended, and may be long.
const FORWARDED_BYTES_MAX: usize = 1024;

/// The rules of a listener for the requests of its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeSettings {
    /// `mqtt_path`
    pub path: String,
    /// `supported_subprotocols`
    pub subprotocols: Vec<String>,
    /// `fail_if_no_subprotocol`
    pub requires_subprotocol: bool,
    /// `check_origins`; `None` lets all pass.
    pub origins: Option<Vec<String>>,
    /// `allow_origin_absence`: whether those pass that name none, such as all that are no browsers.
    pub allows_no_origin: bool,
    /// `max_frame_size`, bytes; it holds for whole messages too.
    pub max_frame_size: Option<u64>,
    /// `proxy_address_header`; empty for none.
    pub address_header: String,
    /// `proxy_port_header`; empty for none.
    pub port_header: String,
}

/// A request that is to be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `Sec-WebSocket-Accept` of the answer.
    pub accept: String,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// What proxies say about the client's address, all lines of that header in one; its end, if it is long.
    pub forwarded_for: Option<String>,
    /// What they say about its port.
    pub forwarded_port: Option<u16>,
}

/// A request that is answered with an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The sentence that the client and the log are told.
    pub text: String,
}

impl Refusal {
    pub(super) fn new(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// The HTTP status with its phrase.
    fn phrase(&self) -> &'static str {
        match self.status {
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            426 => "Upgrade Required",
            431 => "Request Header Fields Too Large",
            _ => "Bad Request",
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn answer(&self) -> String {
        let upgrade = match self.status {
            405 => "Allow: GET\r\n",
            426 => "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
            _ => "",
        };
        format!(
            "HTTP/1.1 {} {}\r\nConnection: close\r\n{upgrade}Content-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{}\n",
            self.status,
            self.phrase(),
            self.text.len() + 1,
            self.text
        )
    }
}

impl Request {
    /// Reads a request head that ends with its empty line.
    ///
    /// # Errors
    /// It is no HTTP, or not what `settings` grant.
    pub fn parse(head: &[u8], settings: &UpgradeSettings) -> Result<Self, Refusal> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Refusal::new(400, "an HTTP request without an end")),
            Err(httparse::Error::TooManyHeaders) => {
                return Err(Refusal::new(431, format!("more than {HEADERS_MAX} header lines")));
            }
            Err(_) => return Err(Refusal::new(400, "this is no HTTP request")),
        }
        let target = request.path.unwrap_or_default();
        check_path(target, &settings.path)?;
        if request.method != Some("GET") {
            return Err(Refusal::new(405, "a WebSocket is asked for with GET"));
        }
        let headers = Headers(request.headers);
        let accept = check_upgrade(&headers, request.version)?;
        check_origin(&headers, settings)?;
        let subprotocol = choose_subprotocol(&headers, settings)?;
        let named = |name: &str| (!name.is_empty()).then(|| headers.joined(name)).flatten();
        let port = named(&settings.port_header).and_then(|port| port.trim().parse().ok());
        Ok(Self {
            accept,
            subprotocol,
            forwarded_for: named(&settings.address_header).map(end_of_list),
            forwarded_port: port,
        })
    }

    /// The answer that grants it.
    #[must_use]
    pub fn answer(&self) -> String {
        let subprotocol = match &self.subprotocol {
            Some(subprotocol) => format!("Sec-WebSocket-Protocol: {subprotocol}\r\n"),
            None => String::new(),
        };
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{subprotocol}\r\n",
            self.accept
        )
    }
}

struct Headers<'a>(&'a [Header<'a>]);

impl<'a> Headers<'a> {
    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = self
            .0
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name));
        of_name.filter_map(|header| std::str::from_utf8(header.value).ok())
    }

    fn first(&self, name: &str) -> Option<&'a str> {
        self.all(name).next().map(str::trim)
    }

    /// The parts between commas, of all lines of that name.
    fn tokens(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let parts = self.all(name).flat_map(|value| value.split(','));
        parts.map(str::trim).filter(|token| !token.is_empty())
    }

    /// All lines of that name in one, those too that are no text: what proxies have appended to it counts.
    fn joined(&self, name: &str) -> Option<String> {
        let of_name = self.0.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        let lines: Vec<_> = of_name.map(|header| String::from_utf8_lossy(header.value)).collect();
        (!lines.is_empty()).then(|| lines.join(","))
    }
}

/// The last parts of a list with commas, as many as are looked at.
fn end_of_list(list: String) -> String {
    let begin = list.floor_char_boundary(list.len().saturating_sub(FORWARDED_BYTES_MAX));
    if begin == 0 {
        return list;
    }
    match list[begin..].split_once(',') {
        Some((_cut, whole)) => whole.to_owned(),
        // One part, longer than any address.
        None => String::new(),
    }
}

fn check_path(target: &str, path: &str) -> Result<(), Refusal> {
    let asked = target.split('?').next().unwrap_or_default();
    let without_slash = |path: &str| path.trim_end_matches('/').to_owned();
    if without_slash(asked) == without_slash(path) {
        return Ok(());
    }
    Err(Refusal::new(404, format!("MQTT is at {path} here")))
}

/// `Sec-WebSocket-Accept` for it.
fn check_upgrade(headers: &Headers<'_>, version: Option<u8>) -> Result<String, Refusal> {
    let asks = |name: &str, word: &str| headers.tokens(name).any(|token| token.eq_ignore_ascii_case(word));
    if !asks("upgrade", "websocket") || !asks("connection", "upgrade") {
        return Err(Refusal::new(426, "this address speaks MQTT over WebSocket"));
    }
    if version != Some(1) {
        return Err(Refusal::new(400, "a WebSocket needs HTTP 1.1"));
    }
    if headers.first("sec-websocket-version") != Some("13") {
        return Err(Refusal::new(426, "version 13 of WebSocket is spoken here"));
    }
    let key = headers.first("sec-websocket-key").unwrap_or_default();
    // 16 bytes in base64.
    if key.len() != 24 || !key.ends_with("==") {
        return Err(Refusal::new(400, "Sec-WebSocket-Key is missing or wrong"));
    }
    Ok(derive_accept_key(key.as_bytes()))
}

fn check_origin(headers: &Headers<'_>, settings: &UpgradeSettings) -> Result<(), Refusal> {
    let Some(origins) = &settings.origins else {
        return Ok(());
    };
    match headers.first("origin") {
        Some(origin) if origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) => Ok(()),
        None if settings.allows_no_origin => Ok(()),
        Some(_) => Err(Refusal::new(403, "pages from this origin may not connect")),
        None => Err(Refusal::new(403, "the request names no origin")),
    }
}

/// The first of the client's that the listener knows (RFC 6455, 4.2.2).
fn choose_subprotocol(headers: &Headers<'_>, settings: &UpgradeSettings) -> Result<Option<String>, Refusal> {
    let mut asked = headers.tokens("sec-websocket-protocol").peekable();
    if asked.peek().is_none() {
        if settings.requires_subprotocol {
            let text = "Sec-WebSocket-Protocol is missing; MQTT clients ask for mqtt";
            return Err(Refusal::new(400, text));
        }
        return Ok(None);
    }
    let known = |token: &&str| settings.subprotocols.iter().any(|known| known == token);
    match asked.find(known) {
        Some(subprotocol) => Ok(Some(subprotocol.to_owned())),
        None => Err(Refusal::new(
            400,
            "none of the subprotocols asked for is spoken here; ask for mqtt",
        )),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
