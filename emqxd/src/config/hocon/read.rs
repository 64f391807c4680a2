//! Opens configuration files and keeps what one load shares: the list of sources, what was
//! found wrong, and the bounds on files, bytes and substitutions.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::problems::Problems;
use super::super::v4::{self, V4Keys};
use super::parser::{Parser, SyntaxError};
use super::{Object, Place, Value, merge_objects, resolve};

/// Largest configuration file; a large site's has some 100 KB.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Files of one load: the main file, drop-ins and includes.
const FILES_MAX: usize = 256;
/// All files of one load together.
const TOTAL_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// A file included by a file included by ...: deep enough for any layout, and ends a circle.
const INCLUDE_DEPTH_MAX: u8 = 8;
/// `${ }` and `+=` in one load.
const SUBSTITUTIONS_MAX: usize = 128;

/// Where a text comes from, and what it may ask for.
#[derive(Debug, Clone)]
pub(super) struct ReadScope {
    pub(super) source: u16,
    /// Included names are relative to it; `None` where nothing may be included.
    folder: Option<PathBuf>,
    include_depth: u8,
}

/// Reads the texts of one load.
#[derive(Debug)]
pub(in super::super) struct Reader {
    pub(in super::super) problems: Problems,
    /// EMQX 4 keys that only make sense together, such as `log.dir` and `log.file`.
    pub(in super::super) v4: V4Keys,
    files: usize,
    bytes: u64,
    substitutions: usize,
}

impl Reader {
    pub(in super::super) fn new() -> Self {
        Self {
            problems: Problems::default(),
            v4: V4Keys::default(),
            files: 0,
            bytes: 0,
            substitutions: 0,
        }
    }

    /// Adds the fields of the file at `path` to `root`; what goes wrong is kept in `problems`.
    pub(in super::super) fn read_file(&mut self, path: &Path, root: &mut Object) {
        match self.open(path) {
            Ok(text) => self.read_text(path, &text, 0, Vec::new(), root),
            Err(message) => self.problems.unreadable(path, message),
        }
    }

    /// Adds the fields of a text that came under the name of a file; it can include nothing.
    pub(in super::super) fn read_sent(&mut self, name: &Path, text: &[u8], root: &mut Object) {
        let limit = FILE_BYTES_MAX;
        match str::from_utf8(text) {
            Ok(_) if text.len() as u64 > limit => self.problems.unreadable(name, "larger than 1 MiB".to_owned()),
            Ok(text) => {
                let scope = ReadScope {
                    source: self.problems.add_file(name),
                    folder: None,
                    include_depth: 0,
                };
                self.read_scoped(text, scope, Vec::new(), root);
            }
            Err(_) => self.problems.unreadable(name, "not UTF-8 text".to_owned()),
        }
    }

    fn read_text(&mut self, path: &Path, text: &str, include_depth: u8, prefix: Vec<String>, root: &mut Object) {
        let scope = ReadScope {
            source: self.problems.add_file(path),
            folder: Some(path.parent().unwrap_or(Path::new("")).to_owned()),
            include_depth,
        };
        self.read_scoped(text, scope, prefix, root);
    }

    fn read_scoped(&mut self, text: &str, scope: ReadScope, prefix: Vec<String>, root: &mut Object) {
        let source = scope.source;
        if prefix.is_empty() && v4::is_v4_file(text) {
            v4::read_lines(text, source, self, root);
            return;
        }
        match Parser::new(text, scope, prefix, self).file() {
            Ok(fields) => merge_objects(root, fields),
            Err(SyntaxError { line, message }) => {
                self.problems.syntax(Place { source, line }, message);
            }
        }
    }

    /// The value of an environment variable, read as HOCON; `None` if it is not.
    pub(in super::super) fn read_variable(&mut self, text: &str, source: u16) -> Option<Value> {
        if text.len() as u64 > FILE_BYTES_MAX {
            return None;
        }
        let scope = ReadScope {
            source,
            folder: None,
            include_depth: 0,
        };
        // The keys of the variable stand above the value: they count as levels.
        let prefix = vec![String::new(); super::DEPTH_MAX / 2];
        let mut value = Parser::new(text, scope, prefix, self).lone_value().ok()??;
        // `${clientid}` is meant as it stands: variables refer to nothing.
        let refers = resolve::is_pending(&value);
        clear_lines(&mut value);
        (!refers).then_some(value)
    }

    /// `include "name"`, from a text in `scope`, at `path`. `Err` refuses it where it stands.
    pub(super) fn include(
        &mut self,
        name: &str,
        required: bool,
        scope: &ReadScope,
        path: &[String],
        place: Place,
        object: &mut Object,
    ) -> Result<(), String> {
        let Some(folder) = &scope.folder else {
            return Err("nothing can be included here: this text was sent, and no file is opened for it".to_owned());
        };
        if scope.include_depth >= INCLUDE_DEPTH_MAX {
            return Err(format!(
                "included more than {INCLUDE_DEPTH_MAX} files deep; does a file include itself?"
            ));
        }
        let file = folder.join(name);
        match self.open(&file) {
            Ok(text) => {
                self.read_text(&file, &text, scope.include_depth + 1, path.to_vec(), object);
                Ok(())
            }
            Err(message) if required || file.exists() => Err(format!("cannot read {}: {message}", file.display())),
            Err(_) => {
                let message = format!("{} does not exist: not included", file.display());
                self.problems.warn(Some(place), message);
                Ok(())
            }
        }
    }

    /// The text of a file, within the bounds.
    fn open(&mut self, path: &Path) -> Result<String, String> {
        let kind = fs::metadata(path).map_err(plain)?;
        if !kind.is_file() {
            return Err("not a regular file".to_owned());
        }
        if self.files >= FILES_MAX {
            return Err(format!("more than {FILES_MAX} files"));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(plain)?;
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(plain)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err("larger than 1 MiB".to_owned());
        }
        self.files += 1;
        self.bytes += bytes.len() as u64;
        if self.bytes > TOTAL_BYTES_MAX {
            return Err("all files together are larger than 4 MiB".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| "not UTF-8 text".to_owned())
    }

    /// An EMQX 4 line between HOCON: `true` if it was one and its value is now in `root`.
    pub(super) fn take_v4_line(&mut self, key: &[String], rest: &str, place: Place, root: &mut Object) -> bool {
        v4::take_line(&key.join("."), rest, place, self, root)
    }

    pub(super) fn count_substitution(&mut self) -> Result<(), String> {
        self.substitutions += 1;
        if self.substitutions > SUBSTITUTIONS_MAX {
            return Err(format!("more than {SUBSTITUTIONS_MAX} ${{ }} and += in all"));
        }
        Ok(())
    }
}

/// The words of the system without Rust's `(os error 2)`.
fn plain(error: std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// A variable has no lines to point at.
fn clear_lines(value: &mut Value) {
    value.place.line = 0;
    match &mut value.node {
        super::Node::Array(items) => items.iter_mut().for_each(clear_lines),
        super::Node::Object(fields) => fields.values_mut().for_each(clear_lines),
        _ => {}
    }
}
