//! The journal, spoken to in its own protocol: one datagram a record, with fields that can be searched for.
//!
//! `journalctl -u emqxd EMQX_CLIENTID=sensor-7` finds a client's records, and `journalctl -x` prints the answer of the
//! catalogue below a record that is about one of its words (`MESSAGE_ID`, see `message_ids.rs`). The protocol: systemd's
//! "Native Journal Protocol". A field is `NAME=value` on a line; every value that a client could have chosen is escaped
//! (`escape.rs`) and so has no line feeds; a text of ours with several lines goes with its length in front.
//!
//! On the way through the queue a record ends with an empty line; the sink makes a datagram of each.

use std::fmt::Write;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;

use super::escape::{Embedding, escape_into};
use super::formatter::write_text_value;
use super::level::syslog_priority;
use super::message_ids::message_id_of;
use super::record::{Record, Value};
use super::writer::Sink;
use crate::config::log::LogLevel;

/// Where journald listens.
const SOCKET: &str = "/run/systemd/journal/socket";
/// How long a busy journal may take for a record.
const SEND_WAIT: Duration = Duration::from_secs(1);
/// A message as it is shown: some screens full.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// What is left of a record that is too large for a datagram: more than the message and less than any system's limit.
const CUT_BYTES: usize = 32 * 1024;

const INFALLIBLE: &str = "writing to a String does not fail";

/// The journal's socket. It is found anew for each record, so that one that was restarted is found, too.
#[derive(Debug)]
pub(super) struct JournalSocket {
    socket: UnixDatagram,
    path: PathBuf,
}

impl JournalSocket {
    /// The journal of this machine.
    ///
    /// # Errors
    /// It does not listen.
    pub(super) fn open() -> io::Result<Self> {
        Self::at(&socket_path())
    }

    fn at(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_WAIT))?;
        // Nothing is sent: this says whether anybody listens.
        UnixDatagram::unbound()?.connect(path)?;
        Ok(Self {
            socket,
            path: path.to_owned(),
        })
    }

    /// Sends one record.
    fn send(&self, entry: &[u8]) -> io::Result<()> {
        match self.socket.send_to(entry, &self.path) {
            Err(error) if error.raw_os_error() == Some(Errno::EMSGSIZE as i32) => {
                self.socket.send_to(&cut(entry), &self.path).map(|_whole| ())
            }
            sent => sent.map(|_whole| ()),
        }
    }
}

impl Sink for JournalSocket {
    fn write_lines(&mut self, records: &[u8]) -> io::Result<()> {
        // A write that failed is followed by a line feed, which ends nothing here.
        let mut rest = records.trim_ascii_start();
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\n\n") {
            // One line feed ends the last field; the other one was only for us.
            self.send(&rest[..=end])?;
            rest = &rest[end + 2..];
        }
        Ok(())
    }
}

/// A record as the journal takes it. `message` is the line that is shown.
pub(super) fn journal_entry(record: &Record, message: &str) -> String {
    let mut entry = head(record.level);
    writeln!(entry, "MESSAGE={}", bounded(message)).expect(INFALLIBLE);
    let fields = || record.before_message().chain(record.after_message());
    let reason = fields().find_map(|(name, value)| match value {
        Value::Text(reason) if *name == "reason" => Some(reason.as_str()),
        _ => None,
    });
    if let Some(id) = message_id_of(reason, &record.message) {
        writeln!(entry, "MESSAGE_ID={id}").expect(INFALLIBLE);
    }
    entry.push_str("EMQX_MSG=");
    escape_into(&mut entry, &record.message, Embedding::Text);
    entry.push('\n');
    for (name, value) in fields() {
        entry.push_str("EMQX_");
        entry.extend(name.chars().map(journal_character));
        entry.push('=');
        write_text_value(&mut entry, value);
        entry.push('\n');
    }
    entry.push('\n');
    entry
}

/// Tells the journal why the daemon ends, if standard error leads there; `false` if it does not.
///
/// `word` is what the catalogue knows it by, such as `exit-78`.
pub(crate) fn tell_journal_of_failure(text: &str, word: &str) -> bool {
    if !super::console::is_journal() {
        return false;
    }
    JournalSocket::open()
        .and_then(|socket| socket.send(&failure_entry(text, word)))
        .is_ok()
}

fn failure_entry(text: &str, word: &str) -> Vec<u8> {
    let mut message = String::with_capacity(text.len());
    for (index, line) in bounded(text).lines().enumerate() {
        // The lines are ours; what is quoted in them may come from a file.
        let line_feed = if index > 0 { "\n" } else { "" };
        message.push_str(line_feed);
        escape_into(&mut message, line, Embedding::Text);
    }
    let mut entry = head(LogLevel::Error).into_bytes();
    if let Some(id) = message_id_of(None, word) {
        entry.extend_from_slice(format!("MESSAGE_ID={id}\n").as_bytes());
    }
    // A value of several lines has its length in front: eight bytes, least significant first.
    entry.extend_from_slice(b"MESSAGE\n");
    entry.extend_from_slice(&(message.len() as u64).to_le_bytes());
    entry.extend_from_slice(message.as_bytes());
    entry.push(b'\n');
    entry
}

fn head(level: LogLevel) -> String {
    let mut entry = String::with_capacity(512);
    write!(entry, "PRIORITY={}\nSYSLOG_IDENTIFIER=emqxd\n", syslog_priority(level)).expect(INFALLIBLE);
    entry
}

/// As much of a message as is shown; a record has all of it in its fields.
fn bounded(message: &str) -> &str {
    &message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)]
}

/// What the journal allows in the name of a field.
fn journal_character(character: char) -> char {
    match character.to_ascii_uppercase() {
        plain @ ('A'..='Z' | '0'..='9') => plain,
        _ => '_',
    }
}

/// The fields at the beginning that fit, and how much was left out.
fn cut(entry: &[u8]) -> Vec<u8> {
    let within = &entry[..entry.len().min(CUT_BYTES)];
    let end = within.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut cut = entry[..end].to_vec();
    cut.extend_from_slice(format!("EMQX_CUT_BYTES={}\n", entry.len() - end).as_bytes());
    cut
}

/// Where the journal listens.
pub(super) fn socket_path() -> PathBuf {
    // A stand-in can take the journal's place, in test builds only.
    #[cfg(debug_assertions)]
    if let Some(path) = std::env::var_os("EMQXD_TEST_JOURNAL_SOCKET") {
        return path.into();
    }
    PathBuf::from(SOCKET)
}

#[cfg(test)]
mod tests {
    use super::super::escape::{is_dangerous, tests::corpus};
    use super::*;

    fn terminate(clientid: &str) -> Record {
        let text = |value: &str| Value::Text(value.to_owned());
        Record::new(
            LogLevel::Info,
            "terminate".to_owned(),
            vec![
                ("clientid", text(clientid)),
                ("reason", text("keepalive_timeout")),
                ("bytes", Value::Unsigned(17)),
            ],
        )
    }

    fn fields(entry: &str) -> Vec<(&str, &str)> {
        entry
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| line.split_once('=').expect("a field has a name"))
            .collect()
    }

    #[test]
    fn a_record_has_its_fields_its_priority_and_the_id_of_its_reason() {
        let entry = journal_entry(&terminate("w"), "[info] clientid: w, msg: terminate");
        let id = message_id_of(Some("keepalive_timeout"), "").unwrap();
        assert_eq!(
            fields(&entry),
            [
                ("PRIORITY", "6"),
                ("SYSLOG_IDENTIFIER", "emqxd"),
                ("MESSAGE", "[info] clientid: w, msg: terminate"),
                ("MESSAGE_ID", id),
                ("EMQX_MSG", "terminate"),
                ("EMQX_CLIENTID", "w"),
                ("EMQX_BYTES", "17"),
                ("EMQX_REASON", "keepalive_timeout"),
            ]
        );
        assert!(entry.ends_with("\n\n"));
    }

    #[test]
    fn no_hostile_string_makes_a_field_of_its_own() {
        for hostile in corpus() {
            let entry = journal_entry(&terminate(&hostile), "m");
            assert_eq!(fields(&entry).len(), 8, "{hostile:?}");
            assert!(!entry.lines().any(|line| line.chars().any(is_dangerous)), "{hostile:?}");
        }
    }

    #[test]
    fn each_record_is_a_datagram_and_one_that_is_too_large_is_cut_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let journal = UnixDatagram::bind(&path).unwrap();
        let mut sink = JournalSocket::at(&path).unwrap();
        let (first, second) = (journal_entry(&terminate("a"), "m"), journal_entry(&terminate("b"), "m"));
        sink.write_lines(format!("\n{first}{second}").as_bytes()).unwrap();
        let mut buffer = vec![0; 1 << 20];
        for expected in [first, second] {
            let length = journal.recv(&mut buffer).unwrap();
            assert_eq!(buffer[..length], expected.as_bytes()[..expected.len() - 1]);
        }

        let mut large = journal_entry(&terminate("c"), "m");
        large.truncate(large.len() - 1);
        for _ in 0..100 {
            writeln!(large, "EMQX_MORE={}", "x".repeat(8000)).unwrap();
        }
        sink.write_lines(format!("{large}\n").as_bytes()).unwrap();
        let length = journal.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert_eq!(fields(text)[2], ("MESSAGE", "m"));
        let (name, left_out) = *fields(text).last().unwrap();
        assert_eq!(name, "EMQX_CUT_BYTES");
        assert_eq!(
            left_out.parse::<usize>().unwrap() + length,
            large.len() + "EMQX_CUT_BYTES=800000\n".len()
        );
    }

    #[test]
    fn why_the_daemon_ends_is_one_message_of_several_lines() {
        let entry = failure_entry("Error: no\n  why:  \u{1b}[31m", "exit-78");
        let id = message_id_of(None, "exit-78").unwrap();
        let message = "Error: no\n  why:  \\u001b[31m";
        let mut expected = format!("PRIORITY=3\nSYSLOG_IDENTIFIER=emqxd\nMESSAGE_ID={id}\nMESSAGE\n").into_bytes();
        expected.extend_from_slice(&(message.len() as u64).to_le_bytes());
        expected.extend_from_slice(message.as_bytes());
        expected.push(b'\n');
        assert_eq!(entry, expected);
    }
}
