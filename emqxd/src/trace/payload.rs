//! A payload as a trace shows it: as text, hexadecimal, or not at all; long ones cut.

use std::fmt;

use emqx_shared::request::TracePayload;

/// How payloads are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PayloadForm {
    pub(super) encode: TracePayload,
    /// Longer ones are cut, bytes.
    pub(super) limit: usize,
}

/// What is left of a payload that is too long, bytes.
const CUT_TO: usize = 100;
/// Longer ones are cut whatever was asked for, bytes: even in hexadecimal the rest fits into the longest line, and a
/// worker does not spend its time on a line that is thrown away.
const LIMIT_MAX: usize = 24 * 1024;

/// A payload in a form.
pub(super) struct Shown<'a> {
    /// What became of `encode`: text that is none is shown as hexadecimal.
    pub(super) encode: TracePayload,
    bytes: &'a [u8],
    left_out: usize,
}

impl PayloadForm {
    pub(super) fn show<'a>(&self, payload: &'a [u8]) -> Shown<'a> {
        let is_cut = payload.len() > self.limit.min(LIMIT_MAX);
        let mut bytes = match is_cut {
            true => &payload[..payload.len().min(CUT_TO).min(self.limit)],
            false => payload,
        };
        let mut encode = self.encode;
        if encode == TracePayload::Text
            && let Err(error) = std::str::from_utf8(bytes)
        {
            // Cut within a character: it goes as a whole.
            match is_cut && error.error_len().is_none() {
                true => bytes = &bytes[..error.valid_up_to()],
                false => encode = TracePayload::Hex,
            }
        }
        Shown {
            encode,
            bytes,
            left_out: payload.len() - bytes.len(),
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.encode {
            TracePayload::Hidden => return out.write_str("******"),
            TracePayload::Text => out.write_str(&String::from_utf8_lossy(self.bytes))?,
            TracePayload::Hex => self.bytes.iter().try_for_each(|byte| write!(out, "{byte:02X}"))?,
        }
        match self.left_out {
            0 => Ok(()),
            count => write!(out, "...({count} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(encode: TracePayload, limit: usize, payload: &[u8]) -> String {
        let form = PayloadForm { encode, limit };
        let shown = form.show(payload);
        format!("{}:{shown}", shown.encode.as_str())
    }

    #[test]
    fn text_stays_text_and_what_is_none_becomes_hexadecimal() {
        assert_eq!(shown(TracePayload::Text, 1024, b"hello"), "text:hello");
        assert_eq!(shown(TracePayload::Text, 1024, &[0xff, 0x0a]), "hex:FF0A");
        assert_eq!(shown(TracePayload::Hex, 1024, b"hi"), "hex:6869");
        assert_eq!(shown(TracePayload::Text, 1024, b""), "text:");
    }

    #[test]
    fn a_hidden_payload_does_not_even_tell_its_length() {
        assert_eq!(shown(TracePayload::Hidden, 10, &[b'x'; 5000]), "hidden:******");
        assert_eq!(shown(TracePayload::Hidden, 10, b""), "hidden:******");
    }

    #[test]
    fn a_long_payload_is_cut_to_100_bytes_at_a_whole_character() {
        let text = shown(TracePayload::Text, 1024, &[b'x'; 1025]);
        assert_eq!(text, format!("text:{}...(925 bytes)", "x".repeat(100)));
        assert_eq!(shown(TracePayload::Text, 1024, &[b'x'; 1024]).len(), 5 + 1024);
        // 99 bytes and a character of two, which the cut would split.
        let mut payload = vec![b'x'; 99];
        payload.extend("é".repeat(600).bytes());
        let text = shown(TracePayload::Text, 1024, &payload);
        assert_eq!(text, format!("text:{}...(1200 bytes)", "x".repeat(99)));
        assert_eq!(shown(TracePayload::Hex, 2, b"abc"), "hex:6162...(1 bytes)");
        assert_eq!(shown(TracePayload::Text, 0, b"abc"), "text:...(3 bytes)");
        let huge = shown(TracePayload::Hex, usize::MAX, &[b'x'; LIMIT_MAX + 1]);
        assert_eq!(huge.len(), "hex:...(24477 bytes)".len() + 2 * CUT_TO);
    }
}
