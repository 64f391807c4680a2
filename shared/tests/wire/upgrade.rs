//! Upgrades.

use emqx_shared::request::UpgradeRequest;
use emqx_shared::views::*;
use emqx_shared::{Request, View};

pub fn requests() -> Vec<Request> {
    vec![
        Request::Upgrade(UpgradeRequest::Installed { timeout_ms: 30_000 }),
        Request::Upgrade(UpgradeRequest::Binary {
            shown: "/opt/emqxd".to_owned(),
            timeout_ms: 30_000,
        }),
    ]
}

pub fn views() -> Vec<View> {
    vec![View::Upgraded(UpgradedView {
        pid: 4242,
        version: "0.2.0".to_owned(),
        moved: 998,
        reconnecting: 2,
        sessions: 1500,
        retained: 7,
        frozen_ms: 83,
    })]
}
