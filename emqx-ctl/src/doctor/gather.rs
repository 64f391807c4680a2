//! Collects the facts: from the daemon if it answers, from the machine in any case.
//!
//! A question that fails costs its own facts only; [`Facts::missing`] says which and why.

use std::path::{Path, PathBuf};

use emqx_shared::request::{AdminsRequest, ConfRequest, DataRequest, DiagnosisRequest, LicenseRequest};
use emqx_shared::socket_path::PACKAGED_DIR;
use emqx_shared::views::{ConfEffect, ConfOrigin};
use emqx_shared::{ExitCode, Request, View};

use super::facts::{ConfigCheck, Facts, Missing};
use super::{files, host, unattended};
use crate::app::{App, now_ms};
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};

/// Rows kept of each list.
const ROWS_MAX: usize = 200;
const CONFIG_FILE_DEFAULT: &str = "/etc/emqx/emqx.conf";

/// How to gather.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Do not ask the daemon.
    pub offline: bool,
    /// The configuration file, where no daemon names it.
    pub config: Option<PathBuf>,
}

/// Everything that is to be had.
pub fn gather(wanted: &Wanted, app: &mut App) -> Facts {
    let mut facts = Facts {
        taken_at_ms: now_ms(),
        ctl_version: env!("CARGO_PKG_VERSION").to_owned(),
        is_offline: wanted.offline,
        kernel: host::kernel(),
        clock_synchronised: host::is_clock_synchronised(),
        ..Facts::default()
    };
    let mut socket = app.socket().map(Path::to_owned);
    if !wanted.offline {
        match app.connect() {
            Ok(mut connection) => {
                socket = Some(connection.path().to_owned());
                facts.daemon_version = Some(connection.greeting().version.clone());
                ask_everything(&mut connection, &mut facts);
            }
            Err(failure) => {
                facts.is_forbidden = failure.exit == ExitCode::NoPermission;
                facts.unreachable = Some(failure.message);
            }
        }
    }
    let config_file = wanted.config.clone().or_else(|| config_file(&facts));
    if facts.node.is_none() {
        unattended::check_config(config_file.as_deref(), &mut facts);
        facts.ports = unattended::ports(facts.config.as_ref());
        facts.last_exit = unattended::last_exit();
    }
    look_at_files(config_file.as_deref(), socket, &mut facts);
    facts
}

fn config_file(facts: &Facts) -> Option<PathBuf> {
    match &facts.node {
        Some(node) => node.config.file.as_ref().map(PathBuf::from),
        None => Some(PathBuf::from(CONFIG_FILE_DEFAULT)).filter(|file| file.exists()),
    }
}

fn look_at_files(config_file: Option<&Path>, socket: Option<PathBuf>, facts: &mut Facts) {
    if let Some(file) = config_file {
        facts.config_files = files::config_files(file, &mut facts.missing);
    }
    if let Some(config) = &facts.config {
        let guarded = config.guarded_files.iter().map(Path::new);
        facts.guarded_files = guarded.filter_map(files::look_at).collect();
    }
    if let Some(data_dir) = facts.config.as_ref().map(|config| PathBuf::from(&config.data_dir)) {
        facts.data_dir = files::look_at(&data_dir);
        facts.node_id = files::node_id(&data_dir);
        facts.damaged_stores = files::damaged_stores(&data_dir);
        facts.disk = host::disk(&data_dir);
    }
    let configured = || facts.config.as_ref()?.socket.as_ref().map(PathBuf::from);
    let packaged = || Path::new(PACKAGED_DIR).join(emqx_shared::socket_path::SOCKET_NAME);
    let socket = socket.or_else(configured).unwrap_or_else(packaged);
    facts.socket = files::look_at(&socket);
    facts.lock_holder = files::lock_holder(&socket);
}

fn ask_everything(connection: &mut Connection, facts: &mut Facts) {
    let missing = &mut facts.missing;
    facts.node = keep(
        "node",
        missing,
        ask(
            connection,
            &Request::Diagnosis(DiagnosisRequest::Facts),
            |view| match view {
                View::NodeFacts(node) => Ok(*node),
                other => Err(unexpected(&other)),
            },
        ),
    );
    facts.config = facts.node.as_ref().map(|node| node.config.clone());
    facts.listeners = keep(
        "listeners",
        missing,
        list(connection, &Request::ListListeners, |view| match view {
            View::Listeners(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        }),
    )
    .unwrap_or_default();
    facts.license = keep(
        "license",
        missing,
        ask(connection, &Request::License(LicenseRequest::Info), |view| match view {
            View::License(license) => Ok(*license),
            other => Err(unexpected(&other)),
        }),
    );
    let admins = keep(
        "admins",
        missing,
        list(connection, &Request::Admins(AdminsRequest::List), |view| match view {
            View::Admins(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        }),
    );
    facts.weak_admins = admins.map(|admins| {
        let weak = admins.into_iter().filter(|admin| admin.must_change_password);
        weak.map(|admin| admin.username).collect()
    });
    let alarms = Request::Data(DataRequest::ListAlarms { history: false });
    facts.alarms = keep(
        "alarms",
        missing,
        list(connection, &alarms, |view| match view {
            View::Alarms(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        }),
    );
    if facts.config.as_ref().is_some_and(|config| config.file.is_some()) {
        ask_about_file(connection, facts);
    }
}

/// The daemon looks at its own file.
fn ask_about_file(connection: &mut Connection, facts: &mut Facts) {
    let missing = &mut facts.missing;
    let check = Request::Conf(ConfRequest::Check { file: None });
    let checked = keep(
        "config",
        missing,
        ask(connection, &check, |view| match view {
            View::ConfChecked(checked) => Ok(*checked),
            other => Err(unexpected(&other)),
        }),
    );
    facts.config_check = checked.map(|checked| ConfigCheck {
        file: checked.file,
        errors: checked
            .errors
            .into_iter()
            .map(|error| match (&error.key, &error.hint) {
                (Some(key), Some(hint)) => format!("{}{key}: {}; {hint}", place(&error.origin), error.message),
                (Some(key), None) => format!("{}{key}: {}", place(&error.origin), error.message),
                (None, _) => format!("{}{}", place(&error.origin), error.message),
            })
            .collect(),
        warnings: checked.warnings,
    });
    let diff = Request::Conf(ConfRequest::Diff { file: None });
    let changes = keep(
        "pending",
        missing,
        list(connection, &diff, |view| match view {
            View::ConfChanges(rows) => Ok(rows),
            other => Err(unexpected(&other)),
        }),
    );
    facts.pending = changes.map(|changes| {
        let matter = changes.into_iter().filter(|change| change.effect != ConfEffect::None);
        matter.map(|change| change.key).collect()
    });
}

fn place(origin: &ConfOrigin) -> String {
    match origin {
        ConfOrigin::File { file, line: 0 } => format!("{file}: "),
        ConfOrigin::File { file, line } => format!("{file}:{line}: "),
        ConfOrigin::Environment { variable } => format!("{variable}: "),
        ConfOrigin::Default => String::new(),
    }
}

fn keep<T>(what: &str, missing: &mut Vec<Missing>, answer: Result<T, CliFailure>) -> Option<T> {
    answer
        .map_err(|failure| {
            missing.push(Missing {
                what: what.to_owned(),
                why: failure.message,
            });
        })
        .ok()
}

fn ask<T>(
    connection: &mut Connection,
    request: &Request,
    take: fn(View) -> Result<T, CliFailure>,
) -> Result<T, CliFailure> {
    take(connection.ask(request)?)
}

fn list<T>(
    connection: &mut Connection,
    request: &Request,
    take: fn(View) -> Result<Vec<T>, CliFailure>,
) -> Result<Vec<T>, CliFailure> {
    let mut rows = Vec::new();
    let result = connection.stream(request, &mut |view| {
        let chunk = take(view)?;
        let room = ROWS_MAX.saturating_sub(rows.len());
        rows.extend(chunk.into_iter().take(room));
        Ok(())
    });
    match result {
        Ok(_) => Ok(rows),
        Err(Stop::Failure(failure)) => Err(*failure),
        Err(Stop::Output(error)) => Err(CliFailure::usage(error.to_string())),
    }
}
