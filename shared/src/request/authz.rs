//! `authz …`: who may publish and subscribe to what. `authz cache-clean` is EMQX's and in `system.rs`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Role, given, number, text};
use crate::{ErrorCode, Failure};

/// The verbs of this group; encoded by position, as [`Request`](crate::Request) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthzRequest {
    /// `authz list`: who is asked, in order.
    List,
    /// `authz show`: the rules of the file that is in force.
    Show,
    /// `authz check CLIENTID ACTION TOPIC`
    Check(Box<AuthzQuestion>),
    /// `authz rules list`: the rules of the store.
    ListRules {
        /// Only theirs.
        holder: Option<RuleHolder>,
    },
    /// `authz rules add`
    AddRule {
        /// For whom.
        holder: RuleHolder,
        /// `allow` or `deny`.
        permission: String,
        /// `publish`, `subscribe` or `all`.
        action: String,
        /// A filter, or `eq TOPIC`.
        topic: String,
        /// Of these QoS; of all if there is none.
        qos: Vec<u8>,
        /// With or without RETAIN; both if `None`.
        retain: Option<bool>,
    },
    /// `authz rules del`
    DeleteRules {
        /// Whose.
        holder: RuleHolder,
        /// Those about this topic; all if there is none.
        topic: Option<String>,
    },
    /// `authz reload`: reads the file of the rules anew.
    Reload,
}

/// Whom rules of the store are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleHolder {
    /// A client id.
    ClientId(String),
    /// A user name.
    Username(String),
    /// Everybody.
    All,
}

impl RuleHolder {
    /// As the audit line names it.
    fn as_text(&self) -> String {
        match self {
            Self::ClientId(name) => format!("clientid:{name}"),
            Self::Username(name) => format!("username:{name}"),
            Self::All => "all".to_owned(),
        }
    }
}

/// What `authz check` asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzQuestion {
    /// Who; what is known of it holds if it is connected.
    pub client_id: String,
    /// In place of its user name.
    pub username: Option<String>,
    /// In place of its address.
    pub address: Option<String>,
    /// `publish` or `subscribe`.
    pub action: String,
    /// The topic, or the filter.
    pub topic: String,
    /// Of the message, or asked for.
    pub qos: u8,
    /// The message is to be retained.
    pub retain: bool,
}

impl AuthzRequest {
    /// How many variants there are.
    pub const VERBS: u8 = 7;

    pub(super) const fn row(&self) -> (&'static str, Role) {
        match self {
            Self::List => ("authz list", Role::ReadOnly),
            Self::Show => ("authz show", Role::ReadOnly),
            Self::Check(_) => ("authz check", Role::ReadOnly),
            Self::ListRules { .. } => ("authz rules list", Role::ReadOnly),
            Self::AddRule { .. } => ("authz rules add", Role::Admin),
            Self::DeleteRules { .. } => ("authz rules del", Role::Admin),
            Self::Reload => ("authz reload", Role::Admin),
        }
    }

    pub(super) fn arguments(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        match self {
            Self::List | Self::Show | Self::Reload => Vec::new(),
            Self::Check(question) => {
                let mut arguments = vec![
                    ("client_id", Cow::from(&question.client_id)),
                    ("action", Cow::from(&question.action)),
                    ("topic", Cow::from(&question.topic)),
                ];
                arguments.extend(given([
                    ("username", text(&question.username)),
                    ("address", text(&question.address)),
                ]));
                arguments
            }
            Self::ListRules { holder } => {
                let holder = holder.as_ref().map(|holder| ("of", Cow::from(holder.as_text())));
                holder.into_iter().collect()
            }
            Self::AddRule {
                holder,
                permission,
                action,
                topic,
                qos,
                retain,
            } => {
                let mut arguments = vec![
                    ("of", Cow::from(holder.as_text())),
                    ("permission", Cow::from(permission)),
                    ("action", Cow::from(action)),
                    ("topic", Cow::from(topic)),
                ];
                arguments.extend(qos.iter().map(|qos| ("qos", number(*qos))));
                arguments.extend(retain.map(|retain| ("retain", number(retain))));
                arguments
            }
            Self::DeleteRules { holder, topic } => {
                let mut arguments = vec![("of", Cow::from(holder.as_text()))];
                arguments.extend(given([("topic", text(topic))]));
                arguments
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let is_qos = match self {
            Self::Check(question) => question.qos <= 2,
            Self::AddRule { qos, .. } => qos.len() <= 3 && qos.iter().all(|qos| *qos <= 2),
            _ => true,
        };
        if is_qos {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::InvalidArgument, "QoS should be 0, 1, 2"))
    }
}
