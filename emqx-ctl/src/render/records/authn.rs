//! `authn list`, `authn users list` and what an import did. EMQX 5 has no such verbs; names are those of its HTTP API,
//! the text of users is EMQX 4's.

use emqx_shared::views::{AuthenticatorView, UserView};
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for AuthenticatorView {
    const SCHEMA: &'static str = "authenticators";
    const FIELDS: &'static [Field<Self>] = &[
        ("id", |v| json!(v.id)),
        ("listener", |v| json!(v.listener)),
        ("enable", |v| json!(v.enable)),
        ("detail", |v| json!(v.detail)),
        ("user_id_type", |v| json!(v.user_id_type)),
        ("users", |v| json!(v.users)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("AUTHENTICATOR", |v, _| Cell::text(&v.id)),
        ("OF", |v, _| {
            Cell::text(v.listener.as_deref().unwrap_or("all listeners"))
        }),
        ("ASKED", |v, _| Cell::text(if v.enable { "yes" } else { "no" })),
        ("WITH", |v, _| Cell::text(&v.detail)),
        ("KNOWN BY", |v, _| Cell::text(v.user_id_type.as_deref().unwrap_or("-"))),
        ("USERS", |v, _| {
            Cell::text(v.users.map_or_else(|| "-".to_owned(), |users| users.to_string()))
        }),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        let users = self
            .users
            .map_or_else(|| "undefined".to_owned(), |users| users.to_string());
        lines.line(format_args!(
            "Authenticator({}, listener={}, enable={}, detail={}, users={users})",
            self.id,
            self.listener.as_deref().unwrap_or("all"),
            self.enable,
            self.detail,
        ));
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No authenticators: every client may connect.")
    }
}

impl Record for UserView {
    const SCHEMA: &'static str = "users";
    const FIELDS: &'static [Field<Self>] = &[
        ("user_id", |v| json!(v.user_id)),
        ("is_superuser", |v| json!(v.is_superuser)),
        ("authenticator", |v| json!(v.authenticator)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("USER", |v, _| Cell::text(&v.user_id)),
        ("SUPERUSER", |v, _| {
            Cell::text(if v.is_superuser { "yes" } else { "no" })
        }),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        match look.compat {
            Compat::V5 => lines.line(format_args!(
                "User({}, is_superuser={})",
                self.user_id, self.is_superuser
            )),
            Compat::V4 => lines.line(format_args!("User(username = <<\"{}\">>)", self.user_id)),
        }
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No users.")
    }
}

/// What `authn users import` did.
pub struct ImportedUsers {
    /// New or changed.
    pub users: u64,
}

impl Record for ImportedUsers {
    const SCHEMA: &'static str = "imported_users";
    const FIELDS: &'static [Field<Self>] = &[("users", |v| json!(v.users)), ("result", |_| json!("ok"))];
    const COLUMNS: &'static [Column<Self>] = &[("USERS", |v, _| Cell::text(v.users.to_string()))];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!("{} users imported", self.users));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet {
            self.classic(look, &mut lines);
        }
        Some(lines.into_text())
    }
}
