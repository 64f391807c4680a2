//! A file that came as an open descriptor: what it must be before the daemon writes to it.
//!
//! The caller has opened it with its own rights, so it cannot make the daemon write anywhere else. What is asked of
//! the descriptor keeps the daemon from being held up (pipes, terminals, devices), from overwriting (only appending),
//! and from writing into something with another name or another owner.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use emqx_shared::{ErrorCode, Failure};
use nix::fcntl::{FcntlArg, OFlag, fcntl};

/// Takes the descriptor as a trace file of `uid`.
///
/// # Errors
/// `BadDescriptor` with the rule that is broken. Asks the file system: not for a thread that must not wait.
pub(super) fn check(descriptor: OwnedFd, uid: u32, max_bytes: u64) -> Result<File, Failure> {
    let flags = fcntl(&descriptor, FcntlArg::F_GETFL).map_err(|error| io_failure(&error.into()))?;
    let flags = OFlag::from_bits_retain(flags);
    if flags.contains(OFlag::O_PATH) {
        return Err(refused("it is only a name (O_PATH)"));
    }
    let file = File::from(descriptor);
    let metadata = file.metadata().map_err(|error| io_failure(&error))?;
    let kind = metadata.file_type();
    if !kind.is_file() {
        let what = match kind {
            kind if kind.is_dir() => "a folder",
            kind if kind.is_fifo() => "a pipe",
            kind if kind.is_socket() => "a socket",
            kind if kind.is_char_device() => "a terminal or a device",
            _ => "a device",
        };
        return Err(refused(&format!("it is {what}, not a regular file")));
    }
    if flags & OFlag::O_ACCMODE != OFlag::O_WRONLY || !flags.contains(OFlag::O_APPEND) {
        return Err(refused("it is not opened for appending alone (O_WRONLY and O_APPEND)"));
    }
    if metadata.nlink() != 1 {
        let links = metadata.nlink();
        return Err(refused(&format!("it has {links} names; exactly one is wanted")));
    }
    if uid != 0 && metadata.uid() != uid {
        let owner = metadata.uid();
        return Err(refused(&format!("it belongs to uid {owner}, you are uid {uid}")));
    }
    if metadata.len() >= max_bytes {
        let len = metadata.len();
        return Err(refused(&format!(
            "it has {len} bytes already; the trace would stop at {max_bytes}"
        )));
    }
    Ok(file)
}

fn refused(why: &str) -> Failure {
    Failure::new(ErrorCode::BadDescriptor, "the trace file cannot be used")
        .why(why)
        .next("name a new file in a folder of your own")
}

fn io_failure(error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::BadDescriptor, "the trace file cannot be used").why(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::os::unix::net::UnixStream;
    use std::path::Path;

    use nix::fcntl::SealFlag;
    use nix::sys::memfd::{MFdFlags, memfd_create};
    use nix::sys::stat::Mode;
    use nix::unistd::{geteuid, mkfifo};

    use super::*;

    fn append(path: &Path) -> OwnedFd {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(path).unwrap().into()
    }

    fn why(descriptor: OwnedFd, uid: u32) -> String {
        check(descriptor, uid, 1000).unwrap_err().why.unwrap()
    }

    #[test]
    fn only_a_file_of_the_caller_s_own_that_is_opened_for_appending_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.log");
        let uid = geteuid().as_raw();
        assert!(check(append(&path), uid, 1000).is_ok());
        assert!(check(append(&path), 0, 1000).is_ok(), "root may name any file");
        assert!(why(append(&path), uid + 1).contains("belongs to uid"));

        let read: OwnedFd = File::open(&path).unwrap().into();
        assert!(why(read, uid).contains("O_APPEND"));
        let no_append: OwnedFd = OpenOptions::new().write(true).open(&path).unwrap().into();
        assert!(why(no_append, uid).contains("O_APPEND"));
        let both: OwnedFd = OpenOptions::new().read(true).append(true).open(&path).unwrap().into();
        assert!(why(both, uid).contains("O_WRONLY"));
        let name_only = nix::fcntl::open(&path, OFlag::O_PATH, Mode::empty()).unwrap();
        assert!(why(name_only, uid).contains("O_PATH"));

        fs::write(&path, [b'x'; 1000]).unwrap();
        assert!(why(append(&path), uid).contains("1000 bytes already"));
        fs::write(&path, "").unwrap();
        fs::hard_link(&path, folder.path().join("other")).unwrap();
        assert!(why(append(&path), uid).contains("2 names"));
    }

    #[test]
    fn what_is_no_regular_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let uid = geteuid().as_raw();
        let fifo = folder.path().join("fifo");
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        let fifo: OwnedFd = OpenOptions::new().read(true).write(true).open(&fifo).unwrap().into();
        assert!(why(fifo, uid).contains("a pipe"));
        let directory: OwnedFd = File::open(folder.path()).unwrap().into();
        assert!(why(directory, uid).contains("a folder"));
        let (socket, _other) = UnixStream::pair().unwrap();
        assert!(why(socket.into(), uid).contains("a socket"));
        let device: OwnedFd = OpenOptions::new().append(true).open("/dev/null").unwrap().into();
        assert!(why(device, uid).contains("a device"));
        if let Ok(terminal) = OpenOptions::new().append(true).open("/dev/ptmx") {
            assert!(why(terminal.into(), uid).contains("a terminal"));
        }
    }

    #[test]
    fn memory_without_a_name_is_refused() {
        let uid = geteuid().as_raw();
        let memory = memfd_create(c"trace", MFdFlags::MFD_ALLOW_SEALING).unwrap();
        let place = format!("/proc/self/fd/{}", memory.as_raw_fd());
        let append = || OwnedFd::from(OpenOptions::new().append(true).open(&place).unwrap());
        let opened_before_the_seal = append();
        assert!(why(append(), uid).contains("0 names"));
        fcntl(
            &memory,
            FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE),
        )
        .unwrap();
        assert!(why(opened_before_the_seal, uid).contains("0 names"));
        fcntl(&memory, FcntlArg::F_SETFL(OFlag::O_APPEND)).unwrap();
        assert!(why(memory, uid).contains("O_WRONLY"));
    }
}
