//! Dates of the Gregorian calendar from seconds since 1970, in UTC, and their text in strftime formats.

use std::io::Write;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A moment of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    seconds: i64,
    year: i64,
    /// 1 to 12.
    month: i64,
    /// 1 to 31.
    day: i64,
    /// 0 to 365.
    day_of_year: i64,
    /// 0 is Sunday.
    weekday: i64,
    /// Seconds of the day.
    of_day: i64,
}

/// The latest moment that has a date here: the end of the year 9999.
const LATEST: i64 = 253_402_300_799;

impl Date {
    /// The date of a moment from 1970 to 9999.
    pub fn of(seconds: i64) -> Option<Date> {
        if !(0..=LATEST).contains(&seconds) {
            return None;
        }
        let (days, of_day) = (seconds / 86_400, seconds % 86_400);
        let mut year = 1970 + days / 366;
        while days_before(year + 1) <= days {
            year += 1;
        }
        let day_of_year = days - days_before(year);
        let (mut month, mut day) = (1, day_of_year);
        while day >= days_of(year, month) {
            day -= days_of(year, month);
            month += 1;
        }
        Some(Date { seconds, year, month, day: day + 1, day_of_year, weekday: (days + 4) % 7, of_day })
    }

    /// Appends the date in a strftime format; a directive that is not known stays as it is.
    pub fn render(&self, format: &[u8], out: &mut Vec<u8>) {
        let (hour, minute, second) = (self.of_day / 3600, self.of_day / 60 % 60, self.of_day % 60);
        let mut rest = format;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = behind;
            let directive = if byte == b'%' { rest.split_first() } else { None };
            let Some((&letter, behind)) = directive else {
                out.push(byte);
                continue;
            };
            rest = behind;
            let weekday = WEEKDAYS.get(self.weekday as usize).copied().unwrap_or_default();
            let month = MONTHS.get(self.month as usize - 1).copied().unwrap_or_default();
            let written = match letter {
                b'Y' => write!(out, "{:04}", self.year),
                b'C' => write!(out, "{:02}", self.year / 100),
                b'y' => write!(out, "{:02}", self.year % 100),
                b'm' => write!(out, "{:02}", self.month),
                b'd' => write!(out, "{:02}", self.day),
                b'e' => write!(out, "{:2}", self.day),
                b'j' => write!(out, "{:03}", self.day_of_year + 1),
                b'H' => write!(out, "{hour:02}"),
                b'I' => write!(out, "{:02}", (hour + 11) % 12 + 1),
                b'M' => write!(out, "{minute:02}"),
                b'S' => write!(out, "{second:02}"),
                b's' => write!(out, "{}", self.seconds),
                b'p' => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
                b'a' => write!(out, "{}", &weekday[..3]),
                b'A' => write!(out, "{weekday}"),
                b'b' | b'h' => write!(out, "{}", &month[..3]),
                b'B' => write!(out, "{month}"),
                b'u' => write!(out, "{}", (self.weekday + 6) % 7 + 1),
                b'w' => write!(out, "{}", self.weekday),
                b'z' => write!(out, "+0000"),
                b'Z' => write!(out, "UTC"),
                b'F' => write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day),
                b'D' => write!(out, "{:02}/{:02}/{:02}", self.month, self.day, self.year % 100),
                b'T' => write!(out, "{hour:02}:{minute:02}:{second:02}"),
                b'R' => write!(out, "{hour:02}:{minute:02}"),
                b'n' => out.write_all(b"\n"),
                b't' => out.write_all(b"\t"),
                b'%' => out.write_all(b"%"),
                letter => out.write_all(&[b'%', letter]),
            };
            debug_assert!(written.is_ok(), "writing to memory cannot fail");
        }
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to the beginning of a year.
fn days_before(year: i64) -> i64 {
    let leap_years = |year: i64| year / 4 - year / 100 + year / 400;
    (year - 1970) * 365 + leap_years(year - 1) - leap_years(1969)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_dates() {
        let check = |seconds: i64, format: &str, expected: &str| {
            let mut out = Vec::new();
            Date::of(seconds).expect("a date").render(format.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{seconds}");
        };
        check(0, "%a, %d %b %Y %H:%M:%S GMT", "Thu, 01 Jan 1970 00:00:00 GMT");
        check(1_600_000_000, "%a %b %e %j %s %% %F %T %I %p", "Sun Sep 13 257 1600000000 % 2020-09-13 12:26:40 12 PM");
        check(951_782_399, "%F %T", "2000-02-28 23:59:59");
        check(951_782_400, "%F %j %u", "2000-02-29 060 2");
        check(1_735_689_599, "%F %j", "2024-12-31 366");
        check(4_107_542_400, "%F", "2100-03-01");
        check(LATEST, "%F %T", "9999-12-31 23:59:59");
        assert_eq!(Date::of(-1), None);
        assert_eq!(Date::of(i64::MAX), None);
    }
}
