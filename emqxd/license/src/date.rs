//! Calendar dates, in UTC: a licence begins and ends on a day, not at a moment.
//!
//! Proleptic Gregorian, counted in days since 1970-01-01; the arithmetic is the usual one with years that begin in
//! March, so that the leap day is the last of its year.

use std::fmt;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    days: i64,
}

const SECONDS_PER_DAY: u64 = 86_400;
/// Days in 400 years.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

impl Date {
    /// The last day that has a four-digit year.
    pub const MAX: Self = Self { days: 2_932_896 };

    /// The day of a Unix time in seconds; at most [`Date::MAX`].
    pub fn of_unix(seconds: u64) -> Self {
        let days = i64::try_from(seconds / SECONDS_PER_DAY).unwrap_or(i64::MAX);
        Self { days }.min(Self::MAX)
    }

    /// `YYYYMMDD`, nothing else; `None` if there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: i64 = text.parse().ok()?;
        Self::new(number / 10_000, number / 100 % 100, number % 100)
    }

    fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1..=12).contains(&month) || day < 1 {
            return None;
        }
        let march_year = year - i64::from(month <= 2);
        let (era, year_of_era) = (march_year.div_euclid(400), march_year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let date = Self {
            days: era * ERA_DAYS + day_of_era - EPOCH_DAYS,
        };
        // 31 February and its like come out as another day.
        (date.civil() == (year, month, day)).then_some(date)
    }

    fn civil(self) -> (i64, i64, i64) {
        let days = self.days + EPOCH_DAYS;
        let (era, day_of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// So many days later, at most [`Date::MAX`].
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self {
            days: self.days.saturating_add(days),
        }
        .min(Self::MAX)
    }

    /// Days from `earlier` to this day; negative if it lies ahead.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.days - earlier.days
    }

    /// `YYYYMMDD`, as in the payload of a key.
    pub fn compact(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}{month:02}{day:02}")
    }
}

impl fmt::Display for Date {
    /// `YYYY-MM-DD`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_thousand_years_reads_back_and_follows_the_one_before() {
        let mut date = Date::parse("16000101").unwrap();
        while date < Date::parse("26000101").unwrap() {
            assert_eq!(Date::parse(&date.compact()), Some(date));
            assert_eq!(date.plus_days(1).days_since(date), 1);
            date = date.plus_days(1);
        }
        assert_eq!(Date::of_unix(0).to_string(), "1970-01-01");
        assert_eq!(Date::of_unix(951_782_400).to_string(), "2000-02-29");
        assert_eq!(Date::MAX.to_string(), "9999-12-31");
        assert_eq!(Date::of_unix(u64::MAX), Date::MAX);
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2023010",
            "202301099",
            "20230229",
            "20231301",
            "20230001",
            "20230100",
            "20230132",
            "2023-1-9",
            "+2023010",
            "２０２３",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
