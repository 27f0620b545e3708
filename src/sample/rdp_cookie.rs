//! The cookie that a client of remote desktops sends in its first packet (`Cookie: NAME=VALUE`, MS-RDPBCGR section 2.2.1.1).

use super::arguments::Argument;
use super::content::{Peeked, Sender};
use super::message::wanted;
use super::{Scene, Value};

/// Bytes of the headers of TPKT and X.224 in front of the cookie.
const HEADERS: usize = 11;
/// What a cookie begins with.
const LABEL: &[u8] = b"Cookie: ";

/// `req.rdp_cookie`
pub fn value<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    let Some(bytes) = scene.content.raw(Sender::Client) else { return Peeked::Never };
    find(bytes, wanted(arguments).0)
}

/// `req.rdp_cookie_cnt`
pub fn count<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    match value(arguments, scene) {
        Peeked::NotYet => Peeked::NotYet,
        Peeked::Never => Peeked::Now(Value::Int(0)),
        Peeked::Now(_) | Peeked::SoFar(_) => Peeked::Now(Value::Int(1)),
    }
}

/// The value of the cookie of that name, or of whatever name when it is empty.
fn find<'a>(bytes: &'a [u8], name: &[u8]) -> Peeked<'a> {
    let Some(packet) = bytes.get(HEADERS..) else { return Peeked::NotYet };
    let label = packet.get(..LABEL.len()).unwrap_or(packet);
    if !LABEL.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label)) {
        return Peeked::Never;
    }
    let Some(line) = packet.get(LABEL.len()..) else { return Peeked::NotYet };
    let line = line.get(line.iter().take_while(|byte| **byte == b' ').count()..).unwrap_or_default();
    let Some(equals) = line.iter().position(|byte| matches!(byte, b'=' | b'\r' | b'\n')) else { return Peeked::NotYet };
    let (own, rest) = line.split_at(equals);
    if rest.first() != Some(&b'=') || !(name.is_empty() || own.eq_ignore_ascii_case(name)) {
        return Peeked::Never;
    }
    let rest = rest.get(1..).unwrap_or_default();
    let Some(end) = rest.iter().position(|byte| *byte == b'\r') else { return Peeked::NotYet };
    match (rest.get(..end), rest.get(end + 1)) {
        (Some(value), Some(b'\n')) => Peeked::Now(Value::text(value)),
        (_, Some(_)) => Peeked::Never,
        _ => Peeked::NotYet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(packet: &[u8], name: &str, expected: &str) {
        let bytes = [&[0; HEADERS][..], packet].concat();
        let found = match find(&bytes, name.as_bytes()) {
            Peeked::Never => "never".to_string(),
            Peeked::NotYet => "not yet".to_string(),
            Peeked::Now(value) | Peeked::SoFar(value) => value.with_text(|text| String::from_utf8_lossy(text).into_owned()),
        };
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(packet));
    }

    #[test]
    fn the_cookie_stands_behind_the_headers() {
        let whole = b"Cookie: mstshash=user\r\n";
        for length in 0..whole.len() {
            check(&whole[..length], "", "not yet");
        }
        check(whole, "", "user");
        check(whole, "MSTSHASH", "user");
        check(whole, "msts", "never");
        check(b"cookie:   msts=1.2.3\r\n", "msts", "1.2.3");
        check(b"Cookie: user\r\n", "", "never");
        check(b"Cookie: a=b\rc", "", "never");
        check(b"Cookle", "", "never");
        assert!(matches!(find(b"short", b""), Peeked::NotYet));
    }
}
