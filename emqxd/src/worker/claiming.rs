//! Clients that other nodes may have: between who they are and what the rules answer them.
//!
//! [`crate::cluster::sessions`] makes sure, on the service threads, that no other node has the client, and brings what
//! another one had; the answer comes back as a command with the connection's key and serial. Meanwhile the connection is
//! not read. A client that has gone by then costs nothing: its lock is given back, and a session that came for it waits
//! here for the next time.

use std::task::Poll;

use emqxd_broker::{ConnectionKey, Identity, Refusal, SessionClaim, Time, detach_connect};
use mqtt_codec::ReasonCode;

use super::authenticating::Newcomer;
use super::connection::{Stage, guarded_turn};
use super::{Command, Worker, WorkerState};
use crate::cluster::sessions::{Claimed, Wants, claim};

/// A client on its way in.
pub(crate) struct ClaimingClient {
    newcomer: Newcomer,
    identity: Identity,
}

impl WorkerState {
    /// Makes sure that no other node has a client, then lets it in.
    pub(super) fn claim_client(&mut self, key: usize, mut newcomer: Newcomer, mut identity: Identity, now: Time) {
        // Who is turned away here must not end anything elsewhere.
        let may_come = self.shard.may_authenticate(
            ConnectionKey(key as u32),
            &newcomer.peer,
            &newcomer.connect,
            &newcomer.client_id,
            newcomer.is_assigned,
            identity.username.as_ref(),
            now,
            &mut self.effects,
        );
        if !may_come {
            self.apply_effects(now);
            return;
        }
        // Nobody else can have an id that was made up just now.
        if newcomer.is_assigned {
            self.enter(key, newcomer, identity, now);
            return;
        }
        // They wait for longer than a turn and must not hold the receive buffer.
        detach_connect(&mut newcomer.connect);
        newcomer.client_id = bytestring::ByteString::from(&*newcomer.client_id);
        identity.detach();
        let session_claim = SessionClaim::new(&identity, &newcomer.peer);
        let wants = Wants {
            is_clean_start: newcomer.connect.clean_start,
            is_kept: self.shard.wants_kept_session(&newcomer.connect),
        };
        let limit = self.idle_timeout;
        let claiming = claim(&self.node, newcomer.client_id.clone(), session_claim, wants, limit);
        let claiming = match claiming {
            Ok(claiming) => claiming,
            Err(too_many) => {
                let refusal = Refusal::new(ReasonCode::ServerBusy, "", too_many.to_string());
                self.refuse_claimed(key, newcomer, &identity, refusal, now);
                return;
            }
        };
        let (Some(worker), Some(services)) = (self.node.worker(self.id).cloned(), self.node.services()) else {
            return;
        };
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let serial = connection.serial;
        connection.wait_in(Stage::Claiming(Box::new(ClaimingClient { newcomer, identity })));
        services.spawn(async move {
            let claimed = claiming.await;
            let job = Box::new(move |worker: &Worker| {
                let _gone_after_a_panic = guarded_turn(worker, key, |state| {
                    let now = state.clock.now();
                    state.on_claimed(key, serial, claimed, now);
                    state.apply_effects(now);
                    Poll::Pending
                });
            });
            let _worker_may_have_stopped = worker.commands.send(Command::Run(job)).await;
        });
    }

    /// No other node has the client any more, or one keeps it from this client.
    fn on_claimed(&mut self, key: usize, serial: u64, mut claimed: Claimed, now: Time) {
        let client_id = claimed.client_id().clone();
        if let Some(client) = self.take_claiming(key, serial) {
            let ClaimingClient { newcomer, identity } = *client;
            let has_session = self.shard.session_key(&client_id).is_some();
            let refused = claimed
                .refused
                .take()
                .map_or_else(|| claimed.may_enter(has_session, now), Err);
            match refused {
                Err(refusal) => self.refuse_claimed(key, newcomer, &identity, refusal, now),
                Ok(()) => {
                    let begins_anew = newcomer.connect.clean_start || !has_session;
                    self.enter(key, newcomer, identity, now);
                    if let Some(since) = self.shard.client_since(&client_id).filter(|_| begins_anew) {
                        claimed.has_begun_anew(since);
                    }
                }
            }
        }
        claimed.answered(self.shard.session_key(&client_id).is_some());
    }

    fn take_claiming(&mut self, key: usize, serial: u64) -> Option<Box<ClaimingClient>> {
        let connection = self.connections.get_mut(key).filter(|each| each.serial == serial)?;
        connection.end_wait(|stage| match stage {
            Stage::Claiming(client) => Ok(client),
            other => Err(other),
        })
    }

    fn refuse_claimed(&mut self, key: usize, newcomer: Newcomer, identity: &Identity, refusal: Refusal, now: Time) {
        tracing::info!(
            tag = "MQTT",
            clientid = %newcomer.client_id,
            peername = %newcomer.peer.address,
            reason = %refusal.detail,
            "client_not_let_in"
        );
        self.turn_away(key, newcomer, identity.username.clone(), refusal, now);
    }
}
