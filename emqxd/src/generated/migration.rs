//! `emqxd/MIGRATION.md`: what an administrator of EMQX finds again. Its tables of keys come from the schema, its list
//! of missing commands from `emqx-ctl`, and each test that it names is there.

use std::fmt::Write as _;

use super::page::{compare, fill, root};
use crate::config::old_names;
use crate::config::schema::{Effect, KeyDoc, schema};

/// How the table of keys marks one of ours.
const NOT_OF_EMQX: &str = "Not a key of EMQX";

#[test]
fn the_migration_page_is_what_the_schema_says() {
    compare("emqxd/MIGRATION.md", &page());
}

#[test]
fn every_test_that_the_migration_page_names_is_there() {
    let page = page();
    let mut count = 0;
    for link in page.split("[`").skip(1) {
        let Some((name, target)) = link.split_once("`](") else {
            continue;
        };
        let path = target.split(')').next().unwrap_or_default();
        let file = root().join("emqxd").join(path);
        let code = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(code.contains(&format!("fn {name}(")), "{path} has no test {name}");
        count += 1;
    }
    assert!(count > 50, "{count} links were found");
}

fn page() -> String {
    let parts = [
        ("SECTIONS", by_section()),
        ("NOT_YET", not_yet()),
        ("OURS", ours()),
        ("EMQX_4", names_of_emqx_4()),
        ("COMMANDS_NOT_YET", missing_commands()),
    ];
    fill(include_str!("MIGRATION.md.in").to_owned(), &parts)
}

fn section_of(doc: &KeyDoc) -> &str {
    doc.key.split('.').next().unwrap_or_default()
}

/// How much of each section there is. Sections of which nothing is there stand below the table.
fn by_section() -> String {
    let mut sections: Vec<&str> = Vec::new();
    for doc in schema().iter().filter(|doc| doc.effect == Effect::Acts) {
        if !sections.contains(&section_of(doc)) {
            sections.push(section_of(doc));
        }
    }
    let mut text = String::new();
    for section in sections {
        let count = |effect| {
            let keys = schema().iter().filter(|doc| section_of(doc) == section);
            keys.filter(|doc| doc.effect == effect).count()
        };
        let (acts, later, quiet) = (count(Effect::Acts), count(Effect::NotYet), count(Effect::Quiet));
        writeln!(text, "| `{section}` | {acts} | {later} | {quiet} |").unwrap();
    }
    text
}

/// Every key and section with a warning.
fn not_yet() -> String {
    let keys = schema().iter().filter(|doc| doc.effect == Effect::NotYet);
    let (below, whole): (Vec<&KeyDoc>, Vec<&KeyDoc>) = keys.partition(|doc| doc.key.contains('.'));
    format!(
        "Whole sections: {}.\n\nSingle keys: {}.",
        listed(&whole),
        listed(&below)
    )
}

fn ours() -> String {
    let keys: Vec<&KeyDoc> = schema().iter().filter(|doc| doc.doc.contains(NOT_OF_EMQX)).collect();
    format!("{}.", listed(&keys))
}

fn listed(keys: &[&KeyDoc]) -> String {
    let keys: Vec<String> = keys.iter().map(|doc| format!("`{}`", doc.key)).collect();
    keys.join(", ")
}

/// EMQX 4's keys and what they are read as, sorted by their names.
fn names_of_emqx_4() -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for doc in schema() {
        for old in old_names(doc.key) {
            let effect = match doc.effect {
                Effect::Acts => "",
                Effect::NotYet | Effect::Quiet => ", without effect",
            };
            rows.push((old, format!("`{}`{effect}", doc.key)));
        }
    }
    rows.sort();
    let mut text = String::new();
    for (old, new) in rows {
        writeln!(text, "| `{old}` | {new} |").unwrap();
    }
    text
}

/// EMQX's groups of commands that `emqx-ctl` answers with "not yet".
fn missing_commands() -> String {
    let code = std::fs::read_to_string(root().join("emqx-ctl/src/cli/problem.rs")).unwrap();
    let list = code.split("const NOT_YET: &[&str] = &[").nth(1).unwrap();
    let list = list.split(']').next().unwrap();
    let words: Vec<String> = list
        .split('"')
        .skip(1)
        .step_by(2)
        .map(|word| format!("`{word}`"))
        .collect();
    assert!(!words.is_empty());
    words.join(", ")
}
