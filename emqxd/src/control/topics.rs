//! `topics list` and `topics show`: who wants which filter.
//!
//! The route table lists filters with wildcards or share groups; the workers list the others, of which it knows no
//! texts. So a list is of what this node's clients want, and those of other nodes are asked for their own; one filter
//! is shown with every node that wants it.

use emqx_shared::views::TopicView;
use emqx_shared::{Failure, View};
use emqxd_broker::{RouteInfo, ShareMember, WorkerId, peer_slot};

use super::dispatch::{PAGE, on_worker};
use super::server::ReplySender;
use crate::node::NodeShared;
use crate::worker::WorkerState;

pub(super) async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let routes = &node.tables.routes;
    let mut total = 0;
    let mut rows = replies.rows(View::Topics);
    let mut after: Option<String> = None;
    loop {
        let page = routes.page(after.as_deref(), PAGE);
        let Some(last) = page.last() else { break };
        after = Some(last.filter.clone());
        for route in page.into_iter().filter(is_wanted_here) {
            total += 1;
            rows.row(view(node, route.filter)).await?;
        }
    }
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let look = move |worker: &mut WorkerState| worker.shard.exact_topics_page(place, PAGE);
            let (page, next) = on_worker(node, worker, look).await?;
            from = next;
            for filter in page {
                total += 1;
                rows.row(view(node, filter)).await?;
            }
        }
    }
    Ok(rows.finish(Some(total)).await?)
}

/// No row for a filter that nobody subscribed to: EMQX prints nothing then.
pub(super) async fn show(node: &NodeShared, filter: &str, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Topics);
    if let Some(route) = node.tables.routes.show(filter) {
        let peers = node.cluster.peers();
        let of_workers = route.workers.iter().copied();
        let mut slots: Vec<u8> = of_workers
            .chain(members_workers(&route))
            .filter_map(peer_slot)
            .collect();
        slots.sort_unstable();
        slots.dedup();
        let names = slots.into_iter().filter_map(|slot| peers.by_slot(slot));
        let mut names: Vec<&str> = names.map(|peer| peer.name.as_str()).collect();
        names.extend(is_wanted_here(&route).then_some(node.config.node.name.as_str()));
        // The same on every node that is asked.
        names.sort_unstable();
        for name in names {
            let (topic, node) = (route.filter.clone(), name.to_owned());
            rows.row(TopicView { topic, node }).await?;
        }
    }
    Ok(rows.finish(None).await?)
}

/// Whether a client of this node wants it.
fn is_wanted_here(route: &RouteInfo) -> bool {
    let mut workers = route.workers.iter().copied().chain(members_workers(route));
    workers.any(|worker| peer_slot(worker).is_none())
}

fn members_workers(route: &RouteInfo) -> impl Iterator<Item = WorkerId> {
    let worker = |member: &ShareMember| member.worker;
    route.groups.iter().flat_map(move |group| group.members().map(worker))
}

fn view(node: &NodeShared, topic: String) -> TopicView {
    TopicView {
        topic,
        node: node.config.node.name.clone(),
    }
}
