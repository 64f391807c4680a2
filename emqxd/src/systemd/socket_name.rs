//! The name of a listener's socket in the service manager's store: `tcp.default` for `tcp:default`.
//!
//! systemd takes printable ASCII without `:`, which separates the names in `LISTEN_FDNAMES`. So the colon of an id is
//! written as a full stop, and every byte of a listener's name that is no letter, digit, `-` or `_` as `%` and two
//! hexadecimal digits: two listeners never have one name. The same names are for `FileDescriptorName=` in a socket unit.

use std::fmt::Write;

/// The name for the listener `id`.
pub fn socket_name(id: &str) -> String {
    let (kind, name) = id.split_once(':').unwrap_or(("", id));
    let mut text = String::with_capacity(id.len());
    text.push_str(kind);
    text.push('.');
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            other => write!(text, "%{other:02X}").expect("writing to a String does not fail"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_systemd_accepts_and_never_the_same_for_two_listeners() {
        let ids = [
            "tcp:default",
            "tcp:a.b",
            "tcp:a:b",
            "tcp:a%3Ab",
            "tcp:温度",
            "wss:my-own_2",
        ];
        let names: Vec<String> = ids.iter().map(|id| socket_name(id)).collect();
        assert_eq!(names[0], "tcp.default");
        assert_eq!(names[2], "tcp.a%3Ab");
        assert_eq!(names[5], "wss.my-own_2");
        for name in &names {
            assert!(
                name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':'),
                "{name}"
            );
            assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
