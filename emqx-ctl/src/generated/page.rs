//! What is generated from the code and kept in the repository: manual pages out of parts, and the
//! comparison with the committed file.
//!
//! The tests of `emqx-ctl` and `emqxd` share this file. `EMQX_RENEW_GENERATED=1` with either writes
//! the files anew; read the difference before keeping it.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;
use emqx_shared::ExitCode;

use super::markup::{escape, inline};

const RENEW_ENV: &str = "EMQX_RENEW_GENERATED";

/// The day in the footer of every page.
const DATE: &str = "2026-11-22";

/// Stands before the first section: who wrote the page, and apostrophes that can be copied.
const HEADER: &str = "\
.\\\" Generated from the program: EMQX_RENEW_GENERATED=1 cargo test generated
.ie \\n(.g .ds Aq \\(aq
.el .ds Aq '
";

/// One section: its heading, and its text in roff.
pub type Section = (String, String);

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares `actual` with the committed file at `path`, counted from the top of the repository.
pub fn compare(path: &str, actual: &str) {
    let file = root().join(path);
    if std::env::var_os(RENEW_ENV).is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = |(left, right): &(&str, &str)| left != right;
    let first = expected.lines().zip(actual.lines()).find(differs);
    assert!(
        expected == actual,
        "{path} is not what the code produces; {RENEW_ENV}=1 renews it. First difference: {first:?}"
    );
}

/// Whether generated files are being written anew.
pub fn is_renewing() -> bool {
    std::env::var_os(RENEW_ENV).is_some()
}

/// A page: its name, its number, the program it belongs to with its version, and its sections.
pub fn page(name: &str, number: u8, program: &str, manual: &str, sections: &[Section]) -> String {
    let title = escape(&name.to_uppercase());
    let program = escape(program);
    let mut page = format!("{HEADER}.TH {title} {number} {DATE} \"{program}\" \"{manual}\"\n");
    if sections.iter().any(|(heading, _)| heading == "名称") {
        // GNU troff 1.22 goes on for ever with some lines of Chinese that it is to stretch.
        page.push_str(".ad l\n.nh\n");
    }
    for (heading, text) in sections {
        let quoted = if heading.contains(' ') {
            format!("\"{heading}\"")
        } else {
            heading.clone()
        };
        let text = match heading.as_str() {
            // Indexes such as that of `man -k` take it as it stands.
            "NAME" | "名称" => text.replace("\\:", ""),
            _ => text.clone(),
        };
        page.push_str(&format!(".SH {quoted}\n{}\n", text.trim_end()));
    }
    page
}

/// `text` with `@NAME@` replaced by each of `parts`.
pub fn fill(mut text: String, parts: &[(&str, String)]) -> String {
    for (name, part) in parts {
        let mark = format!("@{name}@");
        assert!(text.contains(&mark), "nothing asks for {name}");
        text = text.replace(&mark, part.trim_end());
    }
    for mark in text.split('@').skip(1).step_by(2) {
        let is_name = mark.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(!is_name || mark.is_empty(), "nothing was put in for @{mark}@");
    }
    text
}

/// The section of that heading, taken out.
pub fn take(sections: &mut Vec<Section>, heading: &str) -> Option<String> {
    let place = sections.iter().position(|(found, _)| found == heading)?;
    Some(sections.remove(place).1)
}

/// Running text, see [`inline`].
pub fn prose(text: &str) -> String {
    inline(text) + "\n"
}

/// A word and what it means, below it.
pub fn tagged(word: &str, text: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}", escape(word), prose(text))
}

/// One line for each code.
pub fn exit_status<'a>(rows: impl IntoIterator<Item = (ExitCode, &'a str)>) -> String {
    let row = |(code, text): (ExitCode, &str)| tagged(&code.number().to_string(), text);
    rows.into_iter().map(row).collect()
}

/// The line below NAME.
pub fn name_line(name: &str, about: &str) -> String {
    let about = about.trim_end_matches('.');
    format!("{} \\- {}", escape(name), escape(about))
}

/// SYNOPSIS of a program.
pub fn synopsis(command: &Command) -> String {
    let man = Man::new(command.clone().subcommand_value_name("command"));
    without_heading(&rendered(|out| man.render_synopsis_section(out)))
}

/// All options of a program or command, under headings of their own.
pub fn options(command: &Command) -> Vec<Section> {
    let man = Man::new(command.clone());
    let text = rendered(|out| man.render_options_section(out));
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix(".SH "), sections.last_mut()) {
            (Some(heading), _) => sections.push((heading.trim_matches('"').to_owned(), String::new())),
            (None, Some((_, section))) => section.push_str(&(line.to_owned() + "\n")),
            (None, None) => {}
        }
    }
    sections
}

/// A section's text, for a place that has a heading.
pub fn without_heading(section: &str) -> String {
    let lines = section.lines().filter(|line| !line.starts_with(".SH"));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// What clap_mangen writes, without the header that it repeats in every section and the blank
/// ends that roff warns of.
pub fn rendered(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    let roff = String::from_utf8(out).unwrap();
    let is_header = |line: &&str| line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds Aq");
    let lines = roff.lines().filter(|line| !is_header(line));
    let text: String = lines.map(|line| line.trim_end().to_owned() + "\n").collect();
    // Two breaks around a blank line are one space, which roff can say without a warning.
    text.replace(".br\n\n.br\n", ".sp\n")
}
