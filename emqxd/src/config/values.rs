//! EMQX's value types as text: durations (`1h30m`), sizes (`1MB`), booleans, addresses.
//!
//! Each function reads the whole text or gives `None`; the message is made where the key is
//! known.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// `15s`, `500ms`, `1h30m`, `1.5s`; a bare number is milliseconds, as in EMQX.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_millis);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after
            .find(|char: char| !char.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let unit_ms: u64 = match unit.to_ascii_lowercase().as_str() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        total = total.checked_add(Duration::from_millis(scaled(number, unit_ms)?))?;
        rest = after;
    }
    Some(total)
}

/// `number` times `unit`, where the number may have up to three decimals.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || decimals.len() > 3 || number.ends_with('.') {
        return None;
    }
    let mut thousandths = 0;
    let mut digit_value = 100;
    for digit in decimals.chars() {
        thousandths += u64::from(digit.to_digit(10)?) * digit_value;
        digit_value /= 10;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    whole.checked_add(thousandths.checked_mul(unit)? / 1000)
}

/// `1024`, `100B`, `1KB`, `1MB`, `1GB`; units of 1024 in either case.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        "TB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// `80%`, `82.5%`: tenths of a percent. EMQX reads `0.8` as the same.
pub(super) fn per_mille(text: &str) -> Option<u32> {
    let thousandths = match text.strip_suffix('%') {
        Some(percent) => scaled(percent, 1000)? / 100,
        None => scaled(text, 1000)?,
    };
    u32::try_from(thousandths).ok().filter(|part| *part <= 1000)
}

/// `true`, `false`, and EMQX 4's `on`, `off`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "on" | "yes" => Some(true),
        "false" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// An address to listen on, and how EMQX prints it.
///
/// `1883` and `:1883` print `:1883` and mean every IPv4 address; `[::]:1883` and EMQX's `:::1883`
/// mean IPv6.
pub(super) fn bind(text: &str) -> Option<(SocketAddr, String)> {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let port_only = text.strip_prefix(':').unwrap_or(text);
    if let Some(port) = port(port_only) {
        return Some((SocketAddr::new(any, port), format!(":{port}")));
    }
    let (host, port_text) = text.rsplit_once(':')?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let address = SocketAddr::new(host.parse().ok()?, port(port_text)?);
    Some((address, address.to_string()))
}

fn port(text: &str) -> Option<u16> {
    // `+1883` is a number to Rust.
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up_their_units() {
        for (text, ms) in [
            ("15s", 15_000),
            ("500ms", 500),
            ("1h30m", 5_400_000),
            ("1d", 86_400_000),
            ("1w", 604_800_000),
            ("0s", 0),
            ("250", 250),
            ("1.5s", 1500),
            ("0.25m", 15_000),
            ("2H", 7_200_000),
        ] {
            assert_eq!(duration(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in [
            "",
            "s",
            "1x",
            "1 s",
            "-1s",
            "1s2",
            ".5s",
            "1.s",
            "1.2.3s",
            "99999999999999999d",
        ] {
            let found = duration(text);
            assert_eq!(found, None, "{text}");
        }
    }

    #[test]
    fn percents_are_parts_of_a_thousand() {
        for (text, part) in [
            ("80%", 800),
            ("82.5%", 825),
            ("0.75", 750),
            ("100%", 1000),
            ("0%", 0),
            ("1", 1000),
        ] {
            assert_eq!(per_mille(text), Some(part), "{text}");
        }
        for text in ["", "%", "101%", "-5%", "x", "80 %", "1.5"] {
            assert_eq!(per_mille(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_count_in_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("10B", 10),
            ("1KB", 1024),
            ("1mb", 1_048_576),
            ("2GB", 2_147_483_648),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in [
            "",
            "MB",
            "1XB",
            "1 MB",
            "1.5MB",
            "-1",
            "99999999999TB",
            "18446744073709551616",
        ] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_print_as_emqx_prints_them() {
        for (text, address, printed) in [
            ("1883", "0.0.0.0:1883", ":1883"),
            (":1883", "0.0.0.0:1883", ":1883"),
            ("127.0.0.1:1883", "127.0.0.1:1883", "127.0.0.1:1883"),
            ("[::]:1883", "[::]:1883", "[::]:1883"),
            (":::1883", "[::]:1883", "[::]:1883"),
            ("::1:1883", "[::1]:1883", "[::1]:1883"),
            ("0.0.0.0:0", "0.0.0.0:0", "0.0.0.0:0"),
        ] {
            let expected = (address.parse().unwrap(), printed.to_owned());
            assert_eq!(bind(text), Some(expected), "{text}");
        }
        for text in [
            "",
            ":",
            "65536",
            "localhost:1883",
            "1.2.3:1",
            "1.2.3.4",
            "1.2.3.4:+1",
            "[::]",
        ] {
            assert_eq!(bind(text), None, "{text}");
        }
    }
}
