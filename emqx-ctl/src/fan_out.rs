//! `--all-nodes`: the same command on every node of the cluster, at the same time.
//!
//! Each node gets a process of this program with `--node`, so that one that hangs holds up nobody but itself, and
//! whatever a command prints is kept together. While they run there is a bar for each node; then each node's answer
//! follows under its name, or all of them as one JSON array. The exit code is 0 when all succeeded, 3 when some did, and
//! that of the first node that failed when none did.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::{self, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use emqx_shared::request::SystemRequest;
use emqx_shared::{ExitCode, Request, View};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

use crate::app::App;
use crate::cli::{Command, TraceCommand, TracesCommand};
use crate::commands::Outcome;
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::render::Format;

const FLAG: &str = "--all-nodes";
/// Bars appear when it takes longer than this.
const BARS_AFTER: Duration = Duration::from_millis(300);
/// Processes at the same time.
const AT_ONCE_MAX: usize = 64;

/// Runs the command line on all nodes.
///
/// # Errors
/// The nodes cannot be listed, or the command never ends by itself.
pub fn run(command: &Command, arguments: &[OsString], app: &mut App) -> Outcome {
    if goes_on(command) {
        let message = format!("this command goes on until it is stopped; {FLAG} waits for all nodes to be done");
        return Err(CliFailure::usage(message)
            .next("use --node for each; `emqx-ctl traces tail NAME` shows a trace of all nodes")
            .into());
    }
    let nodes = nodes(app)?;
    if nodes.len() > AT_ONCE_MAX {
        let message = format!("{} nodes; {FLAG} asks {AT_ONCE_MAX} at most", nodes.len());
        return Err(CliFailure::usage(message).next("use --node for each").into());
    }
    let program = std::env::current_exe().map_err(|error| {
        CliFailure::new("io_error", ExitCode::Io, "this program cannot be started again").why(error.to_string())
    })?;
    let format = app.printer.look.format;
    let (done, answers) = mpsc::channel();
    for (index, node) in nodes.iter().enumerate() {
        let mut command = process::Command::new(&program);
        command
            .args(["--node", node, "--no-input"])
            .args(arguments.iter().skip(1).filter(|argument| *argument != FLAG))
            .env("EMQX_CTL_FORMAT", format.name())
            .stdin(Stdio::null());
        let done = done.clone();
        thread::spawn(move || {
            // Nobody listens any more when this program ends.
            let _ended = done.send((index, command.output()));
        });
    }
    drop(done);
    let outputs = gather(&nodes, &answers, app.printer.look.quiet);
    show(&nodes, &outputs, format, app)?;
    Ok(exit_code(&outputs))
}

const fn goes_on(command: &Command) -> bool {
    match command {
        Command::Trace(TraceCommand::Tail { .. }) | Command::Traces(TracesCommand::Tail { .. }) => true,
        Command::Trace(TraceCommand::Start(start)) => start.target.follow,
        Command::Events(events) => events.follow,
        Command::Top(top) => !top.once,
        _ => false,
    }
}

/// By name, those that do not run too.
fn nodes(app: &mut App) -> Result<Vec<String>, CliFailure> {
    match app.connect()?.ask(&Request::System(SystemRequest::ClusterStatus))? {
        View::Cluster(view) => {
            let mut nodes = view.running_nodes;
            nodes.extend(view.stopped_nodes);
            nodes.sort_unstable();
            Ok(nodes)
        }
        other => Err(unexpected(&other)),
    }
}

/// Waits for all, with a bar for each on a terminal.
fn gather(
    nodes: &[String],
    answers: &mpsc::Receiver<(usize, io::Result<Output>)>,
    quiet: bool,
) -> Vec<Option<io::Result<Output>>> {
    let mut outputs: Vec<_> = nodes.iter().map(|_| None).collect();
    let mut bars: Option<Vec<ProgressBar>> = None;
    let wants_bars = !quiet && io::stderr().is_terminal();
    loop {
        match answers.recv_timeout(BARS_AFTER) {
            Ok((index, output)) => {
                if let Some(bar) = bars.as_ref().and_then(|bars| bars.get(index)) {
                    bar.finish_with_message(said_of(&output));
                }
                outputs[index] = Some(output);
            }
            Err(mpsc::RecvTimeoutError::Timeout) if wants_bars && bars.is_none() => {
                bars = Some(draw(nodes, &outputs));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    for bar in bars.iter().flatten() {
        bar.finish_and_clear();
    }
    outputs
}

fn said_of(output: &io::Result<Output>) -> &'static str {
    match output {
        Ok(output) if output.status.success() => "done",
        _ => "failed",
    }
}

fn draw(nodes: &[String], outputs: &[Option<io::Result<Output>>]) -> Vec<ProgressBar> {
    let all = MultiProgress::new();
    let bars = nodes.iter().zip(outputs).map(|(node, output)| {
        let bar = all.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_prefix(node.clone());
        match output {
            Some(output) => bar.finish_with_message(said_of(output)),
            None => bar.enable_steady_tick(Duration::from_millis(100)),
        }
        bar
    });
    bars.collect()
}

fn show(nodes: &[String], outputs: &[Option<io::Result<Output>>], format: Format, app: &mut App) -> Outcome {
    if matches!(format, Format::Json | Format::Ndjson) {
        let all: Vec<_> = nodes
            .iter()
            .zip(outputs)
            .map(|(node, output)| as_json(node, output))
            .collect();
        app.printer
            .raw(&format!("{}\n", crate::render::json::text(&json!(all))))?;
        return Ok(ExitCode::Done);
    }
    for (node, output) in nodes.iter().zip(outputs) {
        app.printer.raw(&format!("{node}:\n"))?;
        match output {
            Some(Ok(output)) => {
                app.printer.raw(&String::from_utf8_lossy(&output.stdout))?;
                eprint!("{}", String::from_utf8_lossy(&output.stderr));
            }
            Some(Err(error)) => eprintln!("Error: {error}"),
            None => eprintln!("Error: it was not started"),
        }
    }
    Ok(ExitCode::Done)
}

/// `{"node", "exit_code", "result"}`, or `error` in place of `result`.
fn as_json(node: &str, output: &Option<io::Result<Output>>) -> serde_json::Value {
    let output = match output {
        Some(Ok(output)) => output,
        Some(Err(error)) => return json!({ "node": node, "exit_code": null, "error": error.to_string() }),
        None => return json!({ "node": node, "exit_code": null, "error": "it was not started" }),
    };
    let code = output.status.code();
    let value = |bytes: &[u8]| {
        let values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
        let mut values: Vec<_> = values.map_while(Result::ok).collect();
        match values.len() {
            0 => json!(String::from_utf8_lossy(bytes).trim()),
            1 => values.remove(0),
            _ => json!(values),
        }
    };
    match output.status.success() {
        true => json!({ "node": node, "exit_code": code, "result": value(&output.stdout) }),
        false => {
            let mut error = value(&output.stderr);
            // As the command alone prints it, but for the name that it has here already.
            if let Some(inner) = error.get_mut("error") {
                error = inner.take();
            }
            json!({ "node": node, "exit_code": code, "error": error })
        }
    }
}

fn exit_code(outputs: &[Option<io::Result<Output>>]) -> ExitCode {
    let codes: Vec<Option<i32>> = outputs
        .iter()
        .map(|output| output.as_ref()?.as_ref().ok()?.status.code())
        .collect();
    let succeeded = codes.iter().filter(|code| **code == Some(0)).count();
    if succeeded == codes.len() {
        return ExitCode::Done;
    }
    if succeeded > 0 {
        return ExitCode::PartialSuccess;
    }
    let first = codes.iter().flatten().find(|code| **code != 0);
    let known = |code: &i32| ExitCode::ALL.into_iter().find(|known| i32::from(*known as u8) == *code);
    first.and_then(known).unwrap_or(ExitCode::Internal)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn ended(code: i32, stdout: &str, stderr: &str) -> Option<io::Result<Output>> {
        Some(Ok(Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.as_bytes().to_vec(),
            stderr: stderr.as_bytes().to_vec(),
        }))
    }

    #[test]
    fn part_of_the_nodes_is_a_code_of_its_own() {
        let (well, gone, missing) = (ended(0, "", ""), ended(69, "", ""), ended(4, "", ""));
        assert_eq!(exit_code(&[well]), ExitCode::Done);
        assert_eq!(exit_code(&[ended(0, "", ""), gone]), ExitCode::PartialSuccess);
        assert_eq!(exit_code(&[missing, ended(69, "", "")]), ExitCode::NotFound);
        assert_eq!(exit_code(&[None, ended(0, "", "")]), ExitCode::PartialSuccess);
    }

    #[test]
    fn what_nodes_say_in_json_is_one_array() {
        let value = as_json("emqx@a", &ended(0, "{\"a\":1}\n", ""));
        assert_eq!(value, json!({ "node": "emqx@a", "exit_code": 0, "result": { "a": 1 } }));
        let rows = as_json("emqx@a", &ended(0, "{\"a\":1}\n{\"a\":2}\n", ""));
        assert_eq!(rows["result"], json!([{ "a": 1 }, { "a": 2 }]));
        let failed = as_json(
            "emqx@b",
            &ended(69, "", "{\"error\":{\"code\":\"node_unreachable\"}}\n"),
        );
        assert_eq!(failed["error"]["code"], "node_unreachable");
    }
}
