//! `tls certs|check|reload`. EMQX has no such verbs.
//!
//! `check` looks at files and other hosts by itself: it needs no daemon then, and the daemon opens no path and no
//! connection that a caller names.

use std::fs;
use std::net::ToSocketAddrs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use emqx_shared::request::TlsRequest;
use emqx_shared::views::{TlsCertificateView, TlsReloadView};
use emqx_shared::{ExitCode, Request, View};
use emqxd_transport::tls::inspect::{self, CertificateDer, CertificateFacts, Completeness, Finding, Severity};
use emqxd_transport::tls::probe::{self, ProbeError};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{TlsCheckArgs, TlsCommand};
use crate::compat::canonical_listener;
use crate::connect::unexpected;
use crate::doctor::quote;
use crate::failure::{CliFailure, Stop};
use crate::render::TlsChecked;

/// Bytes of a file with certificates.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Addresses of a host that are tried.
const ADDRESSES_MAX: usize = 4;

pub fn run(command: TlsCommand, app: &mut App) -> Outcome {
    let canonical = |listener: Option<String>| listener.as_deref().map(canonical_listener);
    match command {
        TlsCommand::Certs { listener } => certificates(canonical(listener), app),
        TlsCommand::Check(args) => check(&args, app),
        TlsCommand::Reload { listener } => reload(canonical(listener), app),
    }
}

fn certificates(listener: Option<String>, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    let request = Request::Tls(TlsRequest::Certificates { listener });
    stream_list(&mut connection, &request, list, certificate_rows)?;
    Ok(ExitCode::Done)
}

fn certificate_rows(view: View) -> Result<Vec<TlsCertificateView>, CliFailure> {
    match view {
        View::TlsCertificates(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}

/// 0 if all were reloaded, 1 if none was, 3 if some were.
fn reload(listener: Option<String>, app: &mut App) -> Outcome {
    let mut rows: Vec<TlsReloadView> = Vec::new();
    let request = Request::Tls(TlsRequest::Reload { listener });
    app.connect()?.stream(&request, &mut |view| match view {
        View::TlsReloads(more) => {
            rows.extend(more);
            Ok(())
        }
        other => Err(Stop::from(unexpected(&other))),
    })?;
    let reloaded = rows.iter().filter(|row| row.is_reloaded).count();
    let exit = match reloaded {
        count if count == rows.len() => ExitCode::Done,
        0 => ExitCode::NegativeAnswer,
        _ => ExitCode::PartialSuccess,
    };
    let mut list = app.printer.list();
    list.push(rows)?;
    list.finish()?;
    Ok(exit)
}

/// 0 if nothing is wrong, 1 if clients cannot connect or soon cannot; warnings are no failure.
fn check(args: &TlsCheckArgs, app: &mut App) -> Outcome {
    let rows = match (&args.file, &args.host) {
        (Some(file), _) => check_file(file, args)?,
        (None, Some(host)) => check_host(host, args)?,
        (None, None) => check_listeners(app)?,
    };
    let is_bad = rows.iter().any(|row| row.severity == "error");
    let mut list = app.printer.list();
    list.push(rows)?;
    list.finish()?;
    Ok(if is_bad {
        ExitCode::NegativeAnswer
    } else {
        ExitCode::Done
    })
}

fn check_listeners(app: &mut App) -> Result<Vec<TlsChecked>, Stop> {
    let mut rows = Vec::new();
    let request = Request::Tls(TlsRequest::Certificates { listener: None });
    app.connect()?.stream(&request, &mut |view| {
        for row in certificate_rows(view)? {
            let before = rows.len();
            rows.extend(row.findings.iter().map(|finding| TlsChecked {
                checked: row.listener.clone(),
                severity: if finding.is_error { "error" } else { "warning" },
                what: finding.what.clone(),
                next: finding.next.clone(),
            }));
            if rows.len() == before {
                rows.push(TlsChecked::good(&row.listener, &row.subject, row.days_left));
            }
        }
        Ok(())
    })?;
    Ok(rows)
}

fn check_file(file: &Path, args: &TlsCheckArgs) -> Result<Vec<TlsChecked>, Stop> {
    let pem = read(file)?;
    let chain = inspect::certificates(&pem);
    let shown = file.display().to_string();
    let Some(own) = chain.first().and_then(|der| CertificateFacts::parse(der)) else {
        let message = format!("{shown} holds no certificate in PEM");
        return Err(CliFailure::new("bad_data", ExitCode::BadData, message).into());
    };
    let cas = match &args.ca {
        Some(path) => inspect::certificates(&read(path)?),
        None => Vec::new(),
    };
    let completeness = inspect::completeness(&chain, &cas);
    let findings = inspect::examine_chain(&chain, &completeness, now());
    let mut checked: Vec<TlsChecked> = findings.into_iter().map(|finding| row(&shown, finding)).collect();
    // The key may stand in the same file.
    let key = args.key.as_deref().or_else(|| inspect::has_key(&pem).then_some(file));
    if let Some(path) = key {
        checked.extend(check_key(path, &chain)?);
    }
    if checked.is_empty() {
        checked.push(TlsChecked::good(&shown, &own.subject, own.days_left(now())));
    }
    Ok(checked)
}

/// What is wrong with the file of a key, and how to cure that file.
fn check_key(path: &Path, chain: &[CertificateDer<'static>]) -> Result<Vec<TlsChecked>, Stop> {
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode());
    let shown = path.display().to_string();
    let word = quote(&shown).unwrap_or_else(|| "FILE".to_owned());
    let findings = [
        inspect::examine_key(chain, &read(path)?),
        mode.ok().and_then(inspect::examine_key_mode),
    ];
    let named = |mut finding: Finding| {
        finding.next = finding.next.replace("FILE", &word);
        row(&shown, finding)
    };
    Ok(findings.into_iter().flatten().map(named).collect())
}

fn check_host(target: &str, args: &TlsCheckArgs) -> Result<Vec<TlsChecked>, Stop> {
    let unavailable = |message: String| Stop::from(CliFailure::new("unavailable", ExitCode::Unavailable, message));
    let host = match target.rsplit_once(':') {
        Some((host, _)) => host.trim_matches(['[', ']']),
        None => return Err(CliFailure::usage("expected HOST:PORT, such as broker.example:8883").into()),
    };
    let addresses = target
        .to_socket_addrs()
        .map_err(|error| unavailable(format!("{target}: {error}")))?;
    let cas = match &args.ca {
        Some(path) => inspect::certificates(&read(path)?),
        None => inspect::system_roots(),
    };
    let time = std::time::Duration::from_secs(10);
    // As clients do: a name may have an IPv6 address at which nobody listens.
    let mut report = None;
    for address in addresses.take(ADDRESSES_MAX) {
        let seen = probe::probe(address, host, &cas, time);
        let is_elsewhere = matches!(seen, Err(ProbeError::Connect(_)));
        report = Some(seen);
        if !is_elsewhere {
            break;
        }
    }
    let report = report
        .ok_or_else(|| unavailable(format!("{target} has no address")))?
        .map_err(|error| unavailable(format!("{target}: {error}")))?;
    let completeness = inspect::completeness(&report.chain, &cas);
    let mut findings = inspect::examine_chain(&report.chain, &completeness, now());
    findings.extend(report.chain.first().and_then(|own| inspect::examine_host(own, host)));
    // Without --ca a root of somebody's own is unknown here, which the chain's finding says already.
    let is_explained = match completeness {
        Completeness::Unknown(_) | Completeness::SelfSigned => args.ca.is_none(),
        _ => false,
    } || findings.iter().any(|finding| finding.severity == Severity::Error);
    if let (Some(why), false) = (&report.distrust, is_explained) {
        findings.push(Finding {
            severity: Severity::Error,
            what: format!("clients do not trust it: {why}"),
            next: "give them its CA, or name that here with --ca".to_owned(),
        });
    }
    let own = report
        .chain
        .first()
        .and_then(|der| CertificateFacts::parse(der))
        .unwrap_or_default();
    let shown = format!("{target} ({}, {})", report.version, report.cipher);
    if findings.is_empty() {
        return Ok(vec![TlsChecked::good(&shown, &own.subject, own.days_left(now()))]);
    }
    Ok(findings.into_iter().map(|finding| row(&shown, finding)).collect())
}

fn row(checked: &str, finding: Finding) -> TlsChecked {
    TlsChecked {
        checked: checked.to_owned(),
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        what: finding.what,
        next: finding.next,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    let failed = |why: String| {
        let message = format!("cannot read {}: {why}", path.display());
        Stop::from(CliFailure::new("no_input", ExitCode::NoInput, message))
    };
    let metadata = fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(failed("it is no file of certificates".to_owned()));
    }
    fs::read(path).map_err(|error| failed(error.to_string()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
