//! What the caller of a [`crate::Shard`] has to do after an event, in this order.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytestring::ByteString;
use mqtt_codec::{Auth, Packet, PacketId, QoS};

use crate::{
    ChannelSummary, DisconnectReason, Message, Question, SessionKey, ShareGroup, SubscriptionOptions, WorkerId,
};

/// One network connection of this worker. The caller chooses the number and may use it again once the
/// connection is gone on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionKey(pub u32);

/// An instruction to the caller.
#[derive(Debug)]
pub enum Effect {
    /// Send a packet.
    Send {
        /// To whom.
        connection: ConnectionKey,
        /// What.
        packet: Packet,
    },
    /// Send a message as a PUBLISH. Apart from [`Effect::Send`] so that one encoding can serve all receivers.
    Deliver {
        /// To whom.
        connection: ConnectionKey,
        /// What and how.
        delivery: Delivery,
    },
    /// End the connection once what was sent before has been written. Its channel is gone already.
    Close {
        /// Which.
        connection: ConnectionKey,
        /// Why; for the log, the counters, the events.
        reason: DisconnectReason,
        /// Who it was.
        summary: Box<ChannelSummary>,
    },
    /// Hand mail to another worker's shard ([`crate::Shard::on_mail`]), in order, or to another node.
    Forward {
        /// Which worker, or which node ([`crate::peer_slot`]).
        worker: WorkerId,
        /// The mail.
        mail: Mail,
    },
    /// Call [`crate::Shard::on_writable`] in the next turn: the session has more to send than one turn's share.
    Continue {
        /// Whose session.
        connection: ConnectionKey,
    },
    /// An open connection goes on with, or begins anew, its enhanced authentication (MQTT 5, 4.12.1). Its answer
    /// is [`crate::Shard::on_reauthenticated`], [`crate::Shard::on_reauthentication_refused`], or AUTH.
    Authenticate {
        /// Whose.
        connection: ConnectionKey,
        /// What the client sent; of the method that it has authenticated by.
        auth: Box<Auth>,
    },
    /// A client has connected: tell the log and `$SYS`.
    Connected {
        /// Whose channel; [`crate::Shard::summary`] tells the rest.
        connection: ConnectionKey,
    },
    /// Somebody who is not here decides whether a client may do something: ask, and tell [`crate::Shard::on_authorized`].
    /// Until [`Effect::AuthorizationAnswered`] the connection of the question is not read.
    AskAuthorization(Box<Question>),
    /// The packet that waited for an answer has gone on: read the connection again.
    AuthorizationAnswered {
        /// Which.
        connection: ConnectionKey,
    },
    /// A client has subscribed or unsubscribed: tell `$SYS` if configured.
    SubscriptionChanged {
        /// Whose.
        connection: ConnectionKey,
        /// The filter in full.
        filter: ByteString,
        /// The options, or `None` when unsubscribed.
        options: Option<SubscriptionOptions>,
    },
}

/// How a message goes out on one connection.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The message, shared with its other receivers.
    pub message: Arc<Message>,
    /// QoS of this transfer.
    pub qos: QoS,
    /// RETAIN flag as the subscription wants it.
    pub retain: bool,
    /// Sent before on another connection.
    pub dup: bool,
    /// Present when `qos` is above 0.
    pub packet_id: Option<PacketId>,
    /// Subscription Identifier of the subscription that matched.
    pub subscription_identifier: Option<NonZeroU32>,
    /// Topic Alias to send (MQTT 5).
    pub topic_alias: Option<TopicAlias>,
    /// What is left of the Message Expiry Interval, seconds.
    pub message_expiry_interval: Option<u32>,
}

/// A topic alias towards the client (MQTT 5, 3.3.2.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicAlias {
    /// The alias.
    pub alias: u16,
    /// The client knows it already: send an empty topic.
    pub is_known: bool,
}

/// What one worker's shard tells another's.
#[derive(Debug, Clone)]
pub enum Mail {
    /// Deliver to all plain subscribers of yours.
    Publish {
        /// The message.
        message: Arc<Message>,
    },
    /// Deliver to this member of a share group.
    PublishToMember {
        /// The message.
        message: Arc<Message>,
        /// The member's session.
        session: SessionKey,
        /// Options of its subscription.
        options: SubscriptionOptions,
        /// The group, to pick another member should this one be gone.
        group: Arc<ShareGroup>,
        /// Members that were gone so far.
        redispatched: u8,
    },
    /// Deliver to this member of a share group, a client of another node: only ever to one
    /// ([`crate::Shard::on_remote_member`]).
    PublishToPeerMember {
        /// The message.
        message: Arc<Message>,
        /// The member.
        client_id: ByteString,
        /// The group, as it is here.
        group: Arc<ShareGroup>,
        /// Members that were gone so far.
        redispatched: u8,
    },
}
