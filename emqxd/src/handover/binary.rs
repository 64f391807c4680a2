//! Which binary goes on, and whether it can: asked before anything is touched.
//!
//! Without another word it is the file that this process was started from, as it is on disk now: what a package has put
//! there. A binary that an operator names comes as an open descriptor, never as a path, and is run only if root or the
//! daemon's own user asks and nobody else can have written it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::geteuid;

use super::give::UpgradeError;

/// What a binary may take to check the configuration.
const CHECK_TIME_MAX: Duration = Duration::from_secs(10);
/// Between two looks whether it is done.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);
/// Of what it prints, so much is read.
const PRINTED_BYTES_MAX: u64 = 16 * 1024;
/// The line by which a binary says which formats it can go on with; see `main.rs`.
pub const FORMATS_LINE: &str = "hand-over formats:";
/// What systemd tells one process and nobody else; `NOTIFY_SOCKET` is told to the next one too.
const PRIVATE_VARIABLES: [&str; 4] = ["LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "WATCHDOG_PID"];

/// A binary to go on with.
#[derive(Debug)]
pub(super) struct Binary {
    path: PathBuf,
    /// Keeps the descriptor that `path` leads through.
    _file: Option<File>,
}

impl Binary {
    /// The one given, or our own as it is on disk now.
    pub fn choose(given: Option<OwnedFd>, uid: u32) -> Result<Self, UpgradeError> {
        let Some(given) = given else {
            return Ok(Self {
                path: own_path()?,
                _file: None,
            });
        };
        let file = File::from(given);
        let refused = |why: &str| Err(UpgradeError::Binary(why.to_owned()));
        let own = geteuid().as_raw();
        if uid != 0 && uid != own {
            return refused("only root and the daemon's own user may name one; others upgrade to the installed binary");
        }
        let metadata = file
            .metadata()
            .map_err(|error| UpgradeError::Binary(error.to_string()))?;
        if !metadata.is_file() || metadata.mode() & 0o111 == 0 {
            return refused("it is no executable file");
        }
        if metadata.uid() != 0 && metadata.uid() != own {
            return refused("it belongs neither to root nor to the daemon's user");
        }
        if metadata.mode() & 0o022 != 0 {
            return refused("others than its owner can write to it");
        }
        Ok(Self {
            path: format!("/proc/self/fd/{}", file.as_raw_fd()).into(),
            _file: Some(file),
        })
    }

    /// A start of it with the arguments that this process has, and one more.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        // Or it would be shown by the number of a descriptor.
        if let Some(name) = std::env::args_os().next() {
            command.arg0(name);
        }
        let own = std::env::args_os().skip(1).filter(|argument| argument != "--take-over");
        command.args(own).arg("--take-over");
        for variable in PRIVATE_VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Whether it can read the configuration and what we send.
    pub fn check(&self, deadline: Instant) -> Result<(), UpgradeError> {
        let mut command = self.command();
        command.arg("--check-config").env_remove("NOTIFY_SOCKET");
        let (has_ended_well, printed) = run(command, deadline.min(Instant::now() + CHECK_TIME_MAX))?;
        let formats = printed.lines().find_map(|line| line.strip_prefix(FORMATS_LINE));
        let reads_ours = |formats: &str| {
            formats
                .split(',')
                .any(|format| format.trim() == super::FORMAT.to_string())
        };
        match formats {
            Some(formats) if has_ended_well && reads_ours(formats) => Ok(()),
            Some(formats) if has_ended_well => Err(UpgradeError::Format(formats.trim().to_owned())),
            Some(_) => Err(UpgradeError::Check(printed)),
            None if has_ended_well => Err(UpgradeError::Binary("it does not say that it can take over".to_owned())),
            None => Err(UpgradeError::Check(printed)),
        }
    }
}

/// Runs it to its end; whether that was a good one, and what it printed.
fn run(mut command: Command, deadline: Instant) -> Result<(bool, String), UpgradeError> {
    let failed = |error: std::io::Error| UpgradeError::Binary(format!("it cannot be run: {error}"));
    // Memory, not a pipe: whatever it prints, it does not wait for us.
    let printed = memfd_create(c"printed", MFdFlags::MFD_CLOEXEC).map_err(|error| failed(error.into()))?;
    let mut printed = File::from(printed);
    command
        .stdin(Stdio::null())
        .stdout(printed.try_clone().map_err(failed)?)
        .stderr(printed.try_clone().map_err(failed)?);
    let mut child = command.spawn().map_err(failed)?;
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if Instant::now() >= deadline => {
                let _it_may_have_ended = child.kill();
                let _no_zombie = child.wait();
                return Err(UpgradeError::Binary(
                    "it did not check the configuration in time".to_owned(),
                ));
            }
            None => std::thread::sleep(LOOK_INTERVAL),
        }
    };
    let mut bytes = Vec::new();
    printed
        .seek(SeekFrom::Start(0))
        .and_then(|_| printed.take(PRINTED_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok((status.success(), String::from_utf8_lossy(&bytes).into_owned()))
}

/// Where this process was started from, which may be another file by now.
fn own_path() -> Result<PathBuf, UpgradeError> {
    let path = fs::read_link("/proc/self/exe").map_err(|error| UpgradeError::Binary(error.to_string()))?;
    let text = path.to_string_lossy();
    Ok(text
        .strip_suffix(" (deleted)")
        .map_or_else(|| path.clone(), PathBuf::from))
}
