//! The few marks in which the hand-written parts of the manual are kept, and how they become roff.
//!
//! They are a part of Markdown, so that such a file can be read where it stands: `# HEADING` and
//! `## Heading` are sections, a text indented by four blanks is printed as it is, a line with
//! `: text` below it is a term that the text explains, words in backquotes are bold. Whatever looks
//! like `emqxd(8)` refers to that page. A line that is `@NAME@` alone is left for what is
//! generated. The tests of `emqx-ctl` and `emqxd` share this file.

use super::page::Section;

/// Chinese marks behind which a line may end. A row of words with these between them has no blank, and GNU troff 1.22
/// goes on for ever with a line that it cannot break.
pub const BREAKS: [char; 6] = ['、', '，', '；', '：', '。', '）'];

/// Cuts a hand-written text into its sections. What stands before the first one is a remark.
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<(String, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("# "), sections.last_mut()) {
            (Some(heading), _) => sections.push((heading.trim().to_owned(), Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    let roff = |(heading, lines): (String, Vec<&str>)| (heading, body(&lines));
    sections.into_iter().map(roff).collect()
}

/// What the lines of a section become.
fn body(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut blocks = lines.split(|line| line.trim().is_empty()).peekable();
    let mut is_first = true;
    while let Some(block) = blocks.next() {
        let Some(first) = block.first() else { continue };
        if first.starts_with("    ") {
            let mut literal: Vec<&str> = block.to_vec();
            // A blank line between two indented ones belongs to what is printed.
            while let Some(more) = blocks.next_if(|next| next.first().is_none_or(|line| line.starts_with("    "))) {
                literal.push("");
                literal.extend(more);
            }
            if !is_first {
                out.push_str(".PP\n");
            }
            out.push_str(&printed(&literal));
        } else if let Some(heading) = first.strip_prefix("## ") {
            out.push_str(&format!(".SS {}\n", escape(heading)));
            out.push_str(&paragraph(&block[1..]));
            is_first = block.len() == 1;
            continue;
        } else if block.get(1).is_some_and(|line| line.starts_with(": ")) {
            out.push_str(&format!(
                ".TP\n{}\n{}",
                inline(&format!("`{first}`")),
                definition(&block[1..])
            ));
        } else if first.starts_with('@') && block.len() == 1 {
            out.push_str(&format!("{first}\n"));
        } else {
            if !is_first {
                out.push_str(".PP\n");
            }
            out.push_str(&paragraph(block));
        }
        is_first = false;
    }
    out
}

fn paragraph(lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        out.push_str(&inline(line.trim()));
        // The end of a line would be a blank, which Chinese does not have behind its marks.
        if !line.ends_with(BREAKS) {
            out.push('\n');
        }
    }
    out.trim_end().to_owned() + "\n"
}

fn definition(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines
        .iter()
        .map(|line| line.strip_prefix(": ").unwrap_or(line))
        .collect();
    paragraph(&lines)
}

fn printed(lines: &[&str]) -> String {
    let end = lines
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(0, |last| last + 1);
    let lines = lines[..end]
        .iter()
        .map(|line| line.strip_prefix("    ").unwrap_or(line));
    let text: String = lines.map(|line| guarded(&escape(line)) + "\n").collect();
    format!(".in +4n\n.nf\n{text}.fi\n.in\n")
}

/// Running text in roff: words in backquotes bold, references to pages bold with their number.
pub fn inline(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        if part.is_empty() {
            continue;
        }
        match index % 2 {
            0 => out.push_str(&references(part)),
            _ => out.push_str(&bold(part)),
        }
    }
    guarded(&out)
}

fn bold(text: &str) -> String {
    // In a term, `emqxd(8)` is the name of a page as well.
    format!("\\fB{}\\fR", escape(text))
}

/// `emqxd(8)` with its name in bold; all else as it is.
fn references(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let name_start = rest[..open]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')))
            .map_or(0, |before| {
                before + rest[before..].chars().next().map_or(1, char::len_utf8)
            });
        let name = &rest[name_start..open];
        let tail = &rest[open + 1..];
        let is_page =
            !name.is_empty() && tail.starts_with(|c: char| ('1'..='8').contains(&c)) && tail[1..].starts_with(')');
        if is_page {
            out.push_str(&escape(&rest[..name_start]));
            out.push_str(&format!("{}({})", bold(name), &tail[..1]));
            rest = &tail[2..];
        } else {
            out.push_str(&escape(&rest[..=open]));
            rest = tail;
        }
    }
    out + &escape(rest)
}

/// Characters that mean something to roff, written so that they mean themselves and can be copied.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '（' => out.push_str("\\:（"),
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\*(Aq"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '`' => out.push_str("\\(ga"),
            c => out.push(c),
        }
        if BREAKS.contains(&c) {
            out.push_str("\\:");
        }
    }
    out
}

/// A line that roff would take for a command begins with nothing, visibly.
fn guarded(line: &str) -> String {
    match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    }
}

#[test]
fn marks_become_roff() {
    let text = "A remark.\n\n# EXAMPLES\nSee `-f` and emqxd(8):\n\n    $ it's .a\n    .b\n\n    c\n\nOnce more.\n\n--x\n: What it is (not a page).\n";
    let expected = "See \\fB\\-f\\fR and \\fBemqxd\\fR(8):\n.PP\n.in +4n\n.nf\n$ it\\*(Aqs .a\n\\&.b\n\nc\n.fi\n.in\n.PP\n\
                    Once more.\n.TP\n\\fB\\-\\-x\\fR\nWhat it is (not a page).\n";
    assert_eq!(sections(text), [("EXAMPLES".to_owned(), expected.to_owned())]);
}
