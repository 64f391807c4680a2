//! The last malformed frames of the node: what `emqx-ctl errors` shows.
//!
//! Workers record one where bytes cannot be decoded (`worker/handshake.rs`), before the connection ends. A ring of
//! [`FRAMES_MAX`] with the beginning of each frame: bounded however many there are. What may be a password is cut off
//! here, before it is kept; what the bytes probably are is guessed in `guess.rs` when somebody asks.

mod guess;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use emqx_shared::views::{FRAME_BYTES_MAX, MalformedFrameView};
use mqtt_codec::{DecodeError, Decoder, ProtocolVersion};
use parking_lot::Mutex;

use crate::clock::unix_ms_now;

/// Frames remembered.
pub const FRAMES_MAX: usize = 32;
/// Bytes of a client id that are remembered.
const CLIENT_ID_BYTES_MAX: usize = 256;
/// Bytes of a CONNECT up to its keep alive, for any protocol name: nothing in there is secret.
const CONNECT_HEAD_BYTES: usize = 16;
/// The identifier of Authentication Data (MQTT 5, 3.1.2.11.10).
const AUTHENTICATION_DATA: u8 = 0x16;

/// Where a frame came from.
#[derive(Debug)]
pub struct FrameSource<'a> {
    /// The listener's id.
    pub listener: &'a Arc<str>,
    /// The other end.
    pub peer: SocketAddr,
    /// If its CONNECT had been accepted.
    pub client_id: Option<&'a str>,
    /// Packets that were read before.
    pub parsed_packets: u64,
}

#[derive(Debug)]
struct MalformedFrame {
    time_ms: u64,
    listener: Arc<str>,
    peer: SocketAddr,
    client_id: Option<Box<str>>,
    error: DecodeError,
    parsed_packets: u64,
    version: Option<ProtocolVersion>,
    bytes: Box<[u8]>,
    received: usize,
    is_withheld: bool,
    offset: Option<usize>,
}

/// The ring.
#[derive(Debug, Default)]
pub struct MalformedFrames {
    ring: Mutex<VecDeque<MalformedFrame>>,
}

impl MalformedFrames {
    /// Remembers the frame that begins `head`, which `decoder` refused with `error`.
    pub fn record(&self, source: &FrameSource<'_>, decoder: &Decoder, head: &Bytes, error: &DecodeError) {
        let offset = decoder.error_offset(head, error);
        let shown = harmless(head, error, offset).min(FRAME_BYTES_MAX);
        let client_id = source
            .client_id
            .map(|id| &id[..id.floor_char_boundary(CLIENT_ID_BYTES_MAX)]);
        let frame = MalformedFrame {
            time_ms: unix_ms_now(),
            listener: Arc::clone(source.listener),
            peer: source.peer,
            client_id: client_id.map(Box::from),
            error: error.clone(),
            parsed_packets: source.parsed_packets,
            version: decoder.version(),
            bytes: head[..shown].into(),
            received: head.len(),
            is_withheld: shown < head.len().min(FRAME_BYTES_MAX),
            offset,
        };
        let mut ring = self.ring.lock();
        if ring.len() >= FRAMES_MAX {
            ring.pop_front();
        }
        ring.push_back(frame);
    }

    /// The newest first, at most `limit`.
    pub fn newest(&self, limit: usize) -> Vec<MalformedFrameView> {
        self.ring.lock().iter().rev().take(limit).map(view).collect()
    }
}

fn view(frame: &MalformedFrame) -> MalformedFrameView {
    MalformedFrameView {
        time_ms: frame.time_ms,
        listener: frame.listener.to_string(),
        peername: frame.peer.to_string(),
        client_id: frame.client_id.as_deref().map(str::to_owned),
        error: frame.error.name().to_owned(),
        detail: frame.error.to_string(),
        parsed_packets: frame.parsed_packets,
        bytes: frame.bytes.to_vec(),
        received: frame.received as u64,
        is_withheld: frame.is_withheld,
        offset: frame.offset.map(|offset| offset as u64),
        guess: guess::guess(&frame.bytes, &frame.error, frame.version, frame.parsed_packets),
    }
}

/// How many bytes may be shown: all that stands before a password, or before something that may be one.
fn harmless(head: &[u8], error: &DecodeError, offset: Option<usize>) -> usize {
    match head.first() {
        Some(first) if first >> 4 == 1 => harmless_connect(head, error, offset),
        _ => harmless_beginning(head),
    }
}

/// The same for the log, which shows less of a CONNECT.
pub fn harmless_beginning(head: &[u8]) -> usize {
    match head.first() {
        Some(first) if first >> 4 == 1 => head.len().min(CONNECT_HEAD_BYTES),
        // AUTH is nothing but authentication data.
        Some(first) if first >> 4 == 15 => head.len().min(2),
        // The lines after the first may hold an Authorization header or a cookie.
        Some(_) if guess::is_http(head) => head
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(head.len(), |end| end + 1),
        _ => head.len(),
    }
}

fn harmless_connect(head: &[u8], error: &DecodeError, offset: Option<usize>) -> usize {
    let Some(parts) = ConnectParts::find(head) else {
        return head.len().min(CONNECT_HEAD_BYTES);
    };
    if parts.has_credentials {
        return parts.behind_keep_alive;
    }
    match error {
        // A password that the flags do not announce.
        DecodeError::TrailingBytes { .. } => offset.unwrap_or(parts.behind_keep_alive),
        _ if parts.is_v5 && head[parts.behind_keep_alive..].contains(&AUTHENTICATION_DATA) => parts.behind_keep_alive,
        _ => head.len(),
    }
}

/// The parts of a CONNECT that decide what of it may be shown.
struct ConnectParts {
    behind_keep_alive: usize,
    has_credentials: bool,
    is_v5: bool,
}

impl ConnectParts {
    /// `None` if the bytes are not laid out as those of a CONNECT.
    fn find(head: &[u8]) -> Option<Self> {
        let length_bytes = head.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0)? + 1;
        let name_at = 1 + length_bytes;
        let name_len = match head.get(name_at..name_at + 2)? {
            [0, len @ (4 | 6)] => usize::from(*len),
            _ => return None,
        };
        let level_at = name_at + 2 + name_len;
        let (level, flags) = (*head.get(level_at)?, *head.get(level_at + 1)?);
        let behind_keep_alive = level_at + 4;
        (behind_keep_alive <= head.len()).then_some(Self {
            behind_keep_alive,
            has_credentials: flags & 0xC0 != 0,
            is_v5: level == 5,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mqtt_codec::DecodeLimits;

    fn refused(frames: &MalformedFrames, bytes: &[u8]) -> MalformedFrameView {
        let mut decoder = Decoder::new(DecodeLimits::default());
        let mut head = Bytes::copy_from_slice(bytes);
        let error = decoder.decode(&mut head).expect_err("malformed");
        let listener: Arc<str> = Arc::from("tcp:default");
        let source = FrameSource {
            listener: &listener,
            peer: "10.0.0.9:4711".parse().unwrap(),
            client_id: None,
            parsed_packets: 0,
        };
        frames.record(&source, &decoder, &head, &error);
        frames.newest(1).remove(0)
    }

    #[test]
    fn a_frame_is_kept_with_the_byte_at_fault_and_a_guess() {
        let view = refused(
            &MalformedFrames::default(),
            b"GET /mqtt HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n",
        );
        assert_eq!(
            (view.error.as_str(), view.offset),
            ("bad_frame_header", Some(0)),
            "{view:?}"
        );
        assert_eq!(view.bytes, b"GET /mqtt HTTP/1.1\r\n");
        assert!(view.is_withheld);
        assert!(view.guess.unwrap().starts_with("HTTP"));
    }

    #[test]
    fn nothing_behind_the_flags_is_kept_of_a_connect_with_a_password() {
        // The reserved flag is set, and those of user name and password.
        let connect = b"\x10\x18\x00\x04MQTT\x04\xc3\x00\x3c\x00\x01a\x00\x01u\x00\x06s3cret";
        let view = refused(&MalformedFrames::default(), connect);
        assert_eq!(view.error, "reserved_connect_flag");
        assert_eq!(view.bytes, &connect[..12]);
        assert!(view.is_withheld);
    }

    #[test]
    fn a_password_that_no_flag_announces_is_cut_off_as_well() {
        let connect = b"\x10\x15\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a\x00\x06s3cret";
        let view = refused(&MalformedFrames::default(), connect);
        assert_eq!(view.detail, "CONNECT with 8 bytes after its last field");
        assert_eq!(view.bytes, &connect[..15]);
    }

    #[test]
    fn authentication_data_of_mqtt_5_is_not_kept() {
        let connect = b"\x10\x17\x00\x04MQTT\x05\x02\x00\x3c\x09\x16\x00\x06s3cret\x00\x01a";
        let view = refused(&MalformedFrames::default(), connect);
        assert_eq!(view.bytes, &connect[..12], "{}", view.detail);
    }

    #[test]
    fn the_log_shows_nothing_behind_which_a_secret_may_stand() {
        for (head, shown) in [
            (
                b"\x10\x18\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a\x00\x01u\x00\x06s3cret".as_slice(),
                16,
            ),
            (
                b"\x1f\x18\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a\x00\x01u\x00\x06s3cret",
                16,
            ),
            (b"\xf0\x08s3cret__", 2),
            (b"GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n", 16),
            (b"\x30\x02\x00\x00", 4),
            (b"", 0),
        ] {
            assert_eq!(harmless_beginning(head), shown, "{head:?}");
        }
    }

    #[test]
    fn the_ring_forgets_the_oldest_and_cuts_long_frames() {
        let frames = MalformedFrames::default();
        for number in 0..40_u8 {
            let mut bytes = vec![b'x'; 1000];
            bytes[1] = number;
            refused(&frames, &bytes);
        }
        let all = frames.newest(usize::MAX);
        assert_eq!(all.len(), FRAMES_MAX);
        assert_eq!((all[0].bytes[1], all[31].bytes[1]), (39, 8));
        assert_eq!((all[0].bytes.len(), all[0].received), (FRAME_BYTES_MAX, 1000));
        assert!(!all[0].is_withheld, "long, but nothing to hide");
    }
}
