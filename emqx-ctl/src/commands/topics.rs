//! `topics list|show`

use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::TopicsCommand;
use crate::connect::unexpected;

pub fn run(command: TopicsCommand, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    let (request, list) = match command {
        TopicsCommand::List => (Request::ListTopics, list),
        // EMQX prints nothing for a filter that nobody subscribed to.
        TopicsCommand::Show { topic } => (Request::ShowTopic { topic }, list.silent_when_empty()),
    };
    stream_list(&mut connection, &request, list, |view| match view {
        View::Topics(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}
