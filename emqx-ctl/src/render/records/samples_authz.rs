//! Made-up sources, rules and decisions about topics, and their golden texts.

use emqx_shared::views::{AuthzDecisionView, AuthzRefusalView, AuthzRuleView, AuthzSourceView, AuthzStepView};

use super::samples::NOW_MS;

pub fn sources() -> Vec<AuthzSourceView> {
    let source = |source: &str, place: &str, rules| AuthzSourceView {
        source: source.to_owned(),
        place: place.to_owned(),
        rules,
    };
    vec![
        source("file", "/etc/emqx/acl.conf", Some(4)),
        source("built_in_database", "the node's own store", Some(0)),
        source("http", "http://127.0.0.1:8080/acl", None),
        source("no_match", "deny", None),
    ]
}

pub fn rules() -> Vec<AuthzRuleView> {
    let of_file = AuthzRuleView {
        number: 1,
        line: Some(12),
        holder_kind: String::new(),
        holder: String::new(),
        rule: "{allow, all, publish, [\"t/#\"]}".to_owned(),
    };
    let of_client = AuthzRuleView {
        line: None,
        holder_kind: "clientid".to_owned(),
        holder: "sensor\n7".to_owned(),
        ..of_file.clone()
    };
    let of_all = AuthzRuleView {
        number: 2,
        holder_kind: "all".to_owned(),
        holder: String::new(),
        ..of_client.clone()
    };
    vec![of_file, of_client, of_all]
}

pub fn refused() -> AuthzDecisionView {
    let step = |source: &str, says: &str| AuthzStepView {
        source: source.to_owned(),
        says: says.to_owned(),
    };
    AuthzDecisionView {
        is_allowed: false,
        source: "built_in_database".to_owned(),
        place: Some("rule 1 of client id sensor-7".to_owned()),
        rule: Some("{deny, all, all, [\"t/secret\"]}".to_owned()),
        client_id: "sensor-7".to_owned(),
        username: Some("u".to_owned()),
        address: "10.0.0.9".to_owned(),
        is_connected: true,
        deny_action: "ignore".to_owned(),
        asked: vec![step("file", "-"), step("built_in_database", "deny")],
        last_refusal: Some(AuthzRefusalView {
            action: "publish".to_owned(),
            topic: "t/secret".to_owned(),
            by: "built_in_database: rule 1 of client id sensor-7".to_owned(),
            at_ms: NOW_MS - 60_000,
            count: 3,
        }),
    }
}

pub fn allowed() -> AuthzDecisionView {
    AuthzDecisionView {
        is_allowed: true,
        source: "superuser".to_owned(),
        place: None,
        rule: None,
        username: None,
        asked: vec![AuthzStepView {
            source: "superuser".to_owned(),
            says: "allow".to_owned(),
        }],
        last_refusal: None,
        ..refused()
    }
}
