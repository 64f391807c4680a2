//! One line of the table.

use std::fmt;
use std::time::Instant;

/// The heading over the lines.
pub const HEADING: &str = "structure             size  text B  B beside text  insert ns  match ns  remove ns  note";

/// What one structure of one size costs, for each entry.
#[derive(Debug, Default)]
pub struct Measurement {
    /// Mean length of the filters or topics.
    pub text_bytes: f64,
    /// All of it, the text too.
    pub bytes: f64,
    /// To add one.
    pub insert_ns: f64,
    /// To look one up; `None` where that is not measured.
    pub match_ns: Option<f64>,
    /// To take one out; `None` where that is not measured.
    pub remove_ns: Option<f64>,
    /// Whatever else there is to say.
    pub note: String,
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beside = self.bytes - self.text_bytes;
        let (text, insert) = (self.text_bytes, self.insert_ns);
        let (looked_up, removed) = (whole(self.match_ns), whole(self.remove_ns));
        let note = &self.note;
        write!(
            f,
            "{text:>7.1} {beside:>14.1} {insert:>10.0} {looked_up:>9} {removed:>10}  {note}"
        )
    }
}

fn whole(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(|| "-".to_owned(), |nanoseconds| format!("{nanoseconds:.0}"))
}

/// Nanoseconds for each of `count`.
pub fn nanoseconds_each(count: u32, act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_nanos() as f64 / f64::from(count)
}

/// The numbers below `size`, each once, in an order that no cache guesses.
pub fn shuffled(size: u32) -> impl Iterator<Item = u32> {
    // 7,368,787 is a prime above every size, so the steps meet each number once.
    (0..u64::from(size)).map(move |step| u32::try_from(step * 7_368_787 % u64::from(size)).expect("below size"))
}
