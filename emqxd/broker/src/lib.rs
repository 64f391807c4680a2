//! The MQTT rules: channels, sessions, subscriptions, routing, retained messages, wills.
//!
//! Nothing in here touches a socket, a clock, a task or a random source: events and the time come in,
//! effects go out. So every rule can be tested with an invented clock.
#![deny(missing_docs)]

mod admission;
mod authorizer;
mod authz_cache;
mod authz_gate;
mod channel;
mod client_locations;
mod config;
mod destinations;
mod digest;
mod disconnect_reason;
mod effect;
mod exact_filters;
mod exact_routes;
mod exclusive;
mod filter_trie;
mod generations;
pub mod handover;
mod hash_seed;
mod identity;
mod journal;
mod local_index;
mod match_cache;
mod memory_retained_store;
mod message;
mod metric;
mod named_rows;
mod operator;
mod presence;
mod random;
mod remote;
mod remote_messages;
mod retained;
mod retained_replica;
mod route_table;
mod routing;
mod session;
mod session_owner;
mod session_table;
mod shard;
mod share_group;
mod slots;
mod split_table;
mod subscribers;
mod subscription;
mod takeover;
mod time;
mod timers;
mod topic;
mod trace;
mod trie_arena;
mod trie_children;
mod will;

pub use admission::{Admission, AdmitAll, Candidate, Refusal};
pub use authorizer::{
    Actor, Answer, Authority, Authorization, AuthorizationSettings, AuthorizeAll, Authorizer, CacheSettings,
    DenyAction, OpenToAll, OwnedAction, OwnedActor, Question, Ticket, Verdict,
};
pub use authz_gate::LastRefusal;
pub use channel::{
    ChannelSummary, Peer, Recheck, TlsPeer, Transport, assign_client_id, detach_connect, effective_client_id,
};
pub use client_locations::{ClientLocations, LocationCursor};
pub use config::{MqttConfig, ShareStrategy};
pub use digest::row_digest;
pub use disconnect_reason::{ClosedBy, DisconnectReason};
pub use effect::{ConnectionKey, Delivery, Effect, Mail, TopicAlias};
pub use exclusive::{ExclusiveTopicHeld, ExclusiveTopics};
pub use filter_trie::FilterTrie;
pub use hash_seed::HashSeed;
pub use identity::{EnhancedAuthentication, Identity};
pub use journal::{Change, Journal};
pub use memory_retained_store::MemoryRetainedStore;
pub use message::Message;
pub use metric::{Metric, Metrics, Stat};
pub use named_rows::NamedRows;
pub use operator::{ClientInfo, ConnectedInfo, SubscriptionInfo, Ties};
pub use random::Random;
pub use remote::{FIRST_PEER, PEERS_MAX, Stamp, peer_slot, peer_worker};
pub use retained::{Cleaned, PageEnd, PageLimits, RetainedFull, RetainedStore, RetainerConfig};
pub use retained_replica::RetainedRow;
pub use route_table::{DropCursor, RouteCounts, RouteDigests, RouteInfo, RouteTable, Routes};
pub use session::Outgoing;
pub use shard::{Gauges, NodeTables, Shard};
pub use share_group::{PublisherTurns, ShareGroup, ShareMember};
pub use subscription::{SessionKey, SubscriptionOptions, WorkerId};
pub use takeover::{Begun, Discarded, ImportError, MERGE_TIME_BEHIND, MergeError, SessionClaim};
pub use time::Time;
pub use timers::{TICK_MS, Timers};
pub use topic::{FilterError, FilterKind, SubscriptionFilter, TopicError, TopicLimits, matches, validate_topic_name};
pub use trace::{TraceEvent, TraceKind, TraceSink};
pub use will::Will;
