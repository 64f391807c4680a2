//! `license …`

mod offline;
mod source;

use emqx_license::{ParseError, normalise};
use emqx_shared::request::{LicenseKey, LicensePeriod, LicenseRequest, STRING_BYTES_MAX};
use emqx_shared::views::{LicenseAppliedView, LicensePreviewView, LicenseView};
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::LicenseCommand;
use crate::confirm::Prompts;
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::render::escape::escape;
use crate::render::{Format, LicenseCheck, LicenseDifference};

/// Columns before the term in `Error: #{…`.
const ERROR_INDENT: usize = "Error: ".len();

pub fn run(command: LicenseCommand, app: &mut App) -> Outcome {
    match command {
        LicenseCommand::Info => info(app),
        LicenseCommand::Show { source, issuer_key } => offline::show(&source::read(&source)?, &issuer_key, app),
        LicenseCommand::Diff { source, other: None } => diff(&source::read(&source)?, app),
        LicenseCommand::Diff {
            source,
            other: Some(other),
        } => offline::diff(&source::read(&source)?, &source::read(&other)?, app),
        LicenseCommand::Update { source, force } => update(&source::read(&source)?, force, app),
        LicenseCommand::Reload { file } => reload(file.as_deref(), app),
        LicenseCommand::Check { days } => check(days, app),
        LicenseCommand::History { limit, period, json } => history(limit, &period, json, app),
        LicenseCommand::Keygen { file, rsa } => offline::keygen(&file, rsa, app),
        LicenseCommand::Issue(args) => offline::issue(&args, app),
    }
}

fn info(app: &mut App) -> Outcome {
    let view = in_force(app)?;
    app.printer.one(&view)?;
    Ok(ExitCode::Done)
}

fn in_force(app: &mut App) -> Result<LicenseView, Stop> {
    match app.connect()?.ask(&Request::License(LicenseRequest::Info))? {
        View::License(view) => Ok(*view),
        other => Err(unexpected(&other).into()),
    }
}

fn diff(text: &str, app: &mut App) -> Outcome {
    let key = sendable(text)?;
    let preview = preview(&key, &mut app.connect()?)?;
    print_diff(&preview, app)?;
    for sentence in &preview.consequences {
        eprintln!("{}", escape(sentence));
    }
    Ok(ExitCode::Done)
}

/// Draws what differs, field by field.
fn print_diff(preview: &LicensePreviewView, app: &mut App) -> Result<(), Stop> {
    let mut list = app.printer.list();
    list.push(LicenseDifference::rows(preview))?;
    list.finish()?;
    Ok(())
}

fn preview(key: &LicenseKey, connection: &mut Connection) -> Result<LicensePreviewView, Stop> {
    let request = Request::License(LicenseRequest::Preview { license: key.clone() });
    match connection
        .ask(&request)
        .map_err(|failure| in_emqx_words(failure, key))?
    {
        View::LicensePreview(preview) => Ok(*preview),
        other => Err(unexpected(&other).into()),
    }
}

fn update(text: &str, force: bool, app: &mut App) -> Outcome {
    let key = sendable(text)?;
    let mut connection = app.connect()?;
    let preview = preview(&key, &mut connection)?;
    if preview.new.is_overdue && !force {
        return Err(ended(&preview.new).into());
    }
    if app.prompts == Prompts::Ask {
        print_diff(&preview, app)?;
        for sentence in &preview.consequences {
            eprintln!("{}", escape(sentence));
        }
        app.prompts.confirm("The signature is good. Put it in force?")?;
        // The daemon does not wait for a person: ask it anew.
        connection = app.connect()?;
    }
    let request = Request::License(LicenseRequest::Update { license: key.clone() });
    let answer = connection
        .ask(&request)
        .map_err(|failure| in_emqx_words(failure, &key))?;
    let applied = take_applied(answer)?;
    warn(&applied.license, app);
    app.printer.one(&applied)?;
    Ok(ExitCode::Done)
}

/// EMQX 4's verb: no question, and it shows what is in force afterwards.
fn reload(file: Option<&str>, app: &mut App) -> Outcome {
    let request = match file {
        None => LicenseRequest::Reload,
        Some(path) => {
            let path = path.strip_prefix("file://").unwrap_or(path);
            let text = source::read_file(std::path::Path::new(path))?;
            LicenseRequest::Update {
                license: sendable(&text)?,
            }
        }
    };
    let key = match &request {
        LicenseRequest::Update { license } => license.clone(),
        _ => LicenseKey(String::new()),
    };
    let answer = app.connect()?.ask(&Request::License(request));
    let applied = take_applied(answer.map_err(|failure| in_emqx_words(failure, &key))?)?;
    warn(&applied.license, app);
    app.printer.one(&applied)?;
    if app.printer.look.format == Format::Emqx {
        app.printer.one(&applied.license)?;
    }
    Ok(ExitCode::Done)
}

fn take_applied(view: View) -> Result<LicenseAppliedView, CliFailure> {
    match view {
        View::LicenseApplied(applied) => Ok(*applied),
        other => Err(unexpected(&other)),
    }
}

/// EMQX's banners; on stderr, so that a script finds `ok` alone.
fn warn(license: &LicenseView, app: &App) {
    if app.is_text() && !app.printer.look.quiet {
        for line in &license.warnings {
            eprintln!("{}", escape(line));
        }
    }
}

fn check(days: u32, app: &mut App) -> Outcome {
    let check = LicenseCheck::new(in_force(app)?, days);
    app.printer.one(&check)?;
    Ok(match check.problems.is_empty() {
        true => ExitCode::Done,
        false => ExitCode::NegativeAnswer,
    })
}

fn history(limit: u32, period: &str, json: bool, app: &mut App) -> Outcome {
    let period = match period {
        "daily" => LicensePeriod::Daily,
        "monthly" => LicensePeriod::Monthly,
        other => {
            let failure = CliFailure::usage(format!("--period {other}: it is daily or monthly"));
            return Err(failure.classic("Error: bad_history_period\n").into());
        }
    };
    if json {
        app.printer.look.format = Format::Json;
    }
    let mut connection = app.connect()?;
    let request = Request::License(LicenseRequest::History { period, limit });
    let list = app.printer.list();
    stream_list(&mut connection, &request, list, |view| match view {
        View::LicenseHistory(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

/// The key as it is sent: what is none at all is told without asking the daemon.
fn sendable(text: &str) -> Result<LicenseKey, CliFailure> {
    let key = normalise(text);
    if key.len() > STRING_BYTES_MAX - 1024 {
        return Err(refused(&ParseError::TooLong));
    }
    offline::check_form(&key).map_err(|error| refused(&error))?;
    Ok(LicenseKey(key))
}

/// A key that is not accepted, with EMQX's text for scripts.
fn refused(error: &ParseError) -> CliFailure {
    let failure = CliFailure::new(
        "bad_license",
        ExitCode::BadData,
        format!("license not accepted: {error}"),
    );
    CliFailure {
        handled: true,
        ..failure.classic(emqx_error(error))
    }
}

fn emqx_error(error: &ParseError) -> String {
    format!("Error: {}\n", error.erlang(ERROR_INDENT))
}

/// The daemon's refusal with EMQX's text.
fn in_emqx_words(failure: CliFailure, key: &LicenseKey) -> CliFailure {
    if failure.code == ErrorCode::LicenseSignature.name() {
        return failure.classic(emqx_error(&ParseError::InvalidSignature));
    }
    if failure.code != ErrorCode::BadLicense.name() {
        return failure;
    }
    match offline::form_error(&key.0) {
        Some(error) => failure.classic(emqx_error(&error)),
        None => failure,
    }
}

fn ended(license: &LicenseView) -> CliFailure {
    let message = format!(
        "license not accepted: it ended on {}, and no new connection would be accepted",
        license.expiry_at
    );
    CliFailure {
        handled: true,
        ..CliFailure::new("license_expired", ExitCode::BadData, message)
    }
    .next("get a new one from whoever issued it")
    .next("emqx-ctl license update --force SRC    (put it in force all the same)")
}
