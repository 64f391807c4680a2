//! `emqx-disconnect-reasons(7)`: the catalogue's reasons, as `explain` tells them, in both languages.

use emqx_shared::catalogue::{self, Entry, Kind};

use super::VERSION;
use super::language::Words;
use super::markup::{escape, sections};
use super::page::{Section, fill, page, prose, root, tagged};

pub fn page_of_reasons(words: &Words) -> String {
    let mut entries: Vec<&Entry> = catalogue::all()
        .filter(|entry| entry.kind == Kind::DisconnectReason)
        .collect();
    entries.sort_by_key(|entry| entry.term);
    let folder = root().join("emqx-ctl/src/generated").join(words.folder).join("man7");
    let written = std::fs::read_to_string(folder.join("emqx-disconnect-reasons.md")).unwrap();
    let sections: Vec<Section> = sections(&written)
        .into_iter()
        .map(|(heading, text)| (words.heading(&heading), text))
        .collect();
    let text = page(
        "emqx-disconnect-reasons",
        7,
        &format!("emqx-ctl {VERSION}"),
        words.manual,
        &sections,
    );
    let reasons = entries.into_iter().map(|entry| reason(words, entry)).collect();
    fill(text, &[("REASONS", reasons)])
}

/// One reason as `explain` tells it.
fn reason(words: &Words, entry: &Entry) -> String {
    let text = entry.text(words.language);
    let mut out = format!(".SS {}\n{}", escape(entry.term), prose(&sentence(words, text.title)));
    let [code, aliases, meaning, causes, next] = match words.is_chinese() {
        false => ["MQTT 5 reason code ", "Also written ", "Meaning", "Causes", "Next"],
        true => ["MQTT 5 原因码 ", "其他写法：", "含义", "常见原因", "处理"],
    };
    if let Some(number) = entry.code {
        out.push_str(&prose(
            &format!("{code}{number:#04x}{}", words.full_stop).replace("0X", "0x"),
        ));
    }
    if !entry.aliases.is_empty() {
        out.push_str(&prose(&format!(
            "{aliases}{}{}",
            entry.aliases.join(words.comma),
            words.full_stop
        )));
    }
    for (word, text) in [(meaning, text.meaning), (causes, text.causes), (next, text.next)] {
        // A dash says that there is nothing to say.
        if text != "-" {
            out.push_str(&tagged(word, text));
        }
    }
    out
}

/// `the client closed it` as `The client closed it.`
fn sentence(words: &Words, title: &str) -> String {
    let mut characters = title.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    let rest = characters.as_str().trim_end_matches(['.', '。']);
    format!("{}{rest}{}", first.unwrap_or_default(), words.full_stop)
}
