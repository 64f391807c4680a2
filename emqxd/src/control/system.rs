//! `vm`, `mnesia`, `olp`, `pem_cache`, `authz cache-clean`, `cluster`: what EMQX asks of its virtual machine, its
//! database and its cluster, answered by a native process.
//!
//! Answers are true figures of this process under EMQX's names; who is a member is `cluster/admission`'s to change.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use emqx_shared::request::SystemRequest;
use emqx_shared::views::{OverloadView, VmView};
use emqx_shared::{ErrorCode, Failure, Progress, View};
use emqxd_broker::RetainedStore;
use nix::sys::resource::{Resource, getrlimit};

use super::dispatch::{on_owner, on_worker};
use super::node_status;
use super::server::ReplySender;
use crate::cluster::{self, AdmissionError, Done};
use crate::node::NodeShared;

/// Between two words to an operator who waits for a change of the members.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    request: SystemRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        SystemRequest::Vm => vm(node).await,
        SystemRequest::StorageInfo => node_status::counts(storage(node), replies).await,
        SystemRequest::OverloadStatus => Ok(overload(node)),
        SystemRequest::SetOverloadProtection { enable } => {
            node.worker_delays.set_enabled(enable);
            Ok(overload(node))
        }
        // EMQX would read the certificates again for the next connection; here they are read now. One that cannot
        // be used is in the log, and `tls reload` says so.
        SystemRequest::CleanPemCache { node: name } => {
            check_own_name(node, name.as_deref())?;
            crate::tls::reload_all(node, None).await;
            Ok(View::Nothing)
        }
        SystemRequest::CleanAuthzCache { node: name, client_id } => {
            check_own_name(node, name.as_deref())?;
            match client_id {
                Some(client_id) => clean_authorization_of(node, client_id).await?,
                None => {
                    for worker in node.workers() {
                        on_worker(node, worker, |worker| worker.shard.clean_authorization_cache(None)).await?;
                    }
                }
            }
            Ok(View::Nothing)
        }
        SystemRequest::ClusterStatus => Ok(View::Cluster(cluster::status(node))),
        SystemRequest::JoinCluster { node: other } => changed(node, cluster::join(node, &other), replies).await,
        SystemRequest::LeaveCluster => {
            let leaving = async { cluster::leave(node).await.map(|()| Done::Changed) };
            changed(node, leaving, replies).await
        }
        SystemRequest::ForceLeaveCluster { node: other } => {
            changed(node, cluster::force_leave(node, &other), replies).await
        }
    }
}

/// How the cluster is then; nothing if it was so already. What it waits for is told as long as it does.
async fn changed(
    node: &NodeShared,
    change: impl Future<Output = Result<Done, AdmissionError>>,
    replies: ReplySender,
) -> Result<View, Failure> {
    let before = node.cluster.peers();
    let changed = tokio::select! {
        changed = change => changed,
        never = tell_progress(node, &replies) => match never {},
    };
    match changed {
        Ok(Done::Changed) => {
            cluster::settle(node, &before).await;
            Ok(View::Cluster(cluster::status(node)))
        }
        Ok(Done::Already) => Ok(View::Nothing),
        Err(error) => Err(cluster_failure(&error)),
    }
}

async fn tell_progress(node: &NodeShared, replies: &ReplySender) -> Infallible {
    let began = Instant::now();
    loop {
        tokio::time::sleep(PROGRESS_INTERVAL).await;
        let step = Progress {
            what: cluster::waits_for(node).to_owned(),
            done: began.elapsed().as_secs(),
            total: None,
        };
        // What was asked for goes on even if nobody waits for it any more.
        let _caller_may_be_gone = replies.progress(step).await;
    }
}

fn cluster_failure(error: &AdmissionError) -> Failure {
    let (code, next) = match error {
        AdmissionError::Itself | AdmissionError::BadName(_) => {
            (ErrorCode::InvalidArgument, "name another node, such as emqx2@10.0.0.2")
        }
        AdmissionError::NoLinks => (
            ErrorCode::Disabled,
            "set `node.name` to a name with an address that the others reach, then restart; the log says why if it is set",
        ),
        AdmissionError::AlreadyInCluster(_) => (ErrorCode::AlreadyInCluster, "emqx-ctl cluster leave"),
        AdmissionError::NotInCluster => return Failure::new(ErrorCode::NodeNotInCluster, error.to_string()),
        AdmissionError::NodeDown { .. } => (
            ErrorCode::NodeDown,
            "see that it runs, that its link port (4370 and the number its name ends in) can be reached, and that `node.cookie` is the same",
        ),
        AdmissionError::Refused { .. } => (ErrorCode::JoinRefused, "emqx-ctl cluster status"),
        AdmissionError::NotNow { .. } => (
            ErrorCode::JoinRefused,
            "try again; `emqx-ctl cluster status` there says more",
        ),
        AdmissionError::Busy => (ErrorCode::Busy, "try again"),
        AdmissionError::Consensus(_) => (
            ErrorCode::NoMajority,
            "start the nodes of the cluster that are down; `emqx-ctl cluster status` names them",
        ),
        AdmissionError::Own(_) => (
            ErrorCode::Internal,
            "the log says more; see to the disk, then try again",
        ),
    };
    Failure::new(code, error.to_string()).next(next)
}

fn check_own_name(node: &NodeShared, name: Option<&str>) -> Result<(), Failure> {
    match name {
        Some(name) if name != node.config.node.name => {
            let message = format!("there is no node {name}");
            Err(Failure::new(ErrorCode::InvalidArgument, message)
                .next(format!("this node is {}", node.config.node.name)))
        }
        _ => Ok(()),
    }
}

async fn clean_authorization_of(node: &NodeShared, client_id: String) -> Result<(), Failure> {
    let owner = client_id.clone();
    let is_connected = on_owner(node, &owner, move |worker| {
        worker.shard.clean_authorization_cache(Some(&client_id))
    })
    .await?;
    if is_connected {
        return Ok(());
    }
    Err(super::clients::not_found(&owner))
}

fn overload(node: &NodeShared) -> View {
    View::Overload(OverloadView {
        node: node.config.node.name.clone(),
        is_overloaded: node.worker_delays.is_overloaded(),
    })
}

/// What the stores hold, as numbers.
fn storage(node: &NodeShared) -> Vec<(&'static str, u64)> {
    let retained = &node.retained;
    vec![
        ("sessions", node.sessions()),
        ("subscriptions", node.subscriptions()),
        ("routes", node.tables.routes.counts().topics as u64),
        ("retained_messages", retained.len() as u64),
        ("retained_bytes", retained.bytes() as u64),
    ]
}

async fn vm(node: &NodeShared) -> Result<View, Failure> {
    let connections: u64 = node
        .listeners
        .list()
        .iter()
        .filter_map(|status| status.run.as_ref())
        .map(|run| run.open_connections() as u64)
        .sum();
    let listening = node.listeners.list().iter().filter(|status| status.is_running).count() as u64;
    let ets = node.retained.bytes() as u64;
    // A listing of all descriptors may be long.
    let system = tokio::task::spawn_blocking(System::read)
        .await
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))?;
    Ok(View::Vm(Box::new(VmView {
        load_hundredths: system.load_hundredths,
        memory_total: system.resident,
        memory_processes: system.resident_anonymous,
        memory_ets: ets,
        memory_code: system.resident.saturating_sub(system.resident_anonymous),
        process_limit: system.max_fds,
        process_count: connections + system.threads,
        max_fds: system.max_fds,
        active_fds: system.active_fds,
        ports_count: connections + listening,
        ports_limit: system.max_fds,
    })))
}

/// What the system tells of this process; zero where it does not.
#[derive(Debug, Default)]
struct System {
    load_hundredths: [u32; 3],
    resident: u64,
    resident_anonymous: u64,
    threads: u64,
    max_fds: u64,
    active_fds: u64,
}

impl System {
    fn read() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.and_then(|word| word.parse::<u64>().ok()).unwrap_or(0)
        };
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            load_hundredths: load_hundredths(&load),
            resident: number("VmRSS:") * 1024,
            resident_anonymous: number("RssAnon:") * 1024,
            threads: number("Threads:"),
            max_fds: getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
            active_fds: std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64),
        }
    }
}

/// `0.52 0.41 0.33 1/234 5678`
fn load_hundredths(text: &str) -> [u32; 3] {
    let mut words = text.split_whitespace().map(|word| {
        let (whole, part) = word.split_once('.').unwrap_or((word, "0"));
        let whole: u32 = whole.parse().unwrap_or(0);
        whole.saturating_mul(100) + part.parse::<u32>().unwrap_or(0)
    });
    [(); 3].map(|()| words.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_read_without_rounding() {
        assert_eq!(load_hundredths("0.52 1.04 12.00 1/234 5678\n"), [52, 104, 1200]);
        assert_eq!(load_hundredths(""), [0, 0, 0]);
    }

    #[test]
    fn this_process_has_memory_threads_and_descriptors() {
        let system = System::read();
        assert!(system.resident >= system.resident_anonymous && system.resident_anonymous > 0);
        assert!(system.threads >= 1 && system.active_fds >= 1 && system.max_fds >= system.active_fds);
    }
}
