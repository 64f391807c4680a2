//! Rates: so many connections, messages or bytes in a period, as EMQX 5, 4 and 3 write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::values;

/// `amount` in each period of length `per`, and `burst` on top after a quiet time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Connections, messages or bytes; at least 1.
    pub amount: u64,
    /// At least 1 ms.
    pub per: Duration,
    /// What may come at once beyond `amount`.
    pub burst: u64,
}

/// The text is none of the forms [`Rate::from_str`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    /// Reads `1000/s`, `1MB/s`, `100KB/10s`; a bare `1000` is per second.
    ///
    /// EMQX 4's `100KB,10s` is an amount and its period, EMQX 3's `1024,4096` a rate per second
    /// and its burst.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let second = Duration::from_secs(1);
        let (amount, per, burst) = if let Some((amount, period)) = text.split_once('/') {
            let period = period.trim();
            (values::size(amount.trim()), parse_period(period), Some(0))
        } else if let Some((amount, second_part)) = text.split_once(',') {
            let amount = values::size(amount.trim());
            match values::size(second_part.trim()) {
                Some(burst) => (amount, Some(second), Some(burst)),
                None => (amount, values::duration(second_part.trim()), Some(0)),
            }
        } else {
            (values::size(text.trim()), Some(second), Some(0))
        };
        match (amount, per, burst) {
            (Some(amount @ 1..), Some(per), Some(burst)) if per >= Duration::from_millis(1) => {
                Ok(Self { amount, per, burst })
            }
            _ => Err(NotARate),
        }
    }
}

impl Rate {
    /// The amount of a `_burst` key, which may be none: `0`, `100`, `1MB/s`.
    pub(super) fn burst_amount(text: &str) -> Option<u64> {
        let amount = text.split_once('/').map_or(text, |(amount, _)| amount);
        match (values::size(amount.trim()), text.parse::<Self>()) {
            (Some(0), _) if text.trim() == amount.trim() || format!("1{text}").parse::<Self>().is_ok() => Some(0),
            (Some(amount), Ok(_)) => Some(amount),
            _ => None,
        }
    }
}

/// `10s`, or `s` for one second; a number needs a unit here.
fn parse_period(text: &str) -> Option<Duration> {
    match text.chars().next()? {
        '0'..='9' if text.ends_with(|char: char| char.is_ascii_digit()) => None,
        '0'..='9' => values::duration(text),
        _ => values::duration(&format!("1{text}")),
    }
}

impl fmt::Display for Rate {
    /// EMQX 5's form; the burst has a key of its own there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.per.as_millis() {
            1000 => write!(formatter, "{}/s", self.amount),
            per if per % 1000 == 0 => write!(formatter, "{}/{}s", self.amount, per / 1000),
            per => write!(formatter, "{}/{per}ms", self.amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_all_three_generations_are_read() {
        for (text, amount, per_ms, burst) in [
            ("1000/s", 1000, 1000, 0),
            ("1000", 1000, 1000, 0),
            ("1MB/s", 1024 * 1024, 1000, 0),
            ("100KB/10s", 102_400, 10_000, 0),
            ("5/100ms", 5, 100, 0),
            ("60 / m", 60, 60_000, 0),
            ("1024,4096", 1024, 1000, 4096),
            ("100KB,10s", 102_400, 10_000, 0),
            ("100,1m", 100, 60_000, 0),
        ] {
            let per = Duration::from_millis(per_ms);
            assert_eq!(text.parse(), Ok(Rate { amount, per, burst }), "{text}");
        }
        for text in [
            "", "/s", "0/s", "1000/", "1000/x", "1000/10", "1000/0s", "-1/s", "1XB/s", "1,2,3", "infinity",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn a_burst_may_be_none_at_all() {
        for (text, amount) in [("0", 0), ("0/s", 0), ("100", 100), ("1MB/10s", 1024 * 1024)] {
            assert_eq!(Rate::burst_amount(text), Some(amount), "{text}");
        }
        for text in ["", "0/x", "0/", "x/s", "100/10", "1,2"] {
            assert_eq!(Rate::burst_amount(text), None, "{text}");
        }
    }

    #[test]
    fn a_rate_prints_in_the_form_of_emqx_5() {
        for text in ["1000/s", "100/10s", "5/100ms"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }
}
