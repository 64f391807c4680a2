//! `status`, `ping`, `version`

use emqx_shared::views::NodeState;
use emqx_shared::{ExitCode, Request, View};

use super::Outcome;
use crate::app::App;
use crate::cli::StatusArgs;
use crate::connect::unexpected;
use crate::render::{Deed, DeedKind, Versions};

pub fn status(args: &StatusArgs, app: &mut App) -> Outcome {
    let view = app.connect()?.ask(&Request::Status)?;
    let status = match view {
        View::Status(status) => status,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&status)?;
    if args.exit_code && status.state != NodeState::Started {
        return Ok(ExitCode::NegativeAnswer);
    }
    Ok(ExitCode::Done)
}

pub fn ping(app: &mut App) -> Outcome {
    app.connect()?.ask(&Request::Ping)?;
    app.printer.one(&Deed::new(DeedKind::Pong, ""))?;
    Ok(ExitCode::Done)
}

pub fn version(app: &mut App) -> Outcome {
    let view = app.connect()?.ask(&Request::Version)?;
    let daemon = match view {
        View::Version(version) => version,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&Versions { daemon })?;
    Ok(ExitCode::Done)
}
