//! Erlang terms as EMQX prints them with `~p`: atoms, strings, proplists.

use std::fmt::Write as _;

const RESERVED: [&str; 29] = [
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case", "catch", "cond", "div",
    "else", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse", "receive", "rem", "try", "when", "xor",
];

/// An atom, in single quotes unless it is a plain word: `running`, `'emqx@127.0.0.1'`.
pub fn atom(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@'))
        && !RESERVED.contains(&name);
    if plain { name.to_owned() } else { quoted(name, '\'') }
}

/// A string: `"text"`, or a list of code points if it is not printable Latin-1.
pub fn string(text: &str) -> String {
    if text.is_empty() {
        return "[]".to_owned();
    }
    if text.chars().all(is_printable) {
        return quoted(text, '"');
    }
    let points: Vec<_> = text.chars().map(|c| u32::from(c).to_string()).collect();
    format!("[{}]", points.join(","))
}

/// `[{keepalive_timeout,1},{idle_timeout,2}]`
pub fn proplist<'a>(pairs: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(name, value)| format!("{{{},{value}}}", atom(name)))
        .collect();
    format!("[{}]", pairs.join(","))
}

/// What Erlang's `io_lib:printable_latin1_list` takes for text.
fn is_printable(c: char) -> bool {
    matches!(c, '\x08'..='\r' | '\x1b' | ' '..='~' | '\u{a0}'..='\u{ff}')
}

fn quoted(text: &str, quote: char) -> String {
    let mut term = String::from(quote);
    for c in text.chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '\n' => term.write_str("\\n"),
            '\t' => term.write_str("\\t"),
            '\r' => term.write_str("\\r"),
            '\x08' => term.write_str("\\b"),
            '\x0b' => term.write_str("\\v"),
            '\x0c' => term.write_str("\\f"),
            '\x1b' => term.write_str("\\e"),
            '\x7f' => term.write_str("\\d"),
            '\\' => term.write_str("\\\\"),
            c if c == quote => write!(term, "\\{c}"),
            c if super::escape::is_dangerous(c) => write!(term, "\\x{{{:X}}}", u32::from(c)),
            c => term.write_char(c),
        };
    }
    term.push(quote);
    term
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atom_is_quoted_unless_it_is_a_plain_word() {
        for (name, term) in [
            ("idle_timeout", "idle_timeout"),
            ("emqx@localhost", "emqx@localhost"),
            ("emqx@127.0.0.1", "'emqx@127.0.0.1'"),
            ("Upper", "'Upper'"),
            ("end", "'end'"),
            ("", "''"),
            ("it's", "'it\\'s'"),
            ("a\x1bb", "'a\\eb'"),
        ] {
            assert_eq!(atom(name), term);
        }
    }

    #[test]
    fn a_string_that_is_not_text_is_a_list_of_code_points() {
        assert_eq!(string("tcp:nope"), "\"tcp:nope\"");
        assert_eq!(string("a\"b\\c\n"), "\"a\\\"b\\\\c\\n\"");
        assert_eq!(string("温"), "[28201]");
        assert_eq!(string("\0"), "[0]");
        assert_eq!(string(""), "[]");
    }

    #[test]
    fn a_proplist_has_no_spaces() {
        assert_eq!(proplist([]), "[]");
        assert_eq!(
            proplist([("keepalive_timeout", 1), ("idle_timeout", 2)]),
            "[{keepalive_timeout,1},{idle_timeout,2}]"
        );
    }
}
