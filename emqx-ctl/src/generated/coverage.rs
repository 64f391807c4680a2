//! What every page owes its reader: each command, option and environment variable stands in it, each page it refers to
//! is there, and mandoc finds nothing to warn of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use super::commands::{groups, program, tree};
use super::language::{CHINESE, ENGLISH, Words};
use super::markup::{BREAKS, escape};
use super::page::{is_renewing, root};
use super::{CHINESE_GROUPS, pages_of_commands};

/// The text of a committed page or of one that a test makes.
fn page_of(words: &Words, name: &str) -> String {
    let pages = pages_of_commands();
    let path = format!("man/{}man1/{name}.1", words.folder);
    pages.get(&path).unwrap_or_else(|| panic!("there is no {path}")).clone()
}

#[test]
fn every_command_and_every_option_stands_in_its_page() {
    for words in [&ENGLISH, &CHINESE] {
        let overview = page_of(words, "emqx-ctl");
        let program = program(words);
        for argument in program.get_arguments() {
            assert_named(&overview, argument, "emqx-ctl");
        }
        for group in groups(&program) {
            if words.is_chinese() && !CHINESE_GROUPS.contains(&group.name.as_str()) {
                continue;
            }
            let page = page_of(words, &group.page_name());
            for (path, command) in group.commands.iter().flat_map(tree) {
                assert!(
                    page.contains(&format!("\n.SS {}\n", escape(&path))),
                    "{path} is missing"
                );
                for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                    assert_named(&page, argument, &path);
                }
            }
        }
        for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(overview.contains(&format!("\\fB{}", escape(command.get_name()))));
        }
    }
}

fn assert_named(page: &str, argument: &clap::Arg, place: &str) {
    let long = argument.get_long().map(|long| format!("--{long}"));
    let short = argument.get_short().map(|short| format!("-{short}"));
    for name in long.into_iter().chain(short) {
        assert!(page.contains(&escape(&name)), "{name} of {place} is missing");
    }
    if argument.is_positional() {
        let names = argument.get_value_names().unwrap_or_default();
        assert!(
            names.iter().all(|name| page.contains(&escape(name))),
            "{names:?} of {place}"
        );
    }
}

#[test]
fn every_command_can_be_looked_up() {
    let pages = pages_of_commands();
    for command in program(&ENGLISH).get_subcommands() {
        let path = format!("man/man1/emqx-ctl-{}.1", command.get_name());
        assert!(pages.contains_key(&path), "there is no {path}");
    }
}

#[test]
fn every_environment_variable_stands_in_the_page() {
    let page = page_of(&ENGLISH, "emqx-ctl") + &page_of(&CHINESE, "emqx-ctl");
    for (variable, file) in environment_variables(&["emqx-ctl/src", "shared/src"]) {
        let count = page.matches(&escape(&variable)).count();
        assert!(count >= 2, "{variable} of {} is not in both pages", file.display());
    }
}

/// The words in quotes that look like environment variables, in what is not a test.
fn environment_variables(folders: &[&str]) -> BTreeSet<(String, PathBuf)> {
    let mut found = BTreeSet::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = left.pop() {
        if path.ends_with("catalogue") {
            // What it says is about the daemon.
        } else if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = std::fs::read_to_string(&path).unwrap();
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            let words = code.split('"').skip(1).step_by(2);
            let is_variable = |word: &&str| {
                ["EMQX_", "XDG_", "LC_", "NO_COLOR", "SSL_CERT_"]
                    .iter()
                    .any(|start| word.starts_with(start))
                    && !word.ends_with('_')
                    && word
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            };
            // Not the switches of the tests.
            let is_ours = |word: &&str| !word.contains("RENEW");
            let words = words.filter(is_variable).filter(is_ours);
            found.extend(words.map(|word| (word.to_owned(), path.clone())));
        }
    }
    found
}

/// All pages of the repository, also those that `emqxd` makes; none while other tests write them anew.
fn all_pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    if is_renewing() {
        return pages;
    }
    let mut left = vec![root().join("man")];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                left.push(entry)
            } else {
                pages.push(entry)
            }
        }
    }
    pages.sort();
    pages
}

fn link_of(text: &str) -> Option<&str> {
    text.strip_prefix(".so ").map(str::trim)
}

#[test]
fn every_page_that_is_referred_to_is_there() {
    let ours = |name: &str| name.starts_with("emqx");
    let pages = all_pages();
    let names: BTreeSet<String> = pages.iter().map(|page| file_name(page)).collect();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        if let Some(target) = link_of(&text) {
            // Counted from the folder above man1, which is that of the language.
            let above = page.ancestors().nth(2).unwrap();
            assert!(above.join(target).is_file(), "{} leads nowhere", page.display());
        }
        for (at, _) in text.match_indices("\\fR(") {
            let Some(start) = text[..at].rfind("\\fB") else {
                continue;
            };
            let name = text[start + 3..at].replace('\\', "");
            let number = text[at + 4..].split(')').next().unwrap_or_default();
            if ours(&name) && number.len() == 1 {
                let wanted = format!("{name}.{number}");
                assert!(names.contains(&wanted), "{} refers to {wanted}", page.display());
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn mandoc_has_nothing_to_warn_of() {
    let pages = all_pages().into_iter();
    let pages: Vec<PathBuf> = pages
        .filter(|page| link_of(&std::fs::read_to_string(page).unwrap()).is_none())
        .collect();
    if pages.is_empty() {
        return;
    }
    let lint = Process::new("mandoc")
        .args(["-Tlint", "-Wwarning"])
        .args(&pages)
        .output();
    match lint {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{text}");
        }
        Err(_) if std::env::var_os("EMQX_TESTS_REQUIRE_CLIENTS").is_none() => {
            eprintln!("mandoc is not installed: skipped");
        }
        Err(error) => panic!("mandoc cannot be run: {error}"),
    }
}

#[test]
fn a_line_of_chinese_can_be_broken_behind_its_marks() {
    for page in all_pages()
        .into_iter()
        .filter(|page| page.to_string_lossy().contains("zh_CN"))
    {
        let text = std::fs::read_to_string(&page).unwrap();
        // The name goes into indexes whose readers know no roff; it is short.
        let text = text.splitn(3, ".SH ").nth(2).unwrap_or_default();
        for (at, mark) in text.match_indices(BREAKS) {
            let rest = &text[at + mark.len()..];
            assert!(
                rest.starts_with(['\n', ' ']) || rest.starts_with("\\:"),
                "{mark}{rest:.20} in {}",
                page.display()
            );
        }
    }
}
