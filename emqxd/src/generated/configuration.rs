//! `emqx.conf(5)`: every key of the schema with its type, its default, when a change of it counts, and what EMQX 4 calls
//! it. What is written by hand stands in `emqx.conf.5.md`.

use emqx_shared::views::ConfEffect;

use super::language::ENGLISH;
use super::page::{compare, fill, page, prose, tagged};
use super::{sources, written};
use crate::config::old_names;
use crate::config::schema::{Effect, KeyDoc, schema};
use crate::running_config::effect_of;
use crate::{CONFIG_FILE_DEFAULT, VERSION};

#[test]
fn the_page_of_the_configuration_has_every_key() {
    compare("man/man5/emqx.conf.5", &page_of_the_configuration());
}

#[test]
fn a_key_of_an_authenticator_or_a_source_stands_in_the_page() {
    let page = page_of_the_configuration();
    for (path, code) in sources() {
        let is_entry = path.to_string_lossy().contains("config/decode/auth");
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for reader in [
            "boolean", "duration", "integer", "path", "read", "section", "text", "texts", "word",
        ] {
            for part in code.split(&format!(".{reader}(\"")).skip(1).filter(|_| is_entry) {
                let key = part.split('"').next().unwrap_or_default();
                let key = key.rsplit('.').next().unwrap_or_default();
                assert!(page.contains(key), "{key} of {} is missing", path.display());
            }
        }
    }
}

/// `emqx.conf(5)`.
fn page_of_the_configuration() -> String {
    let written = written(&ENGLISH, "emqx.conf.5");
    let text = page("emqx.conf", 5, &format!("emqxd {VERSION}"), ENGLISH.manual, &written);
    let parts = [
        ("KEYS", keys()),
        (
            "SECTIONS_WITHOUT_EFFECT",
            names(|doc| !doc.key.contains('.') && doc.effect != Effect::Acts),
        ),
        ("CONFIG_FILE", CONFIG_FILE_DEFAULT.to_owned()),
    ];
    fill(text, &parts)
}

/// The sections with their keys, in the order of the table. Keys without a section make one each.
fn keys() -> String {
    let mut sections: Vec<&str> = Vec::new();
    for doc in schema()
        .iter()
        .filter(|doc| doc.key.contains('.') || doc.effect == Effect::Acts)
    {
        if !sections.contains(&section_of(doc)) {
            sections.push(section_of(doc));
        }
    }
    sections.into_iter().map(section).collect()
}

fn section_of(doc: &KeyDoc) -> &str {
    doc.key.split('.').next().unwrap_or_default()
}

fn section(name: &str) -> String {
    let below = |doc: &&KeyDoc| section_of(doc) == name;
    let mut text = format!(".SS {name}\n");
    for doc in schema().iter().filter(below).filter(|doc| doc.effect == Effect::Acts) {
        text.push_str(&key(doc));
    }
    for (effect, how) in [
        (Effect::NotYet, "Accepted with a warning, without effect"),
        (Effect::Quiet, "Accepted, without effect"),
    ] {
        let keys = names(|doc| below(&doc) && doc.effect == effect);
        if !keys.is_empty() {
            text.push_str(&format!(".PP\n{how}:\n{keys}"));
        }
    }
    text
}

/// A key with what it may be, what it is by default, when a change counts, and what it does.
fn key(doc: &KeyDoc) -> String {
    let default = match doc.default {
        "" => "not set".to_owned(),
        default => format!("`{default}`"),
    };
    let mut expected = doc.value_type.expected();
    if let Some(first) = expected.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let first = format!("{expected}; default: {default}.");
    let mut text = tagged(doc.key, &first) + ".br\n" + &prose(doc.doc);
    text.push_str(&prose(taking_effect(doc)));
    let old = old_names(doc.key);
    if !old.is_empty() {
        let old: Vec<String> = old.into_iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&prose(&format!("EMQX 4: {}.", old.join(", "))));
    }
    text
}

/// When a changed value is in force, by the table that `conf diff` and `reload` go by.
fn taking_effect(doc: &KeyDoc) -> &'static str {
    let key = doc.key.replace("<type>", "tcp").replace("<name>", "default");
    match effect_of(&key) {
        ConfEffect::Live => "A change takes effect with `emqx-ctl reload`.",
        ConfEffect::ListenerRestart { .. } => "A change takes effect when the listener is restarted after a reload.",
        ConfEffect::Restart => "A change takes effect when the daemon is restarted.",
        ConfEffect::None => panic!("{key} acts, and a change of it has no effect"),
    }
}

/// The keys that `which` picks, in bold and with commas.
fn names(which: impl Fn(&KeyDoc) -> bool) -> String {
    let picked = schema().iter().filter(|doc| which(doc));
    let names: Vec<String> = picked.map(|doc| format!("`{}`", doc.key)).collect();
    match names.is_empty() {
        true => String::new(),
        false => prose(&format!("{}.", names.join(", "))),
    }
}
