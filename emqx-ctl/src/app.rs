//! One run of the program: what the options and the environment come to, and the way from a
//! command to its exit code.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use emqx_shared::ExitCode;
use emqx_shared::catalogue::Language;
use emqx_shared::socket_path::Places;
use nix::unistd::Uid;

use crate::cli::{Cli, ColorChoice, Command, Global, HelpArgs};
use crate::commands;
use crate::confirm::Prompts;
use crate::connect::Connection;
use crate::exit::{self, Manner};
use crate::failure::{CliFailure, Stop};
use crate::fan_out;
use crate::render::{Format, Look, Printer};

/// The name under which EMQX's own tool is called; it pins EMQX's text.
const EMQX_NAME: &str = "emqx_ctl";

/// Columns below which a table is not squeezed any further. A terminal without a size says 0.
const WIDTH_MIN: u16 = 40;

/// What a command works with.
pub struct App {
    pub printer: Printer,
    pub prompts: Prompts,
    socket: Option<PathBuf>,
    /// `--node`
    node: Option<String>,
    timeout: Duration,
    verbose: bool,
}

impl App {
    fn new(global: &Global, called_as_emqx: bool) -> Self {
        let look = look(global, called_as_emqx);
        let is_nobody_asked = global.no_input || called_as_emqx;
        // Flushed after each part of an answer, see `Printer::raw`.
        let out = BufWriter::with_capacity(64 * 1024, io::stdout());
        Self {
            printer: Printer::new(Box::new(out), look),
            prompts: Prompts::choose(global.yes, is_nobody_asked),
            socket: global.socket.clone(),
            node: global.node.clone(),
            timeout: global.timeout,
            verbose: global.verbose,
        }
    }

    /// Connects to the daemon; what is drawn from then on carries its name and its local time.
    ///
    /// # Errors
    /// See [`Connection::open`].
    pub fn connect(&mut self) -> Result<Connection, CliFailure> {
        let xdg = xdg_runtime_dir();
        let places = Places {
            explicit: self.socket.as_deref(),
            xdg_runtime_dir: xdg.as_deref(),
            data_dir: None,
        };
        let mut connection = Connection::open(places, self.timeout, self.printer.look.quiet)?;
        if let Some(node) = &self.node {
            connection.hand_on_to(node);
        }
        let greeting = connection.greeting();
        let look = &mut self.printer.look;
        let is_first = look.node.is_empty();
        look.node.clone_from(self.node.as_ref().unwrap_or(&greeting.node));
        look.utc_offset = greeting.utc_offset_seconds;
        let own = env!("CARGO_PKG_VERSION");
        if is_first && greeting.version != own && look.format == Format::Table && !look.quiet {
            eprintln!("note: emqx-ctl is {own}, emqxd {}", greeting.version);
        }
        if is_first && self.verbose {
            eprintln!(
                "connected to {} {} over {} as {}",
                greeting.node,
                greeting.version,
                connection.path().display(),
                greeting.role.as_str()
            );
        }
        Ok(connection)
    }

    /// The control socket that was named, if one was.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// The node that `--node` names.
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// How long to wait for each part of an answer.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether output is for a person or in EMQX's text, rather than for a program.
    pub fn is_text(&self) -> bool {
        matches!(self.printer.look.format, Format::Emqx | Format::Table)
    }
}

/// Runs a command and says how the process is to exit.
pub fn run(cli: Cli, arguments: &[OsString]) -> ExitCode {
    let called_as_emqx = called_as_emqx(arguments);
    let mut app = App::new(&cli.global, called_as_emqx);
    let manner = Manner {
        format: app.printer.look.format,
        color: use_color(cli.global.color, io::stderr().is_terminal()),
        legacy_exit: exit::legacy_exit_asked(),
    };
    // Without a command EMQX prints its help and is content.
    let command = cli.command.unwrap_or(Command::Help(HelpArgs::default()));
    let outcome = match cli.global.all_nodes {
        true => fan_out::run(&command, arguments, &mut app),
        false => commands::run(command, &mut app),
    };
    outcome.unwrap_or_else(|stop| {
        if called_as_emqx {
            say_as_emqx(&stop);
        }
        exit::report(&stop, manner)
    })
}

/// EMQX's line for a node that does not answer, which old scripts look for.
fn say_as_emqx(stop: &Stop) {
    if matches!(stop, Stop::Failure(failure) if failure.exit == ExitCode::Unavailable) {
        let node = std::env::var("EMQX_NODE__NAME").unwrap_or("emqx@127.0.0.1".to_owned());
        let node = crate::render::erlang_term::atom(&node);
        eprintln!("Node {node} not responding to pings.");
    }
}

/// Whether the program was started under EMQX's name for it.
pub fn called_as_emqx(arguments: &[OsString]) -> bool {
    let name = arguments.first().map(Path::new).and_then(Path::file_name);
    name.is_some_and(|name| name == EMQX_NAME)
}

fn look(global: &Global, called_as_emqx: bool) -> Look {
    let terminal = io::stdout().is_terminal();
    let format = global.format.settle(called_as_emqx, terminal);
    Look {
        format,
        compat: global.compat,
        color: use_color(global.color, terminal),
        language: global.language.map_or_else(language_of_locale, Into::into),
        quiet: global.quiet,
        width: (terminal && format == Format::Table)
            .then(|| comfy_table::Table::new().width())
            .flatten()
            .filter(|width| *width >= WIDTH_MIN),
        node: String::new(),
        utc_offset: 0,
        now_ms: now_ms(),
    }
}

/// The folder of the caller's sockets, for [`Places`].
pub fn xdg_runtime_dir() -> Option<PathBuf> {
    // Root by way of sudo must not be led to a socket by the environment of its caller.
    let by_sudo = Uid::effective().is_root() && std::env::var_os("SUDO_UID").is_some();
    std::env::var_os("XDG_RUNTIME_DIR")
        .filter(|_| !by_sudo)
        .map(PathBuf::from)
}

/// Now, in Unix milliseconds.
pub fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn language_of_locale() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.map_or(Language::English, |locale| Language::from_locale(&locale))
}

fn use_color(choice: ColorChoice, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|term| term == "dumb");
    decide_color(choice, terminal, set("NO_COLOR").is_some() || dumb)
}

fn decide_color(choice: ColorChoice, terminal: bool, unwanted: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !unwanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        use ColorChoice::{Always, Auto, Never};
        for (choice, terminal, unwanted, color) in [
            (Auto, true, false, true),
            (Auto, false, false, false),
            (Auto, true, true, false),
            (Always, false, true, true),
            (Never, true, false, false),
        ] {
            assert_eq!(decide_color(choice, terminal, unwanted), color);
        }
    }

    #[test]
    fn only_the_name_of_emqx_s_tool_pins_its_text() {
        for (name, pinned) in [
            ("emqx-ctl", false),
            ("emqx_ctl", true),
            ("/usr/bin/emqx_ctl", true),
            ("/opt/emqx_ctl/emqx-ctl", false),
        ] {
            assert_eq!(called_as_emqx(&[name.into()]), pinned);
        }
    }
}
