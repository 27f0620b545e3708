//! The frame of a log line: priority, date, tag and pid, for each `format` of a `log` line (RFC 3164 as HAProxy writes it).
//! What the message says is `record`'s; sending it is the worker's.

use crate::config::model::{LogFraming, LogTarget};
use crate::units::WallClock;

/// What all lines of a process share.
#[derive(Clone, Debug)]
pub struct Origin {
    /// `log-tag`, or the program's name.
    pub tag: String,
    /// The process's id.
    pub pid: u32,
    /// `log-send-hostname`.
    pub hostname: Option<String>,
    /// Seconds that local time is ahead of UTC.
    pub utc_offset_seconds: i32,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time of day by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}

impl Calendar {
    /// The date of a count of seconds since 1970 (the days by Howard Hinnant's reckoning in eras of 400 years).
    pub fn at(seconds: i64) -> Calendar {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Calendar {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// The month's English name in three letters.
    pub fn month_name(&self) -> &'static str {
        MONTHS.get(self.month.wrapping_sub(1) as usize).copied().unwrap_or("???")
    }
}

/// Appends the whole datagram at this level (0 emerg to 7 debug) to `out`, for a message and its structured data (RFC 5424
/// section 6.3; empty is none); `false`, and nothing appended, when the target does not want this level.
pub fn render_line(
    target: &LogTarget,
    origin: &Origin,
    level: u8,
    wall: WallClock,
    (message, data): (&[u8], &[u8]),
    out: &mut Vec<u8>,
) -> bool {
    if level > target.level {
        return false;
    }
    let start = out.len();
    let level = level.max(target.min_level);
    let priority = u32::from(target.facility) * 8 + u32::from(level);
    match target.format {
        LogFraming::Rfc3164 => {
            push_priority(priority, out);
            push_date_3164(wall, origin, out);
            if let Some(hostname) = &origin.hostname {
                out.extend_from_slice(hostname.as_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(origin.tag.as_bytes());
            out.push(b'[');
            push_number(u64::from(origin.pid), 1, b'0', out);
            out.extend_from_slice(b"]: ");
        }
        LogFraming::Rfc5424 => {
            push_priority(priority, out);
            out.extend_from_slice(b"1 ");
            push_date_5424(wall, origin, out);
            out.extend_from_slice(origin.hostname.as_deref().unwrap_or("-").as_bytes());
            out.push(b' ');
            out.extend_from_slice(origin.tag.as_bytes());
            out.push(b' ');
            push_number(u64::from(origin.pid), 1, b'0', out);
            out.extend_from_slice(b" - ");
            out.extend_from_slice(if data.is_empty() { b"-" } else { data });
            out.push(b' ');
        }
        LogFraming::Short => push_priority(u32::from(level), out),
        LogFraming::Raw => {}
    }
    out.extend_from_slice(message);
    out.truncate(start + (out.len() - start).min(target.length));
    out.push(b'\n');
    true
}

fn push_priority(priority: u32, out: &mut Vec<u8>) {
    out.push(b'<');
    push_number(u64::from(priority), 1, b'0', out);
    out.push(b'>');
}

/// `Nov 22 17:52:07 `
fn push_date_3164(wall: WallClock, origin: &Origin, out: &mut Vec<u8>) {
    let date = Calendar::at(wall.seconds + i64::from(origin.utc_offset_seconds));
    out.extend_from_slice(date.month_name().as_bytes());
    out.push(b' ');
    push_number(u64::from(date.day), 2, b' ', out);
    for (before, number) in [(b' ', date.hour), (b':', date.minute), (b':', date.second)] {
        out.push(before);
        push_number(u64::from(number), 2, b'0', out);
    }
    out.push(b' ');
}

/// `2026-11-22T17:52:07.626601+00:00 `, the clock being one of milliseconds.
fn push_date_5424(wall: WallClock, origin: &Origin, out: &mut Vec<u8>) {
    let date = Calendar::at(wall.seconds + i64::from(origin.utc_offset_seconds));
    push_number(date.year.unsigned_abs(), 4, b'0', out);
    let parts = [(b'-', date.month), (b'-', date.day), (b'T', date.hour), (b':', date.minute), (b':', date.second)];
    for (before, number) in parts {
        out.push(before);
        push_number(u64::from(number), 2, b'0', out);
    }
    out.push(b'.');
    push_number(u64::from(wall.millis), 3, b'0', out);
    out.extend_from_slice(b"000");
    out.push(if origin.utc_offset_seconds < 0 { b'-' } else { b'+' });
    let minutes = origin.utc_offset_seconds.unsigned_abs() / 60;
    push_number(u64::from(minutes / 60), 2, b'0', out);
    out.push(b':');
    push_number(u64::from(minutes % 60), 2, b'0', out);
    out.push(b' ');
}

/// Appends a number, filled up from the left to `width`.
fn push_number(mut number: u64, width: usize, filler: u8, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut count = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        count += 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend(std::iter::repeat_n(filler, width.saturating_sub(count)));
    out.extend_from_slice(digits.get(digits.len() - count..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::LogSink;

    fn target(format: LogFraming) -> LogTarget {
        LogTarget { to: LogSink::Stderr, facility: 16, level: 7, min_level: 0, format, length: 1024 }
    }

    fn origin() -> Origin {
        Origin { tag: "byway".into(), pid: 7765, hostname: None, utc_offset_seconds: 0 }
    }

    /// 2026-11-02 17:52:07.626
    const WALL: WallClock = WallClock { seconds: 1_793_641_927, millis: 626 };

    #[track_caller]
    fn check(target: &LogTarget, origin: &Origin, level: u8, message: &str, expected: &str) {
        let mut out = b"before".to_vec();
        let wanted = render_line(target, origin, level, WALL, (message.as_bytes(), b""), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), format!("before{expected}"));
        assert_eq!(wanted, !expected.is_empty());
    }

    #[test]
    fn structured_data_stands_in_lines_of_rfc5424_alone() {
        for (format, expected) in [(LogFraming::Rfc5424, " - [ex@1 a=\"1\"] said\n"), (LogFraming::Rfc3164, "]: said\n")] {
            let (target, mut out) = (target(format), Vec::new());
            assert!(render_line(&target, &origin(), 6, WALL, (b"said", b"[ex@1 a=\"1\"]"), &mut out));
            let line = String::from_utf8_lossy(&out).into_owned();
            assert!(line.ends_with(expected), "{line}");
        }
    }

    #[test]
    fn each_format_has_haproxys_bytes() {
        let plain = origin();
        check(&target(LogFraming::Rfc3164), &plain, 6, "hello", "<134>Nov  2 17:52:07 byway[7765]: hello\n");
        check(&target(LogFraming::Rfc5424), &plain, 6, "hello", "<134>1 2026-11-02T17:52:07.626000+00:00 - byway 7765 - - hello\n");
        check(&target(LogFraming::Short), &plain, 6, "hello", "<6>hello\n");
        check(&target(LogFraming::Raw), &plain, 6, "hello", "hello\n");
        let named = Origin { hostname: Some("web1".into()), utc_offset_seconds: -5400, ..origin() };
        check(&target(LogFraming::Rfc3164), &named, 1, "hello", "<129>Nov  2 16:22:07 web1 byway[7765]: hello\n");
        check(&target(LogFraming::Rfc5424), &named, 1, "x", "<129>1 2026-11-02T16:22:07.626000-01:30 web1 byway 7765 - - x\n");
    }

    #[test]
    fn a_target_takes_its_levels_and_no_more_than_its_length() {
        let notice = LogTarget { level: 5, min_level: 3, length: 8, ..target(LogFraming::Short) };
        check(&notice, &origin(), 6, "hello", "");
        check(&notice, &origin(), 5, "hello", "<5>hello\n");
        check(&notice, &origin(), 0, "hello world", "<3>hello\n");
    }

    #[test]
    fn dates_follow_the_calendar() {
        let check = |seconds, expected: (i64, u32, u32, u32, u32, u32)| {
            let c = Calendar::at(seconds);
            assert_eq!((c.year, c.month, c.day, c.hour, c.minute, c.second), expected);
        };
        check(0, (1970, 1, 1, 0, 0, 0));
        check(-1, (1969, 12, 31, 23, 59, 59));
        check(951_782_400, (2000, 2, 29, 0, 0, 0));
        check(1_709_251_199, (2024, 2, 29, 23, 59, 59));
        check(4_107_542_400, (2100, 3, 1, 0, 0, 0));
    }
}
