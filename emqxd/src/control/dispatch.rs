//! Gives each request to the file of its command group.
//!
//! `server.rs` calls [`Dispatch`] with requests whose caller and arguments have been checked. The groups ask the
//! node's tables directly and its workers through [`on_worker`]; none of them keeps state of its own
//! but `conf.rs`, which puts a file together that is sent in pieces.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use emqx_shared::views::{EventKind, NodeState};
use emqx_shared::welcome::Greeting;
use emqx_shared::{ErrorCode, Failure, Request, Role, View};

use super::conf::SentTexts;
use super::peer::Peer;
use super::server::{Handler, ReplySender};
use super::{
    admins, authn, authz, banned, clients, cluster, conf, data, diagnosis, disconnects, license, lifecycle, listeners,
    log, node_status, retainer, subscriptions, system, tls, topics, trace, upgrade,
};
use crate::node::NodeShared;
use crate::worker::{WorkerHandle, WorkerState};

/// Sessions, topics and so on asked for at once: what a worker does between two turns of its clients, and what is
/// held for a slow reader.
pub(super) const PAGE: usize = 256;

/// Answers the verbs for one node.
pub(super) struct Dispatch {
    node: Arc<NodeShared>,
    /// Configuration files that are being sent.
    texts: SentTexts,
}

impl Dispatch {
    pub(super) fn new(node: Arc<NodeShared>) -> Self {
        Self {
            node,
            texts: SentTexts::default(),
        }
    }
}

impl Handler for Dispatch {
    fn greeting(&self, role: Role) -> Greeting {
        Greeting {
            version: crate::VERSION.to_owned(),
            node: self.node.config.node.name.clone(),
            role,
            utc_offset_seconds: node_status::utc_offset_seconds(),
        }
    }

    async fn handle(
        &self,
        peer: &Peer,
        request: Request,
        descriptor: Option<OwnedFd>,
        replies: ReplySender,
    ) -> Result<View, Failure> {
        let change = (request.role() == Role::Admin).then(|| request.verb());
        let result = self.carry_out(peer, request, descriptor, replies).await;
        if let Some(verb) = change {
            let word = result.as_ref().map_or_else(|failure| failure.code.name(), |_| "ok");
            self.node
                .events
                .tell(EventKind::Admin, verb, format!("{word}, uid={}", peer.uid));
        }
        result
    }
}

impl Dispatch {
    async fn carry_out(
        &self,
        peer: &Peer,
        request: Request,
        descriptor: Option<OwnedFd>,
        replies: ReplySender,
    ) -> Result<View, Failure> {
        let node = &*self.node;
        if node.handover.is_done() {
            // Both listen to this socket for a moment.
            let message = "this process was upgraded: another one is the daemon now";
            return Err(Failure::new(ErrorCode::Stopping, message).next("try again"));
        }
        match request {
            Request::Ping => Ok(View::Nothing),
            Request::Status => Ok(node_status::status(node)),
            Request::Version => Ok(node_status::version()),
            Request::Broker => Ok(node_status::broker(node)),
            Request::BrokerStats => node_status::counts(node.stats(), replies).await,
            Request::BrokerMetrics => node_status::counts(node.metrics(), replies).await,
            Request::ListListeners => listeners::list(node, replies).await,
            Request::ShowListener { listener } => listeners::show(node, &listener),
            Request::StartListener { listener } => listeners::start(node, &listener).await,
            Request::StopListener { listener } => listeners::stop(node, &listener).await,
            Request::RestartListener { listener } => listeners::restart(node, &listener).await,
            Request::ListClients { limit, after } => clients::list(node, limit, after, replies).await,
            Request::ShowClient { client_id } => clients::show(node, &client_id).await,
            Request::KickClient { client_id } => clients::kick(node, client_id).await,
            Request::ListTopics => topics::list(node, replies).await,
            Request::ShowTopic { topic } => topics::show(node, &topic, replies).await,
            Request::ListSubscriptions => subscriptions::list(node, replies).await,
            Request::ShowSubscriptions { client_id } => subscriptions::show(node, client_id, replies).await,
            Request::AddSubscription { client_id, topic, qos } => subscriptions::add(node, client_id, topic, qos).await,
            Request::DeleteSubscription { client_id, topic } => subscriptions::delete(node, client_id, topic).await,
            Request::RetainerInfo => Ok(retainer::info(node)),
            Request::RetainerTopics { start, limit } => retainer::topics(node, start, limit, replies).await,
            Request::CleanRetained { filter } => retainer::clean(node, filter.as_deref(), &replies).await,
            Request::LogPrimaryLevel => Ok(log::primary_level(node)),
            Request::SetLogPrimaryLevel { level } => Ok(log::set_primary_level(node, level)),
            Request::SetLogLevel { level } => Ok(log::set_level(node, level)),
            Request::ListLogHandlers => log::list_handlers(node, replies).await,
            Request::StartLogHandler { handler } => log::start_handler(node, handler).await,
            Request::StopLogHandler { handler } => log::stop_handler(node, handler).await,
            Request::SetLogHandlerLevel { handler, level } => log::set_handler_level(node, &handler, level),
            Request::WhyClient { client_id, all } => disconnects::why(node, client_id, all).await,
            Request::ListDisconnects {
                limit,
                reason,
                client_id,
                since_ms,
            } => {
                let wanted = disconnects::Wanted {
                    reason,
                    client_id,
                    since_ms,
                };
                disconnects::list(node, limit, wanted, replies).await
            }
            Request::Diagnosis(request) => diagnosis::handle(&self.node, request, replies).await,
            Request::Conf(request) => conf::handle(&self.node, &self.texts, peer, request, replies).await,
            Request::System(request) => system::handle(&self.node, request, replies).await,
            Request::License(request) => license::handle(node, peer, request, replies).await,
            Request::Trace(request) => trace::handle(&self.node, peer, request, descriptor, replies).await,
            Request::Authn(request) => authn::handle(node, request, replies).await,
            Request::Admins(request) => admins::handle(node, request, replies).await,
            Request::Authz(request) => authz::handle(node, request, replies).await,
            Request::Banned(request) => banned::handle(node, peer, request, replies).await,
            Request::Data(request) => data::handle(node, request, replies).await,
            Request::SetListenerEnabled { listener, enable } => listeners::set_enabled(node, &listener, enable).await,
            Request::Tls(request) => tls::handle(node, request, replies).await,
            Request::Lifecycle(request) => lifecycle::handle(&self.node, request, replies).await,
            Request::Upgrade(request) => upgrade::handle(&self.node, peer, request, descriptor).await,
            Request::Cluster(request) => cluster::handle(&self.node, peer, request, replies).await,
        }
    }
}

/// Lets `act` run on a worker's thread, between two turns of its clients.
///
/// # Errors
/// The worker has stopped: the node is on its way down, or that worker crashed.
pub(super) async fn on_worker<R: Send + 'static>(
    node: &NodeShared,
    worker: &WorkerHandle,
    act: impl FnOnce(&mut WorkerState) -> R + Send + 'static,
) -> Result<R, Failure> {
    worker.run(act).await.map_err(|gone| match node.state() {
        NodeState::Stopping => Failure::new(ErrorCode::Stopping, "the node is stopping"),
        NodeState::Starting | NodeState::Started => Failure::new(ErrorCode::Busy, gone.to_string())
            .why("its clients are not served any more; the log says why")
            .next("restart the daemon"),
    })
}

/// As [`on_worker`], on the one that owns a client, connected or not.
///
/// # Errors
/// As [`on_worker`].
pub(super) async fn on_owner<R: Send + 'static>(
    node: &NodeShared,
    client_id: &str,
    act: impl FnOnce(&mut WorkerState) -> R + Send + 'static,
) -> Result<R, Failure> {
    let Some(owner) = node.worker(node.worker_of(client_id)) else {
        return Err(Failure::new(ErrorCode::Starting, "the node is starting").next("try again"));
    };
    on_worker(node, owner, act).await
}
