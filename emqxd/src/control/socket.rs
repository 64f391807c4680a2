//! Creating the control socket, so that nobody but those meant to can ever reach it, and so that
//! two daemons never share one.
//!
//! In this order: an exclusive lock on `<socket>.lock`, which decides who may touch the path at all;
//! a stale socket of ours is removed, anything else at the path is refused; the mode is set on the
//! descriptor *before* `bind`, so that there is no moment with a wider one. The process umask is
//! never changed: it belongs to all threads. [`super::server`] takes the socket from here.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use emqx_shared::socket_path::PACKAGED_DIR;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{AccessFlags, access, geteuid};
use thiserror::Error;

use crate::handover::ControlParts;

/// Owner and group may talk to the daemon; roles within that are decided by `peer.rs`.
const SOCKET_MODE: u32 = 0o660;

/// Only for the daemon; a lock file that others may open could be locked by them.
const LOCK_MODE: u32 = 0o600;

/// A folder we have to make ourselves is for us alone. The packaged one is made by systemd.
const FOLDER_MODE: u32 = 0o700;

/// Connections the kernel may hold for us between two accepts.
const BACKLOG: i32 = 64;

/// A lock file holds a process id; no more of it is read.
const PID_BYTES_MAX: u64 = 16;

/// Why there is no control socket.
#[derive(Debug, Error)]
pub(crate) enum CreateSocketError {
    /// Another daemon holds the lock.
    #[error("another emqxd{} already serves the control socket {}", pid_text(*.pid), path.display())]
    AlreadyRunning { path: PathBuf, pid: Option<u32> },
    /// Something answers at the path without holding our lock.
    #[error("another program already listens on {}", .0.display())]
    ForeignSocket(PathBuf),
    /// A file, folder, link or somebody else's socket stands there; it is not ours to remove.
    #[error("{} is in the way: {what}; move it, or set `control.socket` to another path", path.display())]
    InTheWay { path: PathBuf, what: &'static str },
    /// Everybody could put a socket of their own at the path.
    #[error("the control socket may not stand in {}, which every user can write to", .0.display())]
    WorldWritable(PathBuf),
    /// The system refused a step.
    #[error("cannot {step} {}", path.display())]
    System {
        step: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

fn pid_text(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (pid {pid})"))
}

/// The listening control socket; dropping it removes the file and then gives up the lock.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the socket file, to remove no other one.
    identity: (u64, u64),
    /// Held for as long as the daemon lives. The file itself stays: removing it would let a second
    /// daemon lock a new one while a third still waits for the old.
    lock: File,
}

impl ControlSocket {
    /// Creates the socket at `path` and gives it to `group`, if that exists and we are allowed to.
    ///
    /// # Errors
    /// [`CreateSocketError`]; nothing has been changed then, except that a stale socket of ours may
    /// be gone.
    pub(crate) fn create(path: &Path, group: Option<u32>) -> Result<Self, CreateSocketError> {
        check_folder(path)?;
        let lock = lock(path)?;
        remove_stale(path)?;
        let listener = bind_private(path, group)?;
        let metadata = fs::symlink_metadata(path).map_err(failed("find", path))?;
        Ok(Self {
            listener,
            path: path.to_owned(),
            identity: (metadata.dev(), metadata.ino()),
            lock,
        })
    }

    /// Goes on with the socket of another process, which leaves it in place.
    pub(crate) fn take_over(path: &Path, parts: ControlParts) -> Self {
        // If it is gone meanwhile nothing is there to be removed.
        let identity = fs::symlink_metadata(path).map_or((0, 0), |metadata| (metadata.dev(), metadata.ino()));
        let mut lock = parts.lock;
        // Only to name the holder: see `lock`.
        let _not_vital = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        Self {
            listener: parts.listener,
            path: path.to_owned(),
            identity,
            lock,
        }
    }

    /// What another process needs to go on with the socket.
    pub(crate) fn parts(&self) -> io::Result<ControlParts> {
        Ok(ControlParts {
            listener: self.listener.try_clone()?,
            lock: self.lock.try_clone()?,
        })
    }

    /// Another process goes on with it: it is not removed at the end.
    pub(crate) fn leave_in_place(&mut self) {
        self.identity = (0, 0);
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle to the listening socket, which is in non-blocking mode.
    pub(crate) fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let ours =
            fs::symlink_metadata(&self.path).is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.identity);
        if ours {
            // A socket file left behind is recognised as stale by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether the packaged folder is there and this process may create a socket in it.
pub(crate) fn packaged_folder_is_writable() -> bool {
    access(PACKAGED_DIR, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
}

fn failed(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CreateSocketError {
    let path = path.to_owned();
    move |source| CreateSocketError::System { step, path, source }
}

/// Makes the socket's folder if only that last part is missing, and looks at who may write to it.
fn check_folder(path: &Path) -> Result<(), CreateSocketError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match fs::DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(failed("create the folder", folder)(error));
        }
        _ => {}
    }
    let metadata = fs::metadata(folder).map_err(failed("look at", folder))?;
    if metadata.mode() & 0o002 != 0 {
        return Err(CreateSocketError::WorldWritable(folder.to_owned()));
    }
    Ok(())
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn lock(socket: &Path) -> Result<File, CreateSocketError> {
    let path = lock_path(socket);
    // O_NONBLOCK: a FIFO planted here must not hold the start up.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(LOCK_MODE)
        .custom_flags(flags.bits())
        .open(&path)
        .map_err(failed("open the lock file", &path))?;
    let metadata = file.metadata().map_err(failed("look at", &path))?;
    if !metadata.is_file() {
        let what = "it is no regular file";
        return Err(CreateSocketError::InTheWay { path, what });
    }
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file.take(PID_BYTES_MAX).read_to_string(&mut text);
            return Err(CreateSocketError::AlreadyRunning {
                path: socket.to_owned(),
                pid: pid.ok().and_then(|_| text.trim().parse().ok()),
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
    }
    // Only to name the holder in the other daemon's error: the lock is what counts.
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(failed("write the lock file", &path))?;
    Ok(file)
}

/// Removes a socket that an earlier daemon of ours left behind. The caller holds the lock.
fn remove_stale(path: &Path) -> Result<(), CreateSocketError> {
    let in_the_way = |what| CreateSocketError::InTheWay {
        path: path.to_owned(),
        what,
    };
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed("look at", path))?,
    };
    if !metadata.file_type().is_socket() {
        return Err(in_the_way("it is no socket"));
    }
    let us = geteuid();
    if !us.is_root() && metadata.uid() != us.as_raw() {
        return Err(in_the_way("the socket belongs to another user"));
    }
    if somebody_listens(path).map_err(failed("probe", path))? {
        return Err(CreateSocketError::ForeignSocket(path.to_owned()));
    }
    fs::remove_file(path).map_err(failed("remove the stale socket", path))
}

fn somebody_listens(path: &Path) -> io::Result<bool> {
    let probe = unix_socket()?;
    match connect(probe.as_raw_fd(), &UnixAddr::new(path)?) {
        // EAGAIN: the backlog of whoever listens is full.
        Ok(()) | Err(Errno::EAGAIN) => Ok(true),
        Err(Errno::ECONNREFUSED) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn unix_socket() -> nix::Result<std::os::fd::OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    socket(AddressFamily::Unix, SockType::Stream, flags, None)
}

/// The mode first, then the name, then ears.
fn bind_private(path: &Path, group: Option<u32>) -> Result<UnixListener, CreateSocketError> {
    let system = |step| move |error: Errno| failed(step, path)(error.into());
    let descriptor = unix_socket().map_err(system("create the socket"))?;
    // Linux gives the new file this mode, minus the umask.
    let mode = Mode::from_bits_truncate(SOCKET_MODE);
    fchmod(&descriptor, mode).map_err(system("set the mode of"))?;
    let address = UnixAddr::new(path).map_err(system("name the socket"))?;
    bind(descriptor.as_raw_fd(), &address).map_err(system("bind"))?;
    if let Some(group) = group {
        // Without the right to do so the group stays ours: narrower, so not an error.
        let _ = lchown(path, None, Some(group));
    }
    let metadata = fs::symlink_metadata(path).map_err(failed("look at", path))?;
    if metadata.mode() & 0o777 != SOCKET_MODE {
        // A umask such as 027 took bits away. Adding them back, once the group is right, opens
        // no window; nobody can connect before `listen` anyway.
        let permissions = fs::Permissions::from_mode(SOCKET_MODE);
        fs::set_permissions(path, permissions).map_err(failed("set the mode of", path))?;
    }
    let backlog = Backlog::new(BACKLOG).map_err(system("listen on"))?;
    listen(&descriptor, backlog).map_err(system("listen on"))?;
    Ok(UnixListener::from(descriptor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixStream;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("emqxd.sock");
        (folder, path)
    }

    #[test]
    fn the_socket_is_for_owner_and_group_and_goes_with_its_daemon() {
        let (_folder, path) = folder();
        let socket = ControlSocket::create(&path, None).unwrap();
        let metadata = fs::symlink_metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o660);
        assert!(UnixStream::connect(&path).is_ok());
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn a_second_daemon_is_refused_and_told_who_the_first_is() {
        let (_folder, path) = folder();
        let _first = ControlSocket::create(&path, None).unwrap();
        let error = ControlSocket::create(&path, None).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("(pid {})", std::process::id())), "{text}");
        assert!(UnixStream::connect(&path).is_ok(), "the first still serves");
    }

    #[test]
    fn a_stale_socket_and_a_stale_lock_are_taken_over() {
        let (_folder, path) = folder();
        drop(UnixListener::bind(&path).unwrap());
        fs::write(lock_path(&path), "4194305\n").unwrap();
        assert!(path.exists());
        let _socket = ControlSocket::create(&path, None).unwrap();
        assert!(UnixStream::connect(&path).is_ok());
    }

    #[test]
    fn what_is_no_stale_socket_of_ours_is_left_alone() {
        let (folder, path) = folder();
        let other = folder.path().join("precious");
        fs::write(&other, "x").unwrap();
        type Plant = fn(&Path, &Path);
        let plants: [Plant; 4] = [
            |path, _| fs::write(path, "x").unwrap(),
            |path, _| fs::create_dir(path).unwrap(),
            |path, other| symlink(other, path).unwrap(),
            |path, _| symlink("/nonexistent", path).unwrap(),
        ];
        for plant in plants {
            plant(&path, &other);
            let error = ControlSocket::create(&path, None).unwrap_err();
            assert!(matches!(error, CreateSocketError::InTheWay { .. }), "{error}");
            assert!(path.symlink_metadata().is_ok(), "it is still there");
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
        assert_eq!(fs::read_to_string(&other).unwrap(), "x");
    }

    #[test]
    fn a_link_or_fifo_at_the_lock_file_is_refused() {
        let (folder, path) = folder();
        let target = folder.path().join("target");
        fs::write(&target, "keep").unwrap();
        symlink(&target, lock_path(&path)).unwrap();
        assert!(ControlSocket::create(&path, None).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "keep");
        fs::remove_file(lock_path(&path)).unwrap();
        nix::unistd::mkfifo(&lock_path(&path), Mode::S_IRWXU).unwrap();
        assert!(ControlSocket::create(&path, None).is_err());
    }

    #[test]
    fn a_live_socket_of_another_program_is_refused() {
        let (_folder, path) = folder();
        let _other = UnixListener::bind(&path).unwrap();
        assert!(matches!(
            ControlSocket::create(&path, None),
            Err(CreateSocketError::ForeignSocket(_))
        ));
        assert!(UnixStream::connect(&path).is_ok());
    }

    #[test]
    fn a_socket_that_replaced_ours_is_not_removed() {
        let (_folder, path) = folder();
        let socket = ControlSocket::create(&path, None).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "somebody else's").unwrap();
        drop(socket);
        assert!(path.exists());
    }

    #[test]
    fn a_folder_open_to_everybody_is_refused_and_a_missing_one_is_made_private() {
        let (folder, _) = folder();
        let open = folder.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(
            ControlSocket::create(&open.join("s"), None),
            Err(CreateSocketError::WorldWritable(_))
        ));
        let made = folder.path().join("made");
        let _socket = ControlSocket::create(&made.join("s"), None).unwrap();
        assert_eq!(fs::metadata(&made).unwrap().mode() & 0o777, 0o700);
    }
}
