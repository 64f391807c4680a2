//! `topics list` and `topics show`: the routes of this node.

use emqx_shared::views::TopicView;
use emqx_shared::{Failure, View};

use super::dispatch::PAGE;
use super::server::ReplySender;
use crate::node::NodeShared;

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
