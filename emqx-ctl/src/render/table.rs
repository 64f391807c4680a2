//! Tables for a terminal, without frames. Cells are escaped here; colours only where asked for.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, Table, presets};

use super::csv::plain;
use super::escape::escape;
use super::{Column, Field, Look, Record};

/// Rows that share one table: column widths are settled among them. A longer list is drawn as
/// several, so that neither memory nor the wait for the first row grows with its length.
pub const ROWS_TOGETHER: usize = 1000;

/// What a cell's content means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Bad,
}

/// The content of one cell.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
    right: bool,
}

impl Cell {
    pub fn text(text: impl AsRef<str>) -> Self {
        Self {
            text: escape(text.as_ref()).into_owned(),
            tone: Tone::Plain,
            right: false,
        }
    }

    pub fn number(number: u64) -> Self {
        Self::right(number.to_string())
    }

    /// Text that stands on the right, such as a number with its unit.
    pub fn right(text: impl AsRef<str>) -> Self {
        Self {
            right: true,
            ..Self::text(text)
        }
    }

    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn drawn(self, color: bool) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(self.text);
        let cell = match self.right {
            true => cell.set_alignment(CellAlignment::Right),
            false => cell,
        };
        match (color, self.tone) {
            (true, Tone::Good) => cell.fg(Color::Green),
            (true, Tone::Bad) => cell.fg(Color::Red),
            _ => cell,
        }
    }
}

/// A table with a header.
pub fn of_columns<R>(rows: &[R], columns: &[Column<R>], look: &Look) -> String {
    let header = columns.iter().map(|(title, _)| (*title).to_owned());
    let cells = rows.iter().map(|row| {
        let cells = columns.iter().map(|(_, cell)| cell(row, look));
        cells.collect::<Vec<_>>()
    });
    draw(Some(header.collect()), cells, look)
}

/// A table of fields that were asked for by name.
pub fn of_fields<R>(rows: &[R], fields: &[Field<R>], look: &Look) -> String {
    let header = fields.iter().map(|(name, _)| name.to_uppercase());
    let cells = rows.iter().map(|row| {
        let values = fields.iter().map(|(_, value)| value(row));
        values
            .map(|value| match value.is_number() {
                true => Cell::right(plain(&value)),
                false => Cell::text(plain(&value)),
            })
            .collect::<Vec<_>>()
    });
    draw(Some(header.collect()), cells, look)
}

/// A record that stands alone: its columns from top to bottom.
pub fn single<R: Record>(record: &R, look: &Look) -> String {
    let rows = R::COLUMNS.iter().map(|(title, cell)| {
        let value = Cell {
            right: false,
            ..cell(record, look)
        };
        vec![Cell::text(title), value]
    });
    let mut text = draw(None, rows, look);
    if let Some(note) = record.note(look).filter(|_| !look.quiet) {
        text.push_str(&escape(&note));
        text.push('\n');
    }
    text
}

fn draw(header: Option<Vec<String>>, rows: impl Iterator<Item = Vec<Cell>>, look: &Look) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    match look.width {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    // Whether to colour was settled by the caller; the library must not ask the terminal again.
    table.force_no_tty();
    if look.color {
        table.enforce_styling();
    }
    if let Some(titles) = header {
        let bold = |title: String| match look.color {
            true => comfy_table::Cell::new(title).add_attribute(Attribute::Bold),
            false => comfy_table::Cell::new(title),
        };
        table.set_header(titles.into_iter().map(bold));
    }
    for row in rows {
        table.add_row(row.into_iter().map(|cell| cell.drawn(look.color)));
    }
    table.trim_fmt() + "\n"
}
