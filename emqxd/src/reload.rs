//! Taking into use what was changed on disk while clients stay connected: SIGHUP, `emqx-ctl reload` and the unit's
//! `ExecReload=` all come here.
//!
//! The parts are log files, the configuration, access rules, the licence, keys of authenticators, and certificates. Each
//! is taken into use whole or not at all: one that cannot be read, or is wrong, keeps what was in force, and the report
//! says so. The configuration is all or nothing too (`running_config.rs`), so settings never come from two versions of
//! the file; the files that it names are then read by the settings that are in force. One reload goes after another.

mod authentication_files;

use std::error::Error;
use std::sync::Arc;

use emqx_shared::views::{ConfEffect, EventKind, NodeState, ReloadOutcome, ReloadPartView};
use tokio::sync::{Notify, watch};

use self::authentication_files::AuthenticationFiles;
use crate::authz;
use crate::config::Config;
use crate::license::FileLook;
use crate::node::NodeShared;
use crate::running_config::{self, ReloadError};
use crate::{systemd, tls};

/// The reloads of a node: who wants one, and what was read last.
#[derive(Debug)]
pub struct Reloads {
    /// Held by the one that is under way.
    under_way: tokio::sync::Mutex<AuthenticationFiles>,
    /// Several that ask while one is under way get one more together.
    asked: Notify,
}

impl Reloads {
    /// For a node that starts with this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            under_way: tokio::sync::Mutex::new(AuthenticationFiles::read(config)),
            asked: Notify::new(),
        }
    }

    /// Has everything reloaded soon. What came of it stands in the log.
    pub fn ask(&self) {
        self.asked.notify_one();
    }
}

/// What came of a reload, part by part.
#[derive(Debug, Clone, Default)]
pub struct ReloadReport {
    /// The parts, in the order in which they were reloaded.
    pub parts: Vec<ReloadPartView>,
}

impl ReloadReport {
    /// Parts that kept what was in force because the new cannot be used.
    pub fn failed(&self) -> impl Iterator<Item = &ReloadPartView> {
        self.parts.iter().filter(|part| part.outcome == ReloadOutcome::Failed)
    }

    fn add(&mut self, part: impl Into<String>, outcome: ReloadOutcome, detail: impl Into<String>) {
        self.parts.push(ReloadPartView {
            part: part.into(),
            outcome,
            detail: detail.into(),
            next: None,
        });
    }

    fn fail(&mut self, part: impl Into<String>, why: String, next: String) {
        self.parts.push(ReloadPartView {
            part: part.into(),
            outcome: ReloadOutcome::Failed,
            detail: why,
            next: Some(next),
        });
    }
}

/// Reloads whenever somebody has asked for it, until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = node.reloads.asked.notified() => {}
        }
        // A file system that hangs must not keep the node from stopping.
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            _ = reload_all(&node) => {}
        }
    }
}

/// Reloads everything. Once begun it goes on to its end, also when its caller gives up.
pub async fn reload_all(node: &Arc<NodeShared>) -> ReloadReport {
    let reloading = tokio::spawn(reload_in_turn(Arc::clone(node)));
    let report = reloading.await;
    report.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()))
}

async fn reload_in_turn(node: Arc<NodeShared>) -> ReloadReport {
    let mut files = node.reloads.under_way.lock().await;
    // While it starts or stops it has something else to say.
    let is_serving = node.state() == NodeState::Started;
    if is_serving {
        node.service.reloading();
    }
    let mut report = ReloadReport::default();
    log_files(&node, &mut report).await;
    everything_configured(&node, &mut files, &mut report).await;
    drop(files);
    tell(&node, &report);
    if is_serving && node.state() == NodeState::Started {
        node.service.ready(&systemd::describe(&node));
    }
    report
}

/// The configuration, and then the files that it names.
async fn everything_configured(node: &Arc<NodeShared>, files: &mut AuthenticationFiles, report: &mut ReloadReport) {
    let rules_before = node.authz.in_force();
    let license_before = node.license.in_force().license.clone();
    let reloaded = running_config::reload(node).await;
    configuration(&reloaded, report);
    let rules = match &reloaded {
        Ok(_) => Ok(node.authz.in_force()),
        Err(_) => authz::reload(node).await,
    };
    match rules {
        Ok(rules) if rules.has_same_rules(&rules_before) => {
            report.add("access rules", ReloadOutcome::Unchanged, "");
        }
        Ok(rules) => report.add("access rules", ReloadOutcome::Done, rules.in_words()),
        Err(error) => report.fail("access rules", error.to_string(), error.next_step()),
    }
    match node.license.reload_file().await {
        _ if node.license.in_force().license != license_before => {
            let customer = node.license.in_force().license.terms.customer.clone();
            report.add(
                "licence",
                ReloadOutcome::Done,
                format!("that of {customer} is in force"),
            );
        }
        Ok(FileLook::NotInForce) => {
            let why = "the one that an operator has set is in force, not that of license.key";
            report.add("licence", ReloadOutcome::Unchanged, why);
        }
        Ok(FileLook::NoFile | FileLook::Same | FileLook::Taken) => {
            report.add("licence", ReloadOutcome::Unchanged, "");
        }
        Err(error) => {
            let next = "put a good licence there, then reload again; or `emqx-ctl license update FILE`";
            report.fail("licence", error.to_string(), next.to_owned());
        }
    }
    files.reload(node, report).await;
    let certificates = match reloaded {
        Ok(reloaded) => reloaded.certificates,
        Err(_) => tls::reload_all(node, None).await,
    };
    for listener in certificates {
        certificate(listener, report);
    }
}

async fn log_files(node: &Arc<NodeShared>, report: &mut ReloadReport) {
    let log = node.log.clone();
    let reopened = tokio::task::spawn_blocking(move || log.reopen_files()).await;
    let reopened = reopened.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()));
    if reopened.is_empty() {
        report.add("log files", ReloadOutcome::Unchanged, "there are none");
    }
    for (handler, result) in reopened {
        let part = format!("log file {handler}");
        match result {
            Ok(()) => report.add(part, ReloadOutcome::Done, "opened anew"),
            Err(error) => {
                let cause = error.source().map(ToString::to_string).unwrap_or_default();
                let next = "make the folder writable for this user, and see that descriptors are left (LimitNOFILE)";
                report.fail(
                    part,
                    format!("{error}: {cause}; the old file is written on"),
                    next.to_owned(),
                );
            }
        }
    }
}

fn configuration(reloaded: &Result<running_config::Reloaded, ReloadError>, report: &mut ReloadReport) {
    let part = "configuration";
    let changes = match reloaded {
        Ok(reloaded) => &reloaded.changes,
        Err(error @ ReloadError::NoFile) => return report.add(part, ReloadOutcome::Unchanged, error.why()),
        Err(error) => return report.fail(part, error.why(), error.next_step()),
    };
    let applied: Vec<&str> = changes
        .iter()
        .filter(|change| change.effect == ConfEffect::Live)
        .map(|change| &*change.key)
        .collect();
    match applied.len() {
        0 => report.add(part, ReloadOutcome::Unchanged, ""),
        _ => report.add(part, ReloadOutcome::Done, applied.join(", ")),
    }
    for change in changes {
        let next = match &change.effect {
            ConfEffect::Restart => "restart emqxd".to_owned(),
            ConfEffect::ListenerRestart { listener } => format!("emqx-ctl listeners restart {listener}"),
            ConfEffect::Live | ConfEffect::None => continue,
        };
        report.parts.push(ReloadPartView {
            part: change.key.clone(),
            outcome: ReloadOutcome::Waiting,
            detail: "not in force before a restart".to_owned(),
            next: Some(next),
        });
    }
}

fn certificate(listener: tls::Reloaded, report: &mut ReloadReport) {
    let part = format!("certificates of {}", listener.listener);
    match listener.outcome {
        Ok(reloaded) if reloaded.is_changed => {
            let detail = format!(
                "{}, serial {}",
                reloaded.certificate.subject, reloaded.certificate.serial
            );
            report.add(part, ReloadOutcome::Done, detail);
        }
        Ok(_) => report.add(part, ReloadOutcome::Unchanged, ""),
        Err(error) => report.fail(part, error.to_string(), error.next_step()),
    }
}

/// The log hears of it.
fn tell(node: &NodeShared, report: &ReloadReport) {
    for part in report.failed() {
        tracing::error!(
            part = part.part,
            reason = part.detail,
            next = part.next,
            "not_reloaded: what was in force stays"
        );
    }
    let waiting: Vec<&str> = report
        .parts
        .iter()
        .filter(|part| part.outcome == ReloadOutcome::Waiting)
        .map(|part| &*part.part)
        .collect();
    if !waiting.is_empty() {
        tracing::warn!(keys = waiting.join(", "), "settings_wait_for_a_restart");
    }
    let done = report.parts.iter().filter(|part| part.outcome == ReloadOutcome::Done);
    let (done, failed) = (done.count(), report.failed().count());
    tracing::info!(level = "notice", done, failed, waiting = waiting.len(), "reloaded");
    let detail = format!(
        "{done} parts done, {failed} failed, {} settings wait for a restart",
        waiting.len()
    );
    node.events.tell(EventKind::ConfigReloaded, "reload", detail);
}
