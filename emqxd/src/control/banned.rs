//! `banned list|add|del|clear`. A ban ends the connections of whom it matches, too.

use emqx_shared::request::BannedRequest;
use emqx_shared::views::{BanView, BannedView};
use emqx_shared::{ErrorCode, Failure, View};

use super::peer::Peer;
use super::server::ReplySender;
use super::state::refused;
use crate::banned;
use crate::clock::unix_ms_now;
use crate::node::NodeShared;
use crate::state::{Ban, BanKind, Command};

/// Answers the verbs of the group.
pub(super) async fn handle(
    node: &NodeShared,
    peer: &Peer,
    request: BannedRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        BannedRequest::List => list(node, replies).await,
        BannedRequest::Add {
            kind,
            who,
            reason,
            by,
            duration_ms,
            until_ms,
        } => {
            let at_ms = unix_ms_now();
            if until_ms.is_some_and(|until_ms| until_ms <= at_ms) {
                return Err(
                    Failure::new(ErrorCode::InvalidArgument, "the ban would be over already")
                        .next("name a time that is still to come, in UTC or with its offset"),
                );
            }
            let ban = Ban {
                kind: parse_kind(&kind, &who)?,
                who,
                by: by.unwrap_or_else(|| format!("emqx-ctl (uid {})", peer.uid)),
                reason,
                at_ms,
                until_ms: until_ms.or_else(|| duration_ms.map(|duration| at_ms.saturating_add(duration))),
                only: Vec::new(),
            };
            add(node, ban).await
        }
        BannedRequest::Delete { kind, who } => {
            let kind = parse_kind(&kind, &who)?;
            apply(node, Command::Unban { kind, who }).await?;
            Ok(View::Nothing)
        }
        BannedRequest::Clear => Ok(View::RowsChanged(apply(node, Command::ClearBans).await?)),
    }
}

async fn apply(node: &NodeShared, command: Command) -> Result<u64, Failure> {
    let applied = node.state.apply(command).await.map_err(refused)?;
    Ok(applied.rows as u64)
}

async fn add(node: &NodeShared, ban: Ban) -> Result<View, Failure> {
    apply(node, Command::Ban { ban: ban.clone() }).await?;
    let kicked = banned::kick(node, &ban).await;
    let facts = node.state.facts();
    // As it is kept; somebody may have lifted it meanwhile.
    let kept = facts.banned.get(ban.kind, &ban.who).map_or(&ban, |kept| kept);
    Ok(View::Banned(Box::new(BannedView {
        ban: view(kept),
        kicked,
    })))
}

async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let facts = node.state.facts();
    let now_ms = unix_ms_now();
    let mut rows = replies.rows(View::Bans);
    for ban in facts.banned.iter().filter(|ban| ban.is_in_force(now_ms)) {
        rows.row(view(ban)).await?;
    }
    Ok(rows.finish(None).await?)
}

fn view(ban: &Ban) -> BanView {
    BanView {
        kind: ban.kind.as_str().to_owned(),
        who: ban.who.clone(),
        by: ban.by.clone(),
        reason: ban.shown_reason(),
        at_ms: ban.at_ms,
        until_ms: ban.until_ms,
    }
}

/// The kind by its word; a network under `peerhost` is meant as `peerhost_net`.
fn parse_kind(word: &str, who: &str) -> Result<BanKind, Failure> {
    match BanKind::parse(word) {
        Some(BanKind::Peerhost) if who.contains('/') => Ok(BanKind::PeerhostNet),
        Some(kind) => Ok(kind),
        None => Err(
            Failure::new(ErrorCode::InvalidArgument, format!("\"{word}\" is nothing to ban by"))
                .next(format!("choose from {}", BanKind::ALL.map(BanKind::as_str).join(", "))),
        ),
    }
}
