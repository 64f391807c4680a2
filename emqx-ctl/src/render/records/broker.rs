//! `broker`, `broker stats`, `broker metrics`

use emqx_shared::views::{BrokerView, CountView};
use serde_json::json;

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};
use crate::time::{self, Civil};

const NANOSECONDS: u64 = 1_000_000_000;

fn datetime(view: &BrokerView) -> String {
    let time = Civil::new(view.now_ns / NANOSECONDS, view.utc_offset_seconds);
    time.rfc3339(view.now_ns % NANOSECONDS)
}

impl Record for BrokerView {
    const SCHEMA: &'static str = "broker";
    const FIELDS: &'static [Field<Self>] = &[
        ("sysdescr", |v| json!(v.sysdescr)),
        ("version", |v| json!(v.version)),
        ("datetime", |v| json!(datetime(v))),
        ("uptime", |v| json!(time::uptime(v.uptime_ms))),
        ("uptime_ms", |v| json!(v.uptime_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("sysdescr", |v, _| Cell::text(&v.sysdescr)),
        ("version", |v, _| Cell::text(&v.version)),
        ("datetime", |v, _| Cell::text(datetime(v))),
        ("uptime", |v, _| Cell::text(time::uptime(v.uptime_ms))),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let mut pair = |key, value: &str| lines.pair(10, key, value);
        pair("sysdescr", &self.sysdescr);
        pair("version", &self.version);
        match look.compat {
            Compat::V5 => {
                pair("datetime", &datetime(self));
                pair("uptime", &time::uptime(self.uptime_ms));
            }
            Compat::V4 => {
                let time = Civil::new(self.now_ns / NANOSECONDS, self.utc_offset_seconds);
                pair("uptime", &time::uptime(self.uptime_ms));
                pair("datetime", &time.date_time());
            }
        }
    }
}

impl Record for CountView {
    const SCHEMA: &'static str = "counts";
    const FIELDS: &'static [Field<Self>] = &[("name", |v| json!(v.name)), ("value", |v| json!(v.value))];
    const COLUMNS: &'static [Column<Self>] = &[
        ("NAME", |v, _| Cell::text(&v.name)),
        ("VALUE", |v, _| Cell::number(v.value)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.pair(30, &self.name, self.value);
    }
}
