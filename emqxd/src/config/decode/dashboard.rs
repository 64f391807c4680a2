//! `dashboard`

use super::super::Config;
use super::{Decoder, text};
use crate::admins::check_username;

pub(super) fn read(decoder: &mut Decoder<'_>, config: &mut Config) {
    let dashboard = &mut config.dashboard;
    decoder.read(
        "dashboard.default_username",
        &mut dashboard.default_username,
        |value, _| {
            text(value)
                .filter(|name| check_username(name).is_ok())
                .map(str::to_owned)
        },
    );
    decoder.text("dashboard.default_password", &mut dashboard.default_password);
    let lockout = &mut dashboard.lockout;
    decoder.integer("dashboard.unsuccessful_login_max_attempts", &mut lockout.max_attempts);
    decoder.duration("dashboard.unsuccessful_login_interval", &mut lockout.interval);
    decoder.duration("dashboard.unsuccessful_login_lock_duration", &mut lockout.lock);
}
