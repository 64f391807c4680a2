//! The bytes of a header and what they say; no I/O.
//!
//! The formats are read by the crate `proxy-header`. What stands here is when a header is complete, and what it lets
//! pass and must not: numbers with leading zeros, texts that are none.

use proxy_header::{ParseConfig, ProxyHeader as Wire, SslInfo, Tlv};

use super::{HEADER_BYTES_MAX, ProxyError, ProxyHeader, ProxyTls};

/// How version 1 begins.
const V1_PREFIX: &[u8] = b"PROXY ";
/// Bytes of the longest header of version 1, with its line end.
const V1_BYTES_MAX: usize = 107;
/// How version 2 begins.
const V2_PREFIX: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of a version 2 header before its addresses.
const V2_FIXED_BYTES: usize = 16;
/// Bytes that an error message shows.
const SHOWN_BYTES: usize = 16;
/// Bytes of the longest text taken from a header.
const TEXT_BYTES_MAX: usize = 1024;

/// What the first bytes of a connection come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// All of them belong to a header that is not complete.
    Incomplete,
    /// A header, and how many bytes it has.
    Complete {
        /// What it says.
        header: ProxyHeader,
        /// Its bytes.
        len: usize,
    },
}

/// Looks at the first bytes of a connection.
///
/// # Errors
/// They are no header, or a bad one.
pub fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
    let is_begun = |prefix: &[u8]| {
        let common = prefix.len().min(bytes.len());
        bytes[..common] == prefix[..common]
    };
    let len = if is_begun(V1_PREFIX) {
        v1_len(bytes)?
    } else if is_begun(V2_PREFIX) {
        v2_len(bytes)?
    } else {
        return Err(ProxyError::NoHeader(shown(bytes)));
    };
    let Some(len) = len.filter(|len| *len <= bytes.len()) else {
        return Ok(Parsed::Incomplete);
    };
    let bytes = &bytes[..len];
    let (wire, read) =
        Wire::parse(bytes, ParseConfig::default()).map_err(|_| ProxyError::Malformed("it breaks the format"))?;
    if read != len {
        return Err(ProxyError::Malformed("its length is not what its content comes to"));
    }
    let header = understand(&wire)?;
    Ok(Parsed::Complete { header, len })
}

/// `None` if the end of the line has not come.
fn v1_len(bytes: &[u8]) -> Result<Option<usize>, ProxyError> {
    let Some(end) = bytes.iter().take(V1_BYTES_MAX).position(|byte| *byte == b'\n') else {
        return if bytes.len() < V1_BYTES_MAX {
            Ok(None)
        } else {
            Err(ProxyError::Malformed("a line without an end"))
        };
    };
    let line = bytes[..end].strip_suffix(b"\r");
    let line = line.ok_or(ProxyError::Malformed("a line that does not end with CR LF"))?;
    let ports = line.split(|byte| *byte == b' ').skip(4);
    for port in ports {
        if port.len() > 1 && port.first() == Some(&b'0') {
            return Err(ProxyError::Malformed("a port with a leading zero"));
        }
    }
    Ok(Some(end + 1))
}

/// `None` if its length has not come.
fn v2_len(bytes: &[u8]) -> Result<Option<usize>, ProxyError> {
    let Some(fixed) = bytes.get(..V2_FIXED_BYTES) else {
        return Ok(None);
    };
    let len = V2_FIXED_BYTES + usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if len > HEADER_BYTES_MAX {
        return Err(ProxyError::TooLong);
    }
    Ok(Some(len))
}

fn understand(wire: &Wire<'_>) -> Result<ProxyHeader, ProxyError> {
    let mut header = ProxyHeader::default();
    if let Some(addresses) = wire.proxied_address() {
        header.source = Some(addresses.source);
        header.destination = Some(addresses.destination);
    }
    let mut server_name = None;
    for tlv in wire.tlvs() {
        match tlv.map_err(|_| ProxyError::Malformed("a TLV that is longer than the header"))? {
            Tlv::Ssl(ssl) => header.tls = understand_tls(&ssl)?,
            Tlv::Authority(name) => server_name = Some(text(&name)?),
            _ => {}
        }
    }
    if let Some(tls) = &mut header.tls {
        tls.server_name = server_name;
    }
    Ok(header)
}

/// `None` if the client did not use TLS.
fn understand_tls(ssl: &SslInfo<'_>) -> Result<Option<ProxyTls>, ProxyError> {
    let all_are_whole = ssl.tlvs().all(|tlv| tlv.is_ok());
    if !all_are_whole {
        return Err(ProxyError::Malformed("a TLV of TLS that is longer than the header"));
    }
    if !ssl.client_ssl() {
        return Ok(None);
    }
    // A certificate that the balancer has not verified says nothing about who the client is.
    let has_certificate = ssl.client_cert_conn() || ssl.client_cert_sess();
    let is_verified = has_certificate && ssl.verify() == 0;
    let optional = |value: Option<&str>| value.map(text).transpose();
    let common_name = optional(ssl.cn())?.filter(|_| is_verified);
    Ok(Some(ProxyTls {
        version: optional(ssl.version())?,
        cipher: optional(ssl.cipher())?,
        server_name: None,
        common_name,
    }))
}

/// Texts end up in logs, user names and topics: no control characters.
fn text(value: &str) -> Result<String, ProxyError> {
    if value.len() > TEXT_BYTES_MAX || value.chars().any(char::is_control) {
        return Err(ProxyError::Malformed("a text with control characters, or too long"));
    }
    Ok(value.to_owned())
}

fn shown(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(SHOWN_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
