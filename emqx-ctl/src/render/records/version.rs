//! `version`: the CLI's own and, if it can be reached, the daemon's.

use emqx_shared::PROTOCOL;
use emqx_shared::views::VersionView;
use serde_json::json;

use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// Both sides' versions.
#[derive(Debug)]
pub struct Versions {
    pub daemon: VersionView,
}

/// The version of this program.
pub const OWN: &str = env!("CARGO_PKG_VERSION");

impl Record for Versions {
    const SCHEMA: &'static str = "version";
    const FIELDS: &'static [Field<Self>] = &[
        ("emqx_ctl", |_| json!(OWN)),
        ("emqxd", |v| json!(v.daemon.version)),
        ("emqx", |v| json!(v.daemon.emqx_version)),
        ("build", |v| json!(v.daemon.build)),
        ("protocol_min", |v| json!(v.daemon.protocol_min)),
        ("protocol_max", |v| json!(v.daemon.protocol_max)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("emqx-ctl", |_, _| Cell::text(format!("{OWN} (protocol {PROTOCOL})"))),
        ("emqxd", |v, _| {
            let (min, max) = (v.daemon.protocol_min, v.daemon.protocol_max);
            let range = emqx_shared::hello::ProtocolRange { min, max };
            Cell::text(format!("{} (protocol {range})", v.daemon.version))
        }),
        ("compatible", |v, _| {
            Cell::text(format!("EMQX {}", v.daemon.emqx_version))
        }),
        ("build", |v, _| Cell::text(&v.daemon.build)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.pair(10, "emqx-ctl", OWN);
        lines.pair(10, "emqxd", &self.daemon.version);
        lines.pair(10, "emqx", &self.daemon.emqx_version);
        lines.pair(10, "build", &self.daemon.build);
    }
}
