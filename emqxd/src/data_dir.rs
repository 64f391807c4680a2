//! The data folder: made if absent, locked against a second daemon, marked with the node it belongs to.
//!
//! `node.id` names the node whose data it holds. A folder of another node is reported and never used silently:
//! after a change of `node.name` an operator would otherwise look for sessions that are not there.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use emqx_shared::ExitCode;

const OWNER_FILE: &str = "node.id";
const LOCK_FILE: &str = "emqxd.lock";
/// A node name is shorter; a larger file is not ours.
const OWNER_BYTES_MAX: u64 = 1024;

/// The folder, ours as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    /// The lock goes with the last descriptor of this open file, so another process can be given it.
    lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written.
    #[error("data folder {}: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another daemon uses it.
    #[error("data folder {} is in use by another emqxd", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It holds the data of a node of another name.
    #[error("data folder {} belongs to node {owner}, this node is {name}", path.display())]
    OtherNode {
        /// The folder.
        path: PathBuf,
        /// Whose data it holds.
        owner: String,
        /// Our name.
        name: String,
    },
}

impl DataDirError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => ExitCode::NoPermission,
            Self::Io { .. } => ExitCode::CannotCreate,
            Self::InUse { .. } => ExitCode::TryAgain,
            Self::OtherNode { .. } => ExitCode::Config,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Io { path, .. } => {
                format!(
                    "make {} writable for this user, or set another `node.data_dir`",
                    path.display()
                )
            }
            Self::InUse { .. } => "stop the other one (`emqx-ctl status`), or set another `node.data_dir`".to_owned(),
            Self::OtherNode { path, owner, .. } => format!(
                "set `node.name` back to {owner}, or another `node.data_dir`; to give the folder to this node remove {}",
                path.join(OWNER_FILE).display()
            ),
        }
    }
}

impl DataDir {
    /// Opens the folder for a node, making it if it is absent.
    pub fn open(path: &Path, node: &str) -> Result<Self, DataDirError> {
        let failed = |at: &Path| {
            let at = at.to_owned();
            move |source| DataDirError::Io { path: at, source }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(path)
            .map_err(failed(path))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640)
            .open(&lock_path)
            .map_err(failed(&lock_path))?;
        Self::open_locked(path, node, lock)
    }

    /// Opens the folder with a lock that another process has had and still has.
    pub fn take_over(path: &Path, node: &str, lock: File) -> Result<Self, DataDirError> {
        let lock_path = path.join(LOCK_FILE);
        let failed = |source| DataDirError::Io {
            path: lock_path.clone(),
            source,
        };
        let (ours, there) = (
            lock.metadata().map_err(failed)?,
            fs::metadata(&lock_path).map_err(failed)?,
        );
        if (ours.dev(), ours.ino()) != (there.dev(), there.ino()) {
            return Err(DataDirError::InUse { path: path.to_owned() });
        }
        Self::open_locked(path, node, lock)
    }

    /// The lock, for a process that goes on with the folder.
    pub fn lock(&self) -> io::Result<File> {
        self.lock.try_clone()
    }

    fn open_locked(path: &Path, node: &str, lock: File) -> Result<Self, DataDirError> {
        let failed = |at: &Path| {
            let at = at.to_owned();
            move |source| DataDirError::Io { path: at, source }
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed(&path.join(LOCK_FILE))(source)),
        }
        let owner_path = path.join(OWNER_FILE);
        match read_owner(&owner_path).map_err(failed(&owner_path))? {
            Some(owner) if owner != node => Err(DataDirError::OtherNode {
                path: path.to_owned(),
                owner,
                name: node.to_owned(),
            }),
            Some(_) => Ok(Self { lock }),
            None => {
                write_owner(path, &owner_path, node).map_err(failed(&owner_path))?;
                Ok(Self { lock })
            }
        }
    }
}

fn read_owner(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(metadata) if metadata.len() > OWNER_BYTES_MAX => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "too large for a node name"))
        }
        Ok(_) => fs::read_to_string(path).map(|owner| Some(owner.trim().to_owned())),
    }
}

/// Written beside, then renamed: a crash leaves either no name or the whole one.
fn write_owner(dir: &Path, path: &Path, node: &str) -> io::Result<()> {
    let temporary = path.with_extension("id.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o640)
        .open(&temporary)?;
    writeln!(file, "{node}")?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_another_node_is_reported_and_left_alone() {
        let folder = tempfile::tempdir().expect("temp dir");
        let path = folder.path().join("data");
        drop(DataDir::open(&path, "emqx@127.0.0.1").expect("new folder"));
        drop(DataDir::open(&path, "emqx@127.0.0.1").expect("own folder"));
        let error = DataDir::open(&path, "emqx2@127.0.0.1").expect_err("another node's");
        assert!(error.to_string().contains("belongs to node emqx@127.0.0.1"), "{error}");
    }

    #[test]
    fn two_daemons_do_not_share_a_folder() {
        let folder = tempfile::tempdir().expect("temp dir");
        let _first = DataDir::open(folder.path(), "n").expect("first");
        assert!(matches!(
            DataDir::open(folder.path(), "n"),
            Err(DataDirError::InUse { .. })
        ));
    }
}
