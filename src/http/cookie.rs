//! Cookies in `Cookie` and `Set-Cookie` fields, read and cut out as HAProxy does (its `cookie` keyword; RFC 6265 section 4).
//! Which server a value means is the session's.

use super::head::Head;
use super::header::{elements, is_blank};
use std::ops::Range;

/// Where a request's cookie lies: index of the field, and the value's range within the field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the `Cookie` field.
    pub field: usize,
    /// Range of `NAME=VALUE` within the field's value.
    pub pair: Range<usize>,
    /// Range of the value within the field's value.
    pub value: Range<usize>,
}

/// Cookies of one name that are cut out of one request.
const MOST_REMOVED: usize = 32;
/// Statuses that a shared cache stores by itself, as 2.6 counts them.
const CACHEABLE_CODES: [u16; 11] = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501];

/// The first cookie of that name (case-sensitive; separators `;` and `,`; attributes that begin with `$` passed over).
pub fn find_request_cookie(head: &Head, name: &[u8]) -> Option<Found> {
    let mut field = head.find("cookie", 0);
    while let Some(index) = field {
        let value = head.value(index);
        let mut at = 0;
        while let Some(cookie) = parse_pair(value, at) {
            if value.get(cookie.name.clone()) == Some(name) && !name.is_empty() {
                return Some(Found { field: index, pair: cookie.name.start..cookie.value.end, value: cookie.value });
            }
            at = cookie.end + 1;
        }
        field = head.find("cookie", index + 1);
    }
    None
}

/// Cuts a cookie out of its field, with its separator and the `$` attributes behind it; a field that held nothing else is removed.
pub fn remove_request_cookie(head: &mut Head, found: &Found) {
    let value = head.value(found.field);
    let before = value.get(..found.pair.start).unwrap_or_default();
    let kept_end = before.iter().rposition(|byte| is_separator(*byte)).unwrap_or(0);
    let kept_end = before.get(..kept_end).unwrap_or_default().iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    let mut next = skip_blanks(value, found.pair.end);
    while let Some(attribute) = parse_pair(value, next + 1) {
        if value.get(attribute.name.start) != Some(&b'$') {
            break;
        }
        next = attribute.end;
    }
    let kept_start = skip_blanks(value, next.saturating_add(1)).min(value.len());
    let separator: &[u8] = match value.get(next) {
        _ if kept_end == 0 => b"",
        None => b"",
        Some(b',') => b", ",
        Some(_) => b"; ",
    };
    if kept_end == 0 && kept_start == value.len() {
        head.remove_at(found.field);
    } else {
        head.cut_from_value(found.field, kept_end..kept_start, separator);
    }
}

/// Cuts the cookies of that name out of the request, `MOST_REMOVED` of them at most; how many there were.
pub fn remove_request_cookies(head: &mut Head, name: &[u8]) -> usize {
    let found = (0..MOST_REMOVED).map_while(|_| {
        let found = find_request_cookie(head, name)?;
        remove_request_cookie(head, &found);
        Some(())
    });
    found.count()
}

/// The first `Set-Cookie` field that sets that name, likewise.
pub fn find_response_cookie(head: &Head, name: &[u8]) -> Option<Found> {
    let mut field = head.find("set-cookie", 0);
    while let Some(index) = field {
        let value = head.value(index);
        let cookie = parse_pair(value, 0).filter(|cookie| value.get(cookie.name.clone()) == Some(name) && !name.is_empty());
        if let Some(cookie) = cookie {
            return Some(Found { field: index, pair: cookie.name.start..cookie.value.end, value: cookie.value });
        }
        field = head.find("set-cookie", index + 1);
    }
    None
}

/// Would a shared cache store this answer to a GET (the status codes and Cache-Control/Pragma that HAProxy looks at)? Then `nocache` speaks up.
/// 2.6 wants a freshness or a validator too: `Expires`, `ETag`, `Last-Modified`, or an age in `Cache-Control`.
pub fn is_cacheable(head: &Head) -> bool {
    if head.first("pragma").and_then(|value| elements(value).next()).is_some_and(|word| is(word, "no-cache")) {
        return false;
    }
    let mut cacheable = CACHEABLE_CODES.contains(&head.code());
    let mut known_age = ["expires", "etag", "last-modified"].iter().any(|name| head.has(name));
    for directive in head.values("cache-control").flat_map(elements) {
        match directive {
            _ if ["private", "no-cache", "no-store", "max-age=0", "s-maxage=0"].iter().any(|word| is(directive, word)) => cacheable = false,
            _ if is(directive, "public") => cacheable = true,
            _ if begins(directive, "max-age") || begins(directive, "s-maxage") => known_age = true,
            _ => {}
        }
    }
    cacheable && known_age
}

fn is(text: &[u8], word: &str) -> bool {
    text.eq_ignore_ascii_case(word.as_bytes())
}

fn begins(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| is(start, word))
}

/// One `NAME=VALUE`; a cookie without `=` has an empty name range.
struct Pair {
    name: Range<usize>,
    value: Range<usize>,
    /// Where its separator stands, or the end of the text.
    end: usize,
}

/// Reads the cookie that begins at `at`, behind a separator; `None` at the end of the text.
fn parse_pair(text: &[u8], at: usize) -> Option<Pair> {
    let start = skip_blanks(text, at);
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let length = rest.iter().position(|byte| *byte == b'=' || is_blank(*byte) || is_separator(*byte)).unwrap_or(rest.len());
    let equals = skip_blanks(text, start + length);
    if text.get(equals) != Some(&b'=') {
        return Some(Pair { name: start..start, value: start..start, end: find_separator(text, equals) });
    }
    let value = skip_blanks(text, equals + 1);
    let end = find_separator(text, value);
    let written = text.get(value..end).unwrap_or_default();
    let trimmed = written.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    Some(Pair { name: start..start + length, value: value..value + trimmed, end })
}

/// The first separator at or behind `from` that no quotes enclose, or the end.
fn find_separator(text: &[u8], from: usize) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (index, byte) in text.iter().enumerate().skip(from) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' | b',' if !quoted => return index,
            _ => {}
        }
    }
    text.len()
}

fn skip_blanks(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !is_blank(*byte)).unwrap_or(rest.len())
}

fn is_separator(byte: u8) -> bool {
    byte == b';' || byte == b','
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::Limits;

    const LIMITS: Limits = Limits { bytes: 15360, fields: 101 };

    fn request(fields: &str) -> Head {
        let mut head = Head::default();
        head.parse_request(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes(), &LIMITS).unwrap();
        head
    }

    fn response(code: u16, fields: &str) -> Head {
        let mut head = Head::default();
        head.parse_response(format!("HTTP/1.1 {code} X\r\n{fields}\r\n").as_bytes(), &LIMITS).unwrap();
        head
    }

    fn text<'a>(head: &'a Head, found: &Found) -> &'a str {
        std::str::from_utf8(&head.value(found.field)[found.value.clone()]).unwrap()
    }

    /// The value found, and what the field is once every such cookie is cut out.
    fn check(cookie: &str, value: Option<&str>, left: Option<&str>) {
        let mut head = request(&format!("Cookie: {cookie}\r\n"));
        let found = find_request_cookie(&head, b"SID");
        assert_eq!(found.as_ref().map(|found| text(&head, found)), value, "{cookie:?}");
        remove_request_cookies(&mut head, b"SID");
        assert_eq!(head.first("cookie").map(|text| std::str::from_utf8(text).unwrap()), left, "{cookie:?}");
    }

    #[test]
    fn a_cookie_is_found_and_cut_out_with_its_separator() {
        check("SID=Z", Some("Z"), None);
        check(" SID=Z ", Some("Z"), None);
        check("x=1; SID=Z; y=2", Some("Z"), Some("x=1; y=2"));
        check("x=1;SID=Z;y=2", Some("Z"), Some("x=1; y=2"));
        check("x=1, SID=Z; y=2", Some("Z"), Some("x=1; y=2"));
        check("x=1; SID=Z, y=2", Some("Z"), Some("x=1, y=2"));
        check("x=1,SID=Z,y=2", Some("Z"), Some("x=1, y=2"));
        check("SID=Z; y=2", Some("Z"), Some("y=2"));
        check("SID=Z;y=2", Some("Z"), Some("y=2"));
        check("x=1; SID=Z", Some("Z"), Some("x=1"));
        check("x=1 ;  SID=Z  ;  y=2", Some("Z"), Some("x=1; y=2"));
        check("x=1; SID = Z ; y=2", Some("Z"), Some("x=1; y=2"));
        check("x=1;\tSID=Z;\ty=2", Some("Z"), Some("x=1; y=2"));
        check("$Version=1; SID=Z; $Path=/; y=2", Some("Z"), Some("$Version=1; y=2"));
        check("x=1; $Path=/; SID=Z; $Path=/; $Domain=a; y=2", Some("Z"), Some("x=1; $Path=/; y=2"));
        check("SID=Z; SID=Y; y=1", Some("Z"), Some("y=1"));
        check("x=\"a;SID=Z\"; SID=Y", Some("Y"), Some("x=\"a;SID=Z\""));
        check("x=\"a\\\";SID=Z\"; SID=Y", Some("Y"), Some("x=\"a\\\";SID=Z\""));
        check("SID=\"Z\"; y=2", Some("\"Z\""), Some("y=2"));
        check("SID=; y=2", Some(""), Some("y=2"));
        check("x; SID=Z", Some("Z"), Some("x"));
        check(";SID=Z; y=2", Some("Z"), Some("y=2"));
        check("=x; SID=Z", Some("Z"), Some("=x"));
        check("x=a=b; SID=Z=Q; y=2", Some("Z=Q"), Some("x=a=b; y=2"));
        for untouched in ["sid=Z; y=2", "SID; y=2", "SID Z; y=2", "XSID=Z", "SIDX=Z", "x=SID=Z", "", ";;", "$SID=Z", "SID;=Z"] {
            check(untouched, None, Some(untouched));
        }
    }

    #[test]
    fn a_cookie_is_found_in_a_later_field() {
        let mut head = request("Cookie: x=1\r\nX: SID=N\r\nCookie: SID=Z\r\nCookie: y=1\r\n");
        let found = find_request_cookie(&head, b"SID").unwrap();
        assert_eq!((found.field, found.pair.clone(), found.value.clone()), (2, 0..5, 4..5));
        remove_request_cookie(&mut head, &found);
        assert_eq!(head.values("cookie").collect::<Vec<_>>(), [b"x=1", b"y=1"]);
    }

    #[test]
    fn a_set_cookie_sets_its_first_name() {
        let check = |fields: &str, expected: Option<&str>| {
            let head = response(200, fields);
            let found = find_response_cookie(&head, b"SID");
            assert_eq!(found.map(|found| text(&head, &found).to_owned()).as_deref(), expected, "{fields:?}");
        };
        check("Set-Cookie: SID=q; path=/\r\n", Some("q"));
        check("Set-Cookie:  SID = q ; path=/\r\n", Some("q"));
        check("set-cookie: SID=\r\n", Some(""));
        check("Set-Cookie: x=1\r\nSet-Cookie: SID=q\r\n", Some("q"));
        check("Set-Cookie: SID=\"a;b\"; path=/\r\n", Some("\"a;b\""));
        check("Set-Cookie: x=1; SID=q\r\n", None);
        check("Set-Cookie: x=1, SID=q\r\n", None);
        check("Set-Cookie: sid=q\r\n", None);
        check("Set-Cookie: SID\r\n", None);
        check("Cookie: SID=q\r\n", None);
    }

    #[test]
    fn an_answer_is_cacheable_by_its_status_its_directives_and_an_age() {
        let check = |code: u16, fields: &str, expected: bool| {
            assert_eq!(is_cacheable(&response(code, fields)), expected, "{code} {fields:?}");
        };
        for code in CACHEABLE_CODES {
            check(code, "ETag: x\r\n", true);
            check(code, "", false);
        }
        for code in [201, 302, 304, 307, 308, 400, 403, 500, 503] {
            check(code, "ETag: x\r\n", false);
        }
        check(200, "Expires: 0\r\n", true);
        check(200, "Last-Modified: x\r\n", true);
        check(200, "Cache-Control: max-age=5\r\n", true);
        check(200, "Cache-Control: S-MaxAge=5\r\n", true);
        check(200, "Pragma: no-cache\r\nCache-Control: public, max-age=5\r\n", false);
        check(200, "Pragma: x\r\nETag: x\r\n", true);
        check(201, "Cache-Control: public\r\nETag: x\r\n", true);
        check(200, "Cache-Control: private, publicx\r\nETag: x\r\n", false);
        check(200, "Cache-Control: public\r\n", false);
        check(200, "Cache-Control: public\r\nETag: x\r\n", true);
        check(200, "Cache-Control: max-age=0, public\r\nETag: x\r\n", true);
        check(200, "Cache-Control: public, max-age=0\r\nETag: x\r\n", false);
        check(200, "Cache-Control: NO-STORE\r\nETag: x\r\n", false);
        check(200, "Cache-Control: private=\"x\"\r\nETag: x\r\n", true);
        check(200, "Cache-Control: must-revalidate, private\r\nETag: x\r\n", false);
    }
}
