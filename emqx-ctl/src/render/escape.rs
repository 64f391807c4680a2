//! The one place where characters that would steer a terminal are made harmless.
//!
//! Client ids, user names and topics come from devices. Whatever draws text runs it through
//! [`escape`]: control characters (C0, DEL, C1), line and paragraph separators and those that turn
//! the writing direction are written out. A backslash stays as it is, since EMQX prints it so.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is written out rather than shown.
pub fn is_dangerous(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// Text that fits on one line of a terminal: `\n`, `\r`, `\t`, `\x1b`, `\u{202e}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '\n' => safe.write_str("\\n"),
            '\r' => safe.write_str("\\r"),
            '\t' => safe.write_str("\\t"),
            c if !is_dangerous(c) => safe.write_char(c),
            c if u32::from(c) < 0x100 => write!(safe, "\\x{:02x}", u32::from(c)),
            c => write!(safe, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_left_alone() {
        for text in ["sensor-7", "家/温度", "a\\nb", "emoji 🦀", "é ü", ""] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (text, safe) in [
            ("a\nb", "a\\nb"),
            ("a\r\tb", "a\\r\\tb"),
            ("\x1b[2J", "\\x1b[2J"),
            ("\0\x07\x7f", "\\x00\\x07\\x7f"),
            ("\u{9b}31m", "\\x9b31m"),
            ("abc\u{202e}txt", "abc\\u{202e}txt"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            ("\u{2066}x\u{2069}\u{61c}", "\\u{2066}x\\u{2069}\\u{61c}"),
        ] {
            assert_eq!(escape(text), safe);
        }
    }

    #[test]
    fn no_control_character_is_left_of_any_character() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let safe = escape(&text);
            assert!(!safe.chars().any(|c| c.is_control()), "{c:?}");
        }
    }
}
