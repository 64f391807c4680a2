//! `banned.bootstrap_file`: bans for a node that has none, from a CSV file as EMQX reads it.
//!
//! The first line names the columns: `as` and `who` have to be there, `by`, `reason`, `at` and `until` may be. Times
//! are RFC 3339 or Unix seconds; an `until` that is empty or `infinity` is for ever. Read once, before anybody can
//! connect: a file that cannot be read whole stops the start, since a ban that is missing is not noticed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::clock::unix_ms_now;
use crate::state::{ApplyError, Ban, BanKind, Command, ImportedRows, ReplicatedState};

/// As many as the list takes, in one command each so many.
const ROWS_A_COMMAND: usize = 1000;
/// Largest file: the list's bound with rows of 320 bytes.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// EMQX's columns.
const COLUMNS: [&str; 6] = ["as", "who", "by", "reason", "at", "until"];
/// Who bans where the file does not say.
const BY: &str = "bootstrap_file";

/// Why the bans of the file are not in force.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// It cannot be read.
    #[error("banned.bootstrap_file: {} cannot be read: {source}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no ban.
    #[error("banned.bootstrap_file: {}:{line}: {why}", .path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The state does not take them.
    #[error("banned.bootstrap_file: {}: {source}", .path.display())]
    Apply {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: ApplyError,
    },
}

impl BootstrapError {
    /// What the operator can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Read { .. } => "put the file there for the daemon's user to read, or remove `banned.bootstrap_file`",
            Self::Line { .. } => "correct the line; the first one names the columns: as,who,by,reason,at,until",
            Self::Apply { .. } => "correct the file, or remove `banned.bootstrap_file`",
        }
    }
}

/// Bans whom the file names, unless somebody is banned already. Returns how many.
///
/// # Errors
/// See [`BootstrapError`]; nobody of the file is banned then.
pub fn load(path: &Path, state: &ReplicatedState) -> Result<usize, BootstrapError> {
    if !state.facts().banned.is_empty() {
        return Ok(0);
    }
    let text = read(path).map_err(|source| BootstrapError::Read {
        path: path.to_owned(),
        source,
    })?;
    let bans = parse(&text, unix_ms_now()).map_err(|(line, why)| BootstrapError::Line {
        path: path.to_owned(),
        line,
        why,
    })?;
    let count = bans.len();
    for piece in bans.chunks(ROWS_A_COMMAND) {
        let rows = Box::new(ImportedRows {
            banned: piece.to_vec(),
            ..ImportedRows::default()
        });
        let banned = state.apply_blocking(Command::Import { rows });
        if let Err(ApplyError::InCluster { .. }) = banned {
            // Whom a cluster bans is its own affair: it was asked when it was founded.
            return Ok(0);
        }
        if let Err(source) = banned {
            // Half a list would keep the next start from trying again.
            let _the_store_may_be_gone = state.apply_blocking(Command::ClearBans);
            let path = path.to_owned();
            return Err(BootstrapError::Apply { path, source });
        }
    }
    Ok(count)
}

fn read(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut text = String::new();
    let length = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if length as u64 > FILE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 32 MiB"));
    }
    Ok(text)
}

/// The bans of a text, or the number of a line and what is wrong with it.
fn parse(text: &str, now_ms: u64) -> Result<Vec<Ban>, (usize, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((number, header)) = lines.next() else {
        return Err((1, "the file is empty".to_owned()));
    };
    let header = fields(header).map_err(|why| (number, why))?;
    let place = |name: &str| header.iter().position(|column| column.trim() == name);
    if let Some(unknown) = header.iter().find(|column| !COLUMNS.contains(&column.trim())) {
        return Err((number, format!("no column is called {unknown:?}")));
    }
    let places = COLUMNS.map(place);
    for (name, place) in COLUMNS.iter().zip(places).take(2) {
        if place.is_none() {
            return Err((number, format!("the column `{name}` is missing")));
        }
    }
    let mut bans = Vec::new();
    for (number, line) in lines {
        let ban = parse_ban(line, header.len(), places, now_ms).map_err(|why| (number, why))?;
        bans.push(ban);
    }
    Ok(bans)
}

fn parse_ban(line: &str, columns: usize, places: [Option<usize>; 6], now_ms: u64) -> Result<Ban, String> {
    let fields = fields(line)?;
    if fields.len() != columns {
        return Err(format!("{} fields where there are {columns} columns", fields.len()));
    }
    let [kind, who, by, reason, at, until] = places.map(|place| place.map_or("", |place| fields[place].as_str()));
    let kind = kind.trim();
    let kind = BanKind::parse(kind).ok_or_else(|| {
        let known = BanKind::ALL.map(BanKind::as_str).join(", ");
        format!("{kind:?} is nothing to ban by; known: {known}")
    })?;
    let ban = Ban {
        kind,
        who: who.to_owned(),
        by: if by.is_empty() { BY } else { by }.to_owned(),
        reason: reason.to_owned(),
        at_ms: time_ms(at)?.unwrap_or(now_ms),
        until_ms: time_ms(until)?,
        only: Vec::new(),
    };
    // Here its line is known; the state would refuse it all the same.
    ban.check().map_err(|refusal| refusal.to_string())?;
    Ok(ban)
}

/// A time; `None` for none or for ever.
fn time_ms(text: &str) -> Result<Option<u64>, String> {
    let text = text.trim();
    if text.is_empty() || text == "infinity" || text == "undefined" {
        return Ok(None);
    }
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Some(seconds.saturating_mul(1000)));
    }
    let parsed = text.parse::<jiff::Timestamp>();
    let ms = parsed.ok().and_then(|time| u64::try_from(time.as_millisecond()).ok());
    ms.map(Some)
        .ok_or_else(|| format!("{text:?} is no time such as 2026-11-22T10:00:00Z, Unix seconds or infinity"))
}

/// The fields of one line (RFC 4180): in quotes where they hold commas, a quote in quotes written twice.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = line.trim_end_matches('\r');
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            let mut remaining = quoted;
            let after = loop {
                let Some((before, after)) = remaining.split_once('"') else {
                    return Err("a quote is not closed".to_owned());
                };
                field.push_str(before);
                match after.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        remaining = after;
                    }
                    None => break after,
                }
            };
            fields.push(field);
            match after.strip_prefix(',') {
                Some(after) => rest = after,
                None if after.trim().is_empty() => return Ok(fields),
                None => return Err("something stands behind a closing quote".to_owned()),
            }
        } else if let Some((field, after)) = rest.split_once(',') {
            fields.push(field.to_owned());
            rest = after;
        } else {
            fields.push(rest.to_owned());
            return Ok(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "as,who,by,reason,at,until\n\
        clientid,c1,mallory,\"leaks, often\",2021-10-25T21:53:47+08:00,2121-10-25T21:53:47+08:00\n\
        username,u1,,,,infinity\n\
        \n\
        peerhost,10.0.0.1,li,\"he said \"\"no\"\"\",1635170027,1635170028\r\n\
        peerhost_net,10.2.3.4/16,,,,\n\
        clientid_re,^bot-,,,,\n";

    #[test]
    fn a_file_of_emqx_is_read() {
        let bans = parse(FILE, 77).unwrap();
        let shown: Vec<_> = bans
            .iter()
            .map(|ban| (ban.kind.as_str(), ban.who.as_str(), ban.by.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("clientid", "c1", "mallory"),
                ("username", "u1", "bootstrap_file"),
                ("peerhost", "10.0.0.1", "li"),
                ("peerhost_net", "10.2.3.4/16", "bootstrap_file"),
                ("clientid_re", "^bot-", "bootstrap_file"),
            ]
        );
        assert_eq!(bans[0].reason, "leaks, often");
        assert_eq!(bans[0].at_ms, 1_635_170_027_000);
        assert_eq!((bans[1].at_ms, bans[1].until_ms), (77, None));
        assert_eq!(bans[2].reason, "he said \"no\"");
        assert_eq!(bans[2].until_ms, Some(1_635_170_028_000));
    }

    #[test]
    fn columns_may_be_left_out_and_stand_in_any_order() {
        let bans = parse("who,as\nc1,clientid\n", 7).unwrap();
        assert_eq!((bans[0].kind, bans[0].who.as_str()), (BanKind::Clientid, "c1"));
    }

    #[test]
    fn a_line_that_is_no_ban_is_named_with_the_reason() {
        for (text, line, why) in [
            ("", 1, "empty"),
            ("as,by\nclientid,c", 1, "`who` is missing"),
            ("as,who,size\nclientid,c,9", 1, "\"size\""),
            ("as,who\nclientid,a\nshoe,b", 3, "\"shoe\""),
            ("as,who\nclientid,a,b", 2, "3 fields"),
            ("as,who\nclientid", 2, "1 fields"),
            ("as,who,until\nclientid,a,tomorrow", 2, "no time"),
            ("as,who\nclientid,\"a", 2, "not closed"),
            ("as,who\nclientid,\"a\"b", 2, "behind a closing quote"),
            ("as,who\npeerhost,1.2.3", 2, "no peerhost"),
            ("as,who\nclientid_re,a(", 2, "unclosed group"),
            ("as,who\nclientid,", 2, "0 bytes"),
        ] {
            let (found, said) = parse(text, 0).unwrap_err();
            assert!(found == line && said.contains(why), "{text:?}: {found}: {said}");
        }
    }

    #[test]
    fn the_file_fills_an_empty_list_and_never_touches_another() {
        let folder = tempfile::tempdir().unwrap();
        let state = ReplicatedState::open(folder.path(), "n").unwrap();
        let file = folder.path().join("banned.csv");
        std::fs::write(&file, FILE).unwrap();
        assert_eq!(load(&file, &state).unwrap(), 5);
        assert!(state.facts().banned.get(BanKind::PeerhostNet, "10.2.0.0/16").is_some());
        std::fs::write(&file, "as,who\nclientid,c9\n").unwrap();
        assert_eq!(load(&file, &state).unwrap(), 0);
        assert!(state.facts().banned.get(BanKind::Clientid, "c9").is_none());

        state.apply_blocking(Command::ClearBans).unwrap();
        std::fs::write(&file, "as,who\nclientid,c9\nclientid,\n").unwrap();
        let error = load(&file, &state).unwrap_err();
        assert!(error.to_string().contains("banned.csv:3: "), "{error}");
        assert!(state.facts().banned.is_empty(), "all or nothing");
        let error = load(Path::new("/nowhere/banned.csv"), &state).unwrap_err();
        assert!(error.to_string().contains("/nowhere/banned.csv"), "{error}");
    }
}
