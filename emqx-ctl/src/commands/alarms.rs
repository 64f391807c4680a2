//! `alarms list`. EMQX shows alarms in its dashboard only.

use emqx_shared::request::DataRequest;
use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::AlarmsCommand;
use crate::connect::unexpected;

pub fn run(command: &AlarmsCommand, app: &mut App) -> Outcome {
    let AlarmsCommand::List { history } = *command;
    let mut connection = app.connect()?;
    let list = app.printer.list();
    let request = Request::Data(DataRequest::ListAlarms { history });
    stream_list(&mut connection, &request, list, |view| match view {
        View::Alarms(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}
