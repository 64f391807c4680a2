//! Man pages 1 and 7, compared with what the command line, the catalogue and the
//! control protocol come to.
//!
//! `EMQX_RENEW_GENERATED=1 cargo test -p emqx-ctl generated` writes them anew. What is written by
//! hand stands in `generated/man1`, `generated/man7` and `generated/zh_CN`, the rest comes from here.

mod commands;
mod coverage;
mod language;
mod markup;
mod overview;
mod page;
mod protocol;
mod reasons;
mod shapes;
mod verbs;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use commands::{group_page, groups, program};
use language::{CHINESE, ENGLISH, texts_of};
use page::{compare, is_renewing, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The pages of commands that are there in Chinese, `emqx-ctl(1)` aside.
const CHINESE_GROUPS: [&str; 4] = ["listeners", "license", "trace", "admins"];

/// Every page of section 1 with its text, by its path.
fn pages_of_commands() -> &'static BTreeMap<String, String> {
    static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(make_pages);
    &PAGES
}

fn make_pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    pages.insert("man/man1/emqx-ctl.1".to_owned(), overview::page_of_emqx_ctl(&ENGLISH));
    pages.insert(
        "man/zh_CN/man1/emqx-ctl.1".to_owned(),
        overview::page_of_emqx_ctl(&CHINESE),
    );
    for group in groups(&program(&ENGLISH)) {
        let name = group.page_name();
        pages.insert(format!("man/man1/{name}.1"), group_page(&ENGLISH, &group));
        for link in group.other_names() {
            pages.insert(format!("man/man1/{link}.1"), format!(".so man1/{name}.1\n"));
        }
    }
    for group in groups(&program(&CHINESE)) {
        let name = group.page_name();
        if CHINESE_GROUPS.contains(&group.name.as_str()) {
            pages.insert(format!("man/zh_CN/man1/{name}.1"), group_page(&CHINESE, &group));
            for link in group.other_names() {
                let text = format!(".so man1/{name}.1\n");
                pages.insert(format!("man/zh_CN/man1/{link}.1"), text);
            }
        }
    }
    pages
}

#[test]
fn the_pages_of_emqx_ctl_are_what_the_command_line_says() {
    let pages = pages_of_commands();
    for folder in ["man/man1", "man/zh_CN/man1"] {
        let there = std::fs::read_dir(root().join(folder)).into_iter().flatten();
        for file in there.map(|file| file.unwrap().path()) {
            let path = format!("{folder}/{}", file.file_name().unwrap().display());
            if !pages.contains_key(&path) && is_renewing() {
                std::fs::remove_file(&file).unwrap();
            } else {
                assert!(pages.contains_key(&path), "{path} is the page of no command any more");
            }
        }
    }
    for (path, text) in pages {
        compare(path, text);
    }
}

#[test]
fn the_pages_of_disconnect_reasons_are_what_explain_says() {
    compare(
        "man/man7/emqx-disconnect-reasons.7",
        &reasons::page_of_reasons(&ENGLISH),
    );
    compare(
        "man/zh_CN/man7/emqx-disconnect-reasons.7",
        &reasons::page_of_reasons(&CHINESE),
    );
}

#[test]
fn the_page_of_the_control_protocol_is_what_travels() {
    compare("man/man7/emqx-control-protocol.7", &protocol::page_of_the_protocol());
}

#[test]
fn a_translation_is_of_a_text_that_is_there() {
    let mut texts = Vec::new();
    texts_of(&program(&ENGLISH), &mut texts);
    for (english, _) in language::phrases() {
        assert!(
            texts.contains(&english),
            "zh_CN/phrases.txt translates a help text that is not there any more: {english}"
        );
    }
}

#[test]
#[ignore = "prints what has no Chinese yet"]
fn what_is_not_translated() {
    let program = program(&ENGLISH);
    let mut texts = Vec::new();
    for command in groups(&program)
        .iter()
        .filter(|group| CHINESE_GROUPS.contains(&group.name.as_str()))
    {
        command
            .commands
            .iter()
            .for_each(|command| texts_of(command, &mut texts));
    }
    texts.extend(
        program
            .get_subcommands()
            .filter_map(|command| command.get_about())
            .map(ToString::to_string),
    );
    texts.extend(
        program
            .get_arguments()
            .filter_map(|argument| argument.get_help())
            .map(ToString::to_string),
    );
    for value in program.get_arguments().flat_map(clap::Arg::get_possible_values) {
        texts.extend(value.get_help().map(ToString::to_string));
    }
    let phrases = language::phrases();
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()) && !phrases.iter().any(|(english, _)| english == text));
    println!("{}", texts.join("\n"));
}
