//! `cluster nodes`, `cluster digest`, `cluster discovery`: what EMQX's `cluster status` does not tell.

use emqx_shared::request::{ClusterRequest, SystemRequest};
use emqx_shared::views::{ClusterNodeView, ClusterNodesView};
use emqx_shared::{ExitCode, Request, View};

use super::Outcome;
use crate::app::App;
use crate::cli::DiscoveryCommand;
use crate::connect::{Connection, unexpected};
use crate::failure::CliFailure;
use crate::render::escape::escape;
use crate::render::{Digest, Discovery, Said, erlang_term};

fn ask(request: ClusterRequest, app: &mut App) -> Result<View, CliFailure> {
    app.connect()?.ask(&Request::Cluster(request))
}

/// A row for each node, and what they differ in.
pub fn nodes(app: &mut App) -> Outcome {
    let view = ask_nodes(app)?;
    let mut list = app.printer.list::<ClusterNodeView>();
    list.push(view.nodes)?;
    list.finish()?;
    warn(&view.differences);
    Ok(ExitCode::Done)
}

/// The same lines for other commands that show the cluster to a person.
pub fn warn_of_differences(app: &mut App) -> Result<(), CliFailure> {
    let view = ask_nodes(app)?;
    warn(&view.differences);
    Ok(())
}

/// On stderr: stdout is the table, or what a script reads.
fn warn(differences: &[String]) {
    for difference in differences {
        eprintln!("warning: {}", escape(difference));
    }
}

fn ask_nodes(app: &mut App) -> Result<ClusterNodesView, CliFailure> {
    match ask(ClusterRequest::Nodes, app)? {
        View::ClusterNodes(view) => Ok(*view),
        other => Err(unexpected(&other)),
    }
}

pub fn digest(app: &mut App) -> Outcome {
    match ask(ClusterRequest::Digest, app)? {
        View::Digest(view) => app.printer.one(&Digest(view))?,
        other => return Err(unexpected(&other).into()),
    }
    Ok(ExitCode::Done)
}

pub fn discovery(command: Option<&DiscoveryCommand>, app: &mut App) -> Outcome {
    let (enable, sentence) = match command {
        None | Some(DiscoveryCommand::Status) => {
            match ask(ClusterRequest::Discovery, app)? {
                View::Discovery(view) => app.printer.one(&Discovery(view))?,
                other => return Err(unexpected(&other).into()),
            }
            return Ok(ExitCode::Done);
        }
        // EMQX's words; it has no word for the other.
        Some(DiscoveryCommand::Enable) => (true, "Automatic cluster discovery enabled."),
        Some(DiscoveryCommand::Disable) => (false, "Automatic cluster discovery disabled."),
    };
    ask(ClusterRequest::SetDiscovery { enable }, app)?;
    app.printer.one(&Said {
        verb: "cluster discovery",
        sentence: sentence.to_owned(),
    })?;
    Ok(ExitCode::Done)
}

/// `conf cluster_sync status`: whether all nodes have applied what the cluster has agreed on, in EMQX's words.
pub fn sync_status(app: &mut App) -> Outcome {
    let Nodes { running, stopped } = all(app)?;
    let mut applied = Vec::new();
    for node in running {
        let index = connect_to(&node, app).and_then(|mut connection| applied_by(&mut connection));
        applied.push((node, index));
    }
    let (sentence, exit) = sync_sentence(&applied, &stopped);
    if app.is_text() {
        let lines: Vec<_> = sentence.lines().map(escape).collect();
        app.printer
            .raw(&format!("{DASHES}\n{}\n{DASHES}\n", lines.join("\n")))?;
    } else {
        app.printer.one(&Said {
            verb: "conf cluster_sync status",
            sentence,
        })?;
    }
    Ok(exit)
}

/// EMQX draws so many.
const DASHES: &str = "-----------------------------------------------";

fn applied_by(connection: &mut Connection) -> Result<String, CliFailure> {
    match connection.ask(&Request::Cluster(ClusterRequest::Digest))? {
        View::Digest(view) => {
            let row = view.sums.into_iter().find(|row| row.of == "consensus applied");
            Ok(row.map_or_else(|| "0".to_owned(), |row| row.sum))
        }
        other => Err(unexpected(&other)),
    }
}

/// EMQX's sentence, or a line for each node that is not where the others are.
fn sync_sentence(applied: &[(String, Result<String, CliFailure>)], stopped: &[String]) -> (String, ExitCode) {
    let first = applied.first().and_then(|(_, index)| index.as_ref().ok());
    let is_synchronized = applied.iter().all(|(_, index)| index.as_ref().ok() == first);
    let mut lines = match (first, is_synchronized) {
        (Some(index), true) => vec![format!("All configuration synchronized(tnx_id={index}) successfully")],
        _ => applied.iter().map(sync_line).collect(),
    };
    if !stopped.is_empty() {
        let names: Vec<String> = stopped.iter().map(|node| erlang_term::atom(node)).collect();
        lines.push(format!("Found stopped nodes: [{}]", names.join(",")));
    }
    let exit = if is_synchronized {
        ExitCode::Done
    } else {
        ExitCode::NegativeAnswer
    };
    (lines.join("\n"), exit)
}

fn sync_line((node, index): &(String, Result<String, CliFailure>)) -> String {
    match index {
        Ok(index) => format!("{}: tnx_id={index}", escape(node)),
        Err(failure) => format!("{}: {}", escape(node), escape(&failure.message)),
    }
}

/// The nodes a command is for.
pub struct Nodes {
    pub running: Vec<String>,
    pub stopped: Vec<String>,
}

/// The node that `--node` names; else all, the one behind the socket first.
///
/// # Errors
/// The daemon cannot be asked.
pub fn all(app: &mut App) -> Result<Nodes, CliFailure> {
    if let Some(node) = app.node() {
        return Ok(Nodes {
            running: vec![node.to_owned()],
            stopped: Vec::new(),
        });
    }
    let mut connection = app.connect()?;
    let own = connection.greeting().node.clone();
    match connection.ask(&Request::System(SystemRequest::ClusterStatus))? {
        View::Cluster(view) => {
            let mut running = view.running_nodes;
            running.sort_by_key(|node| (*node != own, node.clone()));
            Ok(Nodes {
                running,
                stopped: view.stopped_nodes,
            })
        }
        other => Err(unexpected(&other)),
    }
}

/// A connection whose requests are for this node.
///
/// # Errors
/// See [`App::connect`].
pub fn connect_to(node: &str, app: &mut App) -> Result<Connection, CliFailure> {
    let mut connection = app.connect()?;
    connection.hand_on_to(node);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_are_behind_and_nodes_that_do_not_run_are_named() {
        let at = |node: &str, index: &str| (node.to_owned(), Ok(index.to_owned()));
        let (alike, code) = sync_sentence(&[at("emqx@a", "7"), at("emqx@b", "7")], &["emqx@c".to_owned()]);
        assert_eq!(
            alike,
            "All configuration synchronized(tnx_id=7) successfully\nFound stopped nodes: [emqx@c]"
        );
        assert_eq!(code, ExitCode::Done);
        let (behind, code) = sync_sentence(&[at("emqx@a", "7"), at("emqx@b", "6")], &[]);
        assert_eq!(behind, "emqx@a: tnx_id=7\nemqx@b: tnx_id=6");
        assert_eq!(code, ExitCode::NegativeAnswer);
    }
}
