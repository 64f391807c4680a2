//! Why a key is not accepted, in EMQX's words.
//!
//! [`ParseError::erlang`] is what `emqx ctl license update` prints after `Error: `, byte for byte; the rest of the
//! text is for people.

use std::fmt::Write as _;

use crate::KEY_BYTES_MAX;

/// The module that EMQX names as the one that refused.
const PARSER: &str = "emqx_license_parser_v20220101";
/// Where Erlang's `~p` breaks its lines.
const LINE_WIDTH: usize = 80;

/// Why a key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing in it.
    #[error("there is no key in it")]
    Empty,
    /// Longer than any key: not even looked into.
    #[error("more than {KEY_BYTES_MAX} bytes: no key is that long")]
    TooLong,
    /// Not two base64 texts with a dot between.
    #[error("not a key: {0}")]
    BadFormat(&'static str),
    /// Signed by nobody who is trusted, or changed since.
    #[error("the signature does not match any trusted issuer")]
    InvalidSignature,
    /// Made for another version of the format.
    #[error("a version of the format that is not known")]
    InvalidVersion,
    /// Too few or too many lines.
    #[error("{0} lines where 9 or 10 are expected")]
    UnexpectedNumberOfFields(usize),
    /// These fields make no sense.
    #[error("{}", fields_text(.0))]
    Fields(Vec<FieldError>),
}

/// A field that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// EMQX's name of the field.
    pub field: &'static str,
    /// EMQX's name of what is wrong with it.
    pub error: &'static str,
}

fn fields_text(fields: &[FieldError]) -> String {
    let parts: Vec<_> = fields
        .iter()
        .map(|wrong| format!("{} is wrong ({})", wrong.field, wrong.error))
        .collect();
    parts.join(", ")
}

impl ParseError {
    /// EMQX's word: an atom, or `license_fields` where EMQX has a map of them.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Empty => "empty_string",
            Self::TooLong | Self::BadFormat(_) => "bad_license_format",
            Self::InvalidSignature => "invalid_signature",
            Self::InvalidVersion => "invalid_version",
            Self::UnexpectedNumberOfFields(_) => "unexpected_number_of_fields",
            Self::Fields(_) => "license_fields",
        }
    }

    /// The Erlang term that EMQX prints, with `indent` columns before its first line.
    pub fn erlang(&self, indent: usize) -> String {
        let (list, item) = (" ".repeat(indent + 6), " ".repeat(indent + 9));
        let mut text = format!("#{{parse_results =>\n{list}[#{{error => ");
        match self {
            Self::Fields(fields) => text.push_str(&map(fields, indent + 18)),
            other => text.push_str(other.word()),
        }
        let _ = write!(text, ",\n{item}module => {PARSER}}}]}}");
        text
    }
}

/// A map in the order of its keys, on one line if it fits.
fn map(fields: &[FieldError], column: usize) -> String {
    let mut pairs: Vec<_> = fields
        .iter()
        .map(|wrong| format!("{} => {}", wrong.field, wrong.error))
        .collect();
    pairs.sort();
    let line = format!("#{{{}}}", pairs.join(","));
    if column + line.len() < LINE_WIDTH {
        return line;
    }
    format!("#{{{}}}", pairs.join(&format!(",\n{}", " ".repeat(column + 2))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_term_is_what_emqx_prints() {
        let printed = format!("Error: {}\n", ParseError::BadFormat("no dot").erlang(7));
        assert_eq!(
            printed,
            "Error: #{parse_results =>\n\
             \x20            [#{error => bad_license_format,\n\
             \x20               module => emqx_license_parser_v20220101}]}\n"
        );
    }

    #[test]
    fn wrong_fields_are_a_map_in_the_order_of_their_names() {
        let wrong = |field, error| FieldError { field, error };
        let one = ParseError::Fields(vec![wrong("days", "invalid_int_value")]);
        assert!(one.erlang(7).contains("[#{error => #{days => invalid_int_value},\n"));
        let two = ParseError::Fields(vec![
            wrong("max_connections", "invalid_connection_limit"),
            wrong("customer_type", "invalid_customer_type"),
        ]);
        let term = two.erlang(7);
        assert!(
            term.contains("#{customer_type => invalid_customer_type,\n                           max_connections"),
            "{term}"
        );
    }
}
