//! A stand-in for journald: a socket that takes records in the journal's native protocol.
//!
//! Give it to [`DaemonBuilder::journal`](crate::DaemonBuilder::journal). Only test builds of the daemon look for it; the
//! others know one journal, that of the system.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::TempDir;

use crate::wait_for;

/// The fields of a record.
pub type JournalRecord = BTreeMap<String, String>;

/// What plays the journal.
#[derive(Debug)]
pub struct Journal {
    socket: UnixDatagram,
    path: PathBuf,
    records: Mutex<Vec<JournalRecord>>,
    /// Holds the socket.
    _folder: TempDir,
}

impl Journal {
    /// An empty one.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("temp folders can be made");
        let path = folder.path().join("socket");
        let socket = UnixDatagram::bind(&path).expect("a new folder takes a socket");
        socket.set_nonblocking(true).expect("a new socket");
        Self {
            socket,
            path,
            records: Mutex::default(),
            _folder: folder,
        }
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All records so far.
    pub fn records(&self) -> Vec<JournalRecord> {
        let mut records = self.records.lock().expect("no panic while locked");
        let mut buffer = vec![0; 1 << 20];
        loop {
            match self.socket.recv(&mut buffer) {
                Ok(length) => records.push(parse(&buffer[..length])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return records.clone(),
                Err(error) => panic!("the journal's socket fails: {error}"),
            }
        }
    }

    /// Returns the first record that has this value in a field.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn expect(&self, field: &str, value: &str) -> JournalRecord {
        wait_for(&format!("a record with {field}={value}"), || {
            let has_it = |record: &JournalRecord| record.get(field).is_some_and(|found| found == value);
            self.records().into_iter().find(has_it)
        })
    }
}

/// Both forms of a field: `NAME=value`, and `NAME` with the length of the value in front of it.
fn parse(mut datagram: &[u8]) -> JournalRecord {
    let mut record = JournalRecord::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("records are text");
    while !datagram.is_empty() {
        let end = datagram
            .iter()
            .position(|byte| *byte == b'\n')
            .expect("a field ends with a line feed");
        let line = &datagram[..end];
        let rest = &datagram[end + 1..];
        if let Some(equals) = line.iter().position(|byte| *byte == b'=') {
            record.insert(text(&line[..equals]), text(&line[equals + 1..]));
            datagram = rest;
        } else {
            let (length, value) = rest.split_at(8);
            let length = u64::from_le_bytes(length.try_into().expect("eight bytes")) as usize;
            record.insert(text(line), text(&value[..length]));
            assert_eq!(value[length], b'\n', "a line feed ends the value");
            datagram = &value[length + 1..];
        }
    }
    record
}
