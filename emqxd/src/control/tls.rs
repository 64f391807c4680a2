//! `tls certs`, `tls reload`: the certificates of the listeners.
//!
//! `tls check` without an argument asks for the same as `tls certs` and shows the findings; with one it looks at files
//! and hosts itself.

use std::sync::Arc;

use emqx_shared::request::TlsRequest;
use emqx_shared::views::{TlsCertificateView, TlsFindingView, TlsReloadView};
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_transport::TlsServer;
use emqxd_transport::tls::inspect::{CertificateFacts, Completeness, Finding, Severity};
use emqxd_transport::tls::{ClientVerification, TlsSettings};

use super::server::ReplySender;
use crate::clock::unix_ms_now;
use crate::config::suggest::nearest;
use crate::listener::ListenerStatus;
use crate::node::NodeShared;
use crate::tls::{self, Reloaded, TlsUnavailable};

/// Host names and certificates of a chain that are shown.
const SHOWN_MAX: usize = 64;

pub(super) async fn handle(node: &NodeShared, request: TlsRequest, replies: ReplySender) -> Result<View, Failure> {
    match request {
        TlsRequest::Certificates { listener } => certificates(node, listener.as_deref(), replies).await,
        TlsRequest::Reload { listener } => reload(node, listener.as_deref(), replies).await,
    }
}

async fn certificates(node: &NodeShared, only: Option<&str>, replies: ReplySender) -> Result<View, Failure> {
    let listeners = tls_listeners(node, only)?;
    // Files are read to see whether they were renewed.
    let rows = tokio::task::spawn_blocking(move || listeners.iter().map(row).collect::<Vec<_>>())
        .await
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))?;
    let mut list = replies.rows(View::TlsCertificates);
    for row in rows {
        list.row(row).await?;
    }
    Ok(list.finish(None).await?)
}

async fn reload(node: &NodeShared, only: Option<&str>, replies: ReplySender) -> Result<View, Failure> {
    let listeners = tls_listeners(node, only)?;
    if let Some(id) = only
        && listeners.iter().all(|status| tls::server_of(status).is_none())
    {
        return Err(
            Failure::new(ErrorCode::ListenerNotRunning, format!("{id} is not running"))
                .next(format!("start it with `emqx-ctl listeners start {id}`")),
        );
    }
    let mut list = replies.rows(View::TlsReloads);
    for reloaded in tls::reload_all(node, only).await {
        let server = listeners
            .iter()
            .find(|status| status.config.id == reloaded.listener)
            .and_then(tls::server_of);
        list.row(reload_row(reloaded, server.as_deref())).await?;
    }
    Ok(list.finish(None).await?)
}

/// The listeners of a TLS type, or the one of this id.
fn tls_listeners(node: &NodeShared, only: Option<&str>) -> Result<Vec<ListenerStatus>, Failure> {
    let all: Vec<ListenerStatus> = node
        .listeners
        .list()
        .into_iter()
        .filter(|status| status.config.kind.is_tls())
        .collect();
    let Some(id) = only else {
        return Ok(all);
    };
    let found: Vec<ListenerStatus> = all.iter().filter(|status| status.config.id == id).cloned().collect();
    if found.is_empty() {
        let failure = Failure::new(ErrorCode::ListenerNotFound, format!("there is no TLS listener {id}"));
        return Err(match nearest(id, all.iter().map(|status| &*status.config.id)) {
            Some(meant) => failure.next(format!("did you mean {meant}?")),
            None => failure.next("list them with `emqx-ctl tls certs`"),
        });
    }
    Ok(found)
}

fn row(status: &ListenerStatus) -> TlsCertificateView {
    let in_force = tls::server_of(status);
    let loaded = match &in_force {
        Some(server) => Ok(Arc::clone(server)),
        None => tls::tls_server_for(&status.config),
    };
    match loaded {
        Ok(server) => {
            let mut row = loaded_row(&status.config.id, &server);
            row.is_in_force = in_force.is_some();
            if in_force.is_some() {
                compare_with_disk(&mut row, &server);
            }
            row
        }
        Err(error) => failed_row(status, &error),
    }
}

fn loaded_row(listener: &str, server: &TlsServer) -> TlsCertificateView {
    let settings = server.settings();
    let chain = server.chain();
    let own = chain.first().cloned().unwrap_or_default();
    TlsCertificateView {
        days_left: own.days_left(unix_seconds()),
        chain: chain
            .iter()
            .skip(1)
            .take(SHOWN_MAX)
            .map(|facts| facts.subject.clone())
            .collect(),
        is_chain_complete: match server.completeness() {
            Completeness::Complete | Completeness::SelfSigned => Some(true),
            Completeness::Missing(_) | Completeness::Disordered(_) | Completeness::Empty => Some(false),
            Completeness::Unknown(_) => None,
        },
        is_key_matching: true,
        findings: server.findings().into_iter().map(finding).collect(),
        ..described(listener, &settings, own)
    }
}

/// What the settings and the certificate say by themselves.
fn described(listener: &str, settings: &TlsSettings, own: CertificateFacts) -> TlsCertificateView {
    let shown = |path: &std::path::Path| path.display().to_string();
    let verify = match settings.verification {
        ClientVerification::None => "verify_none",
        ClientVerification::Optional | ClientVerification::Required => "verify_peer",
    };
    TlsCertificateView {
        listener: listener.to_owned(),
        is_in_force: false,
        certfile: shown(&settings.certificate_file),
        keyfile: shown(&settings.key_file),
        cacertfile: settings.ca_file.as_deref().map(shown),
        verify: verify.to_owned(),
        subject: own.subject,
        issuer: own.issuer,
        names: own.names.into_iter().take(SHOWN_MAX).collect(),
        serial: own.serial,
        key: own.key,
        not_before: own.not_before,
        not_after: own.not_after,
        days_left: 0,
        chain: Vec::new(),
        is_chain_complete: None,
        is_key_matching: false,
        is_renewed_on_disk: false,
        findings: Vec::new(),
    }
}

/// A listener whose certificate cannot be used, or that has none.
fn failed_row(status: &ListenerStatus, error: &TlsUnavailable) -> TlsCertificateView {
    let settings = tls::tls_settings(&status.config).unwrap_or_else(|_| TlsSettings::new("", "", ""));
    let is_missing = matches!(error, TlsUnavailable::NoCertificate { .. });
    let mut row = described(&status.config.id, &settings, CertificateFacts::default());
    row.findings.push(TlsFindingView {
        // Nobody asked for TLS there: it is just not started.
        is_error: !is_missing,
        what: error.to_string(),
        next: error.next_step(),
    });
    row
}

/// Whether the files were renewed and not loaded.
fn compare_with_disk(row: &mut TlsCertificateView, server: &TlsServer) {
    match server.differs_from_files() {
        Ok(false) => {}
        Ok(true) => {
            row.is_renewed_on_disk = true;
            row.findings.push(TlsFindingView {
                is_error: false,
                what: "the files hold something else than what is in force".to_owned(),
                next: format!("emqx-ctl tls reload {}", row.listener),
            });
        }
        Err(error) => row.findings.push(TlsFindingView {
            is_error: true,
            what: format!("the files cannot be loaded any more: {error}"),
            next: error.next_step(),
        }),
    }
}

fn reload_row(reloaded: Reloaded, server: Option<&TlsServer>) -> TlsReloadView {
    let in_force = server
        .and_then(|server| server.chain().into_iter().next())
        .unwrap_or_default();
    let (is_changed, findings, problem) = match reloaded.outcome {
        Ok(report) => (report.is_changed, report.findings, None),
        Err(error) => {
            let problem = TlsFindingView {
                is_error: true,
                what: error.to_string(),
                next: error.next_step(),
            };
            (false, Vec::new(), Some(problem))
        }
    };
    TlsReloadView {
        listener: reloaded.listener,
        is_reloaded: problem.is_none(),
        is_changed,
        subject: in_force.subject,
        not_after: in_force.not_after,
        problem,
        findings: findings.into_iter().map(finding).collect(),
    }
}

fn finding(finding: Finding) -> TlsFindingView {
    TlsFindingView {
        is_error: finding.severity == Severity::Error,
        what: finding.what,
        next: finding.next,
    }
}

fn unix_seconds() -> i64 {
    i64::try_from(unix_ms_now() / 1000).unwrap_or(i64::MAX)
}
