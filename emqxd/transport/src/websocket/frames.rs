//! WebSocket frames to the bytes they carry (RFC 6455, 5), in place and without gathering them.
//!
//! [`FrameDecoder::decode`] is handed what was read, whole frames or any piece of some, unmasks the payload where it
//! stands and moves it down over the headers. So a frame of any length costs no memory: what a header declares is
//! never allocated, and nothing waits for the end of a message. Pings and closes come out as [`Control`]s.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control as ControlCode, Data, OpCode};

/// Bytes of the longest header: two, eight of length, four of mask.
const HEADER_BYTES_MAX: usize = 14;
/// Bytes of the longest payload of a control frame (RFC 6455, 5.5).
pub const CONTROL_BYTES_MAX: usize = 125;

/// Cuts what a client sends into payload and control frames.
#[derive(Debug)]
pub struct FrameDecoder {
    state: State,
    /// A message has begun and not ended.
    is_in_message: bool,
    /// Payload of the message that is under way.
    message_bytes: u64,
    /// The longest frame or message taken.
    max_bytes: u64,
}

#[derive(Debug)]
enum State {
    /// Between frames, or in a header of which so many bytes have come.
    Header { begun: [u8; HEADER_BYTES_MAX], len: u8 },
    /// In the payload of a data frame.
    Data { left: u64, mask: Mask },
    /// In the payload of a control frame.
    Control(Box<PartialControl>),
}

#[derive(Debug)]
struct PartialControl {
    code: ControlCode,
    mask: Mask,
    left: usize,
    payload: Payload,
}

/// What a client says beside the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// To be answered with the same bytes.
    Ping(Payload),
    /// The end, with the code that the client gave.
    Close(Option<u16>),
}

/// The payload of a control frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    bytes: [u8; CONTROL_BYTES_MAX],
    len: u8,
}

/// What is wrong with a client's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// RFC 6455, 5.1
    #[error("a frame without mask")]
    NotMasked,
    /// No extension was agreed on.
    #[error("a frame with reserved bits set")]
    ReservedBits,
    /// RFC 6455, 5.2
    #[error("a frame of unknown type")]
    UnknownType,
    /// MQTT travels in binary frames only (MQTT 5, 6.0).
    #[error("a text frame; MQTT travels in binary frames")]
    Text,
    /// RFC 6455, 5.5
    #[error("a control frame that is cut into pieces or too long")]
    Control,
    /// RFC 6455, 5.4
    #[error("a message begins before the last one has ended")]
    UnfinishedMessage,
    /// RFC 6455, 5.4
    #[error("the continuation of a message that has not begun")]
    NoMessage,
    /// `max_frame_size`
    #[error("a frame or message of more than {0} bytes")]
    TooLarge(u64),
    /// RFC 6455, 5.5.1 and 7.4
    #[error("a close frame with a code or text that is not allowed")]
    Close,
}

impl FrameError {
    /// The code that a close frame tells the client (RFC 6455, 7.4.1).
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Self::Text => 1003,
            Self::TooLarge(_) => 1009,
            _ => 1002,
        }
    }
}

/// What came of some bytes: how many payload bytes now stand at their beginning, and why it ends there, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// Bytes of payload.
    pub len: usize,
    /// Nothing behind them was looked at.
    pub error: Option<FrameError>,
}

impl FrameDecoder {
    /// For the first byte behind the handshake. Frames and messages longer than `max_bytes` are refused.
    #[must_use]
    pub fn new(max_bytes: Option<u64>) -> Self {
        Self {
            state: State::between_frames(),
            is_in_message: false,
            message_bytes: 0,
            max_bytes: max_bytes.unwrap_or(u64::MAX),
        }
    }

    /// Turns what was read into payload, in place. `on_control` hears of pings and closes in their order and says
    /// whether to go on: behind a close nothing counts.
    pub fn decode(&mut self, bytes: &mut [u8], mut on_control: impl FnMut(Control) -> bool) -> Decoded {
        let (mut at, mut len) = (0, 0);
        while at < bytes.len() {
            match &mut self.state {
                State::Header { .. } => match self.read_header(&bytes[at..]) {
                    Ok(taken) => at += taken,
                    Err(error) => {
                        return Decoded {
                            len,
                            error: Some(error),
                        };
                    }
                },
                State::Data { left, mask } => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len() - at);
                    mask.apply(&mut bytes[at..at + here]);
                    if at != len {
                        bytes.copy_within(at..at + here, len);
                    }
                    *left -= here as u64;
                    at += here;
                    len += here;
                }
                State::Control(control) => {
                    let here = control.left.min(bytes.len() - at);
                    control.take(&mut bytes[at..at + here]);
                    at += here;
                }
            }
            match self.end_of_frame() {
                Ok(Some(control)) => {
                    if !on_control(control) {
                        break;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    return Decoded {
                        len,
                        error: Some(error),
                    };
                }
            }
        }
        Decoded { len, error: None }
    }

    /// How many of `bytes` belong to the header; with its last byte the payload begins.
    fn read_header(&mut self, bytes: &[u8]) -> Result<usize, FrameError> {
        let State::Header { begun, len } = &mut self.state else {
            return Ok(0);
        };
        let before = usize::from(*len);
        let more = bytes.len().min(HEADER_BYTES_MAX - before);
        begun[before..before + more].copy_from_slice(&bytes[..more]);
        let mut cursor = Cursor::new(&begun[..before + more]);
        let Some((header, payload)) = FrameHeader::parse(&mut cursor).map_err(|_| FrameError::UnknownType)? else {
            *len = (before + more) as u8;
            return Ok(more);
        };
        let taken = (cursor.position() as usize).saturating_sub(before);
        self.begin_frame(&header, payload)?;
        Ok(taken)
    }

    fn begin_frame(&mut self, header: &FrameHeader, payload: u64) -> Result<(), FrameError> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(FrameError::ReservedBits);
        }
        let mask = Mask::new(header.mask.ok_or(FrameError::NotMasked)?);
        match header.opcode {
            OpCode::Control(code) => {
                let left = usize::try_from(payload).unwrap_or(usize::MAX);
                if !header.is_final || left > CONTROL_BYTES_MAX {
                    return Err(FrameError::Control);
                }
                self.state = State::Control(Box::new(PartialControl {
                    code,
                    mask,
                    left,
                    payload: Payload::default(),
                }));
                return Ok(());
            }
            OpCode::Data(Data::Binary) if self.is_in_message => return Err(FrameError::UnfinishedMessage),
            OpCode::Data(Data::Binary) => self.message_bytes = 0,
            OpCode::Data(Data::Continue) if !self.is_in_message => return Err(FrameError::NoMessage),
            OpCode::Data(Data::Continue) => {}
            OpCode::Data(Data::Text) => return Err(FrameError::Text),
            OpCode::Data(Data::Reserved(_)) => return Err(FrameError::UnknownType),
        }
        // The highest bit of a length must be 0 (RFC 6455, 5.2).
        if payload > i64::MAX as u64 {
            return Err(FrameError::TooLarge(self.max_bytes.min(i64::MAX as u64)));
        }
        self.message_bytes = self.message_bytes.saturating_add(payload);
        if self.message_bytes > self.max_bytes {
            return Err(FrameError::TooLarge(self.max_bytes));
        }
        self.is_in_message = !header.is_final;
        self.state = State::Data { left: payload, mask };
        Ok(())
    }

    /// Goes on to the next header if a frame is complete, one without payload too.
    fn end_of_frame(&mut self) -> Result<Option<Control>, FrameError> {
        match &self.state {
            State::Data { left: 0, .. } => {
                self.state = State::between_frames();
                Ok(None)
            }
            State::Control(control) if control.left == 0 => {
                let control = control.said();
                self.state = State::between_frames();
                control
            }
            _ => Ok(None),
        }
    }
}

impl State {
    fn between_frames() -> Self {
        Self::Header {
            begun: [0; HEADER_BYTES_MAX],
            len: 0,
        }
    }
}

impl PartialControl {
    fn take(&mut self, bytes: &mut [u8]) {
        self.mask.apply(bytes);
        self.payload.push(bytes);
        self.left -= bytes.len();
    }

    fn said(&self) -> Result<Option<Control>, FrameError> {
        match self.code {
            ControlCode::Ping => Ok(Some(Control::Ping(self.payload.clone()))),
            // Unasked for, and allowed (RFC 6455, 5.5.3).
            ControlCode::Pong => Ok(None),
            ControlCode::Close => Ok(Some(Control::Close(close_code(self.payload.as_slice())?))),
            ControlCode::Reserved(_) => Err(FrameError::UnknownType),
        }
    }
}

/// The code of a close frame, if it has one (RFC 6455, 5.5.1).
fn close_code(payload: &[u8]) -> Result<Option<u16>, FrameError> {
    let Some((code, text)) = payload.split_at_checked(2) else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(FrameError::Close)
        };
    };
    let code = u16::from_be_bytes([code[0], code[1]]);
    let is_allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    if !is_allowed || std::str::from_utf8(text).is_err() {
        return Err(FrameError::Close);
    }
    Ok(Some(code))
}

impl Payload {
    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn push(&mut self, bytes: &[u8]) {
        let from = usize::from(self.len);
        self.bytes[from..from + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u8;
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self {
            bytes: [0; CONTROL_BYTES_MAX],
            len: 0,
        }
    }
}

/// The mask of a frame, turned so that its first byte is for the next byte of payload (RFC 6455, 5.3).
#[derive(Debug, Clone, Copy)]
struct Mask([u8; 4]);

impl Mask {
    fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Eight bytes at a time: what a compiler makes vectors of.
    fn apply(&mut self, bytes: &mut [u8]) {
        let half = u32::from_ne_bytes(self.0);
        let word = u64::from(half) << 32 | u64::from(half);
        let (words, rest) = bytes.as_chunks_mut::<8>();
        for chunk in words {
            *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.iter().cycle()) {
            *byte ^= key;
        }
        self.0.rotate_left(bytes.len() % 4);
    }
}

#[cfg(test)]
#[path = "frames_tests.rs"]
pub(super) mod tests;
