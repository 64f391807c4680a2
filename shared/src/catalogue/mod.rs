//! What `emqx-ctl explain` knows: one entry for each word an operator may meet in a log, in
//! `shutdown_count`, in a DISCONNECT packet or as an exit code, in English and Chinese.
//!
//! Compiled into the CLI, so it answers without a daemon. Names are EMQX's; conditions follow
//! MQTT 5 (2.4) and this broker. Each kind of word has its own file with nothing but entries;
//! this one finds them.

mod access_words;
mod authn_words;
mod cluster_words;
mod disconnect_reasons;
mod discovery_words;
mod doctor_checks;
mod entry;
mod errors;
mod exit_codes;
mod log_keywords;
mod packet_errors;
mod reason_codes;
mod replication_words;
mod security_checks;
mod service_words;
mod tls_alerts;
mod transport_reasons;

#[cfg(test)]
mod tests;

pub use entry::{Entry, Kind, Language, Text};

/// Every list of entries, in the order they are shown.
const LISTS: [&[Entry]; 16] = [
    disconnect_reasons::ENTRIES,
    transport_reasons::ENTRIES,
    packet_errors::ENTRIES,
    reason_codes::ENTRIES,
    log_keywords::ENTRIES,
    access_words::ENTRIES,
    service_words::ENTRIES,
    cluster_words::ENTRIES,
    discovery_words::ENTRIES,
    replication_words::ENTRIES,
    authn_words::ENTRIES,
    tls_alerts::ENTRIES,
    errors::ENTRIES,
    exit_codes::ENTRIES,
    doctor_checks::ENTRIES,
    security_checks::ENTRIES,
];

/// Shortest word that is looked for inside a pasted log line; shorter ones occur by accident.
const WORD_IN_LINE_MIN: usize = 6;
/// Longest text that is searched: a log line with a frame dump, not a file.
const TERM_BYTES_MAX: usize = 16 * 1024;
/// How many suggestions are worth reading.
const SUGGESTIONS_MAX: usize = 5;

/// Every entry, kind by kind.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    LISTS.iter().flat_map(|list| list.iter())
}

/// The entry an operator means by `term`.
///
/// Reads names in any case, with spaces, `-` or `_` (`Keepalive timeout`), reason codes as
/// `0x8E`, `8e` or `142`, exit codes as `exit-69` or `status=69`, log words in their wrapping
/// (`reason: {shutdown, takeovered}`) and whole log lines, of which the longest known word counts.
/// A bare number is a reason code in hexadecimal, else in decimal, else an exit code.
#[must_use]
pub fn lookup(term: &str) -> Option<&'static Entry> {
    if term.len() > TERM_BYTES_MAX {
        return None;
    }
    let wanted = normalized(term);
    if wanted.is_empty() {
        return None;
    }
    by_name(&wanted)
        .or_else(|| by_number(term.trim()))
        .or_else(|| in_line(&wanted))
}

/// Names close to `term`, the closest first; at most five, none if nothing is close.
#[must_use]
pub fn suggest(term: &str) -> Vec<&'static str> {
    let wanted = normalized(term);
    if wanted.is_empty() || wanted.len() > 64 {
        return Vec::new();
    }
    let allowed = 1 + wanted.chars().count() / 4;
    let mut close: Vec<(usize, &'static str)> = all()
        .flat_map(Entry::names)
        .filter_map(|name| {
            let known = normalized(name);
            let contained = wanted.len() >= 4 && (known.contains(&wanted) || wanted.contains(&known));
            let distance = if contained {
                allowed
            } else {
                edit_distance(&wanted, &known)
            };
            (distance <= allowed).then_some((distance, name))
        })
        .collect();
    close.sort_unstable();
    close.into_iter().map(|(_, name)| name).take(SUGGESTIONS_MAX).collect()
}

/// A word as it is compared: lower case, with one `_` for each run of anything but letters and digits.
#[must_use]
pub fn normalized(term: &str) -> String {
    let mut out = String::with_capacity(term.len());
    for character in term.chars() {
        if character.is_alphanumeric() {
            out.extend(character.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

fn by_name(wanted: &str) -> Option<&'static Entry> {
    let bare = wanted.strip_prefix("reason_").unwrap_or(wanted);
    let bare = bare.strip_prefix("shutdown_").unwrap_or(bare);
    [wanted, bare]
        .into_iter()
        .find_map(|wanted| all().find(|entry| entry.names().any(|name| normalized(name) == wanted)))
}

fn by_number(term: &str) -> Option<&'static Entry> {
    let lower = term.to_ascii_lowercase();
    let with_code = |code: u8| all().find(|entry| entry.code == Some(code));
    if let Some(hexadecimal) = lower.strip_prefix("0x") {
        return u8::from_str_radix(hexadecimal, 16).ok().and_then(with_code);
    }
    if let Some(status) = lower.strip_prefix("status=").or_else(|| lower.strip_prefix("exit ")) {
        let digits = status.split('/').next().unwrap_or(status);
        return by_name(&format!("exit_{digits}"));
    }
    let hexadecimal = u8::from_str_radix(&lower, 16)
        .ok()
        .filter(|_| lower.len() == 2)
        .and_then(with_code);
    hexadecimal
        .or_else(|| lower.parse().ok().and_then(with_code))
        .or_else(|| by_name(&format!("exit_{lower}")))
}

/// The entry with the longest name that stands in `line` as whole words.
fn in_line(line: &str) -> Option<&'static Entry> {
    let padded = format!("_{line}_");
    all()
        .flat_map(|entry| entry.names().map(move |name| (entry, normalized(name))))
        .filter(|(_, name)| name.len() >= WORD_IN_LINE_MIN && padded.contains(&format!("_{name}_")))
        .max_by_key(|(_, name)| name.len())
        .map(|(entry, _)| entry)
}

/// How many characters have to be inserted, removed or replaced to make `right` from `left`.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
