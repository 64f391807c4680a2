//! Man pages 1 and 7 and the completions, compared with what the command line and the catalogue
//! come to.
//!
//! `EMQX_RENEW_GENERATED=1 cargo test -p emqx-ctl generated` writes them anew. What is written by
//! hand stands in `generated/*.in`, the rest comes from here.

mod page;

use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use emqx_shared::ExitCode;
use emqx_shared::catalogue::{self, Entry, Kind, Language};
use emqx_shared::socket_path::{PATH_BYTES_MAX, Places, SOCKET_ENV};

use crate::cli::definition;
use page::{compare, compare_completions, exit_status, name_and_synopsis, options, page, prose, rendered, tagged};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn the_page_of_emqx_ctl_is_what_the_command_line_says() {
    let mut program = definition();
    program.build();
    let text = page(
        include_str!("generated/emqx-ctl.1.in"),
        &[
            ("VERSION", VERSION.to_owned()),
            ("NAME_AND_SYNOPSIS", name_and_synopsis(&program)),
            ("OPTIONS", options(&program)),
            ("COMMANDS", commands(&program)),
            (
                "EXIT_STATUS",
                exit_status(ExitCode::ALL.map(|code| (code, code.meaning()))),
            ),
            ("SOCKETS", sockets()),
            ("SOCKET_ENV", SOCKET_ENV.to_owned()),
            ("PATH_BYTES_MAX", PATH_BYTES_MAX.to_string()),
        ],
    );
    for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
        assert!(text.contains(&format!(".SS {}", command.get_name())));
    }
    compare("man/emqx-ctl.1", &text);
}

#[test]
fn the_page_of_disconnect_reasons_is_what_explain_says() {
    let mut entries: Vec<&Entry> = catalogue::all()
        .filter(|entry| entry.kind == Kind::DisconnectReason)
        .collect();
    entries.sort_by_key(|entry| entry.term);
    let text = page(
        include_str!("generated/emqx-disconnect-reasons.7.in"),
        &[
            ("VERSION", VERSION.to_owned()),
            ("REASONS", entries.into_iter().map(reason).collect()),
        ],
    );
    compare("man/emqx-disconnect-reasons.7", &text);
}

#[test]
fn the_completions_are_those_of_the_command_line() {
    compare_completions(&definition());
}

/// Every command and what is below it, one section each.
fn commands(program: &Command) -> String {
    let mut text = String::new();
    let mut left: Vec<(String, Command)> = below("", program);
    while let Some((path, command)) = left.pop() {
        text.push_str(&one_command(&path, &command));
        left.extend(below(&path, &command));
    }
    text
}

/// The commands right below `command` with their whole names, the first one last.
fn below(path: &str, command: &Command) -> Vec<(String, Command)> {
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    let mut below: Vec<_> = visible
        .map(|command| {
            (
                format!("{path} {}", command.get_name()).trim().to_owned(),
                command.clone(),
            )
        })
        .collect();
    below.reverse();
    below
}

fn one_command(path: &str, command: &Command) -> String {
    let own = command.clone().mut_args(|argument| {
        // They stand in OPTIONS once.
        let is_everywhere = argument.is_global_set() || argument.get_id() == "help";
        if is_everywhere { argument.hide(true) } else { argument }
    });
    let usage = own.clone().render_usage().to_string();
    let forms = usage.lines().map(|line| line.trim_start_matches("Usage:").trim());
    let forms: Vec<String> = forms.map(|form| prose(&format!("`{form}`"))).collect();
    let described = own.mut_args(|argument| {
        // The usage has its name, and there is no more to say.
        let is_plain = argument.get_help().is_none();
        if is_plain { argument.hide(true) } else { argument }
    });
    let man = Man::new(described.clone());
    let mut text = format!(".SS {path}\n{}.PP\n", forms.join(".br\n"));
    text.push_str(&without_heading(&rendered(|out| man.render_description_section(out))));
    let aliases: Vec<String> = described
        .get_visible_aliases()
        .map(|alias| format!("`{alias}`"))
        .collect();
    if !aliases.is_empty() {
        text.push_str(".PP\n");
        text.push_str(&prose(&format!("Also called {}.", aliases.join(", "))));
    }
    if described.get_arguments().any(|argument| !argument.is_hide_set()) {
        text.push_str(&without_heading(&rendered(|out| man.render_options_section(out))));
    }
    text
}

/// A section's text, for a place that has a heading.
fn without_heading(section: &str) -> String {
    let lines = section.lines().filter(|line| !line.starts_with(".SH"));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// The places where the socket is looked for, in their order.
fn sockets() -> String {
    let xdg = Path::new("/XDG_RUNTIME_DIR");
    let places = Places {
        xdg_runtime_dir: Some(xdg),
        ..Places::default()
    };
    let why = [
        "The packaged daemon's.",
        "A daemon of this user's session. Passed over when root came by way of sudo.",
        "A daemon that was started in this folder.",
    ];
    let paths = places.to_try().unwrap();
    assert_eq!(paths.len(), why.len());
    let names = paths.iter().map(|path| path.display().to_string());
    let names = names.map(|name| name.replace("/XDG_RUNTIME_DIR", "$XDG_RUNTIME_DIR"));
    names.zip(why).map(|(name, why)| tagged(&name, why)).collect()
}

/// One reason as `explain` tells it.
fn reason(entry: &Entry) -> String {
    let text = entry.text(Language::English);
    let mut out = format!(".SS {}\n{}", entry.term, prose(&sentence(text.title)));
    if let Some(code) = entry.code {
        out.push_str(&prose(&format!("MQTT 5 reason code {code:#04X}.").replace("0X", "0x")));
    }
    if !entry.aliases.is_empty() {
        out.push_str(&prose(&format!("Also written {}.", entry.aliases.join(", "))));
    }
    for (word, text) in [("Meaning", text.meaning), ("Causes", text.causes), ("Next", text.next)] {
        // A dash says that there is nothing to say.
        if text != "-" {
            out.push_str(&tagged(word, text));
        }
    }
    out
}

/// `the client closed it` as `The client closed it.`
fn sentence(title: &str) -> String {
    let mut characters = title.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    let rest = characters.as_str().trim_end_matches('.');
    format!("{}{rest}.", first.unwrap_or_default())
}
