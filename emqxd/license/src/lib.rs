//! Licence keys in EMQX 5's format, and what they allow.
//!
//! A key is `base64(payload).base64(signature)`: [`parse`] checks it against the issuers that are trusted
//! ([`Issuers`]) and gives its [`Terms`]; [`judge`] says what they come to on a day; [`Gate`] decides for one
//! CONNECT; [`SigningKey`] makes keys of an organisation's own. The rules are those of EMQX's `emqx_license` and
//! of its FAQ. No file and no clock in here: the daemon and `emqx-ctl` hand in bytes and the date.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod alarm;
mod date;
mod gate;
mod issuer;
mod key;
mod parse_error;
mod pem;
mod signing;
mod terms;
mod verdict;
mod warning;

pub use alarm::{EXPIRY_ALARM_DAYS, Watermarks};
pub use date::Date;
pub use gate::{Decision, Gate};
pub use issuer::{Issuer, IssuerKeyError, Issuers};
pub use key::{KEY_BYTES_MAX, License, Signature, inspect, normalise, parse};
pub use parse_error::{FieldError, ParseError};
pub use signing::{Algorithm, SigningKey, SigningKeyError};
pub use terms::{CustomerType, FORMAT_VERSION, LicenseType, Terms, TermsError};
pub use verdict::{Rules, Verdict, judge};
pub use warning::warnings;
