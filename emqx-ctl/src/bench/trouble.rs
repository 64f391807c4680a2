//! What goes wrong in a benchmark, and what bounds it: the words for the operator, with the next step.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use emqx_shared::ExitCode;
use mqtt_codec::ReasonCode;

use crate::failure::CliFailure;
use crate::render::escape::escape;

/// Something that bounds the measurement, or makes it doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// For programs.
    pub code: &'static str,
    pub message: String,
    pub next: String,
}

impl Warning {
    pub fn new(code: &'static str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            next: next.into(),
        }
    }

    /// Tells a person.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = format!("warning: {}\n  next: {}\n", escape(&self.message), escape(&self.next));
        out.write_all(text.as_bytes())
    }
}

/// The name cannot be resolved.
pub fn unknown_host(host: &str, why: &str) -> CliFailure {
    CliFailure::new("unknown_host", ExitCode::Unavailable, format!("{host} has no address"))
        .why(why)
        .next("name the server with --host")
}

/// TCP did not come about.
pub fn not_connected(target: SocketAddr, up: usize, error: &io::Error) -> CliFailure {
    use io::ErrorKind::{AddrNotAvailable, ConnectionRefused};
    if is_descriptor_shortage(error) {
        return CliFailure::new(
            "descriptor_limit",
            ExitCode::Unavailable,
            format!("no descriptor is left after {up} connections"),
        )
        .why(error.to_string())
        .next("raise the limit (ulimit -n, LimitNOFILE=) or use fewer clients; emqx-ctl explain EMFILE");
    }
    let failure = |code, message| CliFailure::new(code, ExitCode::Unavailable, message).why(error.to_string());
    match error.kind() {
        ConnectionRefused if up == 0 => failure("connection_refused", format!("nobody listens on {target}"))
            .next("emqx-ctl listeners    (what listens, and where)")
            .next("name the server with --host and --port"),
        AddrNotAvailable => failure(
            "ephemeral_ports",
            format!("no local port is left after {up} connections"),
        )
        .next("sysctl -w net.ipv4.ip_local_port_range='1024 65535'")
        .next("or connect from several local addresses with --source, or use several machines"),
        _ => failure("not_connected", format!("a connection to {target} failed, {up} are up"))
            .next("emqx-ctl listeners    (limits, and why connections ended)"),
    }
}

/// An address of `--source` is none of this machine's.
pub fn no_source(source: IpAddr, error: &io::Error) -> CliFailure {
    CliFailure::new(
        "no_source",
        ExitCode::Unavailable,
        format!("connections cannot come from {source}"),
    )
    .why(error.to_string())
    .next("ip address    (the addresses of this machine; all of 127.0.0.0/8 are)")
    .next("give others with --source, or none")
}

fn is_descriptor_shortage(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EMFILE | Errno::ENFILE))
}

/// Nothing went on for too long.
pub fn no_progress(what: &str, waited: Duration) -> CliFailure {
    CliFailure::new(
        "timeout",
        ExitCode::TryAgain,
        format!("nothing came for {} s: {what}", waited.as_secs_f32()),
    )
    .why("the server is overloaded, its backlog is full, or packets are lost on the way")
    .next("try fewer clients or a lower --rate, or wait longer with --timeout 60s")
}

/// CONNACK said no.
pub fn refused(client_id: &str, up: usize, reason: ReasonCode) -> CliFailure {
    let exit = match reason {
        ReasonCode::BadUsernameOrPassword | ReasonCode::NotAuthorized | ReasonCode::Banned => ExitCode::NoPermission,
        ReasonCode::UnsupportedProtocolVersion => ExitCode::Protocol,
        _ => ExitCode::Unavailable,
    };
    CliFailure::new(
        "refused",
        exit,
        format!("the server refused {client_id}, {up} are up: {}", reason_text(reason)),
    )
    .next(explain(reason))
}

/// The server ended a connection.
pub fn ended(client_id: &str, reason: Option<ReasonCode>) -> CliFailure {
    let failure = |message| CliFailure::new("connection_lost", ExitCode::Unavailable, message);
    let why = format!("emqx-ctl why {client_id}    (on the server: what it says of it)");
    match reason {
        Some(reason) => failure(format!("the server ended {client_id}: {}", reason_text(reason)))
            .next(explain(reason))
            .next(why),
        None => failure(format!(
            "the server closed the connection of {client_id} without a word"
        ))
        .next(why),
    }
}

/// The server sent what no client can read, or what none asked for.
pub fn garbled(client_id: &str, what: impl Into<String>) -> CliFailure {
    CliFailure::new(
        "protocol",
        ExitCode::Protocol,
        format!("what the server sent to {client_id} makes no sense"),
    )
    .why(what)
    .next("see that --host and --port name an MQTT listener without TLS")
}

/// Our own use of the system failed.
pub fn system(what: &str, error: &io::Error) -> CliFailure {
    CliFailure::new("io_error", ExitCode::Io, format!("{what} failed")).why(error.to_string())
}

fn reason_text(reason: ReasonCode) -> String {
    format!("{} (0x{:02X})", reason.name(), reason as u8)
}

fn explain(reason: ReasonCode) -> String {
    format!("emqx-ctl explain 0x{:02X}", reason as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_names_reason_and_the_way_to_more() {
        let failure = ended("bench-1", Some(ReasonCode::QuotaExceeded));
        assert!(failure.message.contains("quota_exceeded (0x97)"), "{failure:?}");
        assert!(failure.next[1].contains("why bench-1"));
    }

    #[test]
    fn each_refusal_has_its_exit_code() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1883));
        let errno = |number| io::Error::from_raw_os_error(number);
        use nix::errno::Errno;
        for (number, code) in [
            (Errno::ECONNREFUSED, "connection_refused"),
            (Errno::EMFILE, "descriptor_limit"),
            (Errno::EADDRNOTAVAIL, "ephemeral_ports"),
            (Errno::ETIMEDOUT, "not_connected"),
        ] {
            let failure = not_connected(target, 0, &errno(number as i32));
            assert_eq!((failure.code, failure.exit), (code, ExitCode::Unavailable));
            assert!(!failure.next.is_empty());
        }
        assert_eq!(refused("c", 0, ReasonCode::NotAuthorized).exit, ExitCode::NoPermission);
        assert_eq!(refused("c", 0, ReasonCode::ServerBusy).exit, ExitCode::Unavailable);
    }
}
