//! `vm`, `mnesia`, `olp`, `pem_cache`, `authz cache-clean`, `plugins`, `cluster`: in EMQX's words.

use std::time::Duration;

use emqx_shared::request::SystemRequest;
use emqx_shared::views::ClusterView;
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, cluster, stream_list};
use crate::app::App;
use crate::cli::{CleanCommand, ClusterCommand, OlpCommand, PemCacheCommand, VmPart};
use crate::compat::Compat;
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::render::escape::escape;
use crate::render::{ClusterNodes, Format, Overload, Said, Vm, erlang_term};

fn ask(request: SystemRequest, app: &mut App) -> Result<View, CliFailure> {
    app.connect()?.ask(&Request::System(request))
}

/// One sentence of EMQX's.
fn say(verb: &'static str, sentence: impl Into<String>, app: &mut App) -> Outcome {
    app.printer.one(&Said {
        verb,
        sentence: sentence.into(),
    })?;
    Ok(ExitCode::Done)
}

pub fn vm(part: VmPart, app: &mut App) -> Outcome {
    match ask(SystemRequest::Vm, app)? {
        View::Vm(view) => app.printer.one(&Vm { view: *view, part })?,
        other => return Err(unexpected(&other).into()),
    }
    Ok(ExitCode::Done)
}

pub fn mnesia(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    if app.is_text() {
        let version = connection.greeting().version.clone();
        app.printer
            .raw(&format!("===> Storage info of emqxd {version}, in memory\n"))?;
    }
    let list = app.printer.list();
    let request = Request::System(SystemRequest::StorageInfo);
    stream_list(&mut connection, &request, list, |view| match view {
        View::Counts(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

pub fn olp(command: &OlpCommand, app: &mut App) -> Outcome {
    let request = match command {
        OlpCommand::Status => SystemRequest::OverloadStatus,
        OlpCommand::Enable => SystemRequest::SetOverloadProtection { enable: true },
        OlpCommand::Disable => SystemRequest::SetOverloadProtection { enable: false },
    };
    let view = match ask(request, app)? {
        View::Overload(view) => view,
        other => return Err(unexpected(&other).into()),
    };
    let node = erlang_term::atom(&view.node);
    match command {
        OlpCommand::Status => {
            app.printer.one(&Overload(view))?;
            Ok(ExitCode::Done)
        }
        // Spelt, and with a space at the end, as EMQX does.
        OlpCommand::Enable => say("olp enable", format!("Enable overload protection {node} : ok "), app),
        OlpCommand::Disable => say("olp disable", format!("Disable overload protetion {node} : ok "), app),
    }
}

pub fn pem_cache(command: PemCacheCommand, app: &mut App) -> Outcome {
    let PemCacheCommand::Clean(clean) = command;
    let node = match clean {
        CleanCommand::All => None,
        CleanCommand::Node { node } => Some(node),
    };
    ask(SystemRequest::CleanPemCache { node: node.clone() }, app)?;
    let sentence = match (node, app.printer.look.compat) {
        (Some(node), Compat::V5) => format!("{node} PEM cache clean OK"),
        _ => "PEM cache clean OK".to_owned(),
    };
    say("pem_cache clean", sentence, app)
}

pub fn clean_authz_cache(target: &[String], app: &mut App) -> Outcome {
    let words: Vec<&str> = target.iter().map(String::as_str).collect();
    let is_v4 = app.printer.look.compat == Compat::V4;
    let (request, sentence) = match words[..] {
        ["all"] | ["node", _] if is_v4 => (
            clean(words.get(1).copied(), None),
            "ACL cache drain start OK".to_owned(),
        ),
        ["all"] => (
            clean(None, None),
            "Authorization cache drain started on all nodes OK".to_owned(),
        ),
        ["node", node] => (
            clean(Some(node), None),
            format!("Authorization cache drain started on node {node} OK"),
        ),
        [client_id] => (
            clean(None, Some(client_id)),
            format!("Drain {client_id} authz cache OK"),
        ),
        _ => return Err(CliFailure::usage("expected all, node NODE or CLIENTID").into()),
    };
    let of_client = matches!(words[..], [client_id] if client_id != "all");
    ask(request, app).map_err(|failure| {
        if of_client && failure.code == ErrorCode::ClientNotFound.name() {
            let text = format!("Drain {} authz cache FAILED\n{{error,not_found}}\n", escape(words[0]));
            failure.classic(text)
        } else {
            failure
        }
    })?;
    if of_client && is_v4 {
        return Ok(ExitCode::Done);
    }
    say("authz cache-clean", sentence, app)
}

fn clean(node: Option<&str>, client_id: Option<&str>) -> SystemRequest {
    SystemRequest::CleanAuthzCache {
        node: node.map(str::to_owned),
        client_id: client_id.map(str::to_owned),
    }
}

/// This version has no plugins; whether it runs is asked all the same.
pub fn plugins(app: &mut App) -> Outcome {
    app.connect()?.ask(&Request::Ping)?;
    if app.is_text() {
        let text = match app.printer.look.compat {
            Compat::V4 => "",
            Compat::V5 => "[]\n",
        };
        app.printer.raw(text)?;
    } else {
        app.printer.list::<Said>().finish()?;
    }
    Ok(ExitCode::Done)
}

pub fn cluster(command: ClusterCommand, app: &mut App) -> Outcome {
    match command {
        ClusterCommand::Nodes => cluster::nodes(app),
        ClusterCommand::Digest => cluster::digest(app),
        ClusterCommand::Discovery { action } => cluster::discovery(action.as_ref(), app),
        ClusterCommand::Status { json } => {
            let nodes = cluster_view(ask(SystemRequest::ClusterStatus, app)?)?;
            let nodes = ClusterNodes(nodes);
            if json {
                app.printer.raw(&nodes.json())?;
            } else {
                app.printer.one(&nodes)?;
                if app.printer.look.format == Format::Table && nodes.0.running_nodes.len() > 1 {
                    cluster::warn_of_differences(app)?;
                }
            }
            Ok(ExitCode::Done)
        }
        ClusterCommand::Join { node } => {
            let request = SystemRequest::JoinCluster { node };
            changed(
                request,
                "Join the cluster successfully.",
                "Failed to join the cluster",
                app,
            )
        }
        ClusterCommand::Leave => {
            let request = SystemRequest::LeaveCluster;
            changed(
                request,
                "Leave the cluster successfully.",
                "Failed to leave the cluster",
                app,
            )
        }
        ClusterCommand::ForceLeave { node } => {
            let request = SystemRequest::ForceLeaveCluster { node };
            let done = "Remove the node from cluster successfully.";
            changed(request, done, "Failed to remove the node from cluster", app)
        }
    }
}

/// Being admitted includes taking all that the cluster knows.
const MEMBERS_TIME: Duration = Duration::from_secs(90);

/// EMQX says what it did and how the cluster is then.
fn changed(request: SystemRequest, done: &str, failed: &str, app: &mut App) -> Outcome {
    let other = match &request {
        SystemRequest::JoinCluster { node } | SystemRequest::ForceLeaveCluster { node } => Some(node.clone()),
        _ => None,
    };
    let mut connection = app.connect()?;
    connection.wait_at_least(MEMBERS_TIME);
    let view = connection.ask(&Request::System(request)).map_err(|failure| {
        if !failure.handled {
            return failure;
        }
        let reason = erlang_term::atom(failure.code);
        // These EMQX says of a node.
        let of_node = [ErrorCode::NodeDown, ErrorCode::AlreadyInCluster].map(ErrorCode::name);
        let reason = match other {
            Some(node) if of_node.contains(&failure.code) => format!("{{{reason},{}}}", erlang_term::atom(&node)),
            // Why not is in no atom.
            _ if failure.code == ErrorCode::JoinRefused.name() => erlang_term::string(&failure.message),
            _ => reason,
        };
        failure.classic(format!("{failed}: {reason}\n"))
    })?;
    drop(connection);
    if matches!(view, View::Nothing) {
        return say("cluster", "Ignore.", app);
    }
    let nodes = cluster_view(view)?;
    if app.is_text() {
        app.printer.raw(&format!("{done}\n"))?;
    }
    app.printer.one(&ClusterNodes(nodes))?;
    Ok(ExitCode::Done)
}

fn cluster_view(view: View) -> Result<ClusterView, CliFailure> {
    match view {
        View::Cluster(nodes) => Ok(nodes),
        other => Err(unexpected(&other)),
    }
}
