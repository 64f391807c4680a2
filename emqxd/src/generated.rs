//! Man pages 5 and 8 and the completions of `emqxd`, compared with what its command line and the
//! table of configuration keys come to.
//!
//! `EMQX_RENEW_GENERATED=1 cargo test -p emqxd generated` writes them anew. What is written by hand
//! stands in `generated/*.md`, the rest comes from here.

mod completions;
mod configuration;
#[allow(dead_code, reason = "the rest is for the pages of emqx-ctl")]
#[path = "../../emqx-ctl/src/generated/language.rs"]
mod language;
#[path = "../../emqx-ctl/src/generated/markup.rs"]
mod markup;
mod migration;
#[allow(dead_code, reason = "the rest is for the pages of emqx-ctl")]
#[path = "../../emqx-ctl/src/generated/page.rs"]
mod page;

use std::path::Path;

use clap::CommandFactory;
use emqx_shared::ExitCode;

use crate::{Arguments, CONFIG_FILE_DEFAULT, VERSION};
use completions::compare_completions;
use language::{CHINESE, ENGLISH, Words, phrases, texts_of};
use markup::sections;
use page::{
    Section, compare, exit_status, fill, name_line, options, page, rendered, root, synopsis, take, without_heading,
};

/// The codes that the daemon exits with, in its own terms.
const EXITS: [(ExitCode, &str); 12] = [
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
        ExitCode::Protocol,
        "`emqx-ctl upgrade` started it, and what the process before it gives cannot be taken over; that one goes on.",
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

#[test]
fn the_pages_of_emqxd_are_what_its_command_line_says() {
    compare("man/man8/emqxd.8", &page_of_emqxd(&ENGLISH));
    compare("man/zh_CN/man8/emqxd.8", &page_of_emqxd(&CHINESE));
}

#[test]
fn the_completions_are_those_of_the_command_line() {
    compare_completions(&Arguments::command());
}

#[test]
fn every_option_and_command_stands_in_the_page() {
    for words in [&ENGLISH, &CHINESE] {
        let page = page_of_emqxd(words);
        let mut left = vec![Arguments::command()];
        while let Some(command) = left.pop() {
            assert!(page.contains(command.get_name()), "{}", command.get_name());
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let long = argument.get_long().map(|long| markup::escape(&format!("--{long}")));
                let short = argument.get_short().map(|short| markup::escape(&format!("-{short}")));
                for name in long.into_iter().chain(short) {
                    assert!(page.contains(&name), "{name}");
                }
            }
            left.extend(command.get_subcommands().cloned());
        }
    }
}

#[test]
fn every_environment_variable_stands_in_the_page() {
    let pages = [page_of_emqxd(&ENGLISH), page_of_emqxd(&CHINESE)];
    let starts = [
        "EMQX_",
        "XDG_",
        "JOURNAL_",
        "NOTIFY_",
        "WATCHDOG_",
        "LISTEN_",
        "MAINPID",
    ];
    let is_program = |path: &Path| {
        !["generated", "/tests"]
            .iter()
            .any(|part| path.to_string_lossy().contains(part))
    };
    for (path, code) in sources().into_iter().filter(|(path, _)| is_program(path)) {
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for word in code.split('"').skip(1).step_by(2) {
            let is_word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            let is_variable = word.chars().all(is_word) && starts.iter().any(|start| word.starts_with(start));
            // With two underscores it is a key, but for the one that is more than one.
            let is_key = word.contains("__") && word != "EMQX_LOG__TO";
            if is_variable && !is_key && !word.ends_with('_') {
                for page in &pages {
                    assert!(page.contains(word), "{word} of {} is missing", path.display());
                }
            }
        }
    }
}

#[test]
fn a_translation_is_of_a_text_that_is_there() {
    let mut texts = Vec::new();
    texts_of(&Arguments::command(), &mut texts);
    for (english, _) in phrases() {
        assert!(
            texts.contains(&english),
            "zh_CN/phrases.txt translates what is not there: {english}"
        );
    }
}

/// `emqxd(8)`.
fn page_of_emqxd(words: &Words) -> String {
    let mut program = words.program(Arguments::command());
    program.build();
    let mut written = written(words, "emqxd.8");
    let about = program.get_about().unwrap_or_default().to_string();
    let mut all: Vec<Section> = vec![
        ("NAME".to_owned(), name_line("emqxd", &about)),
        ("SYNOPSIS".to_owned(), words.generated(synopsis(&program))),
        ("DESCRIPTION".to_owned(), take(&mut written, "DESCRIPTION").unwrap()),
    ];
    all.extend(
        options(&program)
            .into_iter()
            .map(|(heading, text)| (heading, words.generated(text))),
    );
    all.push(("COMMANDS".to_owned(), words.generated(commands(&program))));
    all.extend(written);
    let all: Vec<Section> = all
        .into_iter()
        .map(|(heading, text)| (words.heading(&heading), text))
        .collect();
    let exits = match words.is_chinese() {
        true => EXITS
            .iter()
            .map(|(code, _)| (*code, words.exit_code(*code)))
            .collect::<Vec<_>>(),
        false => EXITS.iter().map(|(code, text)| (*code, (*text).to_owned())).collect(),
    };
    let parts = [
        (
            "EXIT_STATUS",
            exit_status(exits.iter().map(|(code, text)| (*code, text.as_str()))),
        ),
        ("CONFIG_FILE", CONFIG_FILE_DEFAULT.to_owned()),
    ];
    fill(
        page("emqxd", 8, &format!("emqxd {VERSION}"), words.manual, &all),
        &parts,
    )
}

/// What can be done in place of serving.
fn commands(program: &clap::Command) -> String {
    let mut text = String::new();
    let mut left: Vec<(String, clap::Command)> = vec![(String::new(), program.clone())];
    while let Some((path, command)) = left.pop() {
        let below = command
            .get_subcommands()
            .filter(|below| !below.is_hide_set() && below.get_name() != "help");
        left.extend(below.map(|below| (format!("{path} {}", below.get_name()), below.clone())));
        let is_leaf = !command.has_subcommands();
        if is_leaf && !path.is_empty() {
            let shown = command.mut_args(|argument| {
                let is_help = argument.get_id() == "help";
                if is_help { argument.hide(true) } else { argument }
            });
            let man = clap_mangen::Man::new(shown);
            text.push_str(&format!(".SS {}\n", markup::escape(path.trim())));
            text.push_str(&without_heading(&rendered(|out| man.render_description_section(out))));
            text.push_str(&without_heading(&rendered(|out| man.render_options_section(out))));
        }
    }
    text
}

fn written(words: &Words, name: &str) -> Vec<Section> {
    let folder = root().join("emqxd/src/generated").join(words.folder);
    sections(&std::fs::read_to_string(folder.join(format!("{name}.md"))).unwrap())
}

/// Every source file of the daemon.
fn sources() -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let code = std::fs::read_to_string(&path).unwrap();
            found.push((path, code));
        }
    }
    found
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
