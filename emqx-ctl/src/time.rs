//! Points in time and lengths of time as text: EMQX's `datetime` and `uptime`, and short forms for
//! a person.
//!
//! Dates are computed here (proleptic Gregorian calendar) from the offset that the daemon sends, so
//! that a time reads as in the daemon's own log and no time zone data has to be loaded.

const DAY_SECONDS: i64 = 86_400;

/// A date and a time of day at some offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
    offset: i32,
}

impl Civil {
    /// From Unix seconds and the offset in seconds east of UTC.
    pub fn new(unix_seconds: u64, offset: i32) -> Self {
        let seconds = i64::try_from(unix_seconds)
            .unwrap_or(i64::MAX)
            .saturating_add(i64::from(offset));
        let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
        Self {
            year,
            month,
            day,
            second_of_day: seconds.rem_euclid(DAY_SECONDS),
            offset,
        }
    }

    /// `14:03:22`
    pub fn clock(self) -> String {
        let (hours, rest) = (self.second_of_day / 3600, self.second_of_day % 3600);
        format!("{hours:02}:{:02}:{:02}", rest / 60, rest % 60)
    }

    /// `2026-11-22 14:03:22`
    pub fn date_time(self) -> String {
        let Self { year, month, day, .. } = self;
        format!("{year:04}-{month:02}-{day:02} {}", self.clock())
    }

    /// `2026-11-22T14:03:22.000000001+08:00`
    pub fn rfc3339(self, nanoseconds: u64) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        format!(
            "{:04}-{:02}-{:02}T{}.{nanoseconds:09}{sign}{:02}:{:02}",
            self.year,
            self.month,
            self.day,
            self.clock(),
            minutes / 60,
            minutes % 60
        )
    }

    /// The time of day if both are on the same day, else the date with it.
    pub fn near(self, other: Self) -> String {
        if (self.year, self.month, self.day) == (other.year, other.month, other.day) {
            self.clock()
        } else {
            self.date_time()
        }
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Counts in years that begin in March, so that the leap day is a year's last.
fn date(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097; // 400 years
    let days = days.saturating_add(719_468); // from 0000-03-01
    let era = days.div_euclid(ERA_DAYS);
    let day_of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// EMQX's uptime: `1 days, 2 hours, 3 minutes, 4 seconds`, without leading units that are zero.
pub fn uptime(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let units = [
        (seconds / 86_400, "days"),
        (seconds / 3600 % 24, "hours"),
        (seconds / 60 % 60, "minutes"),
        (seconds % 60, "seconds"),
    ];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let parts: Vec<_> = units[first..]
        .iter()
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    parts.join(", ")
}

/// A length of time for a person, in its largest unit: `8 min`, `3 d`.
pub fn short(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_leap_days_and_offsets() {
        for (seconds, offset, expected) in [
            (0, 0, "1970-01-01 00:00:00"),
            (951_782_400, 0, "2000-02-29 00:00:00"),
            (1_709_164_799, 0, "2024-02-28 23:59:59"),
            (1_709_164_800, 0, "2024-02-29 00:00:00"),
            (1_709_251_200, 0, "2024-03-01 00:00:00"),
            (4_107_542_400, 0, "2100-03-01 00:00:00"),
            (1_729_477_310, 8 * 3600, "2024-10-21 10:21:50"),
            (1_729_477_310, -3 * 3600 - 1800, "2024-10-20 22:51:50"),
            (0, -1, "1969-12-31 23:59:59"),
        ] {
            assert_eq!(Civil::new(seconds, offset).date_time(), expected);
        }
        let _ = Civil::new(u64::MAX, i32::MAX).date_time();
    }

    #[test]
    fn emqx_writes_nanoseconds_and_the_offset() {
        let time = Civil::new(1_729_477_310, 8 * 3600);
        assert_eq!(time.rfc3339(95_047_713), "2024-10-21T10:21:50.095047713+08:00");
        let west = Civil::new(0, -(3 * 3600 + 1800));
        assert_eq!(west.rfc3339(0), "1969-12-31T20:30:00.000000000-03:30");
    }

    #[test]
    fn uptime_leaves_out_leading_zeros_only() {
        for (seconds, expected) in [
            (0, "0 seconds"),
            (52, "52 seconds"),
            (292, "4 minutes, 52 seconds"),
            (3600, "1 hours, 0 minutes, 0 seconds"),
            (93_784, "1 days, 2 hours, 3 minutes, 4 seconds"),
        ] {
            assert_eq!(uptime(seconds * 1000), expected);
        }
    }

    #[test]
    fn a_short_length_is_in_its_largest_unit() {
        assert_eq!(short(91_400), "91 s");
        assert_eq!(short(8 * 60_000), "8 min");
        assert_eq!(short(6 * 3_600_000), "6 h");
        assert_eq!(short(3 * 86_400_000), "3 d");
    }
}
