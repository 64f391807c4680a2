//! `topics list` and `topics show`: the routes of this node.
//!
//! The route table lists filters with wildcards or share groups; the workers list the others, of which it knows no
//! texts.

use emqx_shared::views::TopicView;
use emqx_shared::{Failure, View};

use super::dispatch::{PAGE, on_worker};
use super::server::ReplySender;
use crate::node::NodeShared;
use crate::worker::WorkerState;

pub(super) async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let routes = &node.tables.routes;
    let total = routes.counts().topics as u64;
    let mut rows = replies.rows(View::Topics);
    let mut after: Option<String> = None;
    loop {
        let page = routes.page(after.as_deref(), PAGE);
        let Some(last) = page.last() else { break };
        after = Some(last.filter.clone());
        for route in page {
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
        rows.row(view(node, route.filter)).await?;
    }
    Ok(rows.finish(None).await?)
}

fn view(node: &NodeShared, topic: String) -> TopicView {
    TopicView {
        topic,
        node: node.config.node.name.clone(),
    }
}
