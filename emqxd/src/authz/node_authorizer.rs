//! The rules of the node as the broker asks for them: the sources in their order, then `no_match`.
//!
//! What is decided here is decided on a worker, so nothing in here waits: a source that has to be asked over the network
//! is named as such (`Verdict::Ask`), and `ask.rs` asks it. Made anew on every
//! reload, never changed.

use std::sync::Arc;

use emqx_acl::{Action, ActionSet, Permission};
use emqxd_broker::{Actor, Answer, Authority, Authorizer, OpenToAll, Time, Verdict};

use super::database;
use super::file::FileSource;
use super::http::HttpSource;
use crate::state::ReplicatedState;

/// The sources in force.
pub struct NodeAuthorizer {
    sources: Vec<Source>,
    no_match: Permission,
    state: ReplicatedState,
}

/// Somebody who is asked.
pub enum Source {
    /// Rules of a file.
    File(FileSource),
    /// Rules of the node's own store.
    Database,
    /// A server.
    Http(Arc<HttpSource>),
}

/// What rules say about everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// Everybody may.
    Open,
    /// It has to be asked.
    Closed,
    /// They forbid nothing and do not allow all: whoever is asked next decides.
    Undecided,
}

/// What a source that is here says.
pub struct Said {
    /// Whether it may.
    pub permission: Permission,
    /// Which rule says so, in words.
    pub rule: String,
    /// The rule as it is written, if that is known.
    pub text: Option<String>,
}

/// What the sources say that can be asked here.
enum Step {
    Decided(Permission, Authority),
    /// This one has to be asked elsewhere.
    Ask(usize),
}

impl Source {
    /// EMQX's word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Database => "built_in_database",
            Self::Http(_) => "http",
        }
    }

    fn openness(&self, actions: ActionSet, state: &ReplicatedState) -> Openness {
        match self {
            Self::File(source) => source.openness(actions),
            Self::Database if state.look().access_rules.is_empty() => Openness::Undecided,
            Self::Database | Self::Http(_) => Openness::Closed,
        }
    }
}

impl NodeAuthorizer {
    /// Asks these sources.
    pub fn new(sources: Vec<Source>, no_match: Permission, state: ReplicatedState) -> Self {
        Self {
            sources,
            no_match,
            state,
        }
    }

    /// The sources in order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What holds if none has anything to say.
    pub fn no_match(&self) -> Permission {
        self.no_match
    }

    /// Whether an answer may have to come from elsewhere.
    pub fn http_sources(&self) -> impl Iterator<Item = &HttpSource> {
        self.sources.iter().filter_map(|source| match source {
            Source::Http(source) => Some(&**source),
            Source::File(_) | Source::Database => None,
        })
    }

    /// What a source says that can be asked here; `None` if it has nothing to say, or is elsewhere.
    pub fn ask_here(&self, source: &Source, actor: &Actor<'_>, action: &Action<'_>) -> Option<Said> {
        match source {
            Source::File(rules) => {
                let decision = rules.decide(&actor.who, action)?;
                Some(Said {
                    permission: decision.permission,
                    rule: rules.name_of(&decision),
                    text: rules.text_of(&decision),
                })
            }
            Source::Database => {
                let facts = self.state.look();
                let (decision, rules) = database::decide(&facts.access_rules, actor, action)?;
                Some(Said {
                    permission: decision.permission,
                    rule: format!("rule {} of {}", decision.rule, rules.holder()),
                    text: rules.text_of(decision.rule),
                })
            }
            Source::Http(_) => None,
        }
    }

    /// Asks the sources from `first` on, as far as they are here.
    fn step(&self, first: usize, actor: &Actor<'_>, action: &Action<'_>) -> Step {
        for (index, source) in self.sources.iter().enumerate().skip(first) {
            if matches!(source, Source::Http(_)) {
                return Step::Ask(index);
            }
            // Which rule allowed it nobody asks on the way of a message; that costs a text each.
            let permission = match source {
                Source::File(rules) => rules.decide(&actor.who, action).map(|decision| decision.permission),
                Source::Database => {
                    let facts = self.state.look();
                    let decided = database::decide(&facts.access_rules, actor, action);
                    decided.map(|(decision, _)| decision.permission)
                }
                Source::Http(_) => None,
            };
            match permission {
                None => {}
                Some(Permission::Allow) => return Step::Decided(Permission::Allow, Authority::of(source.name())),
                Some(Permission::Deny) => {
                    let said = self.ask_here(source, actor, action);
                    let authority = match said {
                        Some(said) => Authority::by_rule(source.name(), said.rule),
                        None => Authority::of(source.name()),
                    };
                    return Step::Decided(Permission::Deny, authority);
                }
            }
        }
        let authority = match self.no_match {
            Permission::Allow => Authority::of(Authority::NO_MATCH),
            Permission::Deny => Authority::by_rule(
                Authority::NO_MATCH,
                "no rule matches, and authorization.no_match is deny",
            ),
        };
        Step::Decided(self.no_match, authority)
    }

    /// The whole answer, of those who have to be asked elsewhere too.
    ///
    /// Begins with the first source, although those here were asked on the worker: since then there may be others.
    pub async fn answer(&self, actor: &Actor<'_>, action: &Action<'_>) -> Answer {
        let mut first = 0;
        loop {
            let index = match self.step(first, actor, action) {
                Step::Decided(permission, authority) => return Answer { permission, authority },
                Step::Ask(index) => index,
            };
            if let Some(Source::Http(source)) = self.sources.get(index)
                && let Some(answer) = source.ask(actor, action).await
            {
                return answer;
            }
            first = index + 1;
        }
    }
}

impl Authorizer for NodeAuthorizer {
    fn open_to_all(&self) -> OpenToAll {
        let is_open = |actions| {
            let mut said = self.sources.iter().map(|source| source.openness(actions, &self.state));
            match said.find(|openness| *openness != Openness::Undecided) {
                Some(openness) => openness == Openness::Open,
                None => self.no_match == Permission::Allow,
            }
        };
        OpenToAll {
            publish: is_open(ActionSet::PUBLISH),
            subscribe: is_open(ActionSet::SUBSCRIBE),
        }
    }

    fn authorize(&self, actor: &Actor<'_>, action: &Action<'_>, _now: Time) -> Verdict {
        match self.step(0, actor, action) {
            Step::Decided(Permission::Allow, authority) => Verdict::Allow(authority),
            Step::Decided(Permission::Deny, authority) => Verdict::Deny(authority),
            Step::Ask(_) => Verdict::Ask,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use emqxd_broker::Peer;

    use super::*;
    use crate::config::authorization::FileRules;
    use crate::state::{AccessRule, Command, RuleHolder};

    fn file(rules: &str) -> Source {
        let rules = FileRules::Inline(rules.into());
        Source::File(FileSource::load(&rules, emqx_acl::SecurityProfile::Legacy).unwrap())
    }

    fn state() -> (tempfile::TempDir, ReplicatedState) {
        let folder = tempfile::tempdir().unwrap();
        let state = ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap();
        (folder, state)
    }

    fn publish(authorizer: &NodeAuthorizer, topic: &str) -> Verdict {
        let peer = Peer::tcp(Arc::from("tcp:default"), SocketAddr::from(([10, 0, 0, 9], 1)), 1883);
        let actor = Actor::new("c1", Some("u1"), &peer, 5);
        let action = Action::Publish {
            topic,
            qos: 0,
            retain: false,
        };
        authorizer.authorize(&actor, &action, Time(0))
    }

    #[test]
    fn sources_are_asked_in_their_order_and_then_no_match_holds() {
        let (_folder, state) = state();
        let sources = vec![file("{deny, all, publish, [\"a\"]}."), Source::Database];
        let authorizer = NodeAuthorizer::new(sources, Permission::Allow, state.clone());
        let rule = |topic: &str| AccessRule {
            permission: "deny".to_owned(),
            action: "publish".to_owned(),
            topic: topic.to_owned(),
            qos: Vec::new(),
            retain: None,
        };
        for (holder, topic) in [
            (RuleHolder::All, "b"),
            (RuleHolder::Username("u1".to_owned()), "c"),
            (RuleHolder::Clientid("other".to_owned()), "d"),
        ] {
            let rule = rule(topic);
            state.apply_blocking(Command::AddAccessRule { holder, rule }).unwrap();
        }
        let by = |source, rule: &str| Verdict::Deny(Authority::by_rule(source, rule));
        assert_eq!(
            publish(&authorizer, "a"),
            by("file", "rule 1 at authorization.sources:1")
        );
        assert_eq!(
            publish(&authorizer, "b"),
            by("built_in_database", "rule 1 of all clients")
        );
        assert_eq!(publish(&authorizer, "c"), by("built_in_database", "rule 1 of user u1"));
        let nobody = Verdict::Allow(Authority::of(Authority::NO_MATCH));
        assert_eq!(publish(&authorizer, "d"), nobody);
    }

    #[test]
    fn nothing_need_be_asked_where_everybody_may() {
        let (_folder, state) = state();
        let open = |sources, no_match| NodeAuthorizer::new(sources, no_match, state.clone()).open_to_all();
        let (yes, no) = (Permission::Allow, Permission::Deny);
        let publish_only = OpenToAll {
            publish: true,
            subscribe: false,
        };
        let nothing = OpenToAll {
            publish: false,
            subscribe: false,
        };
        let all = OpenToAll {
            publish: true,
            subscribe: true,
        };
        assert_eq!(open(vec![], yes), all);
        assert_eq!(open(vec![], no), nothing);
        assert_eq!(open(vec![file("{allow, all}."), Source::Database], no), all);
        assert_eq!(
            open(vec![file("{deny, all, subscribe, [\"#\"]}. {allow, all}.")], no),
            publish_only
        );
        assert_eq!(open(vec![file("{allow, all, publish, [\"t\"]}.")], no), nothing);
        assert_eq!(
            open(vec![file("{allow, all, publish, [\"t\"]}."), Source::Database], yes),
            all
        );
        let rule = AccessRule {
            permission: "deny".to_owned(),
            action: "all".to_owned(),
            topic: "t".to_owned(),
            qos: Vec::new(),
            retain: None,
        };
        let holder = RuleHolder::All;
        state.apply_blocking(Command::AddAccessRule { holder, rule }).unwrap();
        assert_eq!(open(vec![Source::Database], yes), nothing);
    }
}
