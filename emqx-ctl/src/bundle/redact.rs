//! Takes what looks like a secret out of log lines: the value after a word such as `password`.
//!
//! The daemon writes no secret to its log; this is for what a device put into its own names, and for logs of others.

/// Words whose value is a secret, in small letters.
const SECRET_WORDS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "cookie",
    "credential",
    "api_key",
    "apikey",
    "authorization",
];
/// In place of a secret.
pub const HIDDEN: &str = "******";

/// Whether a field of this name holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The line without the values of secret words, and how many there were.
pub fn redact_line(line: &str) -> (String, u64) {
    // Letters of one byte only change: places in both are the same.
    let small = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let (mut at, mut count) = (0, 0);
    while let Some((start, end)) = next_secret(&small, at) {
        out.push_str(&line[at..start]);
        out.push_str(HIDDEN);
        count += 1;
        at = end;
    }
    out.push_str(&line[at..]);
    (out, count)
}

/// Where the next value of a secret word begins and ends.
fn next_secret(line: &str, from: usize) -> Option<(usize, usize)> {
    let mut search = from;
    loop {
        let rest = &line[search..];
        let (at, word) = SECRET_WORDS
            .iter()
            .filter_map(|word| Some((rest.find(word)?, *word)))
            .min_by_key(|(at, _)| *at)?;
        let after = search + at + word.len();
        // The rest of a longer name, such as `password_hash`.
        let name_end = after + span(&line[after..], |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        match value(line, name_end) {
            Some((start, end)) if end > start => return Some((start, end)),
            _ => search = after,
        }
    }
}

/// The value after `name`: `=x`, `: x`, `":"x"`, `=> x`; up to its quote, or to a separator.
fn value(line: &str, name_end: usize) -> Option<(usize, usize)> {
    let mut at = name_end;
    at += span(&line[at..], |c| matches!(c, '"' | '\'' | '\\' | ' '));
    let separator = span(&line[at..], |c| matches!(c, '=' | ':' | '>'));
    if separator == 0 {
        return None;
    }
    at += separator;
    at += span(&line[at..], |c| matches!(c, ' ' | '<'));
    let rest = &line[at..];
    let scheme = ["basic ", "bearer ", "digest "]
        .iter()
        .find(|scheme| rest.starts_with(**scheme));
    at += scheme.map_or(0, |scheme| scheme.len());
    let rest = &line[at..];
    let quote = rest
        .strip_prefix('\\')
        .unwrap_or(rest)
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''));
    match quote {
        Some(quote) => {
            let start = at + rest.find(quote)? + 1;
            Some((start, start + quoted_end(&line[start..], quote)))
        }
        None => Some((
            at,
            at + span(rest, |c| !matches!(c, ' ' | ',' | '}' | ']' | ')' | ';' | '&' | '\t')),
        )),
    }
}

/// Where a quoted value ends; a quote behind a backslash is part of it.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

fn span(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_words_are_taken_out_however_they_are_written() {
        for (line, clean) in [
            ("a password=hunter2 b", "a password=****** b"),
            ("Password: hunter2, user: u", "Password: ******, user: u"),
            (r#"{"password":"hun\"ter2","x":1}"#, r#"{"password":"******","x":1}"#),
            (r#"password = "two words" end"#, r#"password = "******" end"#),
            ("node.cookie = abc", "node.cookie = ******"),
            ("my_secret_value=1&token=2", "my_secret_value=******&token=******"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ******"),
            ("#{password => <<\"x\">>}", "#{password => <<\"******\">>}"),
            ("wrong password", "wrong password"),
            ("bad_username_or_password, peer: 1", "bad_username_or_password, peer: 1"),
            ("密码 password=秘密 后", "密码 password=****** 后"),
            ("", ""),
        ] {
            assert_eq!(redact_line(line).0, clean, "{line}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_left_wherever_it_ends() {
        for line in [
            "password=",
            "password",
            "password=\"",
            "password=\"x",
            "passwordpassword=Canary",
        ] {
            let (clean, _) = redact_line(line);
            assert!(!clean.contains("Canary") && !clean.contains("\"x"), "{clean}");
        }
    }
}
