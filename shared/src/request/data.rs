//! `alarms …` and `data …`: what troubles the node, and taking its facts to another one.
//!
//! An export is rows of JSON, which `emqx-ctl` packs; an import brings rows that it has unpacked. So the daemon reads
//! no archive, and keeps nothing between two pieces of an import.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Role, number};
use crate::{ErrorCode, Failure};

/// Bytes of the rows of one piece of an import; fits into a request.
pub const IMPORT_BYTES_MAX: usize = 48 * 1024;
/// Rows of one piece.
pub const IMPORT_ROWS_MAX: usize = 500;

/// Rows of a table as JSON. May hold hashes of passwords: prints its length.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRow(pub String);

impl fmt::Debug for SecretRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataRequest {
    /// `alarms list`
    ListAlarms {
        /// Those that are over.
        history: bool,
    },
    /// `data export`: rows of all tables.
    Export,
    /// `data import`: rows of one table; they replace those of the same name.
    Import {
        /// Such as `emqx_banned`.
        table: String,
        /// At most [`IMPORT_ROWS_MAX`] with [`IMPORT_BYTES_MAX`] bytes.
        rows: Vec<SecretRow>,
    },
}

impl DataRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 3;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::ListAlarms { .. } => ("alarms list", Role::ReadOnly),
            // Hashes of passwords are among the rows.
            Self::Export => ("data export", Role::Admin),
            Self::Import { .. } => ("data import", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::ListAlarms { history } => vec![("history", number(*history))],
            Self::Export => Vec::new(),
            Self::Import { table, rows } => vec![("table", table.into()), ("rows", number(rows.len()))],
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let Self::Import { rows, .. } = self else { return Ok(()) };
        let bytes: usize = rows.iter().map(|row| row.0.len()).sum();
        if rows.len() <= IMPORT_ROWS_MAX && bytes <= IMPORT_BYTES_MAX {
            return Ok(());
        }
        let message = format!(
            "{} rows of {bytes} bytes are too much for one piece of an import",
            rows.len()
        );
        Err(Failure::new(ErrorCode::InvalidArgument, message))
    }
}
