//! Rules of the node's own store: EMQX's `built_in_database`.
//!
//! Those of the client id are asked first, then those of the user name, then those for everybody. Changed by
//! `emqx-ctl authz rules`; the rules themselves are part of the replicated state (`state/access_rules.rs`).

use emqx_acl::{Action, Decision};
use emqxd_broker::Actor;

use crate::state::{AccessRules, HolderRules, RuleHolder};

/// What the first rule that matches says, and whose it is.
pub fn decide<'a>(
    rules: &'a AccessRules,
    actor: &Actor<'_>,
    action: &Action<'_>,
) -> Option<(Decision, &'a HolderRules)> {
    if rules.is_empty() {
        return None;
    }
    let of_client = rules.of_client_id(actor.who.client_id);
    let of_user = actor.who.username.and_then(|username| rules.of_username(username));
    let of_all = rules.get(&RuleHolder::All);
    let mut holders = [of_client, of_user, of_all].into_iter().flatten();
    holders.find_map(|holder| Some((holder.decide(&actor.who, action)?, holder)))
}
