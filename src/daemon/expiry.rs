//! When a switch that is set for a while is taken back: `30m`, `2h`, or a moment of the calendar. And ages in words.
//! That it is taken back is the loop's.

use crate::units::WallClock;

/// Units of a span, in seconds.
const UNITS: [(&str, i64); 4] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
/// A year: whoever means longer means for ever.
const LONGEST_SECONDS: i64 = 366 * 86_400;

/// The moment that `30m` from now, or `2026-11-22T20:00[:00][Z|+01:00]`, means. A moment without a zone is local time,
/// by `utc_offset_seconds`, which is asked for the offset at about that moment.
pub fn parse_until(word: &str, now: WallClock, utc_offset_seconds: fn(i64) -> i32) -> Result<WallClock, String> {
    let until = match word.split_once('T') {
        Some((date, time)) => parse_moment(date, time, utc_offset_seconds).map(|seconds| WallClock { seconds, millis: 0 }),
        None => parse_span(word).map(|span| WallClock { seconds: now.seconds.saturating_add(span), ..now }),
    };
    let until = until.ok_or_else(|| format!("'{word}' is no end: write 90s, 30m, 2h, 1d or 2026-11-22T20:00."))?;
    match until.seconds.saturating_sub(now.seconds) {
        _ if until <= now => Err(format!("'{word}' is over already.")),
        left if left > LONGEST_SECONDS => Err(format!("'{word}' is more than a year away.")),
        _ => Ok(until),
    }
}

fn parse_span(word: &str) -> Option<i64> {
    let (number, unit) = word.split_at_checked(word.find(|c: char| !c.is_ascii_digit())?)?;
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<i64>().ok()?.checked_mul(*factor)
}

fn parse_moment(date: &str, time: &str, utc_offset_seconds: fn(i64) -> i32) -> Option<i64> {
    let [year, month, day] = numbers(date, '-')?.try_into().ok()?;
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at_checked(zone)?;
    let (hour, minute, second) = match numbers(time, ':')?.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let is_real = (1970..=9999).contains(&year) && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    let days = day_number(year, month, day);
    let month_end = if month == 12 { day_number(year + 1, 1, 1) } else { day_number(year, month + 1, 1) };
    if !is_real || day < 1 || days >= month_end {
        return None;
    }
    let utc = days * 86_400 + hour * 3600 + minute * 60 + second;
    match zone {
        "Z" => Some(utc),
        "" => Some(utc - i64::from(utc_offset_seconds(utc))),
        zone => {
            let (sign, offset) = zone.split_at_checked(1)?;
            let [hours, minutes] = numbers(offset, ':')?.try_into().ok()?;
            let offset = (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
            Some(if sign == "+" { utc - offset } else { utc + offset })
        }
    }
}

fn numbers(text: &str, between: char) -> Option<Vec<i64>> {
    let digits = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(between).map(|part| if digits(part) { part.parse().ok() } else { None }).collect()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counting years from March so that the leap day comes last.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469
}

/// A span in the two largest units that it has: `2h05m`, `40s`.
pub fn render_span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds}s"),
        (0, 0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (0, hours, minutes, _) => format!("{hours}h{minutes:02}m"),
        (days, hours, ..) => format!("{days}d{hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 12:00:00 UTC.
    const NOON: i64 = 1_795_348_800;

    #[test]
    fn an_end_is_a_span_or_a_moment() {
        let now = WallClock { seconds: NOON, millis: 500 };
        let check = |word: &str, expected: Option<i64>| {
            let until = parse_until(word, now, |_| 3600).ok();
            assert_eq!(until.map(|until| until.seconds - NOON), expected, "{word}");
        };
        check("90s", Some(90));
        check("30m", Some(1800));
        check("2h", Some(7200));
        check("1d", Some(86_400));
        check("2026-11-22T20:00Z", Some(8 * 3600));
        check("2026-11-22T20:00:05Z", Some(8 * 3600 + 5));
        check("2026-11-22T20:00", Some(7 * 3600));
        check("2026-11-22T20:00+02:00", Some(6 * 3600));
        check("2026-11-22T20:00-02:00", Some(10 * 3600));
        check("2027-03-01T12:00Z", Some(99 * 86_400));
        for word in [
            "",
            "30",
            "m",
            "0s",
            "-1m",
            "30x",
            "400d",
            "2026-11-22T11:00Z",
            "2026-02-30T20:00Z",
            "2026-13-01T20:00Z",
            "T",
            "2026-11-31T20:00Z",
        ] {
            check(word, None);
        }
        check("99999999999999999999d", None);
        check("9999999999999999d", None);
    }

    #[test]
    fn spans_are_told_in_two_units() {
        let check = |seconds, expected: &str| assert_eq!(render_span(seconds), expected);
        check(-5, "0s");
        check(40, "40s");
        check(305, "5m05s");
        check(7500, "2h05m");
        check(90_000, "1d01h");
    }
}
