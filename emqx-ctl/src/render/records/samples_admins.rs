//! Made-up administrators, bans and alarms, and their golden texts.

use emqx_shared::views::{AdminView, AlarmView, BanView, BannedView};

use super::samples::{NODE, NOW_MS};

pub fn admins() -> Vec<AdminView> {
    let admin = AdminView {
        username: "admin".to_owned(),
        description: "administrator".to_owned(),
        role: "administrator".to_owned(),
        must_change_password: true,
        locked_until_ms: None,
        created_at_ms: NOW_MS - 60_000,
        password_set_at_ms: NOW_MS - 60_000,
    };
    let locked = AdminView {
        username: "li".to_owned(),
        description: "night\nshift".to_owned(),
        role: "viewer".to_owned(),
        must_change_password: false,
        locked_until_ms: Some(NOW_MS + 60_000),
        ..admin.clone()
    };
    vec![admin, locked]
}

pub fn bans() -> Vec<BanView> {
    let ban = BanView {
        kind: "clientid".to_owned(),
        who: "sensor-7".to_owned(),
        by: "emqx-ctl (uid 0)".to_owned(),
        reason: "leaks oil".to_owned(),
        at_ms: NOW_MS - 60_000,
        until_ms: None,
    };
    let network = BanView {
        kind: "peerhost_net".to_owned(),
        who: "10.2.0.0/16".to_owned(),
        until_ms: Some(NOW_MS + 60_000),
        ..ban.clone()
    };
    vec![ban, network]
}

pub fn banned() -> BannedView {
    BannedView {
        ban: bans().remove(0),
        kicked: 1,
    }
}

pub fn alarms() -> Vec<AlarmView> {
    let alarm = AlarmView {
        node: NODE.to_owned(),
        name: "license_expiry".to_owned(),
        message: "license_expiry".to_owned(),
        details: "{\"expiry_at\":\"20241031\"}".to_owned(),
        activate_at_ms: NOW_MS - 60_000,
        deactivate_at_ms: None,
    };
    let over = AlarmView {
        deactivate_at_ms: Some(NOW_MS - 1000),
        ..alarm.clone()
    };
    vec![alarm, over]
}
