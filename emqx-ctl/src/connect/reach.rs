//! Finding the socket and connecting to it, and saying why that failed.
//!
//! Of several places the first where somebody answers counts. If nobody does, a socket that may not
//! be used is worth more words than one on which nobody listens, and that more than no socket.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use emqx_shared::ExitCode;
use emqx_shared::socket_path::Places;
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr};
use nix::unistd::{Gid, Group, Uid, User};

use crate::failure::CliFailure;

/// How long to wait before asking a full queue of the daemon again.
const QUEUE_FULL_PAUSE: Duration = Duration::from_millis(5);

/// Connects to the first socket of `places` on which somebody listens.
pub(super) fn connect(places: Places<'_>, deadline: Instant) -> Result<(UnixStream, PathBuf), CliFailure> {
    let paths = places
        .to_try()
        .map_err(|error| CliFailure::usage(error.to_string()).next("name a shorter one with --socket PATH"))?;
    let mut tried = Vec::new();
    for path in paths {
        match connect_to(&path, deadline) {
            Ok(stream) => return Ok((stream, path)),
            Err(errno) => tried.push((path, errno)),
        }
    }
    Err(explain(&tried))
}

/// Connects without waiting for ever: a blocking connect would, while the daemon's queue is full.
fn connect_to(path: &Path, deadline: Instant) -> Result<UnixStream, Errno> {
    let address = UnixAddr::new(path)?;
    let socket = nix::sys::socket::socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    loop {
        match nix::sys::socket::connect(socket.as_raw_fd(), &address) {
            Ok(()) => break,
            Err(Errno::EAGAIN) if Instant::now() < deadline => {
                std::thread::sleep(QUEUE_FULL_PAUSE);
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    let stream = UnixStream::from(socket);
    stream
        .set_nonblocking(false)
        .map_err(|error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))?;
    Ok(stream)
}

fn explain(tried: &[(PathBuf, Errno)]) -> CliFailure {
    let with = |wanted| tried.iter().find(|(_, errno)| *errno == wanted);
    if let Some((path, _)) = with(Errno::EACCES).or(with(Errno::EPERM)) {
        return permission_denied(path);
    }
    if with(Errno::EAGAIN).is_some() {
        return CliFailure::new(
            "busy",
            ExitCode::TryAgain,
            "emqxd is there and does not answer: its queue of callers is full",
        )
        .next("try again");
    }
    not_running(tried)
}

fn not_running(tried: &[(PathBuf, Errno)]) -> CliFailure {
    let named: Vec<_> = tried
        .iter()
        .map(|(path, errno)| format!("{}: {}", path.display(), reason(path, *errno)))
        .collect();
    let first = named.first().map_or("no path to try", String::as_str);
    let mut failure = CliFailure::new(
        "not_running",
        ExitCode::Unavailable,
        format!("emqxd is not running ({first})"),
    );
    if let Some(others) = named.get(1..).filter(|others| !others.is_empty()) {
        failure = failure.why(format!("also tried {}", others.join(", ")));
    }
    if Path::new("/run/systemd/system").exists() {
        failure = failure
            .next("systemctl start emqxd")
            .next("journalctl -xeu emqxd    (why it stopped)");
    } else {
        failure = failure.next("start it with: emqxd");
    }
    failure
        .next("emqx-ctl doctor    (what stands in the way)")
        .next("emqx-ctl --socket PATH …  if its socket is somewhere else")
}

fn reason(path: &Path, errno: Errno) -> String {
    match errno {
        Errno::ENOENT | Errno::ENOTDIR => "no such file".to_owned(),
        Errno::ECONNREFUSED => match fs::metadata(path) {
            Ok(metadata) if !metadata.file_type().is_socket() => "not a socket".to_owned(),
            _ => "connection refused".to_owned(),
        },
        errno => errno.desc().to_lowercase(),
    }
}

fn permission_denied(path: &Path) -> CliFailure {
    let group = fs::metadata(path).ok().map(|metadata| metadata.gid());
    let message = format!("permission denied: {}, you are {}", barrier(path), caller());
    let failure = CliFailure::new("permission_denied", ExitCode::NoPermission, message);
    match group.filter(|gid| *gid != 0) {
        Some(gid) => failure.next(format!(
            "sudo !!   or   sudo usermod -aG {} {}   (then log in again)",
            group_name(gid),
            user_name(Uid::effective().as_raw())
        )),
        None => failure.next("sudo !!"),
    }
}

/// What stands in the way: the socket, or the nearest folder above it that can be looked at.
fn barrier(path: &Path) -> String {
    let seen = path.ancestors().find_map(|part| Some((part, fs::metadata(part).ok()?)));
    match seen {
        Some((part, metadata)) => format!(
            "{} is {:04o} {}:{}",
            part.display(),
            metadata.mode() & 0o7777,
            user_name(metadata.uid()),
            group_name(metadata.gid())
        ),
        None => path.display().to_string(),
    }
}

/// `li (li, sudo)`: the caller and its groups.
fn caller() -> String {
    let mut groups = vec![Gid::effective()];
    for gid in nix::unistd::getgroups().unwrap_or_default() {
        if !groups.contains(&gid) {
            groups.push(gid);
        }
    }
    let names: Vec<_> = groups.iter().map(|gid| group_name(gid.as_raw())).collect();
    let user = user_name(Uid::effective().as_raw());
    format!("{user} ({})", names.join(", "))
}

fn user_name(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => format!("uid {uid}"),
    }
}

fn group_name(gid: u32) -> String {
    match Group::from_gid(Gid::from_raw(gid)) {
        Ok(Some(group)) => group.name,
        _ => format!("gid {gid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_socket_is_worth_more_words_than_an_absent_one() {
        let tried = [
            (PathBuf::from("/run/emqx/emqxd.sock"), Errno::ENOENT),
            (PathBuf::from("/nowhere/emqxd.sock"), Errno::EACCES),
        ];
        let failure = explain(&tried);
        assert_eq!(failure.exit, ExitCode::NoPermission);
        assert!(failure.message.contains("you are "), "{}", failure.message);
    }

    #[test]
    fn every_place_that_was_tried_is_named() {
        let tried = [
            (PathBuf::from("/run/emqx/emqxd.sock"), Errno::ENOENT),
            (PathBuf::from("data/emqxd.sock"), Errno::ECONNREFUSED),
        ];
        let failure = explain(&tried);
        assert_eq!(
            failure.message,
            "emqxd is not running (/run/emqx/emqxd.sock: no such file)"
        );
        assert_eq!(
            failure.why.as_deref(),
            Some("also tried data/emqxd.sock: connection refused")
        );
    }

    #[test]
    fn a_full_queue_is_a_reason_to_try_again() {
        let tried = [(PathBuf::from("/run/emqx/emqxd.sock"), Errno::EAGAIN)];
        assert_eq!(explain(&tried).exit, ExitCode::TryAgain);
    }

    #[test]
    fn a_file_that_is_no_socket_is_called_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let deadline = Instant::now() + Duration::from_secs(1);
        let errno = connect_to(file.path(), deadline).unwrap_err();
        assert_eq!(reason(file.path(), errno), "not a socket");
    }
}
