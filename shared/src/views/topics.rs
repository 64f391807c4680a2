//! Routes and subscriptions.

use serde::{Deserialize, Serialize};

/// One route: a filter that somebody on `node` subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicView {
    /// The filter, without `$share/{group}/`.
    pub topic: String,
    /// Where its subscribers are.
    pub node: String,
}

/// One subscription of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    /// Whose it is.
    pub client_id: String,
    /// The filter as it was subscribed to, `$share/{group}/` included.
    pub topic: String,
    /// Granted QoS.
    pub qos: u8,
    /// No Local.
    pub no_local: bool,
    /// Retain Handling: 0, 1 or 2.
    pub retain_handling: u8,
    /// Retain As Published.
    pub retain_as_published: bool,
    /// Subscription Identifier.
    pub subscription_id: Option<u32>,
    /// The node that holds the session.
    pub node: String,
}
