//! Names that the daemon knows, asked for within a moment or not at all.
//!
//! Whether it is down, hangs or does not let the caller in: there are no names then, and no words about it. The
//! question runs on a thread of its own and is left behind when the time is over, so nothing on the way can hold a
//! shell up: not the socket's queue, not the system's tables of users, not an answer that trickles.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use emqx_shared::request::{AdminsRequest, BannedRequest, TraceRequest};
use emqx_shared::socket_path::{Places, SOCKET_ENV};
use emqx_shared::{Request, View};

use super::Candidate;
use crate::app::xdg_runtime_dir;
use crate::connect::Connection;
use crate::failure::CliFailure;

/// How long to wait: a TAB that takes longer than 150 ms in all is felt.
const WAIT: Duration = Duration::from_millis(120);

/// Client ids asked for at once; more than anybody reads.
const CLIENTS_MAX: u32 = 100;

/// Of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    Listeners,
    /// Those with a prefix of at least one character: for each question the daemon walks all of its clients.
    Clients,
    Traces,
    Admins,
    /// Banned as this.
    Bans {
        kind: String,
    },
    LogHandlers,
}

/// The names there are; of clients, those that start with `prefix`.
pub fn ask(names: &Names, prefix: &str, socket: Option<&Path>) -> Vec<Candidate> {
    let Some(request) = request(names, prefix) else {
        return Vec::new();
    };
    let named = || std::env::var_os(SOCKET_ENV).filter(|path| !path.is_empty());
    let explicit = socket.map(Path::to_owned).or_else(|| named().map(PathBuf::from));
    let names = names.clone();
    let (sender, receiver) = mpsc::sync_channel(1);
    let asking = thread::Builder::new().spawn(move || {
        // If nobody waits any more, nobody wants it.
        let _ = sender.send(exchange(&names, &request, explicit.as_deref()).unwrap_or_default());
    });
    match asking {
        Ok(_goes_with_the_process) => receiver.recv_timeout(WAIT).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

fn request(names: &Names, prefix: &str) -> Option<Request> {
    Some(match names {
        Names::Listeners => Request::ListListeners,
        Names::Clients => Request::ListClients {
            limit: Some(CLIENTS_MAX),
            after: Some(just_before(prefix)?),
        },
        Names::Traces => Request::Trace(TraceRequest::List),
        Names::Admins => Request::Admins(AdminsRequest::List),
        Names::Bans { .. } => Request::Banned(BannedRequest::List),
        Names::LogHandlers => Request::ListLogHandlers,
    })
}

/// A text behind which, in the order of bytes, the texts with this prefix come: at once, but for texts nobody uses.
fn just_before(prefix: &str) -> Option<String> {
    let last = prefix.chars().next_back()?;
    let start = &prefix[..prefix.len() - last.len_utf8()];
    let before = (0..u32::from(last)).rev().find_map(char::from_u32);
    Some(match before {
        Some(before) => format!("{start}{before}{}", char::MAX),
        None => start.to_owned(),
    })
}

fn exchange(names: &Names, request: &Request, explicit: Option<&Path>) -> Result<Vec<Candidate>, CliFailure> {
    let xdg = xdg_runtime_dir();
    let places = Places {
        explicit,
        xdg_runtime_dir: xdg.as_deref(),
        data_dir: None,
    };
    let mut connection = Connection::open(places, WAIT, true)?;
    let mut found = Vec::new();
    let answer = connection.stream(request, &mut |view| {
        add(names, view, &mut found);
        Ok(())
    });
    // What came before an answer broke off is true as well.
    let _ = answer;
    Ok(found)
}

fn add(names: &Names, view: View, found: &mut Vec<Candidate>) {
    match (names, view) {
        (Names::Listeners, View::Listeners(rows)) => {
            found.extend(rows.into_iter().map(|row| Candidate::new(row.id, row.listen_on)));
        }
        (Names::Clients, View::Clients(rows)) => {
            found.extend(rows.into_iter().map(|row| Candidate::new(row.client_id, row.peername)));
        }
        (Names::Traces, View::Traces(rows)) => found.extend(rows.into_iter().map(|row| {
            let subject = format!("{} {}", row.subject.kind(), row.subject.value());
            Candidate::new(row.name, subject)
        })),
        (Names::Admins, View::Admins(rows)) => {
            found.extend(
                rows.into_iter()
                    .map(|row| Candidate::new(row.username, row.description)),
            );
        }
        (Names::Bans { kind }, View::Bans(rows)) => {
            let of_kind = rows.into_iter().filter(|row| row.kind == *kind);
            found.extend(of_kind.map(|row| Candidate::new(row.who, row.reason)));
        }
        (Names::LogHandlers, View::LogHandlers(rows)) => {
            found.extend(rows.into_iter().map(|row| Candidate::new(row.id, row.destination)));
        }
        // Not an answer to this question.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;
    use std::time::Instant;

    #[test]
    fn the_texts_with_a_prefix_come_behind_the_one_that_is_asked_for() {
        for prefix in ["sensor", "a", "\u{0}", "x\u{0}", "é", "\u{e000}", "🦀", "\u{10ffff}"] {
            let before = just_before(prefix).unwrap();
            assert!(before.as_str() < prefix, "{prefix:?}");
            assert!(!before.starts_with(prefix), "{prefix:?}");
        }
        assert_eq!(just_before("ac"), Some("ab\u{10ffff}".to_owned()));
        assert_eq!(just_before(""), None);
    }

    #[test]
    fn without_a_prefix_no_client_is_asked_for() {
        assert_eq!(request(&Names::Clients, ""), None);
    }

    #[test]
    fn a_daemon_that_accepts_and_says_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqxd.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let begin = Instant::now();
        assert_eq!(ask(&Names::Listeners, "", Some(&path)), []);
        assert!(begin.elapsed() >= WAIT, "it was asked");
        assert_eq!(ask(&Names::Listeners, "", Some(&folder.path().join("no.sock"))), []);
    }
}
