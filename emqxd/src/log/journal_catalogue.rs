//! The journal's message catalogue in `emqxd/packaging/systemd`, compared with the catalogue of `emqx-ctl explain`.
//!
//! `EMQX_RENEW_GENERATED=1 cargo test -p emqxd journal_catalogue` writes it anew. The package puts both files into
//! `/usr/lib/systemd/catalog` and runs `journalctl --update-catalog`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use emqx_shared::catalogue::{self, Entry, Kind, Language};

use super::message_ids::message_id;

/// The file of each language, and the words between the parts of an entry. The name tells journalctl the language.
const FILES: [(&str, Language, &str, &str); 2] = [
    ("emqx.catalog", Language::English, "Usually: ", "Next: "),
    ("emqx.zh_CN.catalog", Language::Chinese, "常见原因:", "处理:"),
];
/// Columns of a terminal that journalctl leaves to an answer.
const WIDTH: usize = 78;

#[test]
fn the_journal_catalogue_is_what_explain_says() {
    for (file, language, causes, next) in FILES {
        let path = folder().join(file);
        let expected = catalogue_file(language, causes, next);
        if std::env::var_os("EMQX_RENEW_GENERATED").is_some() {
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{file} is out of date: EMQX_RENEW_GENERATED=1 cargo test -p emqxd journal_catalogue"
        );
    }
}

#[test]
fn journalctl_takes_the_catalogue_and_prints_the_answer() {
    let entry = catalogue::lookup("keepalive_timeout").unwrap();
    let root = tempfile::tempdir().unwrap();
    let catalogues = root.path().join("usr/lib/systemd/catalog");
    std::fs::create_dir_all(&catalogues).unwrap();
    std::fs::create_dir_all(root.path().join("var/lib/systemd/catalog")).unwrap();
    for (file, language, causes, next) in FILES {
        std::fs::write(catalogues.join(file), catalogue_file(language, causes, next)).unwrap();
    }
    let journalctl = |arguments: &[&str]| {
        let output = Command::new("journalctl")
            .arg(format!("--root={}", root.path().display()))
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
    };
    let Some(warnings) = journalctl(&["--update-catalog"]) else {
        eprintln!("skipped: there is no journalctl on this machine");
        return;
    };
    assert_eq!(warnings, "", "journalctl has something to say about the catalogue");
    let id = message_id(entry);
    let answer = journalctl(&["--dump-catalog", &id]).unwrap();
    let title = entry.text(Language::English).title;
    assert!(answer.contains(&format!("Subject: {title}")), "{answer}");
    assert!(answer.contains("Next: "), "{answer}");
    let listed = journalctl(&["--list-catalog"]).unwrap();
    assert_eq!(listed.lines().count(), catalogue::all().count(), "{listed}");
    // Which language it prints is the locale's matter, and a machine may have no Chinese one.
    let database = std::fs::read(root.path().join("var/lib/systemd/catalog/database")).unwrap();
    let title = entry.text(Language::Chinese).title;
    assert!(database.windows(title.len()).any(|part| part == title.as_bytes()));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd")
}

fn catalogue_file(language: Language, causes: &str, next: &str) -> String {
    let mut text = String::from(
        "# Answers for `journalctl -x`, the same as those of `emqx-ctl explain`.\n\
         # Generated from the program: EMQX_RENEW_GENERATED=1 cargo test -p emqxd journal_catalogue\n",
    );
    for entry in catalogue::all() {
        let answer = entry.text(language);
        write!(
            text,
            "\n-- {}\nSubject: {}\nDefined-By: emqxd\nDocumentation: {}\n\n",
            message_id(entry),
            answer.title,
            page(entry)
        )
        .unwrap();
        for (label, paragraph) in [("", answer.meaning), (causes, answer.causes), (next, answer.next)] {
            if !paragraph.is_empty() {
                write_wrapped(&mut text, &format!("{label}{paragraph}"));
                text.push('\n');
            }
        }
        writeln!(text, "emqx-ctl explain '{}'", entry.term).unwrap();
    }
    text
}

fn page(entry: &Entry) -> &'static str {
    match entry.kind {
        Kind::ExitCode => "man:emqxd(8)",
        Kind::DoctorCheck => "man:emqx-ctl(1)",
        _ => "man:emqx-disconnect-reasons(7)",
    }
}

/// Lines of at most [`WIDTH`] columns; a Chinese character has two, and all but closing marks may begin a line.
fn write_wrapped(out: &mut String, paragraph: &str) {
    let mut column = 0;
    for word in paragraph.split_inclusive(|character: char| character == ' ' || is_wide(character)) {
        let columns = word
            .trim_end()
            .chars()
            .map(|character| 1 + usize::from(is_wide(character)))
            .sum::<usize>();
        let may_begin_a_line = !word.starts_with(['。', ',', ';', ':', '、', ')']);
        if column > 0 && column + columns > WIDTH && may_begin_a_line {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            column = 0;
        }
        out.push_str(word);
        column += columns + (word.len() - word.trim_end().len());
    }
    out.push('\n');
}

fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}')
}
