//! Quoted strings: `"..."` with JSON's escapes, `"""..."""` without any, and EMQX's indented
//! block `"""~ ... ~"""`.
//!
//! Each function gets the text after the opening quotes and says how many bytes of it the
//! string took, closing quotes included.

/// The string and the number of bytes read.
pub(super) type Quoted = Result<(String, usize), &'static str>;

const NOT_CLOSED: &str = "a string is not closed; one over several lines needs \"\"\"";

/// After `"`.
pub(super) fn single(text: &str) -> Quoted {
    let mut out = String::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let Some(stop) = rest.find(['"', '\\', '\n']) else {
            return Err(NOT_CLOSED);
        };
        out.push_str(&rest[..stop]);
        at += stop + 1;
        match rest.as_bytes()[stop] {
            b'"' => return Ok((out, at)),
            b'\n' => return Err(NOT_CLOSED),
            _ => {
                let (char, length) = escape(&text[at..])?;
                out.push(char);
                at += length;
            }
        }
    }
}

/// After `\`.
fn escape(text: &str) -> Result<(char, usize), &'static str> {
    let char = match text.as_bytes().first() {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text),
        Some(_) => return Err("unknown escape in a string; a backslash is written \\\\"),
        None => return Err(NOT_CLOSED),
    };
    Ok((char, 1))
}

/// `uXXXX`, or two of them for a character outside the first 65,536.
fn unicode_escape(text: &str) -> Result<(char, usize), &'static str> {
    const INVALID: &str = "\\u in a string needs four hexadecimal digits of a character";
    let unit = |from: usize| {
        text.get(from..from + 4)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
    };
    let first = unit(1).ok_or(INVALID)?;
    let second = (text.get(5..7) == Some("\\u")).then(|| unit(7)).flatten();
    let mut units = [first].into_iter().chain(second);
    let char = char::decode_utf16(&mut units)
        .next()
        .and_then(Result::ok)
        .ok_or(INVALID)?;
    Ok((char, if char.len_utf16() == 2 { 11 } else { 5 }))
}

/// After `"""`. Quotes directly before the closing ones belong to the string.
pub(super) fn triple(text: &str) -> Quoted {
    let end = text.find("\"\"\"").ok_or("a \"\"\" string is not closed")?;
    let extra = text[end + 3..].bytes().take_while(|byte| *byte == b'"').count();
    Ok((text[..end + extra].to_owned(), end + extra + 3))
}

/// After `"""~`: whole lines; the indentation they share is taken away.
pub(super) fn indented(text: &str) -> Quoted {
    let end = text
        .find("~\"\"\"")
        .ok_or("a \"\"\"~ string is not closed with ~\"\"\"")?;
    let (first, lines) = text[..end]
        .split_once('\n')
        .ok_or("the text of a \"\"\"~ string begins on the next line")?;
    if !first.trim().is_empty() {
        return Err("the text of a \"\"\"~ string begins on the next line");
    }
    // A last line of white space only places the closing quotes.
    let lines = match lines.rsplit_once('\n') {
        Some((before, last)) if last.trim().is_empty() => &lines[..before.len() + 1],
        _ => lines,
    };
    let indentation = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut out = String::with_capacity(lines.len());
    for line in lines.split_inclusive('\n') {
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        out.push_str(&line[indentation.min(blank)..]);
    }
    Ok((out, end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_strings_read_like_json() {
        for (text, string) in [
            ("\"", ""),
            ("a b\" rest", "a b"),
            (r#"a\"b\\c\/\n\t\r\b\f" "#, "a\"b\\c/\n\t\r\u{8}\u{c}"),
            (r#"\u00e9\ud83d\ude00!""#, "\u{e9}\u{1f600}!"),
        ] {
            let (read, length) = single(text).unwrap();
            assert_eq!(read, string);
            assert_eq!(&text[length - 1..length], "\"", "{text}");
        }
        for text in ["", "a", "a\n\"", "\\", "\\x\"", "\\u12\"", "\\ud83d\"", "\\u+123\""] {
            assert!(single(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn triple_quotes_keep_everything() {
        assert_eq!(triple("a\\n\"b\n\"\"\""), Ok(("a\\n\"b\n".to_owned(), 9)));
        assert_eq!(triple("a\"\"\"\""), Ok(("a\"".to_owned(), 5)));
        assert!(triple("a\"\"").is_err());
    }

    #[test]
    fn an_indented_block_loses_the_indentation_its_lines_share() {
        let text = "\n    SELECT *\n      FROM t\n\n    WHERE x\n  ~\"\"\"";
        let expected = "SELECT *\n  FROM t\n\nWHERE x\n";
        assert_eq!(indented(text), Ok((expected.to_owned(), text.len())));
        assert!(indented("a\n~\"\"\"").is_err());
        assert!(indented("\n a\"\"\"").is_err());
    }
}
