//! `broker`, `broker stats`, `broker metrics`

use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{BrokerArgs, BrokerCommand};
use crate::connect::unexpected;

pub fn run(args: &BrokerArgs, app: &mut App) -> Outcome {
    let request = match args.command {
        None => return describe(app),
        Some(BrokerCommand::Stats) => Request::BrokerStats,
        Some(BrokerCommand::Metrics) => Request::BrokerMetrics,
    };
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &request, list, |view| match view {
        View::Counts(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

fn describe(app: &mut App) -> Outcome {
    let view = app.connect()?.ask(&Request::Broker)?;
    let broker = match view {
        View::Broker(broker) => broker,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&broker)?;
    Ok(ExitCode::Done)
}
