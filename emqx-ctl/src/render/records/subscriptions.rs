//! `subscriptions`

use emqx_shared::views::SubscriptionView;
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

impl Record for SubscriptionView {
    const SCHEMA: &'static str = "subscriptions";
    const FIELDS: &'static [Field<Self>] = &[
        ("clientid", |v| json!(v.client_id)),
        ("topic", |v| json!(v.topic)),
        ("qos", |v| json!(v.qos)),
        ("nl", |v| json!(u8::from(v.no_local))),
        ("rh", |v| json!(v.retain_handling)),
        ("rap", |v| json!(u8::from(v.retain_as_published))),
        ("subid", |v| json!(v.subscription_id)),
        ("node", |v| json!(v.node)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("CLIENT", |v, _| Cell::text(&v.client_id)),
        ("TOPIC", |v, _| Cell::text(&v.topic)),
        ("QOS", |v, _| Cell::number(v.qos.into())),
        ("NO LOCAL", |v, _| Cell::text(yes_or_dash(v.no_local))),
        ("RETAIN AS PUB", |v, _| Cell::text(yes_or_dash(v.retain_as_published))),
        ("RETAIN HANDLING", |v, _| Cell::number(v.retain_handling.into())),
        ("ID", |v, _| {
            Cell::right(v.subscription_id.map_or("-".to_owned(), |id| id.to_string()))
        }),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        match look.compat {
            Compat::V4 => lines.line(format_args!("{} -> {}", self.client_id, self.topic)),
            Compat::V5 => lines.line(format_args!(
                "{} -> topic:{} qos:{} nl:{} rh:{} rap:{}",
                self.client_id,
                self.topic,
                self.qos,
                u8::from(self.no_local),
                self.retain_handling,
                u8::from(self.retain_as_published)
            )),
        }
    }

    fn empty_text(compat: Compat) -> Option<&'static str> {
        (compat == Compat::V5).then_some("No subscriptions.")
    }
}

fn yes_or_dash(value: bool) -> &'static str {
    if value { "yes" } else { "-" }
}
