//! The checks, by what they look at. Each function takes the facts and returns verdicts; `judge.rs` has their ids.

pub(super) mod clients;
pub(super) mod config;
pub(super) mod daemon;
pub(super) mod exposure;
pub(super) mod license;
pub(super) mod limits;
pub(super) mod permissions;
pub(super) mod ports;
pub(super) mod security;
pub(super) mod storage;

use super::facts::Facts;
use super::finding::Verdict;
use super::quote::quote;

/// The configuration file to write to.
const CONFIG_FILE_DEFAULT: &str = "/etc/emqx/emqx.conf";

/// What only a running daemon knows is not there.
fn needs_daemon(facts: &Facts, what: &str) -> Vec<Verdict> {
    let why = match facts.why_missing(what) {
        Some(why) => why.to_owned(),
        None if facts.is_offline => "not asked: --offline".to_owned(),
        None => "needs the running daemon".to_owned(),
    };
    vec![Verdict::skip(why)]
}

/// A path as one word of a command line.
fn word(path: &str) -> String {
    quote(path).unwrap_or_else(|| "PATH".to_owned())
}

/// A listener's id as a word of a command line, and as part of a key: facts may come from a bundle of anybody.
fn listener_words(id: &str) -> (String, String) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-:".contains(c);
    if !id.is_empty() && !id.starts_with('-') && id.chars().all(is_plain) {
        return (id.to_owned(), id.replacen(':', ".", 1));
    }
    ("ID".to_owned(), "TYPE.NAME".to_owned())
}

/// The port of `ip:port`.
fn port_of(bind: &str) -> String {
    let port = bind.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
    port.map_or("PORT".to_owned(), |port| port.to_string())
}

fn config_file(facts: &Facts) -> String {
    let file = facts.config.as_ref().and_then(|config| config.file.as_deref());
    word(file.unwrap_or(CONFIG_FILE_DEFAULT))
}

/// The command that adds a line to the configuration; later lines win.
fn set(facts: &Facts, line: &str) -> String {
    format!("echo '{line}' | sudo tee -a {}", config_file(facts))
}

/// The command that sets a limit of the kernel, now and for good.
fn sysctl(key: &str, value: &str) -> String {
    format!("echo '{key} = {value}' | sudo tee -a /etc/sysctl.d/90-emqx.conf && sudo sysctl --system")
}

/// `1.5 GiB`
fn bytes(bytes: u64) -> String {
    const KIB: f64 = 1024.0;
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < KIB {
            return format!("{value:.0} {unit}");
        }
        value /= KIB;
    }
    format!("{value:.1} TiB")
}

fn percent(part: u64, whole: u64) -> u64 {
    match whole {
        0 => 0,
        whole => u64::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(u64::MAX),
    }
}

/// The first few, and how many more there are.
fn some(rows: &[String], most: usize) -> String {
    let shown = rows
        .iter()
        .take(most)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match rows.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 key`, `2 keys`
fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// `once`, `3 times`
fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}
