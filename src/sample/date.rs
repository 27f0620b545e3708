//! Dates of the Gregorian calendar from seconds since 1970, in UTC, and their text in strftime formats.

use std::io::Write;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A moment of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Seconds since 1970, in UTC.
    seconds: i64,
    nanos: u32,
    zone: Zone,
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

/// In which zone a date is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Greenwich.
    Gmt,
    /// Local time, so many seconds ahead of Greenwich.
    Local(i32),
}

impl Zone {
    fn offset_seconds(self) -> i64 {
        match self {
            Zone::Gmt => 0,
            Zone::Local(seconds) => i64::from(seconds),
        }
    }

    fn render(self, out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            Zone::Gmt => out.write_all(b"GMT"),
            Zone::Local(0) => out.write_all(b"UTC"),
            Zone::Local(_) => self.render_offset(out),
        }
    }

    fn render_offset(self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let sign = if self.offset_seconds() < 0 { '-' } else { '+' };
        let minutes = self.offset_seconds().abs() / 60;
        write!(out, "{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }
}

/// The bits of a moment that count: HAProxy drops the others, so that the year keeps within what `struct tm` can hold.
const SECONDS_MASK: i64 = 0x007f_ffff_ffff_ffff;

impl Date {
    /// The date of a moment, in seconds since 1970, in GMT.
    pub fn of(seconds: i64) -> Date {
        Date::in_zone(seconds, 0, Zone::Gmt)
    }

    /// The date of a moment and so many nanoseconds, in a zone.
    pub fn in_zone(seconds: i64, nanos: u32, zone: Zone) -> Date {
        let seconds = seconds & SECONDS_MASK;
        let local = seconds + zone.offset_seconds();
        let (days, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let day_of_year = days - days_before(year);
        Date { seconds, nanos, zone, year, month, day, day_of_year, weekday: (days + 4).rem_euclid(7), of_day }
    }

    /// Year and number of the week by ISO 8601: weeks begin on Monday, and the first has the year's first Thursday.
    fn iso_week(&self) -> (i64, i64) {
        let thursday = self.day_of_year + 3 - (self.weekday + 6) % 7;
        match thursday {
            ..0 => (self.year - 1, (thursday + days_of_year(self.year - 1)) / 7 + 1),
            day if day >= days_of_year(self.year) => (self.year + 1, 1),
            day => (self.year, day / 7 + 1),
        }
    }

    /// Appends the date in a strftime format of the C locale; a directive that is not known stays as it is.
    pub fn render(&self, format: &[u8], out: &mut Vec<u8>) {
        let (hour, minute, second) = (self.of_day / 3600, self.of_day / 60 % 60, self.of_day % 60);
        let twelve = (hour + 11) % 12 + 1;
        let noon = if hour < 12 { "AM" } else { "PM" };
        let mut rest = format;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = behind;
            let directive = if byte == b'%' { rest.split_first() } else { None };
            let Some((&letter, behind)) = directive else {
                out.push(byte);
                continue;
            };
            if let (width @ b'1'..=b'9', Some((b'N', behind))) = (letter, behind.split_first()) {
                rest = behind;
                self.render_nanos(usize::from(width - b'0'), out);
                continue;
            }
            rest = behind;
            let weekday = WEEKDAYS.get(self.weekday as usize).copied().unwrap_or_default();
            let month = MONTHS.get(self.month as usize - 1).copied().unwrap_or_default();
            let written = match letter {
                b'Y' => write!(out, "{}", self.year),
                b'C' => write!(out, "{:02}", self.year / 100),
                b'y' => write!(out, "{:02}", self.year % 100),
                b'G' => write!(out, "{}", self.iso_week().0),
                b'g' => write!(out, "{:02}", self.iso_week().0 % 100),
                b'V' => write!(out, "{:02}", self.iso_week().1),
                b'U' => write!(out, "{:02}", (self.day_of_year + 7 - self.weekday) / 7),
                b'W' => write!(out, "{:02}", (self.day_of_year + 7 - (self.weekday + 6) % 7) / 7),
                b'm' => write!(out, "{:02}", self.month),
                b'd' => write!(out, "{:02}", self.day),
                b'e' => write!(out, "{:2}", self.day),
                b'j' => write!(out, "{:03}", self.day_of_year + 1),
                b'H' => write!(out, "{hour:02}"),
                b'k' => write!(out, "{hour:2}"),
                b'I' => write!(out, "{twelve:02}"),
                b'l' => write!(out, "{twelve:2}"),
                b'M' => write!(out, "{minute:02}"),
                b'S' => write!(out, "{second:02}"),
                b's' => write!(out, "{}", self.seconds),
                b'p' => write!(out, "{noon}"),
                b'P' => write!(out, "{}", noon.to_ascii_lowercase()),
                b'a' => write!(out, "{}", &weekday[..3]),
                b'A' => write!(out, "{weekday}"),
                b'b' | b'h' => write!(out, "{}", &month[..3]),
                b'B' => write!(out, "{month}"),
                b'u' => write!(out, "{}", (self.weekday + 6) % 7 + 1),
                b'w' => write!(out, "{}", self.weekday),
                b'z' => self.zone.render_offset(out),
                b'Z' => self.zone.render(out),
                b'F' => write!(out, "{}-{:02}-{:02}", self.year, self.month, self.day),
                b'D' | b'x' => write!(out, "{:02}/{:02}/{:02}", self.month, self.day, self.year % 100),
                b'T' | b'X' => write!(out, "{hour:02}:{minute:02}:{second:02}"),
                b'r' => write!(out, "{twelve:02}:{minute:02}:{second:02} {noon}"),
                b'R' => write!(out, "{hour:02}:{minute:02}"),
                b'c' => {
                    let (weekday, month) = (&weekday[..3], &month[..3]);
                    write!(out, "{weekday} {month} {:2} {hour:02}:{minute:02}:{second:02} {}", self.day, self.year)
                }
                b'N' => {
                    self.render_nanos(9, out);
                    Ok(())
                }
                b'n' => out.write_all(b"\n"),
                b't' => out.write_all(b"\t"),
                b'%' => out.write_all(b"%"),
                letter => out.write_all(&[b'%', letter]),
            };
            debug_assert!(written.is_ok(), "writing to memory cannot fail");
        }
    }

    /// The first digits of the fraction of the second.
    fn render_nanos(&self, width: usize, out: &mut Vec<u8>) {
        let places = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
        out.extend(places.iter().take(width).map(|place| b'0' + (self.nanos / place % 10) as u8));
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_year(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

/// Days from 1970 to the beginning of a year.
fn days_before(year: i64) -> i64 {
    let leap_years = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (year - 1970) * 365 + leap_years(year - 1) - leap_years(1969)
}

/// Year, month (1 to 12) and day of a day counted from 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(365) - days.div_euclid(365 * 1461);
    while days_before(year) > days {
        year -= 1 + (days_before(year) - days) / 366;
    }
    while days_before(year + 1) <= days {
        year += 1 + (days - days_before(year + 1)) / 366;
    }
    let mut day = days - days_before(year);
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

/// Seconds since 1970 of an HTTP date in any of its three forms (RFC 9110 section 5.6.7).
pub fn parse_http_date(text: &str) -> Option<i64> {
    let mut words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    let weekday = words.next()?;
    let is_weekday = |name: &str| weekday == name || name.get(..3) == Some(weekday);
    WEEKDAYS.into_iter().find(|name| is_weekday(name))?;
    let words: Vec<&str> = words.collect();
    let (day, month, year, time) = match *words.as_slice() {
        [day, month, year, time, "GMT"] => (day, month, year, time),
        [month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit())).map(i64::from);
    let year = match (number(year)?, year.len()) {
        (year, 4) => year,
        // Two digits of RFC 850 mean a year that is not far ahead.
        (year, 2) => year + if year < 70 { 2000 } else { 1900 },
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| name.get(..3) == Some(month))? as i64 + 1;
    let mut clock = time.split(':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let day = number(day)?;
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 60 || year < 1970 {
        return None;
    }
    let first_of_month = (days_before(year)..days_before(year + 1)).find(|days| civil(*days) == (year, month, 1))?;
    let days = first_of_month + day - 1;
    (civil(days) == (year, month, day)).then(|| days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_dates() {
        let check = |seconds: i64, format: &str, expected: &str| {
            let mut out = Vec::new();
            Date::of(seconds).render(format.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{seconds}");
        };
        check(0, "%a, %d %b %Y %H:%M:%S GMT", "Thu, 01 Jan 1970 00:00:00 GMT");
        check(1_600_000_000, "%a %b %e %j %s %% %F %T %I %p", "Sun Sep 13 257 1600000000 % 2020-09-13 12:26:40 12 PM");
        check(951_782_399, "%F %T", "2000-02-28 23:59:59");
        check(951_782_400, "%F %j %u", "2000-02-29 060 2");
        check(1_735_689_599, "%F %j", "2024-12-31 366");
        check(4_107_542_400, "%F", "2100-03-01");
        check(253_402_300_799, "%F %T", "9999-12-31 23:59:59");
        check(253_402_300_800, "%F", "10000-01-01");
        check(-1, "%a, %d %b %Y %H:%M:%S", "Sun, 13 Jun 1141709097 06:26:07");
        check(1_600_000_000, "%U %W %V %G %g %k %l %r %c %Z %P", "37 36 37 2020 20 12 12 12:26:40 PM Sun Sep 13 12:26:40 2020 GMT pm");
        check(1_609_459_200, "%F %U %W %V %G", "2021-01-01 00 00 53 2020");
        check(1_546_214_400, "%F %V %G", "2018-12-31 01 2019");
    }

    #[test]
    fn a_zone_shifts_what_is_told() {
        let check = |offset: i32, format: &str, expected: &str| {
            let mut out = Vec::new();
            Date::in_zone(1_600_000_000, 123_456_000, Zone::Local(offset)).render(format.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{offset}");
        };
        check(0, "%T %z %Z %s", "12:26:40 +0000 UTC 1600000000");
        check(7200, "%T %z %s", "14:26:40 +0200 1600000000");
        check(-3 * 3600 - 1800, "%T %z", "08:56:40 -0330");
        check(0, "%N %3N %6N %9N", "123456000 123 123456 123456000");
    }

    #[test]
    fn http_dates_are_read_in_three_forms() {
        let check = |text: &str, expected| assert_eq!(parse_http_date(text), expected, "{text}");
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        check("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        check("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400));
        check("Tue, 30 Feb 2000 00:00:00 GMT", None);
        check("Sun, 06 Nov 1994 24:49:37 GMT", None);
        check("Sun, 06 Nov 1994 08:49:37", None);
        check("yesterday", None);
        check("", None);
    }
}
