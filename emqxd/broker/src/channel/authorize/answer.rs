//! What waits for an answer from elsewhere: a PUBLISH, a SUBSCRIBE, a will, the subscriptions of a session.
//!
//! Parked by whoever finds that a source must be asked over the network, taken up again by [`Shard::on_authorized`]. No
//! answer in time is a refusal. When the rules, or the identity of the client, are others by the time an answer comes, the
//! question is asked anew: nothing goes on by an answer about somebody else.

use emqx_acl::{Action, Permission};

use super::action::{publish_action, text_of, will_action};
use super::recheck::Elsewhere;
use crate::authorizer::{Answer, Authority, OwnedAction, Question, Ticket};
use crate::authz_cache::hash_of;
use crate::authz_gate::{Parked, ParkedWork};
use crate::{ConnectionKey, Effect, Metric, Shard, Time};

impl Shard {
    /// The answers to a [`Question`], in the order of [`Question::asked`]. Those that are missing are refusals.
    #[cold]
    pub fn on_authorized(&mut self, ticket: Ticket, answers: Vec<Answer>, now: Time, effects: &mut Vec<Effect>) {
        let Some(parked) = self.gate.take_parked(ticket) else {
            return;
        };
        if let Some(connection) = parked.connection {
            effects.push(Effect::AuthorizationAnswered { connection });
        }
        // What nobody answered has waited long enough.
        if !answers.is_empty() && self.gate.is_outdated(&parked) {
            return self.ask_again(parked, now, effects);
        }
        let mut answers = answers.into_iter();
        match (parked.work, parked.connection) {
            (ParkedWork::Publish(publish), Some(connection)) => {
                let action = publish_action(&publish);
                let refusal = self.take_answer(answers.next(), Some(connection), &action, now);
                match refusal {
                    None => {
                        self.trace_allowed(connection, &action);
                        let destinations = self.destinations(&publish.topic);
                        self.accept_publish(connection, publish, &destinations, now, effects);
                    }
                    Some(authority) => self.refuse_publish(connection, &publish, &authority, now, effects),
                }
            }
            (
                ParkedWork::Subscribe {
                    subscribe,
                    mut refusals,
                    asked,
                },
                Some(connection),
            ) => {
                for place in asked {
                    let Some(filter) = subscribe.filters.get(place) else {
                        continue;
                    };
                    let plain = self.plain_filter(&filter.filter);
                    let action = Action::Subscribe {
                        filter: plain.as_deref().unwrap_or(&filter.filter),
                        qos: filter.qos as u8,
                    };
                    let refusal = self.take_answer(answers.next(), Some(connection), &action, now);
                    if let Some(slot) = refusals.get_mut(place) {
                        *slot = refusal;
                    }
                }
                self.finish_subscribe(connection, *subscribe, &refusals, now, effects);
            }
            (ParkedWork::Will { message, author }, _) => {
                let action = will_action(&message);
                match self.take_answer(answers.next(), None, &action, now) {
                    None => self.publish(message, now, effects),
                    Some(authority) => self.refuse_will(&message, &author, &authority),
                }
            }
            (ParkedWork::Recheck(filters), Some(connection)) => {
                self.finish_recheck(connection, filters, answers, now, effects);
            }
            // Packets and sessions are parked with their connection.
            (ParkedWork::Publish(_) | ParkedWork::Subscribe { .. } | ParkedWork::Recheck(_), None) => {}
        }
    }

    /// The answer was to another question: the rules are others by now, or the client is somebody else.
    fn ask_again(&mut self, parked: Parked, now: Time, effects: &mut Vec<Effect>) {
        match (parked.work, parked.connection) {
            (ParkedWork::Publish(publish), Some(connection)) => {
                if !self.holds_back(connection, &publish, now, effects) {
                    let destinations = self.destinations(&publish.topic);
                    self.accept_publish(connection, publish, &destinations, now, effects);
                }
            }
            (ParkedWork::Subscribe { subscribe, .. }, Some(connection)) => {
                if let Some(refusals) = self.authorize_filters(connection, &subscribe, now, effects) {
                    self.finish_subscribe(connection, *subscribe, &refusals, now, effects);
                }
            }
            (ParkedWork::Will { message, author }, _) => self.publish_authorized(message, Some(author), now, effects),
            (ParkedWork::Recheck(filters), Some(connection)) => {
                self.recheck_filters(connection, filters, Elsewhere::Asked, now, effects);
            }
            (ParkedWork::Publish(_) | ParkedWork::Subscribe { .. } | ParkedWork::Recheck(_), None) => {}
        }
    }

    /// Gives up what waits for an answer that has not come in time.
    pub(crate) fn on_question_timer(&mut self, ticket: Ticket, now: Time, effects: &mut Vec<Effect>) {
        match self.gate.deadline_of(ticket) {
            None => {}
            Some(deadline) if now < deadline => self.arm_question(ticket, deadline, now),
            Some(_) => self.on_authorized(ticket, Vec::new(), now, effects),
        }
    }

    /// What an answer says: who refused, or `None` for a permission. Counted and remembered; what has not come is
    /// a refusal, and is asked about again.
    pub(super) fn take_answer(
        &mut self,
        answer: Option<Answer>,
        connection: Option<ConnectionKey>,
        action: &Action<'_>,
        now: Time,
    ) -> Option<Authority> {
        let Some(answer) = answer else {
            self.metrics.inc(Metric::AuthorizationDeny);
            return Some(Authority::by_rule(Authority::NO_ANSWER, "nobody answered in time"));
        };
        self.count(answer.permission, &answer.authority);
        let refusal = (answer.permission == Permission::Deny).then_some(answer.authority);
        let is_settled = refusal
            .as_ref()
            .is_none_or(|authority| authority.source != Authority::NO_ANSWER);
        let text = text_of(action);
        if is_settled
            && let Some(connection) = connection
            && self.gate.cache_settings(text).is_some()
        {
            let hash = hash_of(self.routes.hash_seed().hash(text), action);
            self.gate.remember(connection, hash, action, refusal.as_ref(), now);
        }
        refusal
    }

    /// Parks a packet and asks; why not, if it must not wait.
    pub(super) fn park(
        &mut self,
        connection: ConnectionKey,
        work: ParkedWork,
        asked: Vec<OwnedAction>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Authority> {
        let actor = self.channel(connection).and_then(|channel| self.author_of(channel));
        let actor = actor.ok_or(Authority::of(Authority::NO_ANSWER))?;
        let (ticket, deadline) = self.gate.park(Some(connection), work, now).ok_or_else(too_many_wait)?;
        self.arm_question(ticket, deadline, now);
        let question = Question {
            ticket,
            connection: Some(connection),
            actor: *actor,
            asked,
        };
        effects.push(Effect::AskAuthorization(Box::new(question)));
        Ok(())
    }
}

pub(super) fn too_many_wait() -> Authority {
    Authority::by_rule(Authority::NO_ANSWER, "too many packets wait for an answer already")
}
