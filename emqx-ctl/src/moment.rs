//! Points in time on the command line: RFC 3339, such as `2026-12-24T18:00:00Z` or `2026-12-24 18:00:00+01:00`.
//!
//! The offset has to be there: the daemon may be in another time zone than its operator.

const EXPECTED: &str = "expected a time with its offset, such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00";
const DAY_SECONDS: i64 = 86_400;

/// Reads a time for clap, as Unix milliseconds.
///
/// # Errors
/// One line for the operator.
pub fn parse(text: &str) -> Result<u64, String> {
    let milliseconds = text.is_ascii().then(|| read(text)).flatten();
    milliseconds
        .and_then(|milliseconds| u64::try_from(milliseconds).ok())
        .ok_or_else(|| EXPECTED.to_owned())
}

fn read(text: &str) -> Option<i64> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = (rest.get(..8)?, rest.get(8..)?);
    let (milliseconds, offset) = fraction(rest)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_time = hour <= 23 && minute <= 59 && second <= 59;
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_time || !is_date {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    Some((seconds - seconds_of_offset(offset)?) * 1000 + milliseconds)
}

/// Numbers of so many digits each, and nothing else.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(found)
}

/// Milliseconds of `.5` and the like, which may be left out, and what follows.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let padded: String = digits.chars().chain("00".chars()).take(3).collect();
    (!digits.is_empty()).then_some((padded.parse().ok()?, rest))
}

fn seconds_of_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let [hours, minutes, _] = numbers(&format!("{}:00", text.get(1..)?), ':', [2, 2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a proleptic Gregorian date, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // From 0000-03-01 to 1970-01-01.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Civil;

    #[test]
    fn a_time_has_a_date_a_clock_and_an_offset() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-12-24T18:00:00Z", 1_798_135_200_000),
            ("2026-12-24 19:00:00+01:00", 1_798_135_200_000),
            ("2026-12-24t13:30:00.25-04:30", 1_798_135_200_250),
            ("2024-02-29T00:00:00.1239Z", 1_709_164_800_123),
        ] {
            assert_eq!(parse(text), Ok(milliseconds), "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read() {
        for day in (0..80_000).step_by(17) {
            let seconds = day * 86_400 + 4_711;
            let text = Civil::new(seconds, 8 * 3600).rfc3339(0);
            assert_eq!(parse(&text), Ok(seconds * 1000), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        for text in [
            "",
            "tomorrow",
            "2026-12-24",
            "2026-12-24T18:00:00",
            "2026-12-24T18:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-12-24T24:00:00Z",
            "2026-12-24T18:00:00+1",
            "2026-12-24T18:00:00.Z",
            "1969-12-31T23:59:59Z",
            "2026-12-24T18:00:00Zé",
            "+026-12-24T18:00:00Z",
        ] {
            assert!(
                parse(text).is_err_and(|error| error.contains("2026-12-24T18")),
                "{text}"
            );
        }
    }
}
