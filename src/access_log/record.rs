//! The record of one transaction, and how `option httplog`, `option tcplog` and HAProxy's default write it.
//! When a record is written is the session's decision; to whom it is sent, the worker's.

use crate::units::WallClock;
use std::net::{IpAddr, SocketAddr};

/// Takes finished messages to the targets of a frontend.
pub trait LogLines {
    /// Sends a message at a level (0 emerg to 7 debug) to a target, with structured data where it takes some; empty is none.
    fn push(&mut self, target: &crate::config::model::LogTarget, level: u8, message: &[u8], data: &[u8]);
    /// Seconds that local time is ahead of UTC.
    fn utc_offset_seconds(&self) -> i32;
}

/// What happened in one transaction. Times are in milliseconds, -1 where the phase was not reached.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The client; `None` over a unix socket.
    pub source: Option<SocketAddr>,
    /// When the request began to come (httplog), or the connection (tcplog).
    pub began: WallClock,
    /// The frontend's name.
    pub frontend: &'a str,
    /// The backend's name.
    pub backend: &'a str,
    /// The server's name, or `<NOSRV>`.
    pub server: &'a str,
    /// `%TR`: the time the head took.
    pub request_ms: i64,
    /// `%Tw`: in queues.
    pub queue_ms: i64,
    /// `%Tc`: to connect.
    pub connect_ms: i64,
    /// `%Tr`: until the response's head.
    pub response_ms: i64,
    /// `%Ta`: the whole.
    pub total_ms: i64,
    /// Written before the end (`logasap`): total and bytes get a `+`.
    pub early: bool,
    /// The status that the client got; -1 for none.
    pub status: i32,
    /// Bytes sent to the client.
    pub bytes: u64,
    /// The termination state.
    pub termination: [u8; 4],
    /// `%ac/%fc/%bc/%sc`: connections of the process, the frontend, the backend and the server.
    pub connections: [usize; 4],
    /// `%rc`
    pub retries: u32,
    /// The retries changed the server: a `+` before their number.
    pub redispatched: bool,
    /// `%sq/%bq`
    pub queues: [usize; 2],
    /// The request line as it came.
    pub request_line: &'a [u8],
    /// Cookies that were captured, of the request and of the response; empty when none was.
    pub cookies: [&'a [u8]; 2],
    /// Fields that were captured, likewise.
    pub captures: [&'a [Vec<u8>]; 2],
}

/// `option httplog`, HAProxy 2.6's form.
pub fn render_http(record: &Record, utc_offset_seconds: i32, out: &mut Vec<u8>) {
    render_beginning(record, utc_offset_seconds, out);
    render_number(out, record.request_ms);
    for time in [record.queue_ms, record.connect_ms, record.response_ms] {
        out.push(b'/');
        render_number(out, time);
    }
    out.push(b'/');
    render_total(record, record.total_ms, out);
    out.push(b' ');
    render_number(out, i64::from(record.status));
    out.push(b' ');
    render_total(record, record.bytes.min(i64::MAX as u64) as i64, out);
    for cookie in record.cookies {
        out.push(b' ');
        render_escaped(if cookie.is_empty() { b"-" } else { cookie }, out);
    }
    out.push(b' ');
    out.extend_from_slice(&record.termination);
    out.push(b' ');
    render_counts(record, out);
    for fields in record.captures.into_iter().filter(|fields| !fields.is_empty()) {
        out.push(b' ');
        render_captures(fields, out);
    }
    out.extend_from_slice(b" \"");
    render_escaped(record.request_line, out);
    out.push(b'"');
}

/// `option tcplog`.
pub fn render_tcp(record: &Record, utc_offset_seconds: i32, out: &mut Vec<u8>) {
    render_beginning(record, utc_offset_seconds, out);
    render_number(out, record.queue_ms);
    out.push(b'/');
    render_number(out, record.connect_ms);
    out.push(b'/');
    render_total(record, record.total_ms, out);
    out.push(b' ');
    render_total(record, record.bytes.min(i64::MAX as u64) as i64, out);
    out.push(b' ');
    out.extend_from_slice(&record.termination[..2]);
    out.push(b' ');
    render_counts(record, out);
}

/// HAProxy's default: `Connect from 127.0.0.1:1 to 127.0.0.1:80 (web/HTTP)`.
pub fn render_connect(source: SocketAddr, destination: SocketAddr, frontend: &str, mode: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"Connect from ");
    render_address(out, source);
    out.extend_from_slice(b" to ");
    render_address(out, destination);
    for part in [" (", frontend, "/", mode, ")"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// A client that was let in and never came to a request: `127.0.0.1:1 [date] web/1: why`.
pub fn render_turned_away(
    source: Option<SocketAddr>,
    came: WallClock,
    names: [&str; 2],
    why: &str,
    utc_offset_seconds: i32,
    out: &mut Vec<u8>,
) {
    render_arrival(source, came, utc_offset_seconds, out);
    let [frontend, listener] = names;
    for part in [frontend, "/", listener, ": ", why] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn render_beginning(record: &Record, utc_offset_seconds: i32, out: &mut Vec<u8>) {
    render_arrival(record.source, record.began, utc_offset_seconds, out);
    for part in [record.frontend, " ", record.backend, "/", record.server, " "] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn render_arrival(source: Option<SocketAddr>, began: WallClock, utc_offset_seconds: i32, out: &mut Vec<u8>) {
    match source {
        Some(source) => render_address(out, source),
        None => out.extend_from_slice(b"unix:1"),
    }
    out.extend_from_slice(b" [");
    render_date(began, utc_offset_seconds, out);
    out.extend_from_slice(b"] ");
}

fn render_counts(record: &Record, out: &mut Vec<u8>) {
    for count in record.connections {
        render_number(out, count as i64);
        out.push(b'/');
    }
    if record.redispatched {
        out.push(b'+');
    }
    render_number(out, i64::from(record.retries));
    out.push(b' ');
    render_number(out, record.queues[0] as i64);
    out.push(b'/');
    render_number(out, record.queues[1] as i64);
}

fn render_total(record: &Record, total: i64, out: &mut Vec<u8>) {
    if record.early {
        out.push(b'+');
    }
    render_number(out, total);
}

/// Appends a number in decimal, without the formatting machinery.
pub fn render_number(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends an address as HAProxy's logs have it: `127.0.0.1:80`, `::1:80`.
fn render_address(out: &mut Vec<u8>, address: SocketAddr) {
    render_ip(address.ip(), out);
    out.push(b':');
    render_number(out, i64::from(address.port()));
}

/// Appends an address as URLs have it: `127.0.0.1:80`, `[::1]:80`.
pub fn render_authority(address: SocketAddr, out: &mut Vec<u8>) {
    let is_v6 = address.ip().to_canonical().is_ipv6();
    out.extend_from_slice(if is_v6 { b"[" } else { b"" });
    render_ip(address.ip(), out);
    out.extend_from_slice(if is_v6 { b"]:" } else { b":" });
    render_number(out, i64::from(address.port()));
}

/// Appends an IP address; an IPv4 one that came in IPv6's clothes as what it is.
pub fn render_ip(address: IpAddr, out: &mut Vec<u8>) {
    use std::io::Write;
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            for (index, octet) in v4.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                render_number(out, i64::from(octet));
            }
        }
        IpAddr::V6(v6) => {
            // Writing to a vector does not fail.
            let _ = write!(out, "{v6}");
        }
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Appends `dd/Mon/yyyy:HH:MM:SS.mmm` in local time.
pub fn render_date(wall: WallClock, utc_offset_seconds: i32, out: &mut Vec<u8>) {
    let local = wall.seconds + i64::from(utc_offset_seconds);
    let (year, month, day) = civil_date(local.div_euclid(86_400));
    let second = local.rem_euclid(86_400);
    render_padded(out, day, 2);
    out.push(b'/');
    out.extend_from_slice(MONTHS.get(month as usize - 1).unwrap_or(&"???").as_bytes());
    out.push(b'/');
    render_padded(out, year, 4);
    for part in [second / 3600, second / 60 % 60, second % 60] {
        out.push(b':');
        render_padded(out, part, 2);
    }
    out.push(b'.');
    render_padded(out, i64::from(wall.millis), 3);
}

fn render_padded(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10i64.pow(place) % 10) as u8);
    }
}

/// Year, month (1 to 12) and day of a day counted from 1970-01-01, by the Gregorian calendar.
pub fn civil_date(days: i64) -> (i64, i64, i64) {
    // Count from 1 March of year 0, so that leap days end their years; an era is 400 years.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Appends captured fields as `{a|b}`.
pub fn render_captures(fields: &[Vec<u8>], out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b'|');
        }
        for byte in field {
            match byte {
                b'{' | b'|' | b'}' => render_code(*byte, out),
                byte => render_escaped(std::slice::from_ref(byte), out),
            }
        }
    }
    out.push(b'}');
}

/// Appends a byte as `#XX`.
fn render_code(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'#', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
}

/// Appends text with what does not belong in a quoted log field as `#XX`.
pub fn render_escaped(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'#' | 0..=0x1f | 0x7f..=0xff => render_code(byte, out),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record<'static> {
        Record {
            source: Some(SocketAddr::from(([10, 0, 1, 2], 33_317))),
            began: WallClock { seconds: 1_234_567_890, millis: 7 },
            frontend: "http-in",
            backend: "static",
            server: "srv1",
            request_ms: 10,
            queue_ms: 0,
            connect_ms: 30,
            response_ms: 69,
            total_ms: 109,
            early: false,
            status: 200,
            bytes: 2750,
            termination: *b"--NI",
            connections: [1, 1, 0, 0],
            retries: 2,
            redispatched: false,
            queues: [0, 3],
            request_line: b"GET /a\"b HTTP/1.1",
            cookies: [b""; 2],
            captures: [&[]; 2],
        }
    }

    #[test]
    fn httplog_has_haproxys_fields() {
        let check = |record: &Record, expected: &str| {
            let mut out = Vec::new();
            render_http(record, 3600, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check(
            &record(),
            "10.0.1.2:33317 [14/Feb/2009:00:31:30.007] http-in static/srv1 10/0/30/69/109 200 2750 - - --NI 1/1/0/0/2 0/3 \"GET /a#22b HTTP/1.1\"",
        );
        let early = Record { early: true, redispatched: true, ..record() };
        check(
            &early,
            "10.0.1.2:33317 [14/Feb/2009:00:31:30.007] http-in static/srv1 10/0/30/69/+109 200 +2750 - - --NI 1/1/0/0/+2 0/3 \"GET /a#22b HTTP/1.1\"",
        );
    }

    #[test]
    fn tcplog_and_the_default_have_haproxys_fields() {
        let mut out = Vec::new();
        render_tcp(&record(), 0, &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            "10.0.1.2:33317 [13/Feb/2009:23:31:30.007] http-in static/srv1 0/30/109 2750 -- 1/1/0/0/2 0/3"
        );
        out.clear();
        render_connect(SocketAddr::from(([1, 2, 3, 4], 5)), "[::1]:80".parse().unwrap(), "web", "HTTP", &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "Connect from 1.2.3.4:5 to ::1:80 (web/HTTP)");
    }

    #[test]
    fn authorities_are_as_in_urls() {
        let check = |address: &str, expected: &str| {
            let mut out = Vec::new();
            render_authority(address.parse().unwrap(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check("127.0.0.1:80", "127.0.0.1:80");
        check("[::1]:8080", "[::1]:8080");
        check("[::ffff:10.0.0.1]:1", "10.0.0.1:1");
    }

    #[test]
    fn dates_are_the_calendars() {
        let check = |days, expected| assert_eq!(civil_date(days), expected);
        check(0, (1970, 1, 1));
        check(-1, (1969, 12, 31));
        check(11_016, (2000, 2, 29));
        check(20_779, (2026, 11, 22));
        check(47_540, (2100, 2, 28));
        check(47_541, (2100, 3, 1));
    }
}
