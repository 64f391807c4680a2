//! Messages that clients of other nodes published. They go to this node's clients, whichever worker has them, and never
//! on to another node: the publisher's node sends one to each that wants it. The exception is a message for a member of
//! a share group that has gone meanwhile.

use std::sync::Arc;

use crate::remote::is_local;
use crate::subscribers::Subscriber;
use crate::{Effect, Mail, Message, PublisherTurns, Shard, Time, TraceKind};

impl Shard {
    /// A message that another node's client published, for all plain subscribers of this node. To be called on one
    /// shard; for one publisher always on the same, so that order holds.
    pub fn on_remote_publish(&mut self, message: &Arc<Message>, now: Time, effects: &mut Vec<Effect>) {
        self.seen.note(message.id, now);
        let destinations = self.destinations(&message.topic);
        let workers = destinations.workers().iter().copied();
        let workers = workers.take_while(|&worker| is_local(worker));
        let routed = TraceKind::Routed {
            topic: &message.topic,
            subscribers: destinations.local().len(),
            workers: workers.clone().count(),
            share_groups: 0,
        };
        self.trace_message(None, message, routed);
        for subscriber in destinations.local() {
            self.deliver(*subscriber, message, None, now, effects);
        }
        for worker in workers {
            let message = Arc::clone(message);
            let mail = Mail::Publish { message };
            effects.push(Effect::Forward { worker, mail });
        }
    }

    /// A message that another node's client published, for a member of a share group here. Any shard may be called,
    /// for one publisher always the same. Should the member be gone, another one gets it, wherever it is, unless too
    /// many were gone already.
    #[expect(clippy::too_many_arguments, reason = "what a message between nodes says")]
    pub fn on_remote_member(
        &mut self,
        group: &str,
        filter: &str,
        client_id: &str,
        message: &Arc<Message>,
        redispatched: u8,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let present = self.routes.group(group, filter);
        let found = present
            .as_ref()
            .and_then(|present| Some((present, present.local_member(client_id)?)));
        let Some((present, member)) = found else {
            let turns = &mut PublisherTurns::default();
            self.redispatch_in(present, message, redispatched, turns, now, effects);
            return;
        };
        let (session, options) = (member.session, member.options);
        if member.worker != self.id {
            let mail = Mail::PublishToMember {
                message: Arc::clone(message),
                session,
                options,
                group: Arc::clone(present),
                redispatched,
            };
            let worker = member.worker;
            effects.push(Effect::Forward { worker, mail });
            return;
        }
        self.deliver(Subscriber { session, options }, message, Some(present), now, effects);
    }
}
