//! One log line for each verb that changes something: who, what, with which arguments, with what
//! result, how long it took. Refused attempts leave one too.
//!
//! The lines go through `tracing` with the target `audit`, as warnings: at the level that a log has by
//! default nobody should be able to change something without a trace. Arguments are quoted with their control
//! characters escaped here already, so that no argument can look like another field.

use std::fmt::Write;
use std::time::Instant;

use emqx_shared::{Failure, Request};
use tracing::warn;

use super::peer::Peer;

/// The `tracing` target, by which a log handler can pick these lines out.
pub(crate) const AUDIT_TARGET: &str = "audit";

/// Longest argument text in a line; a topic may have 64 KiB.
const ARGUMENTS_BYTES_MAX: usize = 1024;

/// A verb under way, of which a line will tell.
#[derive(Debug)]
pub(crate) struct Audit {
    uid: u32,
    pid: i32,
    verb: &'static str,
    arguments: String,
    started: Instant,
    ended: bool,
}

impl Audit {
    /// Remembers what the line will say of the request.
    pub(crate) fn begin(peer: &Peer, request: &Request) -> Self {
        Self {
            uid: peer.uid,
            pid: peer.pid.unwrap_or(0),
            verb: request.verb(),
            arguments: describe(request),
            started: Instant::now(),
            ended: false,
        }
    }

    /// Writes the line.
    pub(crate) fn end<T>(mut self, result: &Result<T, Failure>) {
        match result {
            Ok(_) => self.write("ok"),
            Err(failure) => self.write(failure.code.name()),
        }
    }

    fn write(&mut self, result: &'static str) {
        self.ended = true;
        let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        warn!(
            target: AUDIT_TARGET,
            uid = self.uid,
            pid = self.pid,
            verb = self.verb,
            arguments = self.arguments,
            result,
            duration_ms,
            "control_command"
        );
    }
}

impl Drop for Audit {
    /// A verb that crashed, or that the daemon's end cut short, leaves its line too.
    fn drop(&mut self) {
        if !self.ended {
            self.write("unfinished");
        }
    }
}

fn describe(request: &Request) -> String {
    let mut text = String::new();
    for (name, value) in request.arguments() {
        let separator = if text.is_empty() { "" } else { " " };
        write!(text, "{separator}{name}={value:?}").expect("writing to a String does not fail");
    }
    if text.len() > ARGUMENTS_BYTES_MAX {
        let end = text.floor_char_boundary(ARGUMENTS_BYTES_MAX);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use emqx_shared::{ErrorCode, Role};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Keeps the audit events of one thread as text.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            if field.name() != "duration_ms" {
                write!(self.0, "{field}={value:?} ").unwrap();
            }
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == AUDIT_TARGET
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn every_change_leaves_one_line_with_its_result() {
        let peer = Peer {
            uid: 1000,
            gid: 1000,
            pid: Some(7),
            role: Role::Admin,
            connection: 0,
        };
        let request = Request::KickClient {
            client_id: "c".to_owned(),
        };
        let lines = Lines::default();
        tracing::subscriber::with_default(lines.clone(), || {
            let begin = || Audit::begin(&peer, &request);
            begin().end(&Ok(()));
            begin().end::<()>(&Err(Failure::new(ErrorCode::ClientNotFound, "no")));
            drop(begin());
        });
        let found = lines.0.lock().unwrap();
        assert_eq!(found.len(), 3, "{found:?}");
        for (line, result) in found.iter().zip(["ok", "client_not_found", "unfinished"]) {
            for part in ["uid=1000 ", "pid=7 ", "verb=\"clients kick\" ", "client_id=", result] {
                assert!(line.contains(part), "{part} in {line}");
            }
        }
    }

    #[test]
    fn an_argument_cannot_forge_a_line_or_a_field() {
        let request = Request::KickClient {
            client_id: "a\n\x1b[31m\" result=\"ok\u{202e}".to_owned(),
        };
        assert_eq!(describe(&request), r#"client_id="a\n\u{1b}[31m\" result=\"ok\u{202e}""#);
    }

    #[test]
    fn a_long_argument_is_cut_between_characters() {
        let request = Request::KickClient {
            client_id: "é".repeat(30_000),
        };
        let text = describe(&request);
        assert!(text.len() <= ARGUMENTS_BYTES_MAX + '…'.len_utf8());
        assert!(text.ends_with('…'));
    }
}
