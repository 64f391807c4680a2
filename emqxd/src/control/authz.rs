//! `authz list|show|check|rules|reload`: who may publish and subscribe to what, and why.
//!
//! `check` asks the same sources in the same order as a packet would, servers too, and tells what each says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytestring::ByteString;
use emqx_acl::{Action, Permission};
use emqx_shared::request::{AuthzQuestion, AuthzRequest, RuleHolder as WantedHolder};
use emqx_shared::views::{AuthzDecisionView, AuthzRefusalView, AuthzRuleView, AuthzSourceView, AuthzStepView};
use emqx_shared::{ErrorCode, Failure, View};
use emqxd_broker::{
    Actor, Authority, DenyAction, LastRefusal, OwnedAction, OwnedActor, Peer, SubscriptionFilter, TopicLimits,
    validate_topic_name,
};

use super::dispatch::on_owner;
use super::server::ReplySender;
use super::state::refused;
use crate::authz::{self, InForce, Source};
use crate::node::NodeShared;
use crate::state::{AccessRule, Command, HolderRules, RuleHolder};

/// Answers the verbs of the group.
pub(super) async fn handle(node: &NodeShared, request: AuthzRequest, replies: ReplySender) -> Result<View, Failure> {
    match request {
        AuthzRequest::List => list(node, replies).await,
        AuthzRequest::Show => show(node, replies).await,
        AuthzRequest::Check(question) => check(node, *question).await,
        AuthzRequest::ListRules { holder } => list_rules(node, holder.map(own_holder), replies).await,
        AuthzRequest::AddRule {
            holder,
            permission,
            action,
            topic,
            mut qos,
            retain,
        } => {
            qos.sort_unstable();
            qos.dedup();
            let rule = AccessRule {
                permission,
                action,
                topic,
                qos,
                retain,
            };
            let holder = own_holder(holder);
            change_rules(node, Command::AddAccessRule { holder, rule }).await
        }
        AuthzRequest::DeleteRules { holder, topic } => {
            let holder = own_holder(holder);
            change_rules(node, Command::DeleteAccessRules { holder, topic }).await
        }
        AuthzRequest::Reload => {
            let reloaded = authz::reload(node).await;
            reloaded.map_err(|error| {
                let next = error.next_step();
                Failure::new(ErrorCode::Config, "the rules are as they were: nothing was changed")
                    .why(error.to_string())
                    .next(next)
            })?;
            Ok(View::Nothing)
        }
    }
}

/// Changes the rules of the store; they are in force when this returns.
async fn change_rules(node: &NodeShared, command: Command) -> Result<View, Failure> {
    let applied = node.state.apply(command).await.map_err(refused)?;
    authz::rules_changed(node).await;
    Ok(View::RowsChanged(applied.rows as u64))
}

async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let in_force = node.authz.in_force();
    let mut rows = replies.rows(View::AuthzSources);
    for source in in_force.authorizer.sources() {
        let (place, rules) = match source {
            Source::File(rules) => (rules.place().to_string(), Some(rules.len() as u64)),
            Source::Database => {
                let facts = node.state.facts();
                let rules = facts.access_rules.iter().map(|each| each.rules().len() as u64).sum();
                ("the node's own store".to_owned(), Some(rules))
            }
            Source::Http(server) => (server.shown_url().to_owned(), None),
        };
        rows.row(AuthzSourceView {
            source: source.name().to_owned(),
            place,
            rules,
        })
        .await?;
    }
    rows.row(AuthzSourceView {
        source: Authority::NO_MATCH.to_owned(),
        place: in_force.authorizer.no_match().to_string(),
        rules: None,
    })
    .await?;
    Ok(rows.finish(None).await?)
}

async fn show(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let in_force = node.authz.in_force();
    let mut rows = replies.rows(View::AuthzRules);
    for source in in_force.authorizer.sources() {
        let Source::File(rules) = source else { continue };
        for (number, (line, rule)) in (1..).zip(rules.rules()) {
            rows.row(AuthzRuleView {
                number,
                line,
                holder_kind: String::new(),
                holder: String::new(),
                rule,
            })
            .await?;
        }
    }
    Ok(rows.finish(None).await?)
}

async fn list_rules(node: &NodeShared, holder: Option<RuleHolder>, replies: ReplySender) -> Result<View, Failure> {
    let facts = node.state.facts();
    let mut rows = replies.rows(View::AuthzRules);
    for rules in facts.access_rules.iter() {
        if holder.as_ref().is_some_and(|holder| holder != rules.holder()) {
            continue;
        }
        for (number, rule) in (1..).zip(rules.rules()) {
            rows.row(rule_view(rules, number, rule)).await?;
        }
    }
    Ok(rows.finish(None).await?)
}

fn rule_view(rules: &HolderRules, number: u32, rule: &AccessRule) -> AuthzRuleView {
    let (holder_kind, holder) = match rules.holder() {
        RuleHolder::Clientid(name) => ("clientid", name.as_str()),
        RuleHolder::Username(name) => ("username", name.as_str()),
        RuleHolder::All => ("all", ""),
    };
    // One that this version cannot read is shown as it was given.
    let text = rules.text_of(number as usize);
    AuthzRuleView {
        number,
        line: None,
        holder_kind: holder_kind.to_owned(),
        holder: holder.to_owned(),
        rule: text.unwrap_or_else(|| format!("{rule:?}")),
    }
}

async fn check(node: &NodeShared, question: AuthzQuestion) -> Result<View, Failure> {
    let limits = TopicLimits::from(&node.config.mqtt);
    let action = parse_action(&question, limits)?;
    let address = question.address.as_deref().map(parse_address).transpose()?;
    let client_id = question.client_id.clone();
    let known = on_owner(node, &question.client_id, move |worker| {
        (
            worker.shard.actor(&client_id),
            worker.shard.last_refusal(&client_id).cloned(),
        )
    });
    let (connected, refusal) = known.await?;
    let is_connected = connected.is_some();
    let mut actor = connected.unwrap_or_else(|| stranger(&question.client_id));
    if let Some(username) = &question.username {
        actor.username = Some(username.as_str().into());
    }
    if let Some(address) = address {
        actor.peer.address.set_ip(address);
    }
    let in_force = node.authz.in_force();
    let mut steps = Steps::default();
    let found = decide(&in_force, &actor, &action, &mut steps).await;
    Ok(View::AuthzDecision(Box::new(AuthzDecisionView {
        is_allowed: found.permission == Permission::Allow,
        source: found.source,
        place: found.place,
        rule: found.rule,
        client_id: question.client_id,
        username: actor.username.as_deref().map(str::to_owned),
        address: actor.peer.address.ip().to_canonical().to_string(),
        is_connected,
        deny_action: match in_force.settings.deny_action {
            DenyAction::Ignore => "ignore",
            DenyAction::Disconnect => "disconnect",
        }
        .to_owned(),
        asked: steps.0,
        last_refusal: refusal.map(|refusal| refusal_view(node, refusal)),
    })))
}

/// What a client was last refused, for `authz check` and `why`.
pub(super) fn refusal_view(node: &NodeShared, refusal: LastRefusal) -> AuthzRefusalView {
    AuthzRefusalView {
        action: refusal.action.to_owned(),
        topic: refusal.topic.into(),
        by: refusal.authority.to_string(),
        at_ms: node.clock.unix_ms(refusal.at),
        count: refusal.count,
    }
}

/// What came out.
struct Found {
    permission: Permission,
    source: String,
    place: Option<String>,
    rule: Option<String>,
}

/// What each said on the way.
#[derive(Default)]
struct Steps(Vec<AuthzStepView>);

impl Steps {
    fn add(&mut self, source: &str, said: Option<Permission>) {
        self.0.push(AuthzStepView {
            source: source.to_owned(),
            says: said.map_or_else(|| "-".to_owned(), |permission| permission.to_string()),
        });
    }
}

async fn decide(in_force: &Arc<InForce>, owned: &OwnedActor, action: &OwnedAction, steps: &mut Steps) -> Found {
    let (actor, action) = (owned.as_actor(), action.as_action());
    if let Some(found) = decide_before(owned, &actor, &action, steps) {
        return found;
    }
    for source in in_force.authorizer.sources() {
        let found = match source {
            Source::Http(server) => server.ask(&actor, &action).await.map(|answer| Found {
                permission: answer.permission,
                source: answer.authority.source.to_owned(),
                place: answer.authority.rule.map(String::from),
                rule: None,
            }),
            Source::File(_) | Source::Database => {
                let said = in_force.authorizer.ask_here(source, &actor, &action);
                said.map(|said| Found {
                    permission: said.permission,
                    source: source.name().to_owned(),
                    place: Some(said.rule),
                    rule: said.text,
                })
            }
        };
        steps.add(source.name(), found.as_ref().map(|found| found.permission));
        if let Some(found) = found {
            return found;
        }
    }
    let permission = in_force.authorizer.no_match();
    steps.add(Authority::NO_MATCH, Some(permission));
    Found {
        permission,
        source: Authority::NO_MATCH.to_owned(),
        place: Some(format!("no rule matches, and authorization.no_match is {permission}")),
        rule: None,
    }
}

/// What is settled before the sources are asked: the broker's own topics, superusers, rules of a token.
fn decide_before(owned: &OwnedActor, actor: &Actor<'_>, action: &Action<'_>, steps: &mut Steps) -> Option<Found> {
    let found = |permission, source: &str, place: Option<String>, rule: Option<String>| Found {
        permission,
        source: source.to_owned(),
        place,
        rule,
    };
    if let Action::Publish { topic, .. } = action
        && (*topic == "$SYS" || topic.starts_with("$SYS/"))
    {
        steps.add("broker", Some(Permission::Deny));
        let why = "$SYS is the broker's own: no client may write there".to_owned();
        return Some(found(Permission::Deny, "broker", Some(why), None));
    }
    let identity = owned.identity.as_deref()?;
    if identity.is_superuser {
        steps.add("superuser", Some(Permission::Allow));
        return Some(found(Permission::Allow, "superuser", None, None));
    }
    let rules = identity.rules.as_ref()?;
    let decision = rules.decide(&actor.who, action);
    steps.add("client_info", decision.map(|decision| decision.permission));
    let decision = decision?;
    let text = rules.rule(decision.rule).map(ToString::to_string);
    let place = format!("rule {} of its token", decision.rule);
    Some(found(decision.permission, "client_info", Some(place), text))
}

fn parse_action(question: &AuthzQuestion, limits: TopicLimits) -> Result<OwnedAction, Failure> {
    let refuse = |message: String| Failure::new(ErrorCode::InvalidArgument, message);
    let (topic, qos) = (question.topic.as_str(), question.qos);
    match question.action.as_str() {
        "publish" | "pub" => {
            validate_topic_name(topic, limits).map_err(|error| refuse(error.to_string()))?;
            Ok(OwnedAction::Publish {
                topic: topic.into(),
                qos,
                retain: question.retain,
            })
        }
        "subscribe" | "sub" => {
            let filter = SubscriptionFilter::parse(ByteString::from(topic), limits);
            let filter = filter.map_err(|error| refuse(error.to_string()))?;
            Ok(OwnedAction::Subscribe {
                filter: (&*filter.filter).into(),
                qos,
            })
        }
        other => Err(refuse(format!("\"{other}\" is nothing to check")).next("choose publish or subscribe")),
    }
}

fn parse_address(text: &str) -> Result<IpAddr, Failure> {
    text.parse()
        .map_err(|_| Failure::new(ErrorCode::InvalidArgument, format!("\"{text}\" is no IP address")))
}

/// A client of which nothing is known: from this host, over `tcp:default`.
fn stranger(client_id: &str) -> OwnedActor {
    OwnedActor {
        client_id: ByteString::from(client_id),
        username: None,
        peer: Peer::tcp(
            Arc::from("tcp:default"),
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            1883,
        ),
        protocol_level: 5,
        identity: None,
    }
}

fn own_holder(holder: WantedHolder) -> RuleHolder {
    match holder {
        WantedHolder::ClientId(name) => RuleHolder::Clientid(name),
        WantedHolder::Username(name) => RuleHolder::Username(name),
        WantedHolder::All => RuleHolder::All,
    }
}
