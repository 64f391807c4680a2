//! `traces`: a named trace on every node of the cluster that runs.
//!
//! Each node keeps the trace for itself, so a node that comes later has none. What fails on some nodes only is a warning
//! that names them, and exit code 3. With `--node` the trace is that node's alone. [`tail`] brings their lines together.

mod tail;

use std::collections::BTreeMap;
use std::time::Duration;

use emqx_shared::request::{
    TraceDestination, TraceFormat, TracePayload, TraceRequest, TraceStart, TraceSubject, TraceTarget, is_trace_name,
};
use emqx_shared::views::{TraceState, TraceView};
use emqx_shared::{ErrorCode, ExitCode, LogLevel, Request, View};

use super::Outcome;
use super::cluster::{self, Nodes, connect_to};
use super::trace::{millis, reason, tell, trace_view, with_classic};
use crate::app::App;
use crate::cli::{LineFormat, TracesCommand};
use crate::compat::Compat;
use crate::connect::unexpected;
use crate::failure::{CliFailure, Stop};
use crate::render::TraceRow;
use crate::render::escape::escape;

/// `traces start` without a duration in EMQX 4.
const DURATION_OF_EMQX_4: Duration = Duration::from_secs(900);
/// The same in EMQX 5.
const DURATION_OF_EMQX_5: Duration = Duration::from_secs(1800);

pub fn run(command: TracesCommand, app: &mut App) -> Outcome {
    match command {
        TracesCommand::List => list(app),
        TracesCommand::Start {
            name,
            kind,
            value,
            duration,
            formatter,
        } => start(name, kind.subject(&value), duration, formatter, app),
        TracesCommand::Stop { name } => stop(name, app),
        TracesCommand::Tail { name } => tail::run(&name, app),
        TracesCommand::Delete { name } => delete(name, app),
    }
}

/// What came of a command on the nodes.
struct Deeds {
    /// Of the first node where it was done.
    view: TraceView,
    /// Nodes where it was not.
    failed: Vec<(String, CliFailure)>,
    stopped: Vec<String>,
}

/// Has every node carry it out.
///
/// # Errors
/// The first failure, if it was done nowhere.
fn everywhere(request: &TraceRequest, app: &mut App) -> Result<Deeds, CliFailure> {
    let Nodes { running, stopped } = cluster::all(app)?;
    let request = Request::Trace(request.clone());
    let (mut first, mut failed) = (None, Vec::new());
    for node in running {
        let answer = connect_to(&node, app).and_then(|mut connection| trace_view(connection.ask(&request)));
        match answer {
            Ok(view) => first = first.or(Some(view)),
            Err(failure) => failed.push((node, failure)),
        }
    }
    match (first, failed.is_empty()) {
        (Some(view), _) => Ok(Deeds { view, failed, stopped }),
        (None, false) => Err(failed.swap_remove(0).1),
        (None, true) => Err(CliFailure::new(
            "node_unreachable",
            ExitCode::Unavailable,
            "no node of the cluster runs",
        )),
    }
}

/// Tells of a deed, and where it was not done.
fn conclude(sentence: String, deeds: Deeds, of_stopped: &str, app: &mut App) -> Outcome {
    tell(sentence, deeds.view, app)?;
    for node in &deeds.stopped {
        eprintln!("warning: {} is stopped: {of_stopped}", escape(node));
    }
    warn(&deeds.failed);
    Ok(match deeds.failed.is_empty() {
        true => ExitCode::Done,
        false => ExitCode::PartialSuccess,
    })
}

fn warn(failed: &[(String, CliFailure)]) {
    for (node, failure) in failed {
        eprintln!("warning: not on {}: {}", escape(node), escape(&failure.message));
    }
}

fn start(
    name: String,
    subject: TraceSubject,
    duration: Option<Duration>,
    formatter: Option<LineFormat>,
    app: &mut App,
) -> Outcome {
    let is_v4 = app.printer.look.compat == Compat::V4;
    let default = if is_v4 { DURATION_OF_EMQX_4 } else { DURATION_OF_EMQX_5 };
    let start = TraceStart {
        name: Some(name.clone()),
        subject: subject.clone(),
        level: LogLevel::Debug,
        format: formatter.map_or(TraceFormat::Text, Into::into),
        payload: TracePayload::Text,
        payload_limit: 1024,
        duration_ms: Some(millis(duration.unwrap_or(default))),
        max_bytes: None,
        rate: None,
        destination: TraceDestination::Folder,
    };
    let (kind, value) = (subject.kind(), subject.value());
    if !is_trace_name(&name) {
        let failure = CliFailure::usage(format!("\"{name}\" is no name for a trace"))
            .next("use letters, then letters, digits, - and _ (^[A-Za-z]+[A-Za-z0-9-_]*$)");
        let text = "\"Name should be ^[A-Za-z]+[A-Za-z0-9-_]*$\"";
        return Err(with_classic(failure, format!("[error] cluster_trace {name} {kind}={value} {text}")).into());
    }
    let deeds = everywhere(&TraceRequest::Start(Box::new(start)), app).map_err(|failure| {
        let reason = reason(&failure, &name);
        with_classic(failure, format!("[error] cluster_trace {name} {kind}={value} {reason}"))
    })?;
    let cluster_trace = if is_v4 { "Cluster_trace" } else { "cluster_trace" };
    let sentence = format!("{cluster_trace} {kind} {value} {name} successfully");
    conclude(sentence, deeds, "nothing is traced there", app)
}

fn stop(name: String, app: &mut App) -> Outcome {
    let request = TraceRequest::Stop {
        target: TraceTarget::Name(name.clone()),
    };
    let deeds = everywhere(&request, app).map(but_where_it_is_not).map_err(|failure| {
        let reason = match failure.code == ErrorCode::TraceNotFound.name() {
            true => "not_found".to_owned(),
            false => reason(&failure, &name),
        };
        with_classic(failure, format!("[error] Stop cluster_trace {name}: {reason}"))
    })?;
    let sentence = format!("Stop cluster_trace {name} successfully");
    conclude(sentence, deeds, "a trace of that name would go on when it starts", app)
}

fn delete(name: String, app: &mut App) -> Outcome {
    let request = TraceRequest::Delete { name: name.clone() };
    let deeds = everywhere(&request, app).map(but_where_it_is_not).map_err(|failure| {
        let reason = reason(&failure, &name);
        with_classic(failure, format!("[error] Del cluster_trace {name}: {reason}"))
    })?;
    let sentence = format!("Del cluster_trace {name} successfully");
    conclude(sentence, deeds, "a trace of that name would go on when it starts", app)
}

/// A node that came after the start has no such trace, and nothing has to be done there.
fn but_where_it_is_not(mut deeds: Deeds) -> Deeds {
    let not_found = ErrorCode::TraceNotFound.name();
    deeds.failed.retain(|(_, failure)| failure.code != not_found);
    deeds
}

/// A line for each trace, as EMQX does; for programs a row for each trace of each node.
fn list(app: &mut App) -> Outcome {
    let Nodes { running, .. } = cluster::all(app)?;
    let (mut views, mut failed) = (Vec::new(), Vec::new());
    let mut answered = 0;
    for node in running {
        match list_of(&node, app) {
            Ok(of_node) => {
                answered += 1;
                views.extend(of_node);
            }
            Err(Stop::Failure(failure)) => failed.push((node, *failure)),
            Err(stop) => return Err(stop),
        }
    }
    if answered == 0 && !failed.is_empty() {
        return Err(failed.swap_remove(0).1.into());
    }
    let rows = match app.is_text() {
        true => merged(views),
        false => views.into_iter().map(TraceRow::of_node).collect(),
    };
    if rows.is_empty() && app.is_text() {
        app.printer.raw("Cluster Trace is empty\n")?;
    } else {
        let mut list = app.printer.list();
        list.push(rows)?;
        list.finish()?;
    }
    warn(&failed);
    Ok(match failed.is_empty() {
        true => ExitCode::Done,
        false => ExitCode::PartialSuccess,
    })
}

fn list_of(node: &str, app: &mut App) -> Result<Vec<TraceView>, Stop> {
    let mut views = Vec::new();
    connect_to(node, app)?.stream(&Request::Trace(TraceRequest::List), &mut |view| match view {
        View::Traces(chunk) => {
            views.extend(chunk.into_iter().filter(|view| view.is_named));
            Ok(())
        }
        other => Err(unexpected(&other).into()),
    })?;
    Ok(views)
}

/// Traces of one name that follow the same are one; it runs as long as it does anywhere.
fn merged(views: Vec<TraceView>) -> Vec<TraceRow> {
    let mut rows: BTreeMap<(String, &'static str, String), TraceRow> = BTreeMap::new();
    for view in views {
        let key = (view.name.clone(), view.subject.kind(), view.subject.value().to_owned());
        let size = (view.node.clone(), view.bytes);
        let Some(row) = rows.get_mut(&key) else {
            let sizes = vec![size];
            rows.insert(key, TraceRow { view, sizes });
            continue;
        };
        row.sizes.push(size);
        row.sizes.sort_unstable();
        let all = &mut row.view;
        if view.state == TraceState::Running {
            all.state = TraceState::Running;
        }
        all.bytes = all.bytes.saturating_add(view.bytes);
        all.lines = all.lines.saturating_add(view.lines);
        all.dropped = all.dropped.saturating_add(view.dropped);
        all.watchers = all.watchers.saturating_add(view.watchers);
        all.started_at_ms = all.started_at_ms.min(view.started_at_ms);
        all.ends_at_ms = all.ends_at_ms.max(view.ends_at_ms);
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, node: &str, bytes: u64, state: TraceState) -> TraceView {
        TraceView {
            name: name.to_owned(),
            is_named: true,
            subject: TraceSubject::Client("c".to_owned()),
            level: LogLevel::Debug,
            format: TraceFormat::Text,
            payload: TracePayload::Text,
            destination: None,
            is_resumable: true,
            state,
            started_at_ms: 1,
            ends_at_ms: 2,
            bytes,
            max_bytes: 100,
            lines: 1,
            dropped: 0,
            rate: None,
            watchers: 0,
            node: node.to_owned(),
        }
    }

    #[test]
    fn the_same_trace_of_several_nodes_is_one_that_runs_while_it_does_anywhere() {
        let stopped = TraceState::Stopped {
            reason: "size".to_owned(),
        };
        let rows = merged(vec![
            view("hunt", "emqx@b", 7, stopped),
            view("other", "emqx@b", 1, TraceState::Running),
            view("hunt", "emqx@a", 5, TraceState::Running),
        ]);
        assert_eq!(rows.len(), 2);
        let sizes = [("emqx@a".to_owned(), 5), ("emqx@b".to_owned(), 7)];
        assert_eq!(rows[0].sizes, sizes);
        assert_eq!((rows[0].view.bytes, rows[0].view.lines), (12, 2));
        assert_eq!(rows[0].view.state, TraceState::Running);
    }
}
