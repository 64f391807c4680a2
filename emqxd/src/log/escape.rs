//! The one place where text from clients is made harmless before it reaches a log.
//!
//! Client ids, topics and user names are chosen by strangers: an ESC sequence in one could
//! drive the operator's terminal, a line feed could forge a record, a right-to-left override
//! could make one client look like another. Both log formats write every value through
//! [`escape_into`], so a record is always one line and always reads in the order it was written.

use std::fmt::Write;

/// What the escaped text is embedded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Embedding {
    /// EMQX's text format. A backslash stays as it is, so frame dumps read as EMQX prints them.
    Text,
    /// A JSON string: quotation mark and backslash are escaped too.
    Json,
}

/// Appends `text` to `line` with every dangerous character as an escape.
///
/// Line feed, carriage return and tab become `\n`, `\r`, `\t`; all others `\u` and four
/// hexadecimal digits, which is valid JSON as well. Every dangerous character lies in the basic
/// plane, so four digits are always enough.
pub(crate) fn escape_into(line: &mut String, text: &str, embedding: Embedding) {
    let mut copied = 0;
    for (at, character) in text.char_indices() {
        let quoted = embedding == Embedding::Json && matches!(character, '"' | '\\');
        if !quoted && !is_dangerous(character) {
            continue;
        }
        line.push_str(&text[copied..at]);
        copied = at + character.len_utf8();
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            other => write!(line, "\\u{:04x}", u32::from(other)).expect("writing to a String does not fail"),
        }
    }
    line.push_str(&text[copied..]);
}

/// Whether a terminal or a reader of lines could take `character` for more than text.
pub(crate) fn is_dangerous(character: char) -> bool {
    matches!(
        character,
        // C0, DEL and C1: terminal control, line ends.
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Bidirectional controls: text that is shown in another order than it is stored.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separator, byte order mark.
        | '\u{2028}' | '\u{2029}' | '\u{feff}'
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// More than 200 hostile strings: every dangerous character in three positions, and the
    /// sequences terminals, log readers and spreadsheets are known to fall for.
    pub(crate) fn corpus() -> Vec<String> {
        let mut corpus: Vec<String> = [
            "\x1b]0;owned\x07",
            "\x1b[2J\x1b[H",
            "\x1b[31mred\x1b[0m",
            "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
            "\x1bP$q\"p\x1b\\",
            "\x1b[6n",
            "\x1b]52;c;ZXZpbA==\x07",
            "\u{9b}31m",
            "\u{9d}0;title\u{9c}",
            "a\n2026-01-01T00:00:00.000000+00:00 [info] msg: login_ok",
            "a\r\n[error] forged",
            "a\rb",
            "a\u{85}b",
            "a\u{2028}{\"level\":\"info\"}",
            "\u{202e}nimda",
            "\u{2066}x\u{2069}",
            "\u{feff}bom",
            "tab\tseparated",
            "nul\0byte",
            "bell\x07bell\x07",
            "\x08\x08\x08erased",
            "quote\" backslash\\",
            "\\u0041 is not A",
            "=cmd|' /C calc'!A0",
            "日本語 ünïcode 🦀",
            "",
        ]
        .map(String::from)
        .to_vec();
        for code in 0..=0x2100_u32 {
            let Some(character) = char::from_u32(code).filter(|&c| is_dangerous(c)) else {
                continue;
            };
            corpus.push(format!("{character}first"));
            corpus.push(format!("mid{character}dle"));
            corpus.push(format!("last{character}"));
        }
        assert!(corpus.len() >= 200, "only {} strings", corpus.len());
        corpus
    }

    #[test]
    fn no_string_of_the_corpus_keeps_a_dangerous_character() {
        for text in corpus() {
            for embedding in [Embedding::Text, Embedding::Json] {
                let mut line = String::new();
                escape_into(&mut line, &text, embedding);
                assert!(!line.chars().any(is_dangerous), "{text:?} became {line:?}");
            }
        }
    }

    #[test]
    fn a_json_reader_gets_every_string_of_the_corpus_back_unchanged() {
        for text in corpus() {
            let mut line = String::from("\"");
            escape_into(&mut line, &text, Embedding::Json);
            line.push('"');
            let read: String = serde_json::from_str(&line).expect(&line);
            assert_eq!(read, text);
        }
    }

    #[test]
    fn every_unicode_control_character_is_dangerous() {
        for character in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert!(!character.is_control() || is_dangerous(character), "{character:?}");
        }
    }

    #[test]
    fn harmless_text_is_copied_as_it_is() {
        let mut line = String::new();
        escape_into(&mut line, r#"<<"GET / HTTP/1.1\r\n">> 温度 ü"#, Embedding::Text);
        assert_eq!(line, r#"<<"GET / HTTP/1.1\r\n">> 温度 ü"#);
    }
}
