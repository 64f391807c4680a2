//! `clients list`, `clients show` and `clients kick`.
//!
//! Sessions live on the workers, so a list goes from worker to worker, page by page. In the order of their ids the
//! clients of all workers are found in passes, each of which keeps the first few thousand ids behind the last one
//! shown (`first_ids.rs`): memory stays bounded however many clients there are. `view.rs` says what is shown.

mod first_ids;
mod view;

use std::net::SocketAddr;

use bytestring::ByteString;
use emqx_shared::views::{ClientView, KickView};
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_broker::ClientInfo;

use self::first_ids::FirstIds;
use self::view::views;
use super::dispatch::{PAGE, on_owner, on_worker};
use super::server::{ReplySender, RowSender};
use crate::closed_connections::Traffic;
use crate::cluster::sessions;
use crate::node::NodeShared;
use crate::worker::WorkerState;

/// Ids found in one pass over all sessions: some megabytes at most for ids of usual length.
const IDS_PER_PASS: usize = 16 * 1024;

/// What its worker knows of a client.
struct Client {
    info: ClientInfo,
    traffic: Traffic,
    /// Of the connection, if it has one.
    receive_maximum: u16,
    /// The load balancer or proxy that told its address.
    proxied_by: Option<SocketAddr>,
    /// How often it was not read for a while because of a rate.
    pauses: u64,
}

/// All clients; with `limit` or `after` in the order of their ids.
pub(super) async fn list(
    node: &NodeShared,
    limit: Option<u32>,
    after: Option<String>,
    replies: ReplySender,
) -> Result<View, Failure> {
    let total = after.is_none().then(|| node.sessions());
    let mut rows = replies.rows(View::Clients);
    if limit.is_none() && after.is_none() {
        list_all(node, &mut rows).await?;
    } else {
        let limit = limit.map_or(usize::MAX, |limit| limit as usize);
        list_in_order(node, limit, after.map(ByteString::from), &mut rows).await?;
    }
    Ok(rows.finish(total).await?)
}

pub(super) async fn show(node: &NodeShared, client_id: &str) -> Result<View, Failure> {
    match find(node, client_id).await? {
        Some(client) => Ok(View::Client(Box::new(client))),
        None => Err(not_here(node, client_id).await),
    }
}

/// Ends the connection and the session, on whichever node they are.
pub(super) async fn kick(node: &NodeShared, client_id: String) -> Result<View, Failure> {
    let id = ByteString::from(client_id);
    let kicked = id.clone();
    let mut existed = on_owner(node, &id, move |worker| {
        worker.with_shard(|shard, now, effects| shard.kick_client(&kicked, now, effects))
    })
    .await?;
    existed |= sessions::kick_elsewhere(node, &id).await;
    Ok(View::Kick(KickView { existed }))
}

/// One client, connected or with a kept session.
pub(super) async fn find(node: &NodeShared, client_id: &str) -> Result<Option<ClientView>, Failure> {
    let id = client_id.to_owned();
    let client = on_owner(node, client_id, move |worker| {
        let info = worker.shard.client(&id)?;
        Some(with_connection(worker, info))
    })
    .await?;
    Ok(client.and_then(|client| views(node, vec![client]).pop()))
}

/// No such client, or one of another node.
async fn not_here(node: &NodeShared, client_id: &str) -> Failure {
    let id = ByteString::from(client_id);
    let Some(other) = sessions::whereabouts(node, &id).await else {
        return not_found(client_id);
    };
    let message = format!("client \"{client_id}\" is on another node: {other}");
    Failure::new(ErrorCode::ClientNotFound, message).next(format!(
        "ask there: `emqx-ctl clients show {client_id}` on the machine of {other}"
    ))
}

pub(super) fn not_found(client_id: &str) -> Failure {
    Failure::new(ErrorCode::ClientNotFound, format!("no client \"{client_id}\""))
        .next("list clients with `emqx-ctl clients list`")
}

async fn list_all(node: &NodeShared, rows: &mut RowSender<ClientView>) -> Result<(), Failure> {
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let (page, next) = on_worker(node, worker, move |worker| {
                let (page, next) = worker.shard.clients_page(place, PAGE);
                let page = page.into_iter().map(|info| with_connection(worker, info));
                (page.collect::<Vec<_>>(), next)
            })
            .await?;
            from = next;
            send(node, page, rows).await?;
        }
    }
    Ok(())
}

async fn list_in_order(
    node: &NodeShared,
    limit: usize,
    mut after: Option<ByteString>,
    rows: &mut RowSender<ClientView>,
) -> Result<(), Failure> {
    let mut left = limit;
    while left > 0 {
        let wanted = left.min(IDS_PER_PASS);
        let ids = first_ids(node, after.as_ref(), wanted).await?;
        for page in ids.chunks(PAGE) {
            let mut clients = clients_of(node, page).await?;
            clients.sort_by(|one, other| one.info.client_id.cmp(&other.info.client_id));
            send(node, clients, rows).await?;
        }
        if ids.len() < wanted {
            break;
        }
        left -= ids.len();
        after = ids.last().cloned();
    }
    Ok(())
}

async fn send(node: &NodeShared, clients: Vec<Client>, rows: &mut RowSender<ClientView>) -> Result<(), Failure> {
    for view in views(node, clients) {
        rows.row(view).await?;
    }
    Ok(())
}

/// The `count` first ids behind `after`, in the order of their bytes.
async fn first_ids(node: &NodeShared, after: Option<&ByteString>, count: usize) -> Result<Vec<ByteString>, Failure> {
    let mut first = FirstIds::new(after.cloned(), count);
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let bounds = first.bounds();
            let (ids, next) = on_worker(node, worker, move |worker| {
                let (page, next) = worker.shard.clients_page(place, PAGE);
                let ids = page.into_iter().map(|info| info.client_id);
                (ids.filter(|id| bounds.contain(id)).collect::<Vec<_>>(), next)
            })
            .await?;
            from = next;
            ids.into_iter().for_each(|id| first.add(id));
        }
    }
    Ok(first.into_sorted())
}

/// What their workers know of these clients; one that has gone meanwhile is left out.
async fn clients_of(node: &NodeShared, ids: &[ByteString]) -> Result<Vec<Client>, Failure> {
    let mut clients = Vec::with_capacity(ids.len());
    for (number, worker) in node.workers().iter().enumerate() {
        let owns = |id: &&ByteString| usize::from(node.worker_of(id)) == number;
        let own: Vec<ByteString> = ids.iter().filter(owns).cloned().collect();
        if own.is_empty() {
            continue;
        }
        let found = on_worker(node, worker, move |worker| {
            let infos = own.iter().filter_map(|id| worker.shard.client(id));
            infos.map(|info| with_connection(worker, info)).collect::<Vec<_>>()
        });
        clients.extend(found.await?);
    }
    Ok(clients)
}

fn with_connection(worker: &WorkerState, info: ClientInfo) -> Client {
    let connection = info.connected.as_ref().map(|connected| connected.connection);
    let traffic = connection.and_then(|connection| worker.traffic(connection));
    let channel = connection.and_then(|connection| worker.shard.summary(connection));
    Client {
        proxied_by: connection.and_then(|connection| worker.proxied_by(connection)),
        pauses: connection.map_or(0, |connection| worker.pauses(connection)),
        traffic: traffic.unwrap_or_default(),
        receive_maximum: channel.map_or(0, |channel| channel.receive_maximum),
        info,
    }
}
