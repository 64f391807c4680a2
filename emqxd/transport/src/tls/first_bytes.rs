//! The first bytes of a connection, kept to say what a client really spoke: HTTP, plain MQTT, an old TLS.

/// A ClientHello up to its version (record header, handshake header, version: RFC 8446, 4.1.2), or the signature of
/// PROXY version 2.
const LENGTH: usize = 12;

/// They, as far as they have come.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct FirstBytes {
    bytes: [u8; LENGTH],
    filled: u8,
}

impl FirstBytes {
    /// Takes what is still missing from what was read.
    pub(super) fn take(&mut self, read: &[u8]) {
        let filled = usize::from(self.filled);
        let count = read.len().min(LENGTH - filled);
        self.bytes[filled..filled + count].copy_from_slice(&read[..count]);
        self.filled = (filled + count) as u8;
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..usize::from(self.filled)]
    }

    /// What it is if it is no TLS; `None` if it may be TLS.
    pub(super) fn foreign(&self) -> Option<String> {
        let bytes = self.get();
        let first = *bytes.first()?;
        if first == 0x16 {
            return None;
        }
        const METHODS: [&[u8]; 8] = [b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI", b"CONN", b"DELE", b"PRI "];
        let guess = if METHODS.iter().any(|method| bytes.starts_with(method)) {
            "an HTTP request without TLS came to the TLS port"
        } else if first == 0x10 && bytes.windows(4).any(|name| name == b"MQTT" || name == b"MQIs") {
            "plain MQTT came to the TLS port: the client has TLS switched off, or should use the tcp listener"
        } else if bytes.starts_with(b"PROXY ") || bytes.starts_with(b"\r\n\r\n\0\r\nQUIT\n") {
            "a PROXY protocol header came, and `proxy_protocol` is off at this listener"
        } else if bytes.starts_with(b"SSH-") {
            "an SSH client came to the TLS port"
        } else if first & 0x80 != 0 && bytes.get(2) == Some(&1) {
            "an SSL 2 hello came: the client's TLS library is too old"
        } else {
            "the first bytes are no TLS"
        };
        Some(format!("{guess} ({{unsupported_record_type,{first}}})"))
    }

    /// The highest version that a ClientHello without the extension of TLS 1.3 offers.
    pub(super) fn legacy_version(&self) -> Option<&'static str> {
        match self.get().get(9..11)? {
            [3, 0] => Some("SSL 3.0"),
            [3, 1] => Some("TLS 1.0"),
            [3, 2] => Some("TLS 1.1"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> FirstBytes {
        let mut first = FirstBytes::default();
        // One at a time, as a slow client sends them.
        bytes.chunks(1).for_each(|byte| first.take(byte));
        first
    }

    #[test]
    fn what_came_instead_of_tls_is_said() {
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1\r\n"[..], "HTTP"),
            (b"\x10\x10\0\x04MQTT\x05\x02", "plain MQTT"),
            (b"\x10\x10\0\x06MQIsdp", "plain MQTT"),
            (b"PROXY TCP4 1.2.3.4", "proxy_protocol"),
            (b"\r\n\r\n\0\r\nQUIT\n\x21", "proxy_protocol"),
            (b"SSH-2.0-OpenSSH", "SSH"),
            (b"\x80\x2e\x01\x03\x01", "SSL 2"),
            (b"\0\0\0", "no TLS"),
        ] {
            let guess = first(bytes).foreign().unwrap();
            assert!(guess.contains(expected), "{guess}");
        }
        assert_eq!(first(b"\x16\x03\x01\x02\0\x01").foreign(), None);
        assert_eq!(first(b"").foreign(), None);
    }

    #[test]
    fn an_old_client_is_known_by_its_hello() {
        let hello = |minor| first(&[0x16, 3, 1, 0, 100, 1, 0, 0, 96, 3, minor, 99]);
        assert_eq!(hello(1).legacy_version(), Some("TLS 1.0"));
        assert_eq!(hello(2).legacy_version(), Some("TLS 1.1"));
        assert_eq!(hello(3).legacy_version(), None);
    }
}
