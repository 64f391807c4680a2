//! Whether a rule's topic and a subscription have a topic in common.
//!
//! For deny rules: what a subscription with wildcards would receive must hold nothing that is denied. Both sides are
//! gone through once, level by level; a placeholder's value counts as text, and its slashes as slashes.

use crate::placeholder::Value;
use crate::question::Who;
use crate::topic_pattern::{Tail, TopicPattern};
use crate::topic_pieces::Piece;

/// Whether some topic matches both `pattern` and `filter`, a valid filter.
pub(crate) fn overlaps(pattern: &TopicPattern, who: &Who<'_>, filter: &str) -> bool {
    if !may_overlap(pattern, filter) {
        return false;
    }
    let has_values = |piece: &Piece| !matches!(piece, Piece::Value(name) if name.value(who).is_none());
    if !pattern.pieces.iter().all(has_values) {
        return false;
    }
    let mut symbols = Symbols::new(pattern, who);
    // MQTT 5, 4.7.2, for either side.
    if filter.starts_with(['+', '#']) && symbols.next_is(b'$')
        || filter.starts_with('$') && pattern.begins_with_wildcard()
    {
        return false;
    }
    let mut has_more = true; // the pattern has another level, empty maybe
    for level in filter.split('/') {
        if level == "#" {
            return true;
        }
        if !has_more {
            return false;
        }
        if symbols.current == Some(Symbol::Rest) {
            return true;
        }
        if !level_overlaps(&mut symbols, level) {
            return false;
        }
        has_more = symbols.next_is(b'/');
        symbols.advance();
    }
    !has_more || symbols.current == Some(Symbol::Rest)
}

/// Whether the texts that both begin with, up to the first wildcard, agree as far as they go. Most rules of a long
/// list end here.
fn may_overlap(pattern: &TopicPattern, filter: &str) -> bool {
    let Some(Piece::Text(text)) = pattern.pieces.first() else {
        return true;
    };
    let mut both = text.bytes().zip(filter.bytes());
    both.find(|(ours, asked)| ours != asked)
        .is_none_or(|(_, asked)| matches!(asked, b'+' | b'#'))
}

/// Compares one level and goes to its end, a slash or nothing.
fn level_overlaps(symbols: &mut Symbols<'_, '_>, level: &str) -> bool {
    if symbols.current == Some(Symbol::Level) {
        symbols.advance();
        return true;
    }
    if level == "+" {
        while !symbols.at_level_end() {
            symbols.advance();
        }
        return true;
    }
    for byte in level.bytes() {
        if !symbols.next_is(byte) {
            return false;
        }
        symbols.advance();
    }
    symbols.at_level_end()
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Byte(u8),
    /// `+`.
    Level,
    /// `#`.
    Rest,
}

/// A pattern, symbol by symbol.
struct Symbols<'p, 'w> {
    pieces: std::slice::Iter<'p, Piece>,
    who: &'p Who<'w>,
    text: PieceText<'p, 'w>,
    /// Bytes of `text` that were given.
    given: usize,
    tail: Tail,
    /// What comes next.
    current: Option<Symbol>,
}

enum PieceText<'p, 'w> {
    Pattern(&'p str),
    Client(Value<'w>),
}

impl<'p, 'w> Symbols<'p, 'w> {
    fn new(pattern: &'p TopicPattern, who: &'p Who<'w>) -> Self {
        let mut symbols = Self {
            pieces: pattern.pieces.iter(),
            who,
            text: PieceText::Pattern(""),
            given: 0,
            tail: pattern.tail,
            current: None,
        };
        symbols.advance();
        symbols
    }

    fn next_is(&self, byte: u8) -> bool {
        self.current == Some(Symbol::Byte(byte))
    }

    fn at_level_end(&self) -> bool {
        self.current.is_none() || self.next_is(b'/')
    }

    fn advance(&mut self) {
        self.current = self.read();
    }

    fn read(&mut self) -> Option<Symbol> {
        loop {
            let text = match &self.text {
                PieceText::Pattern(text) => text,
                PieceText::Client(value) => value.as_str(),
            };
            if let Some(&byte) = text.as_bytes().get(self.given) {
                self.given += 1;
                return Some(Symbol::Byte(byte));
            }
            self.text = match self.pieces.next() {
                Some(Piece::Text(text)) => PieceText::Pattern(text),
                Some(Piece::Level) => return Some(Symbol::Level),
                Some(Piece::Value(placeholder)) => PieceText::Client(placeholder.value(self.who)?),
                None => return self.read_tail(),
            };
            self.given = 0;
        }
    }

    fn read_tail(&mut self) -> Option<Symbol> {
        match self.tail {
            Tail::End => None,
            Tail::Everything => {
                self.tail = Tail::End;
                Some(Symbol::Rest)
            }
            Tail::Below => {
                self.tail = Tail::Everything;
                Some(Symbol::Byte(b'/'))
            }
        }
    }
}
