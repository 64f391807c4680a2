//! `license …`

use emqx_license::CustomerType;
use emqx_shared::views::{LicenseAppliedView, LicenseHistoryView, LicensePreviewView, LicenseView};
use serde_json::{Value, json};

use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::{Cell, Tone};
use crate::render::{Column, Field, Look, Record};
use crate::time::Civil;

/// The width of EMQX's keys.
const KEY_WIDTH: usize = 16;
/// Dates from here on mean that it does not end.
const NEVER: &str = "9999-12-31";

fn tps(max_tps: Option<u64>) -> Value {
    max_tps.map_or(json!("infinity"), |max| json!(max))
}

fn expiry(license: &LicenseView) -> String {
    match license.days_left {
        _ if license.expiry_at == NEVER => "never".to_owned(),
        left @ ..0 => format!("{} ({} days ago)", license.expiry_at, -left),
        left => format!("{} (in {left} days)", license.expiry_at),
    }
}

fn in_use(license: &LicenseView) -> String {
    let (sessions, max) = (license.sessions, license.max_sessions);
    match max {
        0 => format!("{sessions} of 0"),
        _ => format!(
            "{sessions} of {max} ({} %)",
            u128::from(sessions) * 100 / u128::from(max)
        ),
    }
}

fn state(license: &LicenseView) -> (&'static str, Tone) {
    if license.is_overdue {
        (
            "expired: no new connection is accepted, connected clients stay",
            Tone::Bad,
        )
    } else if license.is_expired {
        ("expired: connections are accepted up to the limit", Tone::Bad)
    } else if license.sessions >= license.refused_from {
        ("good, but at its limit: no new session is accepted", Tone::Bad)
    } else {
        ("good", Tone::Good)
    }
}

/// The first ten are EMQX 5.0's order with `max_sessions` after it, so that scripts for both find theirs.
fn classic(license: &LicenseView, lines: &mut Lines) {
    let mut pair = |key, value: &dyn std::fmt::Display| lines.pair(KEY_WIDTH, key, value);
    pair("customer", &license.customer);
    pair("email", &license.email);
    pair("deployment", &license.deployment);
    pair("max_connections", &license.max_sessions);
    pair("start_at", &license.start_at);
    pair("expiry_at", &license.expiry_at);
    pair("type", &license.license_type);
    pair("customer_type", &license.customer_type);
    pair("expiry", &license.is_expired);
    pair("max_sessions", &license.max_sessions);
}

impl Record for LicenseView {
    const SCHEMA: &'static str = "license";
    const FIELDS: &'static [Field<Self>] = &[
        ("customer", |v| json!(v.customer)),
        ("email", |v| json!(v.email)),
        ("deployment", |v| json!(v.deployment)),
        ("max_connections", |v| json!(v.max_sessions)),
        ("start_at", |v| json!(v.start_at)),
        ("expiry_at", |v| json!(v.expiry_at)),
        ("type", |v| json!(v.license_type)),
        ("customer_type", |v| json!(v.customer_type)),
        ("expiry", |v| json!(v.is_expired)),
        ("max_sessions", |v| json!(v.max_sessions)),
        ("max_tps", |v| tps(v.max_tps)),
        ("days_left", |v| json!(v.days_left)),
        ("overdue", |v| json!(v.is_overdue)),
        ("refused_from", |v| json!(v.refused_from)),
        ("sessions", |v| json!(v.sessions)),
        ("connections", |v| json!(v.connections)),
        ("issuer", |v| json!(v.issuer)),
        ("source", |v| json!(v.source)),
        ("set_at_ms", |v| json!(v.set_at_ms)),
        ("set_by", |v| json!(v.set_by)),
        ("judged_on", |v| json!(v.judged_on)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("customer", |v, _| Cell::text(&v.customer)),
        ("email", |v, _| Cell::text(&v.email)),
        ("deployment", |v, _| Cell::text(&v.deployment)),
        ("type", |v, _| Cell::text(&v.license_type)),
        ("customer type", |v, _| {
            let name = CustomerType(v.customer_type).name();
            Cell::text(format!("{} ({name})", v.customer_type))
        }),
        ("starts", |v, _| Cell::text(&v.start_at)),
        ("ends", |v, _| Cell::text(expiry(v))),
        ("sessions", |v, _| Cell::text(in_use(v))),
        ("issuer", |v, _| Cell::text(v.issuer.as_deref().unwrap_or("none"))),
        ("from", |v, look| {
            Cell::text(match v.set_at_ms {
                None => v.source.clone(),
                Some(at) => format!("{}, {}", v.source, look.time(at)),
            })
        }),
        ("state", |v, _| {
            let (words, tone) = state(v);
            Cell::text(words).tone(tone)
        }),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        classic(self, lines);
    }
}

/// A licence that is not in force, and what came of its signature.
#[derive(Debug)]
pub struct ShownLicense {
    pub license: LicenseView,
    pub signature: String,
}

impl Record for ShownLicense {
    const SCHEMA: &'static str = "license-show";
    const FIELDS: &'static [Field<Self>] = &[
        ("customer", |v| json!(v.license.customer)),
        ("email", |v| json!(v.license.email)),
        ("deployment", |v| json!(v.license.deployment)),
        ("max_connections", |v| json!(v.license.max_sessions)),
        ("start_at", |v| json!(v.license.start_at)),
        ("expiry_at", |v| json!(v.license.expiry_at)),
        ("type", |v| json!(v.license.license_type)),
        ("customer_type", |v| json!(v.license.customer_type)),
        ("expiry", |v| json!(v.license.is_expired)),
        ("max_sessions", |v| json!(v.license.max_sessions)),
        ("max_tps", |v| tps(v.license.max_tps)),
        ("days_left", |v| json!(v.license.days_left)),
        ("issuer", |v| json!(v.license.issuer)),
        ("signature", |v| json!(v.signature)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("customer", |v, _| Cell::text(&v.license.customer)),
        ("email", |v, _| Cell::text(&v.license.email)),
        ("deployment", |v, _| Cell::text(&v.license.deployment)),
        ("type", |v, _| Cell::text(&v.license.license_type)),
        ("customer type", |v, _| {
            let name = CustomerType(v.license.customer_type).name();
            Cell::text(format!("{} ({name})", v.license.customer_type))
        }),
        ("starts", |v, _| Cell::text(&v.license.start_at)),
        ("ends", |v, _| Cell::text(expiry(&v.license))),
        ("sessions", |v, _| Cell::number(v.license.max_sessions)),
        ("signature", |v, _| Cell::text(&v.signature)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        classic(&self.license, lines);
        lines.pair(KEY_WIDTH, "signature", &self.signature);
    }
}

/// A field that another licence would change.
#[derive(Debug)]
pub struct LicenseDifference {
    field: &'static str,
    current: String,
    new: String,
    change: String,
}

impl LicenseDifference {
    /// What differs, and how much of it is in use.
    pub fn rows(preview: &LicensePreviewView) -> Vec<Self> {
        let (current, new) = (&preview.current, &preview.new);
        let days = |license: &LicenseView| license.days_left;
        let pairs = [
            (
                "customer",
                current.customer.clone(),
                new.customer.clone(),
                String::new(),
            ),
            ("email", current.email.clone(), new.email.clone(), String::new()),
            (
                "deployment",
                current.deployment.clone(),
                new.deployment.clone(),
                String::new(),
            ),
            (
                "type",
                current.license_type.clone(),
                new.license_type.clone(),
                String::new(),
            ),
            (
                "customer_type",
                current.customer_type.to_string(),
                new.customer_type.to_string(),
                String::new(),
            ),
            (
                "max_sessions",
                current.max_sessions.to_string(),
                new.max_sessions.to_string(),
                signed(i128::from(new.max_sessions) - i128::from(current.max_sessions), ""),
            ),
            (
                "start_at",
                current.start_at.clone(),
                new.start_at.clone(),
                String::new(),
            ),
            (
                "expiry_at",
                current.expiry_at.clone(),
                new.expiry_at.clone(),
                signed(i128::from(days(new)) - i128::from(days(current)), " d"),
            ),
            ("in use now", in_use(current), in_use(new), String::new()),
        ];
        let row = |(field, current, new, change)| Self {
            field,
            current,
            new,
            change,
        };
        let differs = |row: &Self| row.current != row.new || row.field == "customer";
        pairs.into_iter().map(row).filter(differs).collect()
    }
}

fn signed(difference: i128, unit: &str) -> String {
    match difference {
        0 => String::new(),
        _ => format!("{difference:+}{unit}"),
    }
}

impl Record for LicenseDifference {
    const SCHEMA: &'static str = "license-diff";
    const FIELDS: &'static [Field<Self>] = &[
        ("field", |v| json!(v.field)),
        ("current", |v| json!(v.current)),
        ("new", |v| json!(v.new)),
        ("change", |v| json!(v.change)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("", |v, _| Cell::text(v.field)),
        ("CURRENT", |v, _| Cell::text(&v.current)),
        ("NEW", |v, _| Cell::text(&v.new)),
        ("", |v, _| Cell::text(&v.change)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.pair(KEY_WIDTH, self.field, format_args!("{} -> {}", self.current, self.new));
    }
}

impl Record for LicenseAppliedView {
    const SCHEMA: &'static str = "license-update";
    const FIELDS: &'static [Field<Self>] = &[
        ("result", |_| json!("ok")),
        ("customer", |v| json!(v.license.customer)),
        ("type", |v| json!(v.license.license_type)),
        ("max_sessions", |v| json!(v.license.max_sessions)),
        ("expiry_at", |v| json!(v.license.expiry_at)),
        ("stored_at", |v| json!(v.stored_at)),
        ("backup", |v| json!(v.backup)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[("result", |_, _| Cell::text("ok"))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("ok"));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet {
            lines.line(format_args!("ok, in force now; kept in {}", self.stored_at));
            if let Some(backup) = &self.backup {
                lines.line(format_args!("the previous one is kept as {backup}"));
            }
        }
        Some(lines.into_text())
    }
}

/// Whether a licence is good for a while.
#[derive(Debug)]
pub struct LicenseCheck {
    license: LicenseView,
    days: u32,
    /// What speaks against it, a sentence each.
    pub problems: Vec<String>,
}

impl LicenseCheck {
    /// Judges what the daemon told.
    pub fn new(license: LicenseView, days: u32) -> Self {
        let mut problems = Vec::new();
        if license.is_expired {
            problems.push(format!("it ended on {}", license.expiry_at));
        } else if license.days_left < i64::from(days) {
            problems.push(format!(
                "it ends on {}, in {} days",
                license.expiry_at, license.days_left
            ));
        }
        if license.is_overdue {
            problems.push("no new connection is accepted".to_owned());
        } else if license.sessions >= license.refused_from {
            problems.push(format!(
                "{} sessions are there, it allows {}: no new session is accepted",
                license.sessions, license.max_sessions
            ));
        }
        Self {
            license,
            days,
            problems,
        }
    }

    fn sentence(&self) -> String {
        match self.problems.as_slice() {
            [] => format!("ok: the license is good for more than {} days", self.days),
            problems => format!("license: {}", problems.join("; ")),
        }
    }
}

impl Record for LicenseCheck {
    const SCHEMA: &'static str = "license-check";
    const FIELDS: &'static [Field<Self>] = &[
        ("ok", |v| json!(v.problems.is_empty())),
        ("days_left", |v| json!(v.license.days_left)),
        ("expiry_at", |v| json!(v.license.expiry_at)),
        ("problems", |v| json!(v.problems)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[("license", |v, _| Cell::text(v.sentence()))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.sentence()));
    }

    /// A sentence is no table.
    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}

impl Record for LicenseHistoryView {
    const SCHEMA: &'static str = "license-history";
    const FIELDS: &'static [Field<Self>] = &[
        ("period", |v| json!(v.period)),
        ("high_watermark", |v| json!(v.high_watermark)),
        ("observed_at_ms", |v| json!(v.observed_at_ms)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("PERIOD", |v, _| Cell::text(&v.period)),
        ("SESSIONS", |v, _| Cell::number(v.high_watermark)),
        ("OBSERVED AT", |v, look| Cell::text(observed_at(v, look))),
    ];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let (period, high, at) = (&self.period, self.high_watermark, observed_at(self, look));
        lines.line(format_args!("period={period} high_watermark={high} observed_at={at}"));
    }

    fn empty_text(_: Compat) -> Option<&'static str> {
        Some("No session high-watermark history recorded.")
    }
}

fn observed_at(row: &LicenseHistoryView, look: &Look) -> String {
    Civil::new(row.observed_at_ms / 1000, look.utc_offset).rfc3339(row.observed_at_ms % 1000 * 1_000_000)
}

/// What `keygen` made.
#[derive(Debug)]
pub struct KeyPair {
    pub private_key: String,
    pub public_key: String,
}

impl Record for KeyPair {
    const SCHEMA: &'static str = "license-keygen";
    const FIELDS: &'static [Field<Self>] = &[
        ("private_key", |v| json!(v.private_key)),
        ("public_key", |v| json!(v.public_key)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("private key, to be kept secret", |v, _| Cell::text(&v.private_key)),
        ("public key, for license.issuer_keys", |v, _| Cell::text(&v.public_key)),
    ];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.pair(KEY_WIDTH, "private_key", &self.private_key);
        lines.pair(KEY_WIDTH, "public_key", &self.public_key);
    }
}

/// What `issue` made.
#[derive(Debug)]
pub struct IssuedLicense {
    pub license: String,
    /// Where it was written.
    pub file: Option<String>,
}

impl Record for IssuedLicense {
    const SCHEMA: &'static str = "license-issue";
    const FIELDS: &'static [Field<Self>] = &[("license", |v| json!(v.license)), ("file", |v| json!(v.file))];
    const COLUMNS: &'static [Column<Self>] = &[("license", |v, _| Cell::text(&v.license))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        match &self.file {
            None => lines.line(format_args!("{}", self.license)),
            Some(file) => lines.line(format_args!("issued: {file}")),
        }
    }

    /// On one line, to be copied.
    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}
