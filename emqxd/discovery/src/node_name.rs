//! What follows from a node's name: where its link port is.

/// EMQX's distribution port of a node whose short name ends in no digits.
const FIRST_PORT: u16 = 4370;
/// EMQX's RPC port of the same node; links are answered there too.
const SECOND_PORT: u16 = 5370;
/// How many nodes of one host can be told apart; beyond it the numbers begin anew, so that there is always a port.
const NUMBERS: u32 = 60_000;

/// The port of a node's links: 4370 and the number that its short name ends in (`emqx3@host` has 4373).
#[must_use]
pub fn link_port(node_name: &str) -> u16 {
    FIRST_PORT + number_of(node_name)
}

/// The other port on which a node answers, EMQX's port for RPC.
#[must_use]
pub fn second_port(node_name: &str) -> u16 {
    SECOND_PORT + number_of(node_name)
}

/// `host:port` of a node's links; `None` if this is no node's name. IPv6 addresses stand in brackets.
#[must_use]
pub fn link_address(node_name: &str) -> Option<String> {
    let (short, host) = node_name.split_once('@')?;
    let is_sound =
        |part: &str| !part.is_empty() && !part.contains(|char: char| char.is_whitespace() || "@/[]".contains(char));
    if node_name.len() > 255 || !is_sound(short) || !is_sound(host) {
        return None;
    }
    let port = link_port(node_name);
    match host.contains(':') {
        true => Some(format!("[{host}]:{port}")),
        false => Some(format!("{host}:{port}")),
    }
}

/// The number that the short name ends in, 0 without one.
fn number_of(node_name: &str) -> u16 {
    let short = node_name.split('@').next().unwrap_or_default();
    let digits = short.trim_end_matches(|char: char| char.is_ascii_digit()).len();
    let number = short.bytes().skip(digits).fold(0_u32, |number, digit| {
        (number * 10 + u32::from(digit.saturating_sub(b'0'))) % NUMBERS
    });
    u16::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_node_follows_from_the_digits_at_the_end_of_its_short_name() {
        for (name, port) in [
            ("emqx@127.0.0.1", 4370),
            ("emqx1@127.0.0.1", 4371),
            ("emqx3@node-9", 4373),
            ("emqx-12@10.0.0.1", 4382),
            ("4emqx@h", 4370),
            ("emqx007@h", 4377),
            ("emqx59999@h", 64_369),
            ("emqx60000@h", 4370),
            ("a1b99999999999999999999999@h", 4370 + 39_999),
            ("", 4370),
        ] {
            assert_eq!(link_port(name), port, "{name}");
            assert_eq!(second_port(name), port + 1000, "{name}");
        }
    }

    #[test]
    fn the_address_of_a_node_is_its_host_and_that_port() {
        let address = |name: &str| link_address(name).unwrap();
        assert_eq!(address("emqx2@10.0.0.1"), "10.0.0.1:4372");
        assert_eq!(address("emqx@node.example.org"), "node.example.org:4370");
        assert_eq!(address("emqx@fd00::1"), "[fd00::1]:4370");
        for name in ["", "emqx", "@h", "emqx@", "a@b@c", "a@b c", "a@[::1]"] {
            assert_eq!(link_address(name), None, "{name}");
        }
    }
}
