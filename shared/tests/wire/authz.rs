//! Requests and views of `authz`.

use emqx_shared::request::{AuthzQuestion, AuthzRequest, RuleHolder};
use emqx_shared::views::*;
use emqx_shared::{Request, View};

fn topic() -> String {
    "t/#".to_owned()
}

/// In the order of the enum.
pub fn requests() -> Vec<Request> {
    let holder = || RuleHolder::ClientId("sensor-7".to_owned());
    [
        AuthzRequest::List,
        AuthzRequest::Show,
        AuthzRequest::Check(Box::new(AuthzQuestion {
            client_id: "sensor-7".to_owned(),
            username: Some("u".to_owned()),
            address: Some("10.0.0.9".to_owned()),
            action: "publish".to_owned(),
            topic: topic(),
            qos: 1,
            retain: true,
        })),
        AuthzRequest::ListRules { holder: Some(holder()) },
        AuthzRequest::AddRule {
            holder: RuleHolder::Username("u".to_owned()),
            permission: "allow".to_owned(),
            action: "publish".to_owned(),
            topic: topic(),
            qos: vec![0, 1],
            retain: Some(false),
        },
        AuthzRequest::DeleteRules {
            holder: RuleHolder::All,
            topic: Some(topic()),
        },
        AuthzRequest::Reload,
    ]
    .map(Request::Authz)
    .into()
}

/// In the order of the enum.
pub fn views() -> Vec<View> {
    let rule = || "{allow, all, publish, [\"t/#\"]}".to_owned();
    vec![
        View::AuthzSources(vec![AuthzSourceView {
            source: "file".to_owned(),
            place: "/etc/emqx/acl.conf".to_owned(),
            rules: Some(4),
        }]),
        View::AuthzRules(vec![AuthzRuleView {
            number: 1,
            line: Some(12),
            holder_kind: "clientid".to_owned(),
            holder: "sensor-7".to_owned(),
            rule: rule(),
        }]),
        View::AuthzDecision(Box::new(AuthzDecisionView {
            is_allowed: false,
            source: "file".to_owned(),
            place: Some("rule 1 at /etc/emqx/acl.conf:12".to_owned()),
            rule: Some(rule()),
            client_id: "sensor-7".to_owned(),
            username: Some("u".to_owned()),
            address: "10.0.0.9".to_owned(),
            is_connected: true,
            deny_action: "ignore".to_owned(),
            asked: vec![AuthzStepView {
                source: "file".to_owned(),
                says: "deny".to_owned(),
            }],
            last_refusal: Some(AuthzRefusalView {
                action: "publish".to_owned(),
                topic: topic(),
                by: "file: rule 1 at /etc/emqx/acl.conf:12".to_owned(),
                at_ms: 1_732_000_000_000,
                count: 3,
            }),
        })),
    ]
}
