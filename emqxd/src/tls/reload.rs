//! Certificates that were renewed, taken into use while clients stay connected.
//!
//! Each listener is reloaded as a whole or not at all: one whose files are bad keeps what it has, and the log and the
//! answer say so. Reading files may wait for a disk: it happens on a thread for that, never on a worker.

use std::sync::Arc;

use emqxd_transport::tls::inspect::Finding;
use emqxd_transport::{ReloadReport, TlsServer};

use super::settings::{TlsUnavailable, tls_settings};
use crate::config::ListenerConfig;
use crate::listener::ListenerStatus;
use crate::node::NodeShared;

/// How it went for one listener.
#[derive(Debug)]
pub struct Reloaded {
    /// Its id.
    pub listener: String,
    /// What is in force now, or why nothing was changed.
    pub outcome: Result<ReloadReport, TlsUnavailable>,
}

/// Reads the files of all running listeners again, or of those of this id alone, by their settings as they are now.
pub async fn reload_all(node: &NodeShared, only: Option<&str>) -> Vec<Reloaded> {
    let listeners: Vec<(ListenerConfig, Arc<TlsServer>)> = node
        .listeners
        .list()
        .into_iter()
        .filter(|status| only.is_none_or(|id| status.config.id == id))
        .filter_map(|status| Some((status.config.clone(), server_of(&status)?)))
        .collect();
    let reload = move || -> Vec<Reloaded> {
        let each = listeners.iter();
        each.map(|(config, server)| reload(config, server)).collect()
    };
    match tokio::task::spawn_blocking(reload).await {
        Ok(reloaded) => reloaded,
        Err(crash) => {
            tracing::error!(reason = %crash, "tls_certificates_not_reloaded");
            Vec::new()
        }
    }
}

/// What is not good about what a listener has just loaded, and no reason to refuse it.
pub fn log_findings(listener: &str, findings: &[Finding]) {
    for finding in findings {
        tracing::warn!(listener, reason = %finding.what, next = %finding.next, "tls_certificate_problem");
    }
}

/// TLS of a listener that runs.
pub fn server_of(status: &ListenerStatus) -> Option<Arc<TlsServer>> {
    let run = status.run.as_ref().filter(|_| status.is_running)?;
    run.layers.tls.clone()
}

fn reload(config: &ListenerConfig, server: &TlsServer) -> Reloaded {
    let outcome = tls_settings(config).and_then(|settings| Ok(server.reconfigure(settings)?));
    match &outcome {
        Ok(report) => {
            let certificate = &report.certificate;
            if report.is_changed {
                tracing::info!(
                    level = "notice",
                    listener = %config.id,
                    subject = %certificate.subject,
                    serial = %certificate.serial,
                    "tls_certificates_reloaded"
                );
            }
            log_findings(&config.id, &report.findings);
        }
        Err(error) => tracing::error!(
            listener = %config.id,
            reason = %error,
            next = %error.next_step(),
            "tls_certificates_not_reloaded: what was in force stays"
        ),
    }
    Reloaded {
        listener: config.id.clone(),
        outcome,
    }
}
