//! Man pages 5 and 8 and the completions of `emqxd`, compared with what its command line and the
//! table of configuration keys come to.
//!
//! `EMQX_RENEW_GENERATED=1 cargo test -p emqxd generated` writes them anew. What is written by hand
//! stands in `generated/*.in`, the rest comes from here.

#[path = "../../emqx-ctl/src/generated/page.rs"]
mod page;

use std::path::Path;

use clap::CommandFactory;
use emqx_shared::ExitCode;

use crate::config::{
    self,
    schema::{Effect, KeyDoc, schema},
};
use crate::{Arguments, CONFIG_FILE_DEFAULT, VERSION};
use page::{compare, compare_completions, exit_status, name_and_synopsis, options, page, prose, tagged};

/// The codes that the daemon exits with, in its own terms.
const EXITS: [(ExitCode, &str); 11] = [
    (
        ExitCode::Done,
        "Stopped by a signal, or with `--check-config`: the configuration is good.",
    ),
    (ExitCode::Usage, "The command line makes no sense."),
    (
        ExitCode::BadData,
        "`admin reset`: what is given as a password is no line of text.",
    ),
    (
        ExitCode::NoInput,
        "`admin reset`: the file with the password is missing.",
    ),
    (ExitCode::Internal, "The system refuses threads."),
    (
        ExitCode::CannotCreate,
        "The data folder, a log file or the control socket cannot be created.",
    ),
    (ExitCode::Io, "`admin reset`: the password cannot be read or kept."),
    (
        ExitCode::TryAgain,
        "An address, the data folder or the control socket is in use by another process.",
    ),
    (
        ExitCode::NoPermission,
        "The system does not allow it: a port below 1024, a folder of another user.",
    ),
    (
        ExitCode::Config,
        "The configuration is wrong: a key or value, an address that is not of this machine, \
         a data folder of another node.",
    ),
    (
        ExitCode::Interrupted,
        "A second signal while it was stopping: it did not wait for clients any longer.",
    ),
];

/// The kinds of renaming there are, one line each.
const EMQX_4_LINES: &str = "\
listener.tcp.external = 1883
listener.tcp.external.backlog = 1024
listener.tcp.external.rate_limit = 1024,4096
zone.external.idle_timeout = 15s
zone.external.max_mqueue_len = 1000
broker.sys_interval = 1m
retainer.expiry_interval = 1h
log.dir = log
";

#[test]
fn the_page_of_emqxd_is_what_its_command_line_says() {
    let mut program = Arguments::command();
    program.build();
    let text = page(
        include_str!("generated/emqxd.8.in"),
        &[
            ("VERSION", VERSION.to_owned()),
            ("NAME_AND_SYNOPSIS", name_and_synopsis(&program)),
            ("OPTIONS", options(&program)),
            ("EXIT_STATUS", exit_status(EXITS)),
            ("CONFIG_FILE", CONFIG_FILE_DEFAULT.to_owned()),
        ],
    );
    compare("man/emqxd.8", &text);
}

#[test]
fn the_page_of_the_configuration_has_every_key() {
    let text = page(
        include_str!("generated/emqx.conf.5.in"),
        &[
            ("VERSION", VERSION.to_owned()),
            ("KEYS", keys()),
            ("V4_KEYS", emqx_4_keys()),
            ("SECTIONS_WITHOUT_EFFECT", names(|doc| !doc.key.contains('.'))),
            ("CONFIG_FILE", CONFIG_FILE_DEFAULT.to_owned()),
        ],
    );
    compare("man/emqx.conf.5", &text);
}

#[test]
fn the_completions_are_those_of_the_command_line() {
    compare_completions(&Arguments::command());
}

#[test]
fn every_exit_code_that_the_daemon_uses_stands_in_its_page() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = std::fs::read_to_string(&path).unwrap();
                for used in ExitCode::ALL.into_iter().filter(|exit| uses(&code, *exit)) {
                    let is_there = EXITS.iter().any(|(exit, _)| *exit == used);
                    assert!(is_there, "{used:?} of {} is missing", path.display());
                }
            }
        }
    }
}

fn uses(code: &str, exit: ExitCode) -> bool {
    let variant = format!("ExitCode::{exit:?}");
    let mut ends = code.match_indices(&variant).map(|(at, _)| at + variant.len());
    ends.any(|end| !code[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// A few keys of EMQX 4 and what they are read as, in the words of the warnings about them.
fn emqx_4_keys() -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emqx.conf");
    std::fs::write(&file, EMQX_4_LINES).unwrap();
    let loaded = config::load(Some(&file), std::iter::empty()).unwrap();
    let read_as = |message: &str| {
        let (old, new) = message.split_once(" is a key of EMQX 4, read as ")?;
        Some(prose(&format!("{:<38}{new}", old.replace('`', "")).replace('`', "")))
    };
    let lines: Vec<String> = loaded
        .warnings
        .iter()
        .filter_map(|warning| read_as(&warning.message))
        .collect();
    assert_eq!(lines.len(), EMQX_4_LINES.lines().count(), "{:#?}", loaded.warnings);
    lines.concat()
}

/// The sections with their keys, in the order of the table.
fn keys() -> String {
    let mut sections: Vec<&str> = Vec::new();
    for doc in schema().iter().filter(|doc| doc.key.contains('.')) {
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
    let below = |doc: &&KeyDoc| doc.key.contains('.') && section_of(doc) == name;
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

/// A key with what it may be, what it is by default, and what it does.
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
    tagged(doc.key, &first) + ".br\n" + &prose(doc.doc)
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
