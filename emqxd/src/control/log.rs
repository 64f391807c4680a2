//! `log primary-level`, `log set-level` and `log handlers …`.

use std::error::Error;

use emqx_shared::views::{EventKind, LogHandlerStatus, LogHandlerView};
use emqx_shared::{ErrorCode, Failure, LogLevel, View};

use super::server::ReplySender;
use crate::config::log::LogLevel as ConfigLevel;
use crate::log::{HandlerError, HandlerInfo, HandlerStatus, LogControl};
use crate::node::NodeShared;

pub(super) fn primary_level(node: &NodeShared) -> View {
    View::LogLevel(shown(node.log.primary_level()))
}

pub(super) fn set_primary_level(node: &NodeShared, level: LogLevel) -> View {
    node.borrowed_level.forget();
    node.log.set_primary_level(meant(level));
    node.events.tell(EventKind::LogLevelChanged, "log", level.as_str());
    primary_level(node)
}

/// The primary level and that of all handlers.
pub(super) fn set_level(node: &NodeShared, level: LogLevel) -> View {
    node.borrowed_level.forget();
    node.log.set_level(meant(level));
    node.events.tell(EventKind::LogLevelChanged, "log", level.as_str());
    primary_level(node)
}

pub(super) async fn list_handlers(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::LogHandlers);
    for info in node.log.handlers() {
        rows.row(view(info)).await?;
    }
    Ok(rows.finish(None).await?)
}

pub(super) async fn start_handler(node: &NodeShared, id: String) -> Result<View, Failure> {
    apart(&node.log, move |log| log.start_handler(&id)).await
}

pub(super) async fn stop_handler(node: &NodeShared, id: String) -> Result<View, Failure> {
    apart(&node.log, move |log| log.stop_handler(&id)).await
}

/// The level now in force.
pub(super) fn set_handler_level(node: &NodeShared, id: &str, level: LogLevel) -> Result<View, Failure> {
    let log = &node.log;
    log.set_handler_level(id, meant(level))
        .map_err(|error| failure(log, &error))?;
    let handler = log.handlers().into_iter().find(|handler| handler.id == id);
    Ok(View::LogLevel(handler.map_or(level, |handler| shown(handler.level))))
}

/// Opening a file, or waiting for the last lines, is not for a thread that others share.
async fn apart(
    log: &LogControl,
    act: impl FnOnce(&LogControl) -> Result<(), HandlerError> + Send + 'static,
) -> Result<View, Failure> {
    let its_log = log.clone();
    let done = tokio::task::spawn_blocking(move || act(&its_log));
    match done.await {
        Ok(Ok(())) => Ok(View::Nothing),
        Ok(Err(error)) => Err(failure(log, &error)),
        Err(crash) => Err(Failure::new(ErrorCode::Internal, crash.to_string())),
    }
}

fn failure(log: &LogControl, error: &HandlerError) -> Failure {
    let code = match error {
        HandlerError::Unknown { .. } => ErrorCode::LogHandlerNotFound,
        HandlerError::OpenFile { .. } => ErrorCode::Io,
        HandlerError::StartThread { .. } => ErrorCode::Busy,
    };
    let mut failure = Failure::new(code, error.to_string());
    if let Some(cause) = error.source() {
        failure = failure.why(cause.to_string());
    }
    if code == ErrorCode::LogHandlerNotFound {
        let known: Vec<_> = log.handlers().into_iter().map(|handler| handler.id).collect();
        failure = failure.next(format!("known: {}", known.join(" ")));
    }
    failure
}

fn view(info: HandlerInfo) -> LogHandlerView {
    LogHandlerView {
        id: info.id,
        level: shown(info.level),
        destination: info.destination,
        status: match info.status {
            HandlerStatus::Started => LogHandlerStatus::Started,
            HandlerStatus::Stopped => LogHandlerStatus::Stopped,
        },
        dropped: info.dropped,
    }
}

pub(super) fn shown(level: ConfigLevel) -> LogLevel {
    match level {
        ConfigLevel::All => LogLevel::All,
        ConfigLevel::Debug => LogLevel::Debug,
        ConfigLevel::Info => LogLevel::Info,
        ConfigLevel::Notice => LogLevel::Notice,
        ConfigLevel::Warning => LogLevel::Warning,
        ConfigLevel::Error => LogLevel::Error,
        ConfigLevel::Critical => LogLevel::Critical,
        ConfigLevel::Alert => LogLevel::Alert,
        ConfigLevel::Emergency => LogLevel::Emergency,
        ConfigLevel::None => LogLevel::None,
    }
}

pub(super) fn meant(level: LogLevel) -> ConfigLevel {
    match level {
        LogLevel::All => ConfigLevel::All,
        LogLevel::Debug => ConfigLevel::Debug,
        LogLevel::Info => ConfigLevel::Info,
        LogLevel::Notice => ConfigLevel::Notice,
        LogLevel::Warning => ConfigLevel::Warning,
        LogLevel::Error => ConfigLevel::Error,
        LogLevel::Critical => ConfigLevel::Critical,
        LogLevel::Alert => ConfigLevel::Alert,
        LogLevel::Emergency => ConfigLevel::Emergency,
        LogLevel::None => ConfigLevel::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_comes_back_as_it_was_set() {
        for level in LogLevel::ALL {
            assert_eq!(shown(meant(level)), level);
            assert_eq!(meant(level).to_string(), level.as_str());
        }
    }
}
