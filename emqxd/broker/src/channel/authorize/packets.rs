//! PUBLISH and SUBSCRIBE on their way through the gate: on, refused, or parked until there is an answer.

use bytes::Bytes;
use bytestring::ByteString;
use emqx_acl::Action;
use mqtt_codec::{Publish, Subscribe};

use super::Decision;
use super::action::publish_action;
use crate::authorizer::OwnedAction;
use crate::authz_gate::{ParkedWork, Refusals};
use crate::message::detach_properties;
use crate::{ConnectionKey, Effect, Metric, Shard, Time};

impl Shard {
    /// Whether a PUBLISH goes no further, for now or for good. Refuses or parks it then.
    #[inline(never)]
    pub(in crate::channel) fn holds_back(
        &mut self,
        connection: ConnectionKey,
        publish: &Publish,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let action = publish_action(publish);
        match self.decide(connection, &action, now) {
            Decision::Allowed => {
                self.trace_allowed(connection, &action);
                false
            }
            Decision::Refused(authority) => {
                self.refuse_publish(connection, publish, &authority, now, effects);
                true
            }
            Decision::Open => {
                let work = ParkedWork::Publish(detach_publish(publish));
                let asked = vec![OwnedAction::from(&action)];
                if let Err(authority) = self.park(connection, work, asked, now, effects) {
                    self.metrics.inc(Metric::AuthorizationDeny);
                    self.refuse_publish(connection, publish, &authority, now, effects);
                }
                true
            }
        }
    }

    /// Who refuses which of the filters; `None` if the SUBSCRIBE waits for an answer.
    pub(in crate::channel) fn authorize_filters(
        &mut self,
        connection: ConnectionKey,
        subscribe: &Subscribe,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Option<Refusals> {
        let mut refusals = Refusals::new();
        let (mut questions, mut places) = (Vec::new(), Vec::new());
        for (place, requested) in subscribe.filters.iter().enumerate() {
            refusals.push(None);
            // What is no filter is refused for that.
            let Some(filter) = self.plain_filter(&requested.filter) else {
                continue;
            };
            let action = Action::Subscribe {
                filter: &filter,
                qos: requested.qos as u8,
            };
            match self.decide(connection, &action, now) {
                Decision::Allowed => self.trace_allowed(connection, &action),
                Decision::Refused(authority) => refusals[place] = Some(authority),
                Decision::Open => {
                    questions.push(OwnedAction::from(&action));
                    places.push(place);
                }
            }
        }
        if questions.is_empty() {
            return Some(refusals);
        }
        let work = ParkedWork::Subscribe {
            subscribe: Box::new(detach_subscribe(subscribe)),
            refusals: refusals.clone(),
            asked: places.clone(),
        };
        match self.park(connection, work, questions, now, effects) {
            Ok(()) => None,
            Err(authority) => {
                self.metrics.add(Metric::AuthorizationDeny, places.len() as u64);
                for place in places {
                    refusals[place] = Some(authority.clone());
                }
                Some(refusals)
            }
        }
    }
}

/// The same PUBLISH in memory of its own: it must not keep the buffer that it was received in.
fn detach_publish(publish: &Publish) -> Publish {
    Publish {
        topic: ByteString::from(&*publish.topic),
        payload: Bytes::copy_from_slice(&publish.payload),
        properties: publish
            .properties
            .as_ref()
            .map(|properties| Box::new(detach_properties(properties))),
        ..*publish
    }
}

/// The same SUBSCRIBE in memory of its own: it must not keep the buffer that it was received in.
fn detach_subscribe(subscribe: &Subscribe) -> Subscribe {
    let mut subscribe = subscribe.clone();
    for requested in &mut subscribe.filters {
        requested.filter = ByteString::from(&*requested.filter);
    }
    for (name, value) in &mut subscribe.properties.user_properties {
        (*name, *value) = (ByteString::from(&**name), ByteString::from(&**value));
    }
    subscribe
}
