//! Words for a command line that an operator may copy into a shell: client ids come from strangers.

/// `word` so that a shell takes it as one word and nothing more; `None` if it holds what no terminal should see.
pub fn quote(word: &str) -> Option<String> {
    if word.chars().any(crate::render::escape::is_dangerous) {
        return None;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return Some(word.to_owned());
    }
    Some(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_cannot_become_a_command() {
        for (word, quoted) in [
            ("sensor-7", Some("sensor-7")),
            ("a b", Some("'a b'")),
            ("$(reboot)", Some("'$(reboot)'")),
            ("x'; reboot; '", Some(r"'x'\''; reboot; '\'''")),
            ("--yes", Some("'--yes'")),
            ("", Some("''")),
            ("a\nreboot", None),
            ("a\u{1b}[2J", None),
        ] {
            assert_eq!(quote(word).as_deref(), quoted, "{word:?}");
        }
    }
}
