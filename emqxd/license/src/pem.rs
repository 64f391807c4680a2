//! PEM (RFC 7468): base64 between a BEGIN and an END line; the first block of a label.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes of the first block with this label; `None` if there is none, or it is not base64.
pub(crate) fn decode(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

/// A block of its own.
pub(crate) fn encode(bytes: &[u8], label: &str) -> String {
    let body = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
