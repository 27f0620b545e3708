//! What an intermediary makes of a request before it passes it on: the host that the target names, hops counted down, the
//! expectations of old clients (RFC 9110 sections 7.6.2 and 10.1.1, RFC 9112 section 3.2.2). Fields of one connection are `connection`'s.

use super::Version;
use super::head::Head;
use super::header;
use super::uri::{self, Form, Target};

/// May a request go another hop?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hops {
    /// It may; where it counts its hops, one was taken off.
    Left,
    /// It has come as far as it was to go: who has it answers.
    None,
}

/// Host becomes what an absolute target says, where the two differ (RFC 9112 section 3.2.2: the received Host is ignored).
/// `line` is memory to work in.
pub fn follow_target(head: &mut Head, line: &mut Vec<u8>) {
    if head.target().starts_with(b"/") {
        return;
    }
    let Some(target) = Target::take_apart(head.target()).filter(|target| target.form() == Form::Absolute) else { return };
    let default_ports: &[&[u8]] = match target.scheme() {
        scheme if scheme.eq_ignore_ascii_case(b"http") => &[b"80"],
        scheme if scheme.eq_ignore_ascii_case(b"https") => &[b"443"],
        _ => &[],
    };
    let host = head.find("host", 0);
    if host.is_some_and(|host| uri::is_same_authority(target.authority(), head.value(host), default_ports)) {
        return;
    }
    line.clear();
    line.extend_from_slice(target.authority());
    match host {
        Some(host) => head.set_value(host, line),
        None => head.push(b"Host", line),
    }
}

/// `Max-Forwards` of OPTIONS and TRACE (RFC 9110 section 7.6.2); other methods, and what is no number, are left as they are.
pub fn count_hop(head: &mut Head) -> Hops {
    if !matches!(head.method(), b"OPTIONS" | b"TRACE") {
        return Hops::Left;
    }
    let Some(index) = head.find("max-forwards", 0) else { return Hops::Left };
    let value = head.value(index);
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let Some(hops) = str::from_utf8(value).ok().filter(|_| is_number).and_then(|value| value.parse::<u64>().ok()) else {
        return Hops::Left;
    };
    let Some(fewer) = hops.checked_sub(1) else { return Hops::None };
    let mut digits = [0; MOST_DIGITS];
    head.set_value(index, header::write_number(fewer, &mut digits));
    Hops::Left
}

/// Digits of the largest number.
const MOST_DIGITS: usize = 20;

/// An HTTP/1.0 client cannot wait for an interim answer: what it seems to expect is ignored (RFC 9110 section 10.1.1).
pub fn ignore_old_expectation(head: &mut Head) {
    if head.version() == Version::Http10 {
        head.remove("expect");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::{Limits, Parsed};

    fn head(text: &str) -> Head {
        let mut head = Head::default();
        let text = format!("{text}\r\n\r\n");
        assert_eq!(head.parse_request(text.as_bytes(), &Limits { bytes: 15360, fields: 101 }), Ok(Parsed::Complete(text.len())));
        head
    }

    #[test]
    fn the_host_is_the_one_that_the_target_names() {
        let check = |start: &str, host: &str, expected: &str| {
            let mut head = head(&format!("{start}{host}"));
            follow_target(&mut head, &mut Vec::new());
            assert_eq!(
                head.first("host").map(String::from_utf8_lossy).as_deref(),
                Some(expected).filter(|host| !host.is_empty()),
                "{start}"
            );
        };
        check("GET / HTTP/1.1", "\r\nHost: b", "b");
        check("GET http://a/ HTTP/1.1", "\r\nHost: b", "a");
        check("GET http://a/ HTTP/1.1", "\r\nHost: A:80", "A:80");
        check("GET https://a:443/ HTTP/1.1", "\r\nHost: a", "a");
        check("GET http://a:81/ HTTP/1.1", "\r\nHost: a", "a:81");
        check("GET http://a/ HTTP/1.0", "", "a");
        check("OPTIONS * HTTP/1.1", "\r\nHost: b", "b");
        check("GET / HTTP/1.0", "", "");
    }

    #[test]
    fn hops_are_counted_down_for_options_and_trace() {
        let check = |method: &str, before: &str, expected: Hops, after: &str| {
            let mut head = head(&format!("{method} / HTTP/1.1\r\nHost: a\r\nMax-Forwards: {before}"));
            assert_eq!(count_hop(&mut head), expected, "{method} {before}");
            assert_eq!(head.first("max-forwards").map(String::from_utf8_lossy).as_deref(), Some(after), "{method} {before}");
        };
        check("OPTIONS", "10", Hops::Left, "9");
        check("TRACE", "1", Hops::Left, "0");
        check("TRACE", "18446744073709551615", Hops::Left, "18446744073709551614");
        check("OPTIONS", "0", Hops::None, "0");
        check("GET", "0", Hops::Left, "0");
        check("OPTIONS", "-1", Hops::Left, "-1");
        check("OPTIONS", "99999999999999999999", Hops::Left, "99999999999999999999");
        check("OPTIONS", "", Hops::Left, "");
    }
}
