//! bash: the line before the cursor taken apart, and words written so that bash reads them as they are.
//!
//! bash replaces only what stands behind the last character of `COMP_WORDBREAKS` (`tcp:de` is `tcp`, `:` and `de`), or
//! behind a quote that is still open, and inserts what it is given as it is. So a word loses what stays on the line,
//! and what is left is quoted in the manner of its beginning. bash itself writes the closing quote.

/// How what follows is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Plain,
    Single,
    Double,
}

/// A command line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The words before the one at the cursor, as the program would get them.
    pub words: Vec<String>,
    /// What stands of the word at the cursor, likewise.
    pub current: String,
    /// How much of `current` is in front of what bash replaces.
    kept: usize,
    /// In which quotes the replaced part begins.
    quoting: Quoting,
}

impl Line {
    /// Takes a line apart of whose end bash replaces `replaced`.
    pub fn read(line: &str, replaced: &str) -> Self {
        // A break that is a word by itself, as some functions around ours pass it on, stays.
        let is_break = !replaced.is_empty() && replaced.chars().all(|c| matches!(c, ':' | '='));
        let replaced = if is_break { "" } else { replaced };
        let cut = line.strip_suffix(replaced).map_or(line.len(), str::len);
        let mut words = Vec::new();
        let mut current = String::new();
        let mut quoting = Quoting::Plain;
        // Where in the word at the cursor, and in which quotes, the replaced part begins.
        let mut begins = None;
        // A pair of quotes with nothing in it is a word, too.
        let mut is_word = false;
        let mut characters = line.char_indices().peekable();
        while let Some((place, c)) = characters.next() {
            if place >= cut {
                begins.get_or_insert((current.len(), quoting));
            }
            match (quoting, c) {
                (Quoting::Plain, ' ' | '\t' | '\n') => {
                    if is_word {
                        words.push(std::mem::take(&mut current));
                    }
                    is_word = false;
                    begins = begins.map(|_| (0, Quoting::Plain));
                    continue;
                }
                (Quoting::Plain, '\'') => quoting = Quoting::Single,
                (Quoting::Plain, '"') => quoting = Quoting::Double,
                (Quoting::Single, '\'') | (Quoting::Double, '"') => quoting = Quoting::Plain,
                (Quoting::Plain, '\\') => current.extend(characters.next().map(|(_, c)| c)),
                (Quoting::Double, '\\') => {
                    let escaped = characters.next_if(|(_, c)| matches!(c, '$' | '`' | '"' | '\\'));
                    current.push(escaped.map_or('\\', |(_, c)| c));
                }
                (_, c) => current.push(c),
            }
            is_word = true;
        }
        let (kept, quoting) = begins.unwrap_or((current.len(), quoting));
        Self {
            words,
            current,
            kept,
            quoting,
        }
    }

    /// What bash is to insert for `word`; `None` if that is no way to go on from what is there.
    pub fn replacement(&self, word: &str) -> Option<String> {
        let rest = word.strip_prefix(&self.current[..self.kept])?;
        Some(match self.quoting {
            Quoting::Plain => plain(rest, self.kept == 0),
            Quoting::Single => closed(rest.replace('\'', r"'\''"), '\''),
            Quoting::Double => closed(double(rest), '"'),
        })
    }
}

/// Characters that mean something to bash outside of quotes. A colon or `=` means nothing to it.
const SPECIAL: &str = " \t|&;()<>\"'\\$`*?[]{}!";

fn plain(text: &str, is_start: bool) -> String {
    let mut quoted = String::with_capacity(text.len());
    for (place, c) in text.char_indices() {
        let is_at_start = is_start && place == 0;
        if SPECIAL.contains(c) || is_at_start && matches!(c, '~' | '#') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// bash takes a quote at the end for the closing one and adds none.
fn closed(mut text: String, quote: char) -> String {
    if text.ends_with(quote) {
        text.push(quote);
    }
    text
}

fn double(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', c]),
            // A backslash would be kept in front of it, and without one it recalls an older line.
            '!' => quoted.push_str("\"'!'\""),
            c => quoted.push(c),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_bash_reads_it() {
        for (line, words, current) in [
            ("ctl a", vec!["ctl"], "a"),
            ("ctl  a ", vec!["ctl", "a"], ""),
            ("ctl 'a b' \"c d\" e\\ f", vec!["ctl", "a b", "c d"], "e f"),
            ("ctl '' x", vec!["ctl", ""], "x"),
            ("ctl 'a b", vec!["ctl"], "a b"),
            ("ctl \"a\\\"b\\c", vec!["ctl"], "a\"b\\c"),
            ("ctl a\\", vec!["ctl"], "a"),
            ("ctl é", vec!["ctl"], "é"),
            ("", vec![], ""),
        ] {
            let read = Line::read(line, "");
            assert_eq!(
                (read.words, read.current.as_str()),
                (words.into_iter().map(str::to_owned).collect(), current)
            );
        }
    }

    #[test]
    fn only_what_bash_replaces_is_written_in_the_manner_in_which_it_begins() {
        for (line, replaced, word, expected) in [
            ("ctl tc", "tc", "tcp:default", Some("tcp:default")),
            ("ctl tcp:", "", "tcp:default", Some("default")),
            ("ctl tcp:", ":", "tcp:default", Some("default")),
            ("ctl tcp:de", "de", "tcp:default", Some("default")),
            ("ctl tcp:de", "tcp:de", "tcp:default", Some("tcp:default")),
            ("ctl --format=js", "js", "--format=json", Some("json")),
            ("ctl a", "a", "a b'c$d", Some(r"a\ b\'c\$d")),
            ("ctl 'a", "a", "a b'c$d", Some(r"a b'\''c$d")),
            ("ctl \"a", "a", "a b\"c$d!", Some("a b\\\"c\\$d\"'!'\"\"")),
            ("ctl a\\ b", "a\\ b", "a bc", Some(r"a\ bc")),
            ("ctl x\\ 'a b", "a b", "x a bc", Some("a bc")),
            ("ctl '", "", "~#", Some("~#")),
            ("ctl ", "", "~#", Some(r"\~#")),
            ("ctl tcp:", "", "ws:default", None),
            ("ctl é:ü", "ü", "é:üx", Some("üx")),
            ("ctl 'a", "a", "ab'", Some(r"ab'\'''")),
            ("ctl \"a", "a", "a\"", Some(r#"a\"""#)),
            // No bash asks like this.
            ("ctl abc ", "c ", "x", Some("x")),
            ("ctl a\\b", "b", "abc", Some("c")),
        ] {
            assert_eq!(
                Line::read(line, replaced).replacement(word).as_deref(),
                expected,
                "{line} {word}"
            );
        }
    }
}
