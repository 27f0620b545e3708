//! Numbers, times, sizes, names and networks as words of the configuration (HAProxy manual, section 2.5).
//! Faults are about one word; the caller knows which one it was.

use super::model::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// The unit of a time that is written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds: timeouts and intervals.
    Millisecond,
    /// Seconds: `stats refresh`, a cookie's `maxidle` and `maxlife`.
    Second,
}

/// HAProxy's timers end at 2^31 - 1 ms, some 24.8 days.
pub const LONGEST_TIMER_MS: u64 = i32::MAX as u64;

/// A time, and what is odd about how it is written (letters behind a unit are passed over, with a warning).
#[derive(Debug, PartialEq, Eq)]
pub struct Time {
    /// The time, rounded up to milliseconds.
    pub time: Duration,
    /// What to warn about.
    pub oddity: Option<String>,
    /// Was a unit written?
    pub has_unit: bool,
}

/// Reads `30s`, `500`, `1h`.
pub fn parse_time(word: &[u8], unit: Unit) -> Result<Time, String> {
    let text = text(word)?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = text.split_at(digits);
    if number.is_empty() {
        return Err(format!("'{text}' is no time"));
    }
    let number: u64 = number.parse().map_err(|_| too_long(text))?;
    let units = [("us", 0), ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    let found = units.iter().find(|(name, _)| suffix.starts_with(name));
    let (ms, rest) = match (found, suffix) {
        (Some((name, 0)), _) => (number.div_ceil(1000), suffix.strip_prefix(name)),
        (Some((name, factor)), _) => (number.checked_mul(*factor).ok_or_else(|| too_long(text))?, suffix.strip_prefix(name)),
        (None, "") if unit == Unit::Second => (number.checked_mul(1000).ok_or_else(|| too_long(text))?, Some("")),
        (None, "") => (number, Some("")),
        _ => return Err(format!("'{text}' is no time: '{suffix}' is no unit")),
    };
    if ms > LONGEST_TIMER_MS {
        return Err(too_long(text));
    }
    let oddity = rest.filter(|rest| !rest.is_empty()).map(|rest| format!("'{rest}' behind the unit of '{text}' is passed over"));
    Ok(Time { time: Duration::from_millis(ms), oddity, has_unit: !suffix.is_empty() })
}

fn too_long(text: &str) -> String {
    format!("'{text}' is too long, {LONGEST_TIMER_MS} ms (24.8 days) is the most")
}

/// A whole number from `least` to `most`.
pub fn parse_number<N: TryFrom<i64>>(word: &[u8], least: i64, most: i64) -> Result<N, String> {
    let text = text(word)?;
    let number = text.parse::<i64>().map_err(|_| format!("'{text}' is no number"))?;
    let within = (least..=most).contains(&number).then_some(number).and_then(|number| N::try_from(number).ok());
    within.ok_or_else(|| match most {
        i64::MAX => format!("{number} is less than {least}"),
        _ => format!("{number} is not between {least} and {most}"),
    })
}

/// A size in bytes, with `k`, `m` or `g` behind it for powers of 1024.
pub fn parse_size(word: &[u8]) -> Result<usize, String> {
    let text = text(word)?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = text.split_at(digits);
    let shift = match suffix {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err(format!("'{text}' is no size: '{suffix}' is no unit (k, m, g)")),
    };
    let number: usize = number.parse().map_err(|_| format!("'{text}' is no size"))?;
    number.checked_shl(shift).filter(|size| size >> shift == number).ok_or_else(|| format!("'{text}' is too large"))
}

/// Text, for words that can only be that.
pub fn text(word: &[u8]) -> Result<&str, String> {
    str::from_utf8(word).map_err(|_| format!("'{}' is not UTF-8", String::from_utf8_lossy(word)))
}

/// A name of a section, server or ACL: letters, digits and `- _ . :`.
pub fn parse_name(word: &[u8]) -> Result<&str, String> {
    let text = text(word)?;
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || "-_.:".contains(*c))) {
        Some(c) => Err(format!("'{c}' cannot stand in a name, only letters, digits, '-', '_', '.' and ':' can")),
        None if text.is_empty() => Err("a name cannot be empty".into()),
        None => Ok(text),
    }
}

/// Permission bits, octal.
pub fn parse_mode(word: &[u8]) -> Result<u32, String> {
    let text = text(word)?;
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777 && !text.starts_with('+'));
    mode.ok_or_else(|| format!("'{text}' is no file mode, three or four octal digits are"))
}

/// `address[/mask]`, the address by name too; the mask is a number of bits or, for IPv4, a dotted mask.
pub fn parse_network(word: &[u8], resolve: &dyn Fn(&str) -> Option<IpAddr>) -> Result<Network, String> {
    let text = text(word)?;
    let (host, mask) = text.split_once('/').map_or((text, None), |(host, mask)| (host, Some(mask)));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address = match bare.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => parse_short_v4(bare)
            .map(IpAddr::V4)
            .or_else(|| resolve(bare))
            .ok_or_else(|| format!("'{host}' is no address, and no host has this name"))?,
    };
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match mask {
        None => width,
        Some(mask) => parse_prefix(mask, width).ok_or_else(|| format!("'{mask}' is no mask"))?,
    };
    Ok(Network { address: masked(address, prefix), prefix })
}

/// `10`, `10.1` and the like, as `inet_aton` reads them in masks' company (`10/8`).
fn parse_short_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 4 || text.is_empty() {
        return None;
    }
    for (octet, part) in octets.iter_mut().zip(&parts) {
        *octet = part.parse().ok()?;
    }
    Some(Ipv4Addr::from(octets))
}

fn parse_prefix(mask: &str, width: u8) -> Option<u8> {
    if let Ok(bits) = mask.parse::<u8>() {
        return (bits <= width).then_some(bits);
    }
    let bits = u32::from(mask.parse::<Ipv4Addr>().ok().filter(|_| width == 32)?);
    (bits.leading_ones() + bits.trailing_zeros() == 32 || bits == u32::MAX).then_some(bits.leading_ones() as u8)
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from(u32::from(v4) & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_time(word: &str, expected_ms: Option<u64>) {
        assert_eq!(parse_time(word.as_bytes(), Unit::Millisecond).ok().map(|time| time.time.as_millis() as u64), expected_ms, "{word}");
    }

    #[test]
    fn times_have_units_and_round_up() {
        for (word, ms) in [("0", 0), ("10", 10), ("10ms", 10), ("3s", 3000), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000)] {
            check_time(word, Some(ms));
        }
        check_time("1us", Some(1));
        check_time("1001us", Some(2));
        check_time("2147483647", Some(LONGEST_TIMER_MS));
        for word in ["", "s", "-1", "15x", "30d", "2147483648", "99999999999999999999", "1.5s"] {
            check_time(word, None);
        }
        let odd = parse_time(b"15min", Unit::Millisecond).unwrap();
        assert_eq!((odd.time.as_secs(), odd.oddity.as_deref()), (900, Some("'in' behind the unit of '15min' is passed over")));
        assert_eq!(parse_time(b"5", Unit::Second).unwrap().time.as_secs(), 5);
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(parse_number::<u32>(b"10", 0, 20), Ok(10));
        assert_eq!(parse_number::<u32>(b"21", 0, 20), Err("21 is not between 0 and 20".into()));
        assert_eq!(parse_number::<u32>(b"0", 1, i64::MAX), Err("0 is less than 1".into()));
        assert_eq!(parse_number::<u32>(b"10k", 0, 20), Err("'10k' is no number".into()));
    }

    #[test]
    fn sizes_are_in_bytes() {
        assert_eq!(parse_size(b"16384"), Ok(16384));
        assert_eq!(parse_size(b"16k"), Ok(16384));
        assert_eq!(parse_size(b"2g"), Ok(2 << 30));
        assert!(parse_size(b"x").is_err() && parse_size(b"1q").is_err() && parse_size(b"99999999999999999g").is_err());
    }

    #[track_caller]
    fn check_network(word: &str, expected: Option<(&str, u8)>) {
        let resolve = |host: &str| (host == "nmgmt").then(|| "192.0.2.7".parse().unwrap());
        let expected = expected.map(|(address, prefix)| Network { address: address.parse().unwrap(), prefix });
        assert_eq!(parse_network(word.as_bytes(), &resolve).ok(), expected, "{word}");
    }

    #[test]
    fn networks_are_addresses_names_and_masks() {
        check_network("10.1.2.3", Some(("10.1.2.3", 32)));
        check_network("10.1.2.3/8", Some(("10.0.0.0", 8)));
        check_network("10.1.2.3/255.255.0.0", Some(("10.1.0.0", 16)));
        check_network("10/8", Some(("10.0.0.0", 8)));
        check_network("nmgmt/24", Some(("192.0.2.0", 24)));
        check_network("2001:db8::1/32", Some(("2001:db8::", 32)));
        check_network("0.0.0.0/0", Some(("0.0.0.0", 0)));
        check_network("::/0", Some(("::", 0)));
        for word in ["nosuch", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/255.0.255.0", "::1/129", ""] {
            check_network(word, None);
        }
    }

    #[test]
    fn names_and_modes_are_checked() {
        assert!(parse_name(b"web-1_a.b:c").is_ok() && parse_name(b"a@b").is_err() && parse_name(b"").is_err());
        assert_eq!(parse_mode(b"660"), Ok(0o660));
        assert!(parse_mode(b"9").is_err() && parse_mode(b"77777").is_err() && parse_mode(b"+7").is_err());
    }
}
