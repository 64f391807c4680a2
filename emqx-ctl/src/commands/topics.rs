//! `topics list|show`
//!
//! A node knows the texts of what its own clients want, so a list asks every node that runs; with `--node` that node
//! alone. A node that does not answer is a warning, and exit code 3.

use emqx_shared::views::TopicView;
use emqx_shared::{ExitCode, Request, View};

use super::cluster::{self, Nodes};
use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::TopicsCommand;
use crate::connect::unexpected;
use crate::failure::{CliFailure, Stop};
use crate::render::escape::escape;

pub fn run(command: TopicsCommand, app: &mut App) -> Outcome {
    match command {
        TopicsCommand::List => list(app),
        TopicsCommand::Show { topic } => {
            let mut connection = app.connect()?;
            // EMQX prints nothing for a filter that nobody subscribed to.
            let list = app.printer.list().silent_when_empty();
            stream_list(&mut connection, &Request::ShowTopic { topic }, list, topics)?;
            Ok(ExitCode::Done)
        }
    }
}

fn list(app: &mut App) -> Outcome {
    let Nodes { running, .. } = cluster::all(app)?;
    let mut connection = app.connect()?;
    if let [_only] = &running[..] {
        stream_list(&mut connection, &Request::ListTopics, app.printer.list(), topics)?;
        return Ok(ExitCode::Done);
    }
    let mut list = app.printer.list();
    let (mut answered, mut failed) = (0, Vec::new());
    for node in running {
        connection.hand_on_to(&node);
        let rows = connection.stream(&Request::ListTopics, &mut |view| {
            list.push(topics(view)?).map_err(Stop::Output)
        });
        match rows {
            Ok(_end) => answered += 1,
            Err(Stop::Failure(failure)) => failed.push((node, failure)),
            Err(stop) => return Err(stop),
        }
    }
    if answered == 0 && !failed.is_empty() {
        list.break_off()?;
        return Err(Stop::Failure(failed.swap_remove(0).1));
    }
    list.finish()?;
    for (node, failure) in &failed {
        eprintln!("warning: not those of {}: {}", escape(node), escape(&failure.message));
    }
    Ok(match failed.is_empty() {
        true => ExitCode::Done,
        false => ExitCode::PartialSuccess,
    })
}

fn topics(view: View) -> Result<Vec<TopicView>, CliFailure> {
    match view {
        View::Topics(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}
