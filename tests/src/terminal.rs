//! A terminal with a person at it: a program runs on a pseudo-terminal, its prompts are waited for and answered.
//!
//! What is typed waits until the program has set its terminal for it, so nothing is echoed by chance or lost.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::{wait_for, wait_until};

const SIZE: Winsize = Winsize {
    ws_row: 24,
    ws_col: 120,
    ws_xpixel: 0,
    ws_ypixel: 0,
};

/// A program on a terminal of its own.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Starts a program whose stdin, stdout and stderr are the terminal.
    ///
    /// # Panics
    /// If the system has no terminal left, or cannot execute the program.
    pub fn run(mut command: Command) -> Self {
        let pair = openpty(Some(&SIZE), None).expect("a terminal is left");
        let end = || -> OwnedFd { pair.slave.try_clone().expect("a descriptor is left") };
        command
            .stdin(Stdio::from(end()))
            .stdout(Stdio::from(end()))
            .stderr(Stdio::from(end()))
            .env("TERM", "xterm");
        let child = command.spawn().expect("the program can be executed");
        // The program alone holds the terminal now: its end is the end of the screen.
        drop((command, pair.slave));
        let keyboard = File::from(pair.master);
        let mut output = keyboard.try_clone().expect("a descriptor is left");
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
            keyboard,
            screen,
            reader,
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
        self.reader.join().expect("it only reads");
        let bytes = self.screen.lock().expect("nobody panics with it");
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }
}
