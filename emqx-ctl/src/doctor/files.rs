//! Owners and modes of the node's files, and what its data folder says of itself. Looks, and opens almost nothing.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{Gid, Group, Uid, User};

use super::facts::{FileFacts, Missing};

/// Files of `conf.d` that are looked at.
const DROP_INS_MAX: usize = 64;
/// Longest `node.id`, and longest text in a lock file.
const SHORT_FILE_BYTES_MAX: u64 = 1024;

/// `None` if it is not there or may not be looked at.
pub(super) fn look_at(path: &Path) -> Option<FileFacts> {
    let metadata = fs::metadata(path).ok()?;
    let (uid, gid) = (metadata.uid(), metadata.gid());
    Some(FileFacts {
        path: path.display().to_string(),
        mode: metadata.mode() & 0o7777,
        uid,
        gid,
        owner: user_name(uid),
        group: group_name(gid),
        is_dir: metadata.is_dir(),
    })
}

/// The configuration file, the drop-ins beside it, and the folders they stand in.
pub(super) fn config_files(file: &Path, missing: &mut Vec<Missing>) -> Vec<FileFacts> {
    let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
    let drop_in_folder = folder.join("conf.d");
    let mut paths = vec![file.to_owned(), folder, drop_in_folder.clone()];
    if let Ok(entries) = fs::read_dir(&drop_in_folder) {
        let names = entries.flatten().map(|entry| entry.path());
        let is_read = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "conf");
        paths.extend(names.filter(is_read).take(DROP_INS_MAX));
    }
    let found: Vec<_> = paths.iter().filter_map(|path| look_at(path)).collect();
    if !found.iter().any(|facts| !facts.is_dir) {
        missing.push(Missing {
            what: "config_files".to_owned(),
            why: format!("{} cannot be looked at", file.display()),
        });
    }
    found
}

/// The node that a data folder belongs to.
pub(super) fn node_id(data_dir: &Path) -> Option<String> {
    let text = short_text(&data_dir.join("node.id"))?;
    let name = text.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Stores that a start put aside.
pub(super) fn damaged_stores(data_dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(data_dir.join("state")) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.path().display().to_string());
    names
        .filter(|name| name.contains(".damaged."))
        .take(DROP_INS_MAX)
        .collect()
}

/// The emqxd that serves `socket`, as its lock file names it; `None` if no such process runs.
pub(super) fn lock_holder(socket: &Path) -> Option<u32> {
    let mut lock = socket.as_os_str().to_owned();
    lock.push(".lock");
    let pid: u32 = short_text(Path::new(&lock))?.trim().parse().ok()?;
    let name = short_text(Path::new(&format!("/proc/{pid}/comm")))?;
    (name.trim() == "emqxd").then_some(pid)
}

/// The daemon's user chooses what stands there: a link would let it name a file that only root may read, and a pipe
/// would keep us waiting.
fn short_text(path: &Path) -> Option<String> {
    let mut text = String::new();
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
        .ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    file.take(SHORT_FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

fn user_name(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

fn group_name(gid: u32) -> String {
    match Group::from_gid(Gid::from_raw(gid)) {
        Ok(Some(group)) => group.name,
        _ => gid.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_pipes_in_the_data_folder_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("node.id");
        fs::write(&mark, "emqx@127.0.0.1\n").unwrap();
        assert_eq!(node_id(folder.path()).as_deref(), Some("emqx@127.0.0.1"));
        fs::rename(&mark, folder.path().join("secret")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), &mark).unwrap();
        assert_eq!(node_id(folder.path()), None);
        fs::remove_file(&mark).unwrap();
        nix::unistd::mkfifo(&mark, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(node_id(folder.path()), None);
    }
}
