//! `retainer info`, `retainer topics` and `retainer clean`.

use bytestring::ByteString;
use emqx_shared::views::{RetainedCleanedView, RetainerView};
use emqx_shared::{ErrorCode, Failure, Progress, View};
use emqxd_broker::{FilterKind, PageEnd, RetainedStore, SubscriptionFilter, TopicLimits};

use super::dispatch::PAGE;
use super::server::ReplySender;
use crate::node::NodeShared;

/// Messages looked at while the store is locked: a slice that publishers hardly notice.
const SLICE: usize = 1024;

pub(super) fn info(node: &NodeShared) -> View {
    let settings = &node.config.retainer;
    View::Retainer(RetainerView {
        enabled: settings.enable,
        messages: node.retained.len() as u64,
        bytes: node.retained.bytes() as u64,
        max_messages: settings.max_retained_messages.map(|max| max as u64),
    })
}

/// Topics in the order of their bytes, from row `start` (counted from 1) on.
pub(super) async fn topics(node: &NodeShared, start: u32, limit: u32, replies: ReplySender) -> Result<View, Failure> {
    check_enabled(node)?;
    let store = &*node.retained;
    let total = store.len() as u64;
    let mut rows = replies.rows(View::RetainedTopics);
    let mut skip = start.saturating_sub(1) as usize;
    let mut left = limit as usize;
    let mut after: Option<ByteString> = None;
    while left > 0 {
        let wanted = if skip > 0 { skip.min(SLICE) } else { left.min(PAGE) };
        let page = store.topics(after.as_deref(), wanted);
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        if skip > 0 {
            skip -= page.len().min(skip);
            tokio::task::yield_now().await;
            continue;
        }
        left -= page.len();
        for topic in page {
            rows.row(topic.to_string()).await?;
        }
    }
    Ok(rows.finish(Some(total)).await?)
}

/// Removes the messages that match, or all, slice by slice: publishers and subscribers have their turns between.
pub(super) async fn clean(node: &NodeShared, filter: Option<&str>, replies: &ReplySender) -> Result<View, Failure> {
    check_enabled(node)?;
    if let Some(filter) = filter {
        check_filter(node, filter)?;
    }
    let mut messages = 0;
    let mut after: Option<ByteString> = None;
    loop {
        let cleaned = node.retained.clean(filter, after.as_deref(), SLICE);
        messages += cleaned.removed as u64;
        match cleaned.end {
            PageEnd::Done => return Ok(View::RetainedCleaned(RetainedCleanedView { messages })),
            PageEnd::More { after: last } => after = Some(last),
        }
        let progress = Progress {
            what: "removing retained messages".to_owned(),
            done: messages,
            total: None,
        };
        // What was asked for is done even if nobody waits for it any more.
        let _caller_may_be_gone = replies.progress(progress).await;
        tokio::task::yield_now().await;
    }
}

fn check_enabled(node: &NodeShared) -> Result<(), Failure> {
    if node.config.retainer.enable {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::Disabled, "the retainer is not enabled")
        .next("set `retainer.enable = true` and restart the daemon"))
}

fn check_filter(node: &NodeShared, filter: &str) -> Result<(), Failure> {
    let refused = |why: String| {
        Failure::new(
            ErrorCode::InvalidArgument,
            format!("\"{filter}\" is no filter of topics"),
        )
        .why(why)
    };
    let limits = TopicLimits::from(&node.config.mqtt);
    let parsed = SubscriptionFilter::parse(filter.into(), limits).map_err(|error| refused(error.to_string()))?;
    match parsed.kind {
        FilterKind::Plain => Ok(()),
        FilterKind::Shared { .. } | FilterKind::Exclusive => Err(refused(
            "retained messages have topics without such a prefix".to_owned(),
        )),
    }
}
