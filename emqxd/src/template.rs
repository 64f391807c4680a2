//! Texts of the configuration with placeholders for what is known of a client: `http://auth/?u=${username}`.
//!
//! A template is read once, with the settings; an unknown placeholder is an error there. What is not known of a
//! client (it has no user name) is put in as nothing.

use std::borrow::Cow;

/// A text with places to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    /// One of the names that were allowed.
    Value(&'static str),
}

/// A placeholder that nothing is known for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no placeholder {found}; there are {}", list(.allowed))]
pub struct UnknownPlaceholder {
    found: String,
    allowed: &'static [&'static str],
}

fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("${{{name}}}")).collect();
    names.join(", ")
}

impl Template {
    /// Reads a text; `names` are the placeholders that may stand in it.
    ///
    /// # Errors
    /// The first that is none of them.
    pub fn parse(text: &str, names: &'static [&'static str]) -> Result<Self, UnknownPlaceholder> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            let found = &rest[start..=start + length];
            let name = names.iter().find(|name| **name == &found[2..found.len() - 1]);
            let Some(name) = name else {
                return Err(UnknownPlaceholder {
                    found: found.to_owned(),
                    allowed: names,
                });
            };
            push_text(&mut parts, &rest[..start]);
            parts.push(Part::Value(name));
            rest = &rest[start + length + 1..];
        }
        push_text(&mut parts, rest);
        Ok(Self { parts })
    }

    /// The text, with `value` of each name put in as `escape` writes it.
    pub fn fill<'a>(
        &self,
        mut value: impl FnMut(&'static str) -> Option<Cow<'a, str>>,
        escape: impl Fn(&str, &mut String),
    ) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Value(name) => {
                    if let Some(value) = value(name) {
                        escape(&value, &mut text);
                    }
                }
            }
        }
        text
    }

    /// The text with values put in as they are.
    pub fn fill_plain<'a>(&self, value: impl FnMut(&'static str) -> Option<Cow<'a, str>>) -> String {
        self.fill(value, |value, text| text.push_str(value))
    }

    /// The text with values put in so that they are one part of a URL or form, whatever is in them.
    pub fn fill_url<'a>(&self, value: impl FnMut(&'static str) -> Option<Cow<'a, str>>) -> String {
        self.fill(value, url_escape)
    }
}

/// Appends `value` percent-encoded: all but the unreserved characters of RFC 3986.
pub fn url_escape(value: &str, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["username", "clientid"];

    fn value(name: &'static str) -> Option<Cow<'static, str>> {
        (name == "username").then_some(Cow::Borrowed("a&b=\"ü\" /"))
    }

    #[test]
    fn values_are_put_in_and_what_is_not_known_is_nothing() {
        let template = Template::parse("<${username}|${clientid}> $x {y} ${", NAMES).unwrap();
        assert_eq!(template.fill_plain(value), "<a&b=\"ü\" /|> $x {y} ${");
    }

    #[test]
    fn a_value_cannot_leave_its_part_of_a_url() {
        let template = Template::parse("http://h/?u=${username}&c=1", NAMES).unwrap();
        assert_eq!(template.fill_url(value), "http://h/?u=a%26b%3D%22%C3%BC%22%20%2F&c=1");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_what_it_is() {
        let template = Template::parse("${username}", NAMES).unwrap();
        assert_eq!(template.fill_plain(|_| Some("${clientid}".into())), "${clientid}");
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_those_there_are() {
        let error = Template::parse("x ${user} y", NAMES).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no placeholder ${user}; there are ${username}, ${clientid}"
        );
    }
}
