//! A person at a shell who types the beginning of a command line and presses TAB.
//!
//! What came of it is not read off the screen, which every shell draws in its own way: the line is made the arguments
//! of a `printf` and run, so the words are those that the shell would have given the program, quotes and all.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::real_clients::RealClient;
use crate::{DEADLINE, Terminal, binaries, wait_for};

/// The shells that `emqx-ctl` has completions for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellKind {
    /// `bash`, which reads `emqx-ctl completion bash` when it starts.
    Bash,
    /// `zsh`, which finds the script in a folder of its path for functions, as the package installs it.
    Zsh,
    /// `fish`, which reads `emqx-ctl completion fish` when it starts.
    Fish,
}

/// A shell at a terminal, with `emqx-ctl` and EMQX's names for it in its path.
#[derive(Debug)]
pub struct Shell {
    kind: ShellKind,
    terminal: Terminal,
    folder: TempDir,
    lines: u32,
}

/// The key that goes to the beginning of the line, and the one that goes to its end.
const BEGIN: &str = "\x01";
const END: &str = "\x05";
/// The key that gives a line up.
const INTERRUPT: &str = "\x03";

/// A line that was not run by then is not whole: it has a quote that nothing closed.
const OPEN_QUOTE: Duration = Duration::from_secs(4);

impl Shell {
    /// Starts one for which the daemon is behind `socket`; `None` if it is not installed and need not be.
    ///
    /// # Panics
    /// As [`RealClient::find`], and if the system has no terminal left.
    #[track_caller]
    pub fn start(kind: ShellKind, socket: &Path) -> Option<Self> {
        match kind {
            ShellKind::Bash => {}
            ShellKind::Zsh => drop(RealClient::Zsh.find()?),
            ShellKind::Fish => drop(RealClient::Fish.find()?),
        }
        let folder = tempfile::tempdir().expect("temp folders can be made");
        for name in ["emqx-ctl", "emqx_ctl", "emqx"] {
            symlink(binaries::emqx_ctl(), folder.path().join(name)).expect("a new folder takes links");
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = command(kind, folder.path());
        command
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .env("HOME", folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("EMQX_CTL_SOCKET", socket);
        // These choose other keys and other places.
        for name in [
            "EDITOR",
            "VISUAL",
            "ENV",
            "BASH_ENV",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        let terminal = Terminal::run(command);
        let lines = 0;
        Some(Self {
            kind,
            terminal,
            folder,
            lines,
        })
    }

    /// Where its session began: in a folder of its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Types `typed`, presses TAB, and returns the words of the line; none if it is not whole, and is given up.
    ///
    /// # Panics
    /// If the shell does not run the line in time.
    #[track_caller]
    pub fn tab(&mut self, typed: &str) -> Vec<String> {
        self.lines += 1;
        let number = self.lines;
        self.terminal.type_keys(&format!(
            "{typed}\t{BEGIN}printf 'got%s|' begin{number} {END} end{number}\r"
        ));
        let (begin, end) = (format!("gotbegin{number}|got"), format!("|gotend{number}|"));
        let typed_at = Instant::now();
        let words = wait_for(&format!("{:?} runs what it made of {typed:?}", self.kind), || {
            let screen = self.terminal.screen();
            let found = screen.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
            let words = found.map(|(found, _)| found.split("|got").map(str::to_owned).collect());
            words.or_else(|| (typed_at.elapsed() > OPEN_QUOTE).then(Vec::new))
        });
        if words.is_empty() {
            self.terminal.type_keys(INTERRUPT);
        }
        words
    }

    /// Presses TAB behind `typed` until the line has these words; a daemon on a busy machine may miss a moment.
    ///
    /// # Panics
    /// If it never has them, with what it had.
    #[track_caller]
    pub fn expect_tab(&mut self, typed: &str, expected: &[&str]) {
        let begin = Instant::now();
        loop {
            let words = self.tab(typed);
            if words == expected {
                return;
            }
            assert!(
                begin.elapsed() < DEADLINE,
                "{:?} makes {words:?} of {typed:?} and not {expected:?}",
                self.kind
            );
        }
    }

    /// All that was on the screen so far.
    pub fn screen(&self) -> String {
        self.terminal.screen()
    }
}

/// The shell with its startup file in `folder`; `setsid` gives it the terminal, as logging in does.
fn command(kind: ShellKind, folder: &Path) -> Command {
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a new folder takes files");
        path
    };
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait"]);
    match kind {
        ShellKind::Bash => {
            let file = write("bashrc", "source <(emqx-ctl completion bash)\n");
            command.args(["bash", "--noprofile", "--rcfile"]).arg(file).arg("-i");
        }
        ShellKind::Zsh => {
            let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../completions");
            let text = format!(
                "fpath=('{}' $fpath)\nautoload -Uz compinit\ncompinit -D -u\n",
                scripts.display()
            );
            write(".zshrc", &text);
            command.args(["zsh", "-d", "-i"]).env("ZDOTDIR", folder);
        }
        ShellKind::Fish => {
            let init = "emqx-ctl completion fish | source";
            command.args(["env", "TERM=dumb", "fish", "--no-config", "-i", "-C", init]);
        }
    }
    command
}
