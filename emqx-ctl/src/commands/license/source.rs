//! SRC: where the text of a licence comes from.
//!
//! Files are read here and their content is sent: the daemon opens no path of a caller. Only regular files of a
//! sensible size are read, and opening one never waits for somebody at the other end of a pipe.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use emqx_license::KEY_BYTES_MAX;
use emqx_shared::ExitCode;

use crate::failure::CliFailure;
use crate::render::erlang_term;

const FILE_SCHEME: &str = "file://";
/// No path is longer.
const PATH_BYTES_MAX: usize = 4096;

/// The text that SRC stands for.
///
/// # Errors
/// A file that cannot be read or is none.
pub fn read(source: &str) -> Result<String, CliFailure> {
    if source == "-" {
        return bounded(io::stdin().lock()).map_err(|error| failed("standard input", &error));
    }
    if let Some(path) = source.strip_prefix(FILE_SCHEME) {
        return read_file(Path::new(path));
    }
    if is_path(source) {
        return read_file(Path::new(source));
    }
    Ok(source.to_owned())
}

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is no regular file of a sensible size.
pub fn read_file(path: &Path) -> Result<String, CliFailure> {
    let shown = path.display().to_string();
    let open = || {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY)
            .open(path)?;
        if file.metadata()?.is_file() {
            bounded(file)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"))
        }
    };
    open().map_err(|error| failed(&shown, &error))
}

/// Whether it is meant as a file: there is one, or no key looks like this.
fn is_path(source: &str) -> bool {
    let looks_like_one =
        source.starts_with('/') || source.starts_with("./") || source.starts_with("../") || source.ends_with(".lic");
    looks_like_one || source.len() <= PATH_BYTES_MAX && Path::new(source).exists() && source != "."
}

fn bounded(from: impl Read) -> io::Result<String> {
    let invalid = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut bytes = Vec::new();
    from.take(KEY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > KEY_BYTES_MAX {
        return Err(invalid("longer than any licence"));
    }
    String::from_utf8(bytes).map_err(|_| invalid("not a text"))
}

fn failed(shown: &str, error: &io::Error) -> CliFailure {
    let (code, exit, word) = match error.kind() {
        io::ErrorKind::NotFound => ("no_input", ExitCode::NoInput, "enoent"),
        io::ErrorKind::PermissionDenied => ("permission_denied", ExitCode::NoPermission, "eacces"),
        io::ErrorKind::InvalidData => ("bad_license", ExitCode::BadData, "einval"),
        _ => ("io_error", ExitCode::Io, "eio"),
    };
    let shown_term = erlang_term::string(shown);
    CliFailure::new(code, exit, format!("the licence cannot be read from {shown}"))
        .why(error.to_string())
        .classic(format!(
            "Error: #{{license_file => <<{shown_term}>>,read_error => {word}}}\n"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_a_word_and_a_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.key");
        std::fs::write(&file, "text\n").unwrap();
        let path = file.to_str().unwrap();
        for (source, text) in [
            ("default", Some("default")),
            ("xyz", Some("xyz")),
            ("MjIw/MTEx.MEUC/I==", Some("MjIw/MTEx.MEUC/I==")),
            (path, Some("text\n")),
            (&format!("file://{path}"), Some("text\n")),
            ("/nowhere/emqx.lic", None),
            ("nowhere.lic", None),
        ] {
            assert_eq!(read(source).ok().as_deref(), text, "{source}");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let long = folder.path().join("long");
        std::fs::write(&long, vec![b'A'; KEY_BYTES_MAX + 1]).unwrap();
        for path in [pipe.as_path(), &long, folder.path(), Path::new("/dev/zero")] {
            assert_eq!(
                read_file(path).unwrap_err().exit,
                ExitCode::BadData,
                "{}",
                path.display()
            );
        }
        assert_eq!(
            read_file(&folder.path().join("none")).unwrap_err().exit,
            ExitCode::NoInput
        );
    }
}
