//! What is generated from the code and kept in the repository: roff from plain text, hand-written
//! pages with marks for what is filled in, and the comparison with the committed file.
//!
//! The tests of `emqx-ctl` and `emqxd` share this file. `EMQX_RENEW_GENERATED=1` with either writes
//! the files anew; read the difference before keeping it.

use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use emqx_shared::ExitCode;

const RENEW_ENV: &str = "EMQX_RENEW_GENERATED";

/// Stands before the first section: who wrote the page, and apostrophes that can be copied.
const HEADER: &str = "\
.\\\" Generated from the program: EMQX_RENEW_GENERATED=1 cargo test generated
.ie \\n(.g .ds Aq \\(aq
.el .ds Aq '
";

/// Compares `actual` with the committed file at `path`, counted from the top of the repository.
pub fn compare(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os(RENEW_ENV).is_some() {
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

/// A page: `hand_written` with `@NAME@` replaced by each of `parts`.
pub fn page(hand_written: &str, parts: &[(&str, String)]) -> String {
    let mut page = HEADER.to_owned() + hand_written;
    for (name, part) in parts {
        let mark = format!("@{name}@");
        assert!(page.contains(&mark), "nothing asks for {name}");
        page = page.replace(&mark, part.trim_end());
    }
    for mark in page.split('@').skip(1).step_by(2) {
        let is_name = mark.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(!is_name || mark.is_empty(), "nothing was put in for @{mark}@");
    }
    page
}

/// Running text; `words` in backquotes are bold.
pub fn prose(text: &str) -> String {
    let inlines: Vec<Inline> = text
        .split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(index, part)| if index % 2 == 0 { roman(part) } else { bold(part) })
        .collect();
    without_header(&Roff::new().text(inlines).render())
}

/// A word and what it means, below it.
pub fn tagged(word: &str, text: &str) -> String {
    format!(".TP\n{}{}", prose(&format!("`{word}`")), prose(text))
}

/// One line for each code.
pub fn exit_status<'a>(rows: impl IntoIterator<Item = (ExitCode, &'a str)>) -> String {
    let row = |(code, text): (ExitCode, &str)| tagged(&code.number().to_string(), text);
    rows.into_iter().map(row).collect()
}

/// NAME and SYNOPSIS of a program.
pub fn name_and_synopsis(command: &Command) -> String {
    let man = Man::new(command.clone().subcommand_value_name("command"));
    rendered(|out| man.render_name_section(out)) + &rendered(|out| man.render_synopsis_section(out))
}

/// All options of a program or command, under headings of their own.
pub fn options(command: &Command) -> String {
    let man = Man::new(command.clone());
    rendered(|out| man.render_options_section(out))
}

/// The completions of a program for bash, zsh and fish, under the names these shells look for.
pub fn compare_completions(command: &Command) {
    use clap_complete::Shell::{Bash, Fish, Zsh};
    let program = command.get_name().to_owned();
    for (shell, file) in [
        (Bash, program.clone()),
        (Zsh, format!("_{program}")),
        (Fish, format!("{program}.fish")),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), &program, &mut script);
        let mut script = String::from_utf8(script).unwrap();
        if shell == Bash {
            // clap_complete 4.6 writes a `-` of the program's name in one way where it sets the
            // state and in another where it asks for it.
            script = script.replace(&program.replace('-', "__subcmd__"), &program.replace('-', "__"));
            assert_every_state_is_handled(&script);
        }
        compare(&format!("completions/{file}"), &script);
    }
}

/// bash falls silent without an error where a state has no branch.
fn assert_every_state_is_handled(script: &str) {
    let states = script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\""));
    for state in states
        .map(|state| state.trim_end_matches('"'))
        .filter(|state| !state.is_empty())
    {
        let branch = format!("{state})");
        let is_handled = script.lines().any(|line| line.trim() == branch);
        assert!(is_handled, "no branch completes {state}");
    }
}

/// What clap_mangen writes, without the header that it repeats in every section and the blank
/// ends that roff warns of.
pub fn rendered(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    without_header(&String::from_utf8(out).unwrap())
}

fn without_header(roff: &str) -> String {
    let is_header = |line: &&str| line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds Aq");
    let lines = roff.lines().filter(|line| !is_header(line));
    let text: String = lines.map(|line| line.trim_end().to_owned() + "\n").collect();
    // Two breaks around a blank line are one space, which roff can say without a warning.
    text.replace(".br\n\n.br\n", ".sp\n")
}
