//! `subscriptions list`, `subscriptions show ID`, `subscriptions add` and `subscriptions del`.

use bytestring::ByteString;
use emqx_shared::views::SubscriptionView;
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_broker::{
    ConnectionKey, Effect, FilterKind, SubscriptionFilter, SubscriptionInfo, SubscriptionOptions, TopicLimits,
};
use mqtt_codec::{QoS, ReasonCode};

use super::clients;
use super::dispatch::{PAGE, on_owner, on_worker};
use super::server::ReplySender;
use crate::node::NodeShared;
use crate::worker::WorkerState;

pub(super) async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let total = node.subscriptions();
    let mut rows = replies.rows(View::Subscriptions);
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let look = move |worker: &mut WorkerState| worker.shard.subscriptions_page(place, PAGE);
            let (page, next) = on_worker(node, worker, look).await?;
            from = next;
            for info in page {
                rows.row(view(node, info)).await?;
            }
        }
    }
    Ok(rows.finish(Some(total)).await?)
}

pub(super) async fn show(node: &NodeShared, client_id: String, replies: ReplySender) -> Result<View, Failure> {
    let id = client_id.clone();
    let found = on_owner(node, &client_id, move |worker| worker.shard.subscriptions_of(&id)).await?;
    let subscriptions = found.ok_or_else(|| clients::not_found(&client_id))?;
    let mut rows = replies.rows(View::Subscriptions);
    for info in subscriptions {
        rows.row(view(node, info)).await?;
    }
    Ok(rows.finish(None).await?)
}

/// Subscribes a client as if it had asked itself; retained messages follow.
pub(super) async fn add(node: &NodeShared, client_id: String, topic: String, qos: u8) -> Result<View, Failure> {
    let qos = QoS::from_u8(qos).ok_or_else(|| Failure::new(ErrorCode::InvalidArgument, "QoS should be 0, 1, 2"))?;
    let filter = SubscriptionFilter::parse(topic.into(), TopicLimits::from(&node.config.mqtt)).map_err(|error| {
        Failure::new(ErrorCode::InvalidArgument, "the topic filter is not valid").why(error.to_string())
    })?;
    let options = SubscriptionOptions {
        qos: qos.min(node.config.mqtt.max_qos_allowed),
        ..SubscriptionOptions::default()
    };
    let (id, full) = (client_id.clone(), filter.full.clone());
    let granted = on_owner(node, &client_id, move |worker| subscribe(worker, &id, full, options)).await?;
    match granted {
        Ok(_) => Ok(View::Nothing),
        Err(refused) => Err(refusal(&client_id, &filter.kind, refused)),
    }
}

pub(super) async fn delete(node: &NodeShared, client_id: String, topic: String) -> Result<View, Failure> {
    let (id, full) = (client_id.clone(), ByteString::from(topic.as_str()));
    let found = on_owner(node, &client_id, move |worker| unsubscribe(worker, &id, full)).await?;
    match found {
        Some(true) => Ok(View::Nothing),
        Some(false) => {
            let message = format!("client \"{client_id}\" has no subscription to \"{topic}\"");
            let next = format!("see `emqx-ctl subscriptions show {client_id}`");
            Err(Failure::new(ErrorCode::SubscriptionNotFound, message).next(next))
        }
        None => Err(clients::not_found(&client_id)),
    }
}

fn subscribe(
    worker: &mut WorkerState,
    client_id: &str,
    full: ByteString,
    options: SubscriptionOptions,
) -> Result<ReasonCode, ReasonCode> {
    let connection = worker.shard.connection_of(client_id);
    let granted = worker.with_shard(|shard, _, effects| {
        // The one reason that no check gives: refusal() reads it as an unknown client.
        let key = shard.session_key(client_id).ok_or(ReasonCode::UnspecifiedError)?;
        let granted = shard.subscribe(key, full.clone(), options)?;
        tell(connection, full, Some(options), effects);
        Ok(granted)
    })?;
    // Its next turn sends the retained messages, when its socket has room for them.
    if let Some(connection) = connection.and_then(|key| worker.connections.get_mut(key.0 as usize)) {
        connection.flags.has_more_to_send = true;
        connection.wake();
    }
    Ok(granted)
}

/// Whether there was such a subscription; `None` without such a client.
fn unsubscribe(worker: &mut WorkerState, client_id: &str, full: ByteString) -> Option<bool> {
    let connection = worker.shard.connection_of(client_id);
    worker.with_shard(|shard, _, effects| {
        let key = shard.session_key(client_id)?;
        let was_there = shard.unsubscribe(key, &full);
        if was_there {
            tell(connection, full, None, effects);
        }
        Some(was_there)
    })
}

/// For the log and `$SYS`, which tell of connected clients only.
fn tell(
    connection: Option<ConnectionKey>,
    filter: ByteString,
    options: Option<SubscriptionOptions>,
    effects: &mut Vec<Effect>,
) {
    effects.extend(connection.map(|connection| Effect::SubscriptionChanged {
        connection,
        filter,
        options,
    }));
}

fn refusal(client_id: &str, kind: &FilterKind, refused: ReasonCode) -> Failure {
    let disabled = |what: &str, key: &str| {
        Failure::new(ErrorCode::Disabled, format!("{what} are not allowed")).next(format!("see `{key}`"))
    };
    match (refused, kind) {
        (ReasonCode::UnspecifiedError, _) => clients::not_found(client_id),
        (ReasonCode::WildcardSubscriptionsNotSupported, _) => {
            disabled("subscriptions with wildcards", "mqtt.wildcard_subscription")
        }
        (ReasonCode::SharedSubscriptionsNotSupported, _) => {
            disabled("shared subscriptions", "mqtt.shared_subscription")
        }
        (ReasonCode::TopicFilterInvalid, FilterKind::Exclusive) => {
            disabled("exclusive subscriptions", "mqtt.exclusive_subscription")
        }
        (ReasonCode::QuotaExceeded, FilterKind::Exclusive) => {
            Failure::new(ErrorCode::Busy, "the subscription was refused")
                .why("another client holds this exclusive topic, or `mqtt.max_subscriptions` is reached")
        }
        (ReasonCode::QuotaExceeded, _) => Failure::new(ErrorCode::Busy, "the subscription was refused").why(format!(
            "client \"{client_id}\" has as many subscriptions as `mqtt.max_subscriptions` allows"
        )),
        (other, _) => Failure::new(ErrorCode::InvalidArgument, "the subscription was refused").why(other.name()),
    }
}

fn view(node: &NodeShared, info: SubscriptionInfo) -> SubscriptionView {
    let options = info.options;
    SubscriptionView {
        client_id: info.client_id.to_string(),
        topic: info.filter.to_string(),
        qos: options.qos as u8,
        no_local: options.no_local,
        retain_handling: options.retain_handling as u8,
        retain_as_published: options.retain_as_published,
        subscription_id: options.subscription_identifier.map(Into::into),
        node: node.config.node.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_which_setting_or_whose_claim_stands_in_the_way() {
        let shared = FilterKind::Shared { group: "g".into() };
        for (kind, refused, code, names) in [
            (
                &shared,
                ReasonCode::SharedSubscriptionsNotSupported,
                ErrorCode::Disabled,
                "mqtt.shared_subscription",
            ),
            (
                &FilterKind::Exclusive,
                ReasonCode::TopicFilterInvalid,
                ErrorCode::Disabled,
                "mqtt.exclusive_subscription",
            ),
            (
                &FilterKind::Exclusive,
                ReasonCode::QuotaExceeded,
                ErrorCode::Busy,
                "another client",
            ),
            (
                &FilterKind::Plain,
                ReasonCode::QuotaExceeded,
                ErrorCode::Busy,
                "mqtt.max_subscriptions",
            ),
            (
                &FilterKind::Plain,
                ReasonCode::UnspecifiedError,
                ErrorCode::ClientNotFound,
                "sensor-7",
            ),
        ] {
            let failure = refusal("sensor-7", kind, refused);
            assert_eq!(failure.code, code);
            assert!(format!("{failure:?}").contains(names), "{failure:?}");
        }
    }
}
