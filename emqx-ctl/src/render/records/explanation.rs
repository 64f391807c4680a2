//! `explain`: an entry of the catalogue.

use emqx_shared::catalogue::{Entry, Language};
use serde_json::{Value, json};

use super::disconnects::code;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record};

/// An entry, and the language it is read in.
#[derive(Debug)]
pub struct Explanation {
    pub entry: &'static Entry,
    pub language: Language,
}

impl Explanation {
    fn labels(&self) -> [&'static str; 4] {
        match self.language {
            Language::English => ["What it means", "Usual causes", "What to do", "also called"],
            Language::Chinese => ["含义", "常见原因", "处理办法", "又名"],
        }
    }

    fn heading(&self) -> String {
        let entry = self.entry;
        let code = code(entry.code).map_or(String::new(), |code| format!(" {code}"));
        let title = entry.text(self.language).title;
        let kind = entry.kind.title(self.language);
        format!("{}{code} ({kind}): {title}", entry.term)
    }
}

fn text_field(v: &Explanation, pick: fn(&emqx_shared::catalogue::Text) -> &'static str) -> Value {
    json!(pick(v.entry.text(v.language)))
}

impl Record for Explanation {
    const SCHEMA: &'static str = "explain";
    const FIELDS: &'static [Field<Self>] = &[
        ("term", |v| json!(v.entry.term)),
        ("kind", |v| json!(v.entry.kind.title(Language::English))),
        ("code", |v| json!(v.entry.code)),
        ("aliases", |v| json!(v.entry.aliases)),
        ("title", |v| text_field(v, |text| text.title)),
        ("meaning", |v| text_field(v, |text| text.meaning)),
        ("causes", |v| text_field(v, |text| text.causes)),
        ("next", |v| text_field(v, |text| text.next)),
    ];
    /// Never drawn: a list of explanations is a text in every format for people.
    const COLUMNS: &'static [Column<Self>] = &[("TERM", |v, _| Cell::text(v.entry.term))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        let text = self.entry.text(self.language);
        let [meaning, causes, next, aliases] = self.labels();
        lines.line(format_args!("{}", self.heading()));
        if !self.entry.aliases.is_empty() {
            lines.line(format_args!("  {aliases}: {}", self.entry.aliases.join(", ")));
        }
        lines.line(format_args!("  {meaning}: {}", text.meaning));
        lines.line(format_args!("  {causes}: {}", text.causes));
        lines.line(format_args!("  {next}: {}", text.next));
    }
}
