//! A terminal with a person at it: a program runs on a pseudo-terminal, its prompts are waited for and answered.
//!
//! What is typed waits until the program has set its terminal for it, so nothing is echoed by chance or lost.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::{wait_for, wait_until};

/// A program on a terminal of its own.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Starts a program whose stdin, stdout and stderr are the terminal.
    ///
    /// # Panics
    /// If the system has no terminal left, or cannot execute the program.
    pub fn run(mut command: Command) -> Self {
        let (master, end) = open_terminal().expect("a terminal is left");
        let another = || end.try_clone().expect("a descriptor is left");
        command
            .stdin(another())
            .stdout(another())
            .stderr(another())
            .env("TERM", "xterm");
        let child = command.spawn().expect("the program can be executed");
        // The program alone holds the terminal now: its end is the end of the screen.
        drop((command, end));
        let mut output = master.try_clone().expect("a descriptor is left");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&screen);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Linux answers EIO once nobody has the other end any more.
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                seen.lock().expect("nobody panics with it").extend(&buffer[..count]);
            }
        });
        Self {
            child,
            keyboard: master,
            screen,
            reader: Some(reader),
        }
    }

    /// All that was on the screen so far.
    ///
    /// # Panics
    /// Never: nobody panics while holding it.
    pub fn screen(&self) -> String {
        let bytes = self.screen.lock().expect("nobody panics with it");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns once `text` was on the screen `times` times.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn expect(&self, text: &str, times: usize) {
        wait_until(&format!("{text:?} on the screen"), || {
            self.screen().matches(text).count() >= times
        });
    }

    /// Types a line once the program does not show what is typed.
    #[track_caller]
    pub fn type_hidden(&mut self, line: &str) {
        self.type_without(LocalFlags::ECHO, &format!("{line}\n"));
    }

    /// Types into a program that reads single keys, once it does.
    #[track_caller]
    pub fn type_keys(&mut self, keys: &str) {
        self.type_without(LocalFlags::ICANON, keys);
    }

    /// Presses a key once the program reads single ones.
    #[track_caller]
    pub fn press(&mut self, key: char) {
        self.type_without(LocalFlags::ICANON, &key.to_string());
    }

    #[track_caller]
    fn type_without(&mut self, flag: LocalFlags, text: &str) {
        wait_until(&format!("the terminal is without {flag:?}"), || {
            let settings = tcgetattr(&self.keyboard).expect("it is a terminal");
            !settings.local_flags.contains(flag)
        });
        self.keyboard
            .write_all(text.as_bytes())
            .expect("the terminal takes keys");
    }

    /// Waits until the program has ended; how, and all that was on the screen.
    ///
    /// # Panics
    /// If it does not end in time.
    #[track_caller]
    pub fn wait_end(mut self) -> (ExitStatus, String) {
        let status = wait_for("the program on the terminal ends", || {
            self.child.try_wait().expect("it is our child")
        });
        if let Some(reader) = self.reader.take() {
            reader.join().expect("it only reads");
        }
        (status, self.screen())
    }
}

/// Both ends. No program that another thread starts meanwhile inherits one, as it would those of `openpty`.
fn open_terminal() -> io::Result<(File, File)> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname_r(&master)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits());
    let end = options.open(name)?;
    Ok((master.as_fd().try_clone_to_owned()?.into(), end))
}

impl Drop for Terminal {
    /// A program that still waits for an answer gets none any more.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            // Already ended is as good.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
