//! Running another program for what it says: no input, a bounded output, a deadline.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of each output that are read; a program that says more is ended.
const OUTPUT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How often it is looked whether the program has ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// How a program ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `None` if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `program`, which is named by its path; `None` if it cannot be started or does not end in time.
pub fn run<A: AsRef<OsStr>>(program: &Path, arguments: &[A], timeout: Duration) -> Option<Said> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let stdout = reader(child.stdout.take()?);
    let stderr = reader(child.stderr.take()?);
    let deadline = Instant::now() + timeout;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK_INTERVAL),
            _ => {
                // Ended meanwhile is as good.
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
        }
    };
    let (stdout, stderr) = (stdout.join().ok()?, stderr.join().ok()?);
    Some(Said {
        code: status?.code(),
        stdout,
        stderr,
    })
}

fn reader(pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error counts.
        let _ = pipe.take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_heard_and_one_that_does_not_end_is_ended() {
        let shell = Path::new("/bin/sh");
        let said = run(
            shell,
            &["-c", "echo out; echo err >&2; exit 3"],
            Duration::from_secs(10),
        )
        .unwrap();
        assert_eq!(
            (said.code, said.stdout.as_str(), said.stderr.as_str()),
            (Some(3), "out\n", "err\n")
        );
        let started = Instant::now();
        assert_eq!(run(shell, &["-c", "exec sleep 60"], Duration::from_millis(50)), None);
        assert!(started.elapsed() < Duration::from_secs(30));
        assert_eq!(
            run::<&str>(Path::new("/nonexistent/x"), &[], Duration::from_secs(1)),
            None
        );
    }
}
