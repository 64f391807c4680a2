//! `conf …`: what the configuration says, what a file would change, and taking it into use.
//!
//! The daemon opens no file but its own: text of other files is sent in pieces ([`ConfRequest::SendText`]) before
//! the question about it, because a file may be larger than one request.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number, text};
use crate::{ErrorCode, Failure};

/// Bytes of one piece of a text: fits into a request with room for the rest of it.
pub const PIECE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of all pieces of one text: the largest configuration file there may be.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Text that somebody sent: its length may be shown, its content may hold secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentText(pub Vec<u8>);

impl std::fmt::Debug for SentText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfRequest {
    /// `conf show [KEY]`: settings in force, secrets as `******`.
    Show {
        /// Only this key and those below it.
        key: Option<String>,
    },
    /// `conf show_keys`: the sections there may be.
    ShowKeys,
    /// A piece of a text that the next request on this connection is about.
    SendText {
        /// How many bytes were sent before this piece; 0 begins a new text.
        offset: u32,
        /// At most [`PIECE_BYTES_MAX`].
        piece: SentText,
    },
    /// `conf check [FILE]`
    Check {
        /// The name of the file whose text was sent; `None` for the daemon's own file.
        file: Option<String>,
    },
    /// `conf diff [FILE]`: what differs from the settings in force.
    Diff {
        /// As in [`ConfRequest::Check`].
        file: Option<String>,
    },
    /// `conf reload`: the daemon reads its file anew and takes into use what can be changed while it runs.
    Reload,
}

impl ConfRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 6;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::Show { .. } => ("conf show", Role::ReadOnly),
            Self::ShowKeys => ("conf show_keys", Role::ReadOnly),
            Self::SendText { .. } => ("conf text", Role::ReadOnly),
            Self::Check { .. } => ("conf check", Role::ReadOnly),
            Self::Diff { .. } => ("conf diff", Role::ReadOnly),
            Self::Reload => ("conf reload", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::Show { key } => given([("key", text(key))]),
            Self::ShowKeys | Self::Reload => Vec::new(),
            Self::SendText { offset, piece } => vec![("offset", number(*offset)), ("bytes", number(piece.0.len()))],
            Self::Check { file } | Self::Diff { file } => given([("file", text(file))]),
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::SendText { offset, piece }
                if piece.0.len() > PIECE_BYTES_MAX || *offset as usize + piece.0.len() > TEXT_BYTES_MAX =>
            {
                let limit = TEXT_BYTES_MAX / 1024;
                let message = format!("the text is longer than {limit} KiB");
                Err(Failure::new(ErrorCode::InvalidArgument, message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_bounded_and_never_printed() {
        let send = |offset, length| ConfRequest::SendText {
            offset,
            piece: SentText(vec![b'p'; length]),
        };
        assert!(send(0, PIECE_BYTES_MAX).check().is_ok());
        assert!(send(0, PIECE_BYTES_MAX + 1).check().is_err());
        assert!(send(TEXT_BYTES_MAX as u32, 1).check().is_err());
        assert!(send(u32::MAX, PIECE_BYTES_MAX).check().is_err());
        assert!(!format!("{:?}", send(0, 9)).contains("ppp"));
        assert_eq!(send(7, 9).arguments(), [("offset", "7".into()), ("bytes", "9".into())]);
    }
}
