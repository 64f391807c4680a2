//! `trace`: on one node.
//!
//! FILE is opened here, with the caller's rights and relative to the caller's folder, and the daemon gets the open
//! descriptor: it never opens a path that we name.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use emqx_shared::request::{TraceDestination, TraceFormat, TraceRequest, TraceStart, TraceSubject, TraceTarget};
use emqx_shared::views::{TraceLinesView, TraceView};
use emqx_shared::{ErrorCode, ExitCode, LogLevel, Request, View};
use nix::fcntl::OFlag;

use super::Outcome;
use crate::app::App;
use crate::cli::{SubjectKind, TraceCommand, TraceTargetArgs};
use crate::compat::Compat;
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::render::escape::escape;
use crate::render::{Format, TraceDeed, TraceRow, erlang_term, trace_size};
use crate::time;

/// Whose words tell of success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// `trace start`, of EMQX 3 to 6.
    Start,
    /// `trace client C FILE`, of EMQX 2.
    Old,
}

pub fn run(command: TraceCommand, app: &mut App) -> Outcome {
    match command {
        TraceCommand::List => list(app),
        TraceCommand::Start(start) => start_trace(start.kind, &start.value, start.target, Manner::Start, app),
        TraceCommand::Client(old) => old_form(SubjectKind::Client, &old.value, old.target, app),
        TraceCommand::Topic(old) => old_form(SubjectKind::Topic, &old.value, old.target, app),
        TraceCommand::IpAddress(old) => old_form(SubjectKind::IpAddress, &old.value, old.target, app),
        TraceCommand::Stop { target } => match target.as_slice() {
            [kind, value] => stop(subject(kind, value)?, Manner::Start, app),
            [name] => stop_named(name, app),
            _ => Err(CliFailure::usage("name a trace, or TYPE VALUE").into()),
        },
        TraceCommand::Tail { name } => {
            let mut connection = app.connect()?;
            follow(&TraceRequest::Tail { name }.into_request(), &mut connection, app)
        }
        TraceCommand::Delete { name } => delete(name, app),
    }
}

trait IntoRequest {
    fn into_request(self) -> Request;
}

impl IntoRequest for TraceRequest {
    fn into_request(self) -> Request {
        Request::Trace(self)
    }
}

fn list(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let mut rows = 0;
    let mut list = app.printer.list();
    let end = connection.stream(&Request::Trace(TraceRequest::List), &mut |view| match view {
        View::Traces(chunk) => {
            rows += chunk.len();
            list.push(chunk.into_iter().map(TraceRow::of_node).collect())
                .map_err(Stop::Output)
        }
        other => Err(unexpected(&other).into()),
    });
    match end {
        Ok(_) => list.finish()?,
        Err(stop) => {
            list.break_off()?;
            return Err(stop);
        }
    }
    if rows == 0 && app.is_text() && app.printer.look.compat == Compat::V5 {
        app.printer.raw("Trace is empty\n")?;
    }
    Ok(ExitCode::Done)
}

/// `trace client C FILE [LEVEL]`, `trace client C off`.
fn old_form(kind: SubjectKind, value: &str, target: TraceTargetArgs, app: &mut App) -> Outcome {
    if target.file.as_deref() == Some("off") {
        return stop(kind.subject(value), Manner::Old, app);
    }
    start_trace(kind, value, target, Manner::Old, app)
}

fn start_trace(kind: SubjectKind, value: &str, args: TraceTargetArgs, manner: Manner, app: &mut App) -> Outcome {
    let subject = kind.subject(value);
    let destination = match (&args.file, &args.name) {
        (Some(file), _) => TraceDestination::Descriptor { shown: file.clone() },
        (None, Some(_)) => TraceDestination::Folder,
        (None, None) if args.follow => TraceDestination::Live,
        (None, None) => {
            return Err(CliFailure::usage("where should the trace go?")
                .next(format!(
                    "to a file:       emqx-ctl trace {} {value} FILE",
                    word(&subject)
                ))
                .next(format!(
                    "to this terminal: emqx-ctl trace {} {value} -f",
                    word(&subject)
                ))
                .next(format!(
                    "to the daemon's folder: emqx-ctl trace start {} {value} --name NAME",
                    word(&subject)
                ))
                .into());
        }
    };
    let wants_json = matches!(app.printer.look.format, Format::Json | Format::Ndjson);
    let is_live = destination == TraceDestination::Live;
    let start = TraceStart {
        name: args.name.clone(),
        subject: subject.clone(),
        level: read_level(args.level.as_deref())?,
        format: match args.formatter {
            Some(format) => format.into(),
            None if is_live && wants_json => TraceFormat::Json,
            None => TraceFormat::Text,
        },
        payload: args.payload.into(),
        payload_limit: args.payload_limit,
        duration_ms: args.duration.map(millis),
        max_bytes: args.max_size,
        rate: args.rate,
        destination,
    };
    let request = Request::Trace(TraceRequest::Start(Box::new(start)));
    request.check()?;
    let mut connection = app.connect()?;
    if is_live {
        return follow(&request, &mut connection, app);
    }
    let opened = match &args.file {
        Some(file) => Some(OpenedFile::open(file, args.append).map_err(|failure| classic_start(&subject, failure))?),
        None => None,
    };
    let view = trace_view(connection.ask_with(&request, opened.as_ref().map(|opened| &opened.file)))
        .map_err(|failure| classic_start(&subject, failure))?;
    if let Some(opened) = opened {
        opened.keep();
    }
    let sentence = match (manner, app.printer.look.compat) {
        // EMQX 2, which alone had this form, ended its sentence.
        (Manner::Old, Compat::V4) => format!("trace {} {value} successfully.", word(&subject)),
        _ => format!("trace {} {value} successfully", subject.kind()),
    };
    let name = view.name.clone();
    tell(sentence, view, app)?;
    if args.follow {
        return follow(&TraceRequest::Tail { name }.into_request(), &mut connection, app);
    }
    Ok(ExitCode::Done)
}

fn stop(subject: TraceSubject, manner: Manner, app: &mut App) -> Outcome {
    let value = subject.value().to_owned();
    let kind = match (manner, app.printer.look.compat) {
        (Manner::Old, Compat::V4) => word(&subject),
        _ => subject.kind(),
    };
    let full_stop = match (manner, app.printer.look.compat) {
        (Manner::Old, Compat::V4) => ".",
        _ => "",
    };
    let request = Request::Trace(TraceRequest::Stop {
        target: TraceTarget::Subject(subject),
    });
    let view = trace_view(app.connect()?.ask(&request)).map_err(|failure| {
        let reason = reason(&failure, &value);
        with_classic(failure, format!("[error] stop tracing {kind} {value}: {reason}"))
    })?;
    tell(
        format!("stop tracing {kind} {value} successfully{full_stop}"),
        view,
        app,
    )
}

fn stop_named(name: &str, app: &mut App) -> Outcome {
    let request = Request::Trace(TraceRequest::Stop {
        target: TraceTarget::Name(name.to_owned()),
    });
    let view = trace_view(app.connect()?.ask(&request))?;
    let (kind, value) = (view.subject.kind(), view.subject.value().to_owned());
    tell(format!("stop tracing {kind} {value} successfully"), view, app)
}

fn delete(name: String, app: &mut App) -> Outcome {
    let request = Request::Trace(TraceRequest::Delete { name: name.clone() });
    let view = trace_view(app.connect()?.ask(&request)).map_err(|failure| {
        let reason = reason(&failure, &name);
        with_classic(failure, format!("[error] Del cluster_trace {name}: {reason}"))
    })?;
    tell(format!("Del cluster_trace {name} successfully"), view, app)
}

pub(super) fn tell(sentence: String, view: TraceView, app: &mut App) -> Outcome {
    let note = bounds(&view, app);
    let row = TraceRow::of_node(view);
    app.printer.one(&TraceDeed { sentence, note, row })?;
    Ok(ExitCode::Done)
}

/// What a person has to know of a running trace.
fn bounds(view: &TraceView, app: &App) -> Option<String> {
    if view.state != emqx_shared::views::TraceState::Running {
        return None;
    }
    let left = time::short(view.ends_at_ms.saturating_sub(app.printer.look.now_ms));
    Some(format!(
        "level {}, stops in {left} or at {}; stop it before: emqx-ctl trace stop {}",
        view.level,
        trace_size(view.max_bytes),
        view.name
    ))
}

/// Shows lines until the trace ends, or the reader goes away.
fn follow(request: &Request, connection: &mut Connection, app: &mut App) -> Outcome {
    let is_text = app.is_text();
    let quiet = app.printer.look.quiet;
    let now_ms = app.printer.look.now_ms;
    let printer = &mut app.printer;
    connection.watch(request, &mut |view| match view {
        View::Trace(view) => {
            if is_text && !quiet {
                let left = time::short(view.ends_at_ms.saturating_sub(now_ms));
                let rate = view
                    .rate
                    .map(|rate| format!(", at most {rate} lines/s"))
                    .unwrap_or_default();
                eprintln!(
                    "tracing {} {}, level {}{rate}, stops in {left} or at {} (Ctrl-C stops now)",
                    view.subject.kind(),
                    escape(view.subject.value()),
                    view.level,
                    trace_size(view.max_bytes)
                );
            }
            Ok(())
        }
        View::TraceLines(lines) => printer.raw(&shown(&lines, is_text)).map_err(Stop::Output),
        other => Err(unexpected(&other).into()),
    })?;
    Ok(ExitCode::Done)
}

/// The lines, which the daemon has made harmless; what was lost stands before them.
fn shown(lines: &TraceLinesView, is_text: bool) -> String {
    let dropped = match (lines.dropped, is_text) {
        (0, _) => String::new(),
        (count, true) => format!("… {count} lines dropped\n"),
        (count, false) => {
            let text = format!("… {count} lines dropped");
            let object = serde_json::json!({"level": "warning", "msg": text, "meta": {"dropped": count}});
            format!("{object}\n")
        }
    };
    dropped + &lines.text
}

/// The file for a trace, removed again if it was made for nothing.
struct OpenedFile {
    file: File,
    made: Option<String>,
}

impl OpenedFile {
    /// Opens a file of the caller's for appending. Links are not followed, and nothing that exists is written to
    /// unless asked for.
    fn open(path: &str, append: bool) -> Result<Self, CliFailure> {
        let mut options = OpenOptions::new();
        // A pipe that nobody reads must not hold us up; the daemon refuses it anyway.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        options.append(true).mode(0o600).custom_flags(flags.bits());
        let file = match append {
            true => options.create(true).open(path),
            false => options.create_new(true).open(path),
        };
        let file = file.map_err(|error| cannot_open(path, &error))?;
        Ok(Self {
            file,
            made: (!append).then(|| path.to_owned()),
        })
    }

    /// The daemon writes to it.
    fn keep(mut self) {
        self.made = None;
    }
}

impl Drop for OpenedFile {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            let _it_may_be_gone = std::fs::remove_file(path);
        }
    }
}

fn cannot_open(path: &str, error: &io::Error) -> CliFailure {
    let failure = CliFailure::new(
        "cannot_create",
        ExitCode::CannotCreate,
        format!("cannot write a trace to {path}"),
    );
    let errno = nix::errno::Errno::from_raw(error.raw_os_error().unwrap_or(0));
    let atom = format!("{errno:?}").to_lowercase();
    let failure = failure.why(error.to_string()).classic(format!(
        "{{handler_not_added,{{file_error,{},{}}}}}",
        erlang_term::string(path),
        erlang_term::atom(&atom)
    ));
    match error.kind() {
        io::ErrorKind::AlreadyExists => failure.next("name another file, or add --append"),
        _ => failure.next("name a file in a folder that you may write to"),
    }
}

/// EMQX's sentence for a start that failed.
fn classic_start(subject: &TraceSubject, failure: CliFailure) -> CliFailure {
    let (kind, value) = (subject.kind(), subject.value());
    let reason = failure.classic.clone().unwrap_or_else(|| reason(&failure, value));
    let is_ours = failure.handled || failure.code == "cannot_create";
    if !is_ours {
        return failure;
    }
    let text = escape(&format!("[error] trace {kind} {value}: {reason}")).into_owned();
    failure.classic(format!("{text}\n"))
}

/// The failure as an Erlang term, as near to EMQX's as there is one.
pub(super) fn reason(failure: &CliFailure, about: &str) -> String {
    let about = erlang_term::string(about);
    match failure.code {
        code if code == ErrorCode::TraceNotFound.name() => format!("{{not_found,{about}}}"),
        code if code == ErrorCode::TraceExists.name() => format!("{{already_exist,{about}}}"),
        _ => {
            let why = failure.why.as_deref().unwrap_or(&failure.message);
            format!("{{{},{}}}", erlang_term::atom(failure.code), erlang_term::string(why))
        }
    }
}

/// Adds EMQX's line to a failure of a verb that the daemon has seen.
pub(super) fn with_classic(failure: CliFailure, text: String) -> CliFailure {
    if !failure.handled {
        return failure;
    }
    let text = escape(&text).into_owned();
    failure.classic(format!("{text}\n"))
}

pub(super) fn trace_view(answer: Result<View, CliFailure>) -> Result<TraceView, CliFailure> {
    match answer? {
        View::Trace(view) => Ok(*view),
        other => Err(unexpected(&other)),
    }
}

fn subject(kind: &str, value: &str) -> Result<TraceSubject, CliFailure> {
    let kind = match kind {
        "client" | "clientid" => SubjectKind::Client,
        "topic" => SubjectKind::Topic,
        "ip_address" | "ip-address" => SubjectKind::IpAddress,
        _ => {
            return Err(CliFailure::usage(format!("\"{kind}\" is nothing that can be traced"))
                .next("choose from client, topic, ip_address"));
        }
    };
    Ok(kind.subject(value))
}

/// The word of the command line for a kind.
fn word(subject: &TraceSubject) -> &'static str {
    match subject {
        TraceSubject::Client(_) => "client",
        TraceSubject::Topic(_) => "topic",
        TraceSubject::IpAddress(_) => "ip_address",
    }
}

fn read_level(word: Option<&str>) -> Result<LogLevel, CliFailure> {
    let Some(word) = word else {
        return Ok(LogLevel::Debug);
    };
    match word.parse() {
        Ok(LogLevel::All) => Ok(LogLevel::Debug),
        Ok(LogLevel::None) | Err(_) => {
            let known: Vec<_> = LogLevel::ALL[..9].iter().map(|level| level.as_str()).collect();
            Err(CliFailure::usage(format!("there is no level \"{word}\" to trace at"))
                .next(format!("choose from {}", known.join(", "))))
        }
        Ok(level) => Ok(level),
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
