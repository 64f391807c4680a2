//! `authorization`

use std::time::Duration;

use emqx_acl::Permission;
use emqxd_broker::{CacheSettings, DenyAction};

use super::super::authorization::{AuthorizationConfig, FileRules, SourceConfig};
use super::super::hocon::{Node, Value};
use super::super::values;
use super::authn;
use super::entry::Entry;
use super::{Decoder, text};

/// Sources of one node: EMQX has one of each type.
const SOURCES_MAX: usize = 16;
/// Filters that are not cached; each is held against every topic.
const EXCLUDES_MAX: usize = 64;
/// EMQX's types that ask a database this version has no connector for.
const WITHOUT_CONNECTOR: [&str; 7] = [
    "redis",
    "mysql",
    "postgresql",
    "mongodb",
    "ldap",
    "ldap_acl",
    "client_info",
];

pub(super) fn read(decoder: &mut Decoder<'_>, authorization: &mut AuthorizationConfig) {
    let file = decoder.folders.put_into("${EMQX_ETC_DIR}/acl.conf");
    *authorization = AuthorizationConfig::with_default_file(file);
    let permission = match decoder.word("authorization.no_match") {
        Some("deny") => Permission::Deny,
        _ => Permission::Allow,
    };
    authorization.no_match = permission;
    if decoder.word("authorization.deny_action") == Some("disconnect") {
        authorization.deny_action = DenyAction::Disconnect;
    }
    authorization.cache = read_cache(decoder);
    if let Some(value) = decoder.value("authorization.sources") {
        authorization.sources = read_sources(decoder, value);
    }
}

fn read_cache(decoder: &mut Decoder<'_>) -> Option<CacheSettings> {
    let mut cache = CacheSettings::default();
    let mut is_enabled = true;
    decoder.boolean("authorization.cache.enable", &mut is_enabled);
    decoder.integer("authorization.cache.max_size", &mut cache.max_size);
    decoder.read("authorization.cache.ttl", &mut cache.ttl, |value, _| {
        values::duration(text(value)?).filter(|ttl| *ttl >= Duration::from_secs(1))
    });
    decoder.read("authorization.cache.excludes", &mut cache.excludes, |value, _| {
        let Node::Array(items) = &value.node else { return None };
        let items = items.iter().map(|item| text(item).map(str::to_owned));
        items
            .collect::<Option<Vec<_>>>()
            .filter(|texts| texts.len() <= EXCLUDES_MAX)
    });
    is_enabled.then_some(cache)
}

fn read_sources<'a>(decoder: &mut Decoder<'a>, value: &'a Value) -> Vec<SourceConfig> {
    const KEY: &str = "authorization.sources";
    let Node::Array(items) = &value.node else {
        let message = format!("expected a list of sources, found {}", value.describe());
        let hint = Some(format!(
            "such as `{KEY} = [{{ type = file, path = \"/etc/emqx/acl.conf\" }}]`"
        ));
        decoder.problems.value(value.place, KEY, message, hint);
        return Vec::new();
    };
    if items.len() > SOURCES_MAX {
        let message = format!("{} sources; at most {SOURCES_MAX} are allowed", items.len());
        decoder.problems.value(value.place, KEY, message, None);
        return Vec::new();
    }
    let mut sources: Vec<SourceConfig> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{KEY}.{}", index + 1);
        let Some(mut entry) = Entry::new(decoder.problems, decoder.folders, item, path.clone()) else {
            continue;
        };
        let Some(source) = read_source(&mut entry) else {
            continue;
        };
        entry.finish();
        if sources.iter().any(|known| known.name() == source.name()) {
            let message = format!("there is a source of type `{}` already", source.name());
            let hint = Some("put its rules into one source".to_owned());
            decoder.problems.value(item.place, &path, message, hint);
            continue;
        }
        sources.push(source);
    }
    sources
}

/// `None` if it is switched off, or wrong: then that has been said.
fn read_source(entry: &mut Entry<'_, '_>) -> Option<SourceConfig> {
    let mut is_enabled = true;
    entry.boolean("enable", &mut is_enabled);
    if !is_enabled {
        return None;
    }
    let Some(kind) = entry.text("type") else {
        if !entry.has("type") {
            let message = "a source has a type".to_owned();
            entry.refuse("type", message, Some("one of file, built_in_database, http".to_owned()));
        }
        return None;
    };
    match kind.as_str() {
        "file" => read_file(entry).map(SourceConfig::File),
        "built_in_database" | "built-in-database" => {
            // How many rules a client may have is the state's to bound.
            entry.ignore(&["max_rules"]);
            Some(SourceConfig::BuiltInDatabase)
        }
        "http" => authn::http_settings(entry, crate::authz::PLACEHOLDERS)
            .map(|settings| SourceConfig::Http(Box::new(settings))),
        kind if WITHOUT_CONNECTOR.contains(&kind) => {
            let message = format!("this version cannot ask a source of type `{kind}`");
            let hint = "use file, built_in_database or http, or switch the source off: `enable = false`";
            entry.refuse("type", message, Some(hint.to_owned()));
            None
        }
        other => {
            let message = format!("there is no source of type `{other}`");
            entry.refuse("type", message, Some("one of file, built_in_database, http".to_owned()));
            None
        }
    }
}

fn read_file(entry: &mut Entry<'_, '_>) -> Option<FileRules> {
    let rules = entry.text("rules");
    let path = entry.path("path");
    match (path, rules) {
        (_, Some(rules)) => Some(FileRules::Inline(rules.into())),
        (Some(path), None) => Some(FileRules::Path(path)),
        (None, None) => {
            if !entry.has("path") && !entry.has("rules") {
                let hint = "such as `path = \"/etc/emqx/acl.conf\"`, or `rules = \"{allow, all}.\"`";
                entry.refuse(
                    "path",
                    "a source of type `file` has a path".to_owned(),
                    Some(hint.to_owned()),
                );
            }
            None
        }
    }
}
