//! What a verb did that has no data of its own to show: one sentence, EMQX's where it has one.

use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeedKind {
    Pong,
    StartListener,
    StopListener,
    RestartListener,
    EnableListener,
    DisableListener,
    AddSubscription,
    DeleteSubscription,
    StartLogHandler,
    StopLogHandler,
    AddAdmin,
    SetAdminPassword,
    DeleteAdmin,
    Unban,
    AddRule,
    DeleteRules,
    ReloadRules,
    AddUser,
    SetUserPassword,
    DeleteUser,
    AskReload,
}

/// What was done, to what.
#[derive(Debug)]
pub struct Deed {
    pub kind: DeedKind,
    /// The listener, client or log handler.
    pub target: String,
    /// The address of a listener, which EMQX 4 names as well.
    pub address: String,
}

impl Deed {
    pub fn new(kind: DeedKind, target: impl Into<String>) -> Self {
        Self {
            kind,
            target: target.into(),
            address: String::new(),
        }
    }

    fn sentence(&self, compat: Compat) -> String {
        let (target, address) = (&self.target, &self.address);
        let listener = compat.listener_id(target);
        match (self.kind, compat) {
            (DeedKind::Pong, _) => "pong".to_owned(),
            (DeedKind::StartListener, _) => format!("Started {listener} listener successfully."),
            (DeedKind::StopListener, Compat::V5) => {
                format!("Stop {listener} listener successfully.")
            }
            (DeedKind::StopListener, Compat::V4) => {
                format!("Stop {listener} listener on {address} successfully.")
            }
            (DeedKind::RestartListener, _) => {
                format!("Restarted {listener} listener successfully.")
            }
            (DeedKind::EnableListener, _) => "Updated 'enable' to: 'true' successfully.".to_owned(),
            (DeedKind::DisableListener, _) => "Updated 'enable' to: 'false' successfully.".to_owned(),
            (DeedKind::AddSubscription | DeedKind::DeleteSubscription, _) => "ok".to_owned(),
            (DeedKind::AddAdmin | DeedKind::SetAdminPassword | DeedKind::DeleteAdmin | DeedKind::Unban, _) => {
                "ok".to_owned()
            }
            (DeedKind::AddRule | DeedKind::DeleteRules | DeedKind::ReloadRules, _) => "ok".to_owned(),
            (DeedKind::AddUser | DeedKind::SetUserPassword | DeedKind::DeleteUser, _) => "ok".to_owned(),
            (DeedKind::AskReload, _) => {
                "reload asked for; its log says what comes of it, and so does `emqx-ctl reload --wait`".to_owned()
            }
            (DeedKind::StartLogHandler, _) => format!("log handler {target} started"),
            (DeedKind::StopLogHandler, _) => format!("log handler {target} stopped"),
        }
    }

    /// What a person should know beside: who has lost the right to come in may be in still, as in EMQX.
    fn hint(&self) -> Option<&'static str> {
        matches!(self.kind, DeedKind::SetUserPassword | DeedKind::DeleteUser).then_some(
            "connections that are open stay open: `emqx-ctl clients kick CLIENTID` ends one, `emqx-ctl banned add username \
             NAME` all of a user and keeps it out",
        )
    }

    fn verb(&self) -> &'static str {
        match self.kind {
            DeedKind::Pong => "ping",
            DeedKind::StartListener => "listeners start",
            DeedKind::StopListener => "listeners stop",
            DeedKind::RestartListener => "listeners restart",
            DeedKind::EnableListener => "listeners enable",
            DeedKind::DisableListener => "listeners disable",
            DeedKind::AddSubscription => "subscriptions add",
            DeedKind::DeleteSubscription => "subscriptions del",
            DeedKind::StartLogHandler => "log handlers start",
            DeedKind::StopLogHandler => "log handlers stop",
            DeedKind::AddAdmin => "admins add",
            DeedKind::SetAdminPassword => "admins passwd",
            DeedKind::DeleteAdmin => "admins del",
            DeedKind::Unban => "banned del",
            DeedKind::AddRule => "authz rules add",
            DeedKind::DeleteRules => "authz rules del",
            DeedKind::ReloadRules => "authz reload",
            DeedKind::AddUser => "authn users add",
            DeedKind::SetUserPassword => "authn users passwd",
            DeedKind::DeleteUser => "authn users del",
            DeedKind::AskReload => "reload",
        }
    }
}

impl Record for Deed {
    const SCHEMA: &'static str = "result";
    const FIELDS: &'static [Field<Self>] = &[
        ("verb", |v| json!(v.verb())),
        ("target", |v| json!(v.target)),
        ("result", |_| json!("ok")),
    ];
    const COLUMNS: &'static [Column<Self>] = &[("result", |v, look| Cell::text(v.sentence(look.compat)))];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.sentence(look.compat)));
    }

    /// A sentence is no table.
    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet || self.kind == DeedKind::Pong {
            self.classic(look, &mut lines);
        }
        if let Some(hint) = self.hint().filter(|_| !look.quiet) {
            lines.line(format_args!("{hint}"));
        }
        Some(lines.into_text())
    }
}

#[cfg(test)]
mod tests {
    use emqx_shared::catalogue::Language;

    use super::*;
    use crate::render::Format;

    #[test]
    fn who_takes_a_users_right_away_is_told_on_a_terminal_that_its_connections_stay_and_scripts_get_ok() {
        let look = |quiet| Look {
            format: Format::Table,
            compat: Compat::V5,
            color: false,
            language: Language::English,
            quiet,
            width: None,
            node: String::new(),
            utc_offset: 0,
            now_ms: 0,
        };
        for kind in [DeedKind::SetUserPassword, DeedKind::DeleteUser] {
            let deed = Deed::new(kind, "alice");
            let told = deed.story(&look(false)).unwrap();
            assert!(told.starts_with("ok\nconnections that are open stay open"), "{told}");
            assert_eq!(deed.story(&look(true)).as_deref(), Some(""));
            let mut script = Lines::default();
            deed.classic(&look(false), &mut script);
            assert_eq!(script.into_text(), "ok\n");
        }
        let added = Deed::new(DeedKind::AddUser, "alice").story(&look(false));
        assert_eq!(added.as_deref(), Some("ok\n"));
    }
}
