//! fish: a word that is still being typed, as the program will get it. fish itself quotes what it inserts.

/// The word without its quotes, of which one may be open, and without backslashes that only protect.
pub fn unquoted(typed: &str) -> String {
    let mut word = String::with_capacity(typed.len());
    let mut open = None;
    let mut characters = typed.chars().peekable();
    while let Some(c) = characters.next() {
        match (open, c) {
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            (None, '\\') => word.extend(characters.next()),
            (Some(quote), '\\') => {
                let is_escaped = |c: &char| *c == quote || *c == '\\' || quote == '"' && *c == '$';
                word.push(characters.next_if(is_escaped).unwrap_or('\\'));
            }
            (_, c) => word.push(c),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_whether_they_are_closed_or_not() {
        for (typed, word) in [
            ("abc", "abc"),
            ("a\\ b", "a b"),
            ("'a b", "a b"),
            ("'a'\"b\"c", "abc"),
            ("'a\\'b\\c", "a'b\\c"),
            ("\"a\\$b\\'", "a$b\\'"),
            ("a\\", "a"),
        ] {
            assert_eq!(unquoted(typed), word, "{typed}");
        }
    }
}
