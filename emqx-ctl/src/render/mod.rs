//! Drawing what the daemon answers: one [`Record`] for each kind of view, one file for each format.
//!
//! A record says what it is made of: `FIELDS` for JSON and CSV, `COLUMNS` for tables, and the lines
//! of EMQX's text. [`Printer`] picks the format; [`List`] draws rows as they arrive, so that the
//! first is seen before the last was asked for.

pub mod csv;
pub mod emqx;
pub mod erlang_term;
pub mod escape;
pub mod hocon;
pub mod json;
mod records;
pub mod table;

use std::io::{self, Write};

use clap::ValueEnum;
use emqx_shared::catalogue::Language;
use serde_json::Value;

use crate::compat::Compat;
use crate::failure::CliFailure;
use crate::time::Civil;

pub use records::action::{Deed, DeedKind};
pub use records::authn::ImportedUsers;
pub use records::cluster::{Digest, Discovery};
pub use records::conf::{ConfChecked, ConfRoots};
pub use records::explanation::Explanation;
pub use records::kicked::Kicked;
pub use records::level::Level;
pub use records::license::{IssuedLicense, KeyPair, LicenseCheck, LicenseDifference, ShownLicense};
pub use records::listener_watch::WatchedListener;
pub use records::retained::RetainedTopic;
pub use records::system::{ClusterNodes, Overload, Said, Vm};
pub use records::tls::TlsChecked;
pub use records::top::{TopClient, TopScreen};
pub use records::trace::{TraceDeed, TraceRow, size as trace_size};
pub use records::version::Versions;

/// What `--format` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FormatChoice {
    /// A table on a terminal, EMQX's text everywhere else
    #[default]
    Auto,
    /// EMQX's text, for scripts
    Emqx,
    /// A table
    Table,
    /// One JSON document
    Json,
    /// A JSON object a line
    Ndjson,
    /// Comma separated, with a header
    Csv,
}

/// The format that is drawn in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Emqx,
    Table,
    Json,
    Ndjson,
    Csv,
}

impl Format {
    /// Its word for `--format`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emqx => "emqx",
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
}

impl FormatChoice {
    /// Settles `auto`: EMQX's text when called by EMQX's name or when nobody looks, else a table.
    pub fn settle(self, called_as_emqx: bool, stdout_is_terminal: bool) -> Format {
        match self {
            Self::Auto if stdout_is_terminal && !called_as_emqx => Format::Table,
            Self::Auto | Self::Emqx => Format::Emqx,
            Self::Table => Format::Table,
            Self::Json => Format::Json,
            Self::Ndjson => Format::Ndjson,
            Self::Csv => Format::Csv,
        }
    }
}

/// All that drawing depends on, besides the data.
#[derive(Debug, Clone)]
pub struct Look {
    pub format: Format,
    pub compat: Compat,
    pub color: bool,
    pub language: Language,
    /// No confirmations and notes, only data and errors.
    pub quiet: bool,
    /// Columns of the terminal; `None` where lines may be as long as they are.
    pub width: Option<u16>,
    /// The daemon's node name; empty until it greeted us.
    pub node: String,
    /// The daemon's local time, in seconds east of UTC.
    pub utc_offset: i32,
    /// Now, in Unix milliseconds.
    pub now_ms: u64,
}

impl Look {
    /// A point in time for a table: without its date if that is today's.
    pub fn time(&self, unix_ms: u64) -> String {
        let now = Civil::new(self.now_ms / 1000, self.utc_offset);
        Civil::new(unix_ms / 1000, self.utc_offset).near(now)
    }
}

/// A named value of a record, for JSON and CSV.
pub type Field<R> = (&'static str, fn(&R) -> Value);

/// A column of a table.
pub type Column<R> = (&'static str, fn(&R, &Look) -> table::Cell);

/// Something that can be drawn in every format.
pub trait Record: Sized + 'static {
    /// The middle of `emqx-ctl/listeners/1`.
    const SCHEMA: &'static str;
    /// What programs read: names only ever get added, at the end.
    const FIELDS: &'static [Field<Self>];
    /// What people read; may change.
    const COLUMNS: &'static [Column<Self>];

    /// EMQX's text, frozen; in its style where EMQX has none.
    fn classic(&self, look: &Look, lines: &mut emqx::Lines);

    /// What EMQX says of an empty list; nothing in most places.
    fn empty_text(_compat: Compat) -> Option<&'static str> {
        None
    }

    /// A line below a table, such as a warning.
    fn note(&self, _look: &Look) -> Option<String> {
        None
    }

    /// A drawing of its own in place of a two-column table, when it stands alone.
    fn story(&self, _look: &Look) -> Option<String> {
        None
    }
}

/// Draws onto an output.
pub struct Printer {
    out: Box<dyn Write>,
    pub look: Look,
}

impl Printer {
    pub fn new(out: Box<dyn Write>, look: Look) -> Self {
        Self { out, look }
    }

    /// Draws one record that stands alone.
    pub fn one<R: Record>(&mut self, record: &R) -> io::Result<()> {
        let text = match self.look.format {
            Format::Emqx => emqx::block(record, &self.look),
            Format::Table => match record.story(&self.look) {
                Some(story) => story,
                None => table::single(record, &self.look),
            },
            Format::Json => json::document(R::SCHEMA, &self.look.node, &json::object(R::FIELDS, record)),
            Format::Ndjson => json::text(&json::object(R::FIELDS, record)) + "\n",
            Format::Csv => csv::header(R::FIELDS) + &csv::row(R::FIELDS, record),
        };
        self.raw(&text)
    }

    /// Begins a list whose rows come later.
    pub fn list<R: Record>(&mut self) -> List<'_, R> {
        List {
            printer: self,
            fields: R::FIELDS.to_vec(),
            columns_chosen: false,
            rows: 0,
            pending: Vec::new(),
            notes: Vec::new(),
            silent_when_empty: false,
        }
    }

    /// Writes text that needs no drawing.
    pub fn raw(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// A list on its way.
pub struct List<'p, R: Record> {
    printer: &'p mut Printer,
    fields: Vec<Field<R>>,
    columns_chosen: bool,
    rows: u64,
    pending: Vec<R>,
    notes: Vec<String>,
    silent_when_empty: bool,
}

impl<R: Record> List<'_, R> {
    /// Shows only these fields, in this order.
    ///
    /// # Errors
    /// A usage failure that names the fields there are.
    pub fn choose(mut self, names: &[String]) -> Result<Self, CliFailure> {
        if names.is_empty() {
            return Ok(self);
        }
        let pick = |name: &String| R::FIELDS.iter().find(|(known, _)| known == name).copied();
        let unknown = names.iter().find(|name| pick(name).is_none());
        if let Some(name) = unknown {
            let known: Vec<_> = R::FIELDS.iter().map(|(name, _)| *name).collect();
            let message = format!("there is no column \"{name}\"");
            return Err(CliFailure::usage(message).next(format!("choose from {}", known.join(","))));
        }
        self.fields = names.iter().filter_map(pick).collect();
        self.columns_chosen = true;
        Ok(self)
    }

    /// Prints nothing at all for an empty list, where EMQX does so.
    pub fn silent_when_empty(mut self) -> Self {
        self.silent_when_empty = true;
        self
    }

    /// Draws rows that arrived.
    pub fn push(&mut self, rows: Vec<R>) -> io::Result<()> {
        let mut text = String::new();
        match self.printer.look.format {
            Format::Table => {
                self.pending.extend(rows);
                if self.pending.len() >= table::ROWS_TOGETHER {
                    text = self.draw_pending();
                }
            }
            Format::Emqx => {
                let mut lines = emqx::Lines::default();
                for row in &rows {
                    row.classic(&self.printer.look, &mut lines);
                }
                text = lines.into_text();
                self.rows += rows.len() as u64;
            }
            _ => rows.iter().for_each(|row| self.add(row, &mut text)),
        }
        self.printer.raw(&text)
    }

    fn add(&mut self, row: &R, text: &mut String) {
        match (self.printer.look.format, self.rows) {
            (Format::Json, 0) => {
                text.push_str(&json::list_head(R::SCHEMA, &self.printer.look.node));
            }
            (Format::Json, _) => text.push_str(",\n"),
            (Format::Csv, 0) => text.push_str(&csv::header(&self.fields)),
            _ => {}
        }
        if self.printer.look.format == Format::Csv {
            text.push_str(&csv::row(&self.fields, row));
        } else {
            text.push_str(&json::text(&json::object(&self.fields, row)));
        }
        if self.printer.look.format == Format::Ndjson {
            text.push('\n');
        }
        self.rows += 1;
    }

    fn draw_pending(&mut self) -> String {
        let look = &self.printer.look;
        let rows = std::mem::take(&mut self.pending);
        self.rows += rows.len() as u64;
        self.notes.extend(rows.iter().filter_map(|row| row.note(look)));
        if self.columns_chosen {
            table::of_fields(&rows, &self.fields, look)
        } else {
            table::of_columns(&rows, R::COLUMNS, look)
        }
    }

    /// Ends a list that is complete.
    pub fn finish(mut self) -> io::Result<()> {
        let mut text = match self.printer.look.format {
            Format::Table if !self.pending.is_empty() => self.draw_pending(),
            _ => String::new(),
        };
        let empty = self.rows == 0;
        match self.printer.look.format {
            Format::Json if empty => {
                text.push_str(&json::list_head(R::SCHEMA, &self.printer.look.node));
                text.push_str("]}\n");
            }
            Format::Json => text.push_str("]}\n"),
            Format::Csv if empty => text.push_str(&csv::header(&self.fields)),
            Format::Emqx | Format::Table if empty && !self.silent_when_empty => {
                if let Some(words) = R::empty_text(self.printer.look.compat) {
                    text.push_str(words);
                    text.push('\n');
                }
            }
            _ => {}
        }
        self.printer.raw(&text)?;
        for note in std::mem::take(&mut self.notes) {
            if !self.printer.look.quiet {
                self.printer.raw(&format!("{}\n", escape::escape(&note)))?;
            }
        }
        Ok(())
    }

    /// Ends a list that broke off: what was printed stays well formed and says so.
    pub fn break_off(mut self) -> io::Result<()> {
        let text = match self.printer.look.format {
            Format::Json if self.rows > 0 => "],\"complete\":false}\n".to_owned(),
            Format::Table if !self.pending.is_empty() => self.draw_pending(),
            _ => return Ok(()),
        };
        self.printer.raw(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_gets_tables_by_itself() {
        use FormatChoice::{Auto, Json, Table};
        for (choice, as_emqx, terminal, format) in [
            (Auto, false, true, Format::Table),
            (Auto, false, false, Format::Emqx),
            (Auto, true, true, Format::Emqx),
            (Auto, true, false, Format::Emqx),
            (Table, true, false, Format::Table),
            (Json, false, true, Format::Json),
        ] {
            assert_eq!(choice.settle(as_emqx, terminal), format);
        }
    }
}
