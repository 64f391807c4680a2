//! Wills: asked about when they are published, in the name of the client it was. So a will cannot say what its client
//! could not, and one that waits for its delay is judged by the rules of the day on which it is due.

use std::sync::Arc;

use emqx_acl::Permission;

use super::action::will_action;
use super::answer::too_many_wait;
use crate::authorizer::{OwnedAction, OwnedActor, Question, Verdict};
use crate::authz_gate::ParkedWork;
use crate::channel::Channel;
use crate::{Effect, Message, Metric, Shard, Time};

impl Shard {
    /// The client that a will speaks for.
    pub(in crate::channel) fn author_of(&self, channel: &Channel) -> Option<Box<OwnedActor>> {
        let session = self.sessions.get(channel.session)?;
        Some(Box::new(OwnedActor {
            client_id: session.client_id.clone(),
            username: session.username.clone(),
            peer: channel.peer.clone(),
            protocol_level: channel.version as u8,
            identity: channel.identity.clone(),
        }))
    }

    /// The same where somebody will ask.
    pub(in crate::channel) fn author_if_asked_about(&self, channel: &Channel) -> Option<Box<OwnedActor>> {
        self.gate.checks_publish.then(|| self.author_of(channel)).flatten()
    }

    /// Publishes a will if its client may.
    pub(in crate::channel) fn publish_authorized(
        &mut self,
        message: Arc<Message>,
        author: Option<Box<OwnedActor>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if !self.gate.checks_publish {
            return self.publish(message, now, effects);
        }
        // Every will is kept with its author.
        let Some(author) = author else { return };
        let action = will_action(&message);
        match self.ask(&author.as_actor(), author.identity.as_deref(), &action, now) {
            Verdict::Allow(authority) => {
                self.count(Permission::Allow, &authority);
                self.publish(message, now, effects);
            }
            Verdict::Deny(authority) => {
                self.count(Permission::Deny, &authority);
                self.refuse_will(&message, &author, &authority);
            }
            Verdict::Ask => {
                let work = ParkedWork::Will {
                    message: Arc::new(message.detach()),
                    author: author.clone(),
                };
                let asked = vec![OwnedAction::from(&action)];
                let Some((ticket, deadline)) = self.gate.park(None, work, now) else {
                    self.metrics.inc(Metric::AuthorizationDeny);
                    return self.refuse_will(&message, &author, &too_many_wait());
                };
                self.arm_question(ticket, deadline, now);
                let question = Question {
                    ticket,
                    connection: None,
                    actor: *author,
                    asked,
                };
                effects.push(Effect::AskAuthorization(Box::new(question)));
            }
        }
    }
}
