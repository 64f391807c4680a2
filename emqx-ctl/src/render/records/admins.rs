//! `admins list`. EMQX has no such verb; the text follows its `Client(…)`.

use emqx_shared::views::AdminView;
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for AdminView {
    const SCHEMA: &'static str = "admins";
    const FIELDS: &'static [Field<Self>] = &[
        ("username", |v| json!(v.username)),
        ("role", |v| json!(v.role)),
        ("description", |v| json!(v.description)),
        ("must_change_password", |v| json!(v.must_change_password)),
        ("locked_until", |v| json!(v.locked_until_ms)),
        ("created_at", |v| json!(v.created_at_ms)),
        ("password_set_at", |v| json!(v.password_set_at_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("USER", |v, _| Cell::text(&v.username)),
        ("ROLE", |v, _| Cell::text(&v.role)),
        ("DESCRIPTION", |v, _| Cell::text(&v.description)),
        ("PASSWORD OF", |v, look| Cell::text(look.time(v.password_set_at_ms))),
        ("STATE", |v, look| Cell::text(state(v, look))),
    ];

    fn classic(&self, _look: &Look, lines: &mut Lines) {
        lines.line(format_args!(
            "Admin({}, role={}, description={}, must_change_password={}, locked={})",
            self.username,
            self.role,
            self.description,
            self.must_change_password,
            self.locked_until_ms.is_some()
        ));
    }

    fn empty_text(_compat: Compat) -> Option<&'static str> {
        Some("No admins.")
    }

    fn note(&self, _look: &Look) -> Option<String> {
        self.must_change_password.then(|| {
            format!(
                "! {} has a default password: emqx-ctl admins passwd {}",
                self.username, self.username
            )
        })
    }
}

fn state(admin: &AdminView, look: &Look) -> String {
    match (admin.locked_until_ms, admin.must_change_password) {
        (Some(until), _) => format!("locked until {}", look.time(until)),
        (None, true) => "default password".to_owned(),
        (None, false) => "ok".to_owned(),
    }
}
