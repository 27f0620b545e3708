//! Request targets (RFC 9112 section 3.2): path, query and authority as spans of the target, and the syntax of a host.
//! Whether a target fits its method and its Host field is `head`'s; what a path chooses is the rules'.

use std::net::Ipv6Addr;
use std::ops::Range;

/// The four forms of a request target (RFC 9112 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `/path?query`
    Origin,
    /// `http://authority/path?query`
    Absolute,
    /// `host:port`, for CONNECT only.
    Authority,
    /// `*`, for OPTIONS only.
    Asterisk,
}

/// A request target taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    text: &'a [u8],
    form: Form,
    scheme: Range<usize>,
    authority: Range<usize>,
    path: Range<usize>,
}

impl<'a> Target<'a> {
    /// Takes a target apart; `None` when it has none of the four forms or holds a byte that no target may hold
    /// (controls, space, `#`, bytes above 0x7E; other bytes outside of RFC 3986 pass, as in HAProxy).
    pub fn parse(text: &'a [u8]) -> Option<Target<'a>> {
        Target::take_apart(text).filter(|_| text.iter().all(|byte| matches!(byte, b'!'..=b'~') && *byte != b'#'))
    }

    /// The same for a target that was accepted, whatever bytes it holds.
    pub fn take_apart(text: &'a [u8]) -> Option<Target<'a>> {
        if text.is_empty() {
            return None;
        }
        if text.starts_with(b"/") {
            return Some(Target::with(text, Form::Origin, 0..0, 0..0, 0));
        }
        if text == b"*" {
            return Some(Target { text, form: Form::Asterisk, scheme: 0..0, authority: 0..0, path: 0..1 });
        }
        let colon = text.iter().position(|byte| *byte == b':')?;
        let (scheme, rest) = text.split_at_checked(colon)?;
        if let Some(rest) = rest.strip_prefix(b"://") {
            let start = colon + 3;
            let length = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
            let valid = is_scheme(scheme) && is_authority(scheme, rest.get(..length)?);
            return valid.then(|| Target::with(text, Form::Absolute, 0..colon, start..start + length, start + length));
        }
        let (host, port) = split_port(text)?;
        let valid = is_host(host) && !host.is_empty() && port.is_some_and(is_reachable_port);
        valid.then_some(Target { text, form: Form::Authority, scheme: 0..0, authority: 0..text.len(), path: 0..0 })
    }

    fn with(text: &'a [u8], form: Form, scheme: Range<usize>, authority: Range<usize>, path: usize) -> Target<'a> {
        let rest = text.get(path..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'?').unwrap_or(rest.len());
        Target { text, form, scheme, authority, path: path..path + length }
    }

    /// Which of the four forms it has.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The scheme, without `://`; empty but for the absolute form.
    pub fn scheme(&self) -> &'a [u8] {
        self.text.get(self.scheme.clone()).unwrap_or_default()
    }

    /// Host and port as written; empty for the origin and asterisk forms.
    pub fn authority(&self) -> &'a [u8] {
        self.text.get(self.authority.clone()).unwrap_or_default()
    }

    /// The path, without the query; `*` for the asterisk form, empty for an authority or an absolute target without a path.
    pub fn path(&self) -> &'a [u8] {
        self.text.get(self.path.clone()).unwrap_or_default()
    }

    /// The path with `?` and the query, if there is one.
    pub fn path_and_query(&self) -> &'a [u8] {
        match self.form {
            Form::Authority => b"",
            _ => self.text.get(self.path.start..).unwrap_or_default(),
        }
    }

    /// What stands behind the first `?`; `None` when there is none.
    pub fn query(&self) -> Option<&'a [u8]> {
        self.path_and_query().get(self.path.len()..).and_then(|rest| rest.strip_prefix(b"?"))
    }

    /// Where the path lies in the target: what an edit of the path replaces.
    pub fn path_range(&self) -> Range<usize> {
        self.path.clone()
    }

    /// Where the authority lies in the target.
    pub fn authority_range(&self) -> Range<usize> {
        self.authority.clone()
    }
}

/// `scheme` of RFC 3986 section 3.1.
fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic) && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
}

/// The authority of an absolute target. A host must be there for http and https (RFC 9110 section 4.2.1), and user
/// information, which obscures the host, is refused for all (section 4.2.4).
fn is_authority(scheme: &[u8], authority: &[u8]) -> bool {
    let Some((host, port)) = split_port(authority) else { return false };
    let web = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
    is_host(host) && port.is_none_or(is_port) && !(web && host.is_empty())
}

/// Host and port of `host[:port]`, an IPv6 literal with its brackets; `None` when brackets do not match.
pub fn split_port(authority: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let host_end = match authority.first() {
        Some(b'[') => authority.iter().position(|byte| *byte == b']')? + 1,
        _ => authority.iter().position(|byte| *byte == b':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(host_end)?;
    match rest.split_first() {
        None => Some((host, None)),
        Some((b':', port)) => Some((host, Some(port))),
        Some(_) => None,
    }
}

/// `port` of RFC 3986 section 3.2.3: digits, or nothing.
pub fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

/// `host` of RFC 3986 section 3.2.2: an address in brackets or a registered name, which may be empty.
pub fn is_host(text: &[u8]) -> bool {
    if let Some(rest) = text.strip_prefix(b"[") {
        let Some(inner) = rest.strip_suffix(b"]") else { return false };
        return is_ip_future(inner) || std::str::from_utf8(inner).is_ok_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
    }
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => bytes.next().is_some_and(u8::is_ascii_hexdigit) && bytes.next().is_some_and(u8::is_ascii_hexdigit),
            _ => is_plain(*byte),
        };
        if !valid {
            return false;
        }
    }
    true
}

/// `IPvFuture` of RFC 3986 section 3.2.2.
fn is_ip_future(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"v").or(text.strip_prefix(b"V")) else { return false };
    let Some(dot) = rest.iter().position(|byte| *byte == b'.') else { return false };
    let (version, address) = rest.split_at(dot);
    let address = address.get(1..).unwrap_or_default();
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && !address.is_empty()
        && address.iter().all(|byte| is_plain(*byte) || *byte == b':')
}

/// `unreserved` and `sub-delims` of RFC 3986.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// A port that a connection can go to: CONNECT to any other is refused (RFC 9110 section 9.3.6).
fn is_reachable_port(text: &[u8]) -> bool {
    let number = str::from_utf8(text).ok().filter(|_| is_port(text)).and_then(|digits| digits.parse::<u16>().ok());
    number.is_some_and(|port| port > 0)
}

/// Do two authorities name the same host and port? Hosts are compared without regard to case; a port that is absent or empty
/// is any of `default_ports`.
pub fn is_same_authority(one: &[u8], other: &[u8], default_ports: &[&[u8]]) -> bool {
    let (Some((host, port)), Some((other_host, other_port))) = (split_port(one), split_port(other)) else { return false };
    let written = |port: Option<&[u8]>| port.is_some_and(|port| !port.is_empty());
    let same_port = match (written(port), written(other_port)) {
        (true, true) => port == other_port,
        (false, false) => true,
        (true, false) => port.is_some_and(|port| default_ports.contains(&port)),
        (false, true) => other_port.is_some_and(|port| default_ports.contains(&port)),
    };
    host.eq_ignore_ascii_case(other_host) && same_port
}

/// The text with its %HH read; those that are broken stay as they are (RFC 3986 section 2.1).
pub fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        rest = match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                behind.get(2..).unwrap_or_default()
            }
            _ => {
                out.push(byte);
                behind
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (Form, &'a str, &'a str, &'a str, Option<&'a str>);

    fn check(target: &str, expected: Option<Parts>) {
        let found = Target::parse(target.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let found =
            found.map(|found| (found.form(), text(found.scheme()), text(found.authority()), text(found.path()), found.query().map(text)));
        let expected = expected.map(|(form, scheme, authority, path, query)| {
            (form, scheme.to_owned(), authority.to_owned(), path.to_owned(), query.map(str::to_owned))
        });
        assert_eq!(found, expected, "{target:?}");
    }

    #[test]
    fn a_target_has_one_of_four_forms() {
        check("/", Some((Form::Origin, "", "", "/", None)));
        check("/a/b?c=d?e", Some((Form::Origin, "", "", "/a/b", Some("c=d?e"))));
        check("/?", Some((Form::Origin, "", "", "/", Some(""))));
        check("//webmail.html", Some((Form::Origin, "", "", "//webmail.html", None)));
        check("/a\"<>\\^`{|}b", Some((Form::Origin, "", "", "/a\"<>\\^`{|}b", None)));
        check("http://a.example:80/x?y", Some((Form::Absolute, "http", "a.example:80", "/x", Some("y"))));
        check("HTTP://a", Some((Form::Absolute, "HTTP", "a", "", None)));
        check("http://a?q", Some((Form::Absolute, "http", "a", "", Some("q"))));
        check("ftp:///x", Some((Form::Absolute, "ftp", "", "/x", None)));
        check("http://[::1]:8080/", Some((Form::Absolute, "http", "[::1]:8080", "/", None)));
        check("a:80", Some((Form::Authority, "", "a:80", "", None)));
        for port in ["", "0", "65536", "99999999999"] {
            check(&format!("a:{port}"), None);
        }
        check("[2001:db8::1]:443", Some((Form::Authority, "", "[2001:db8::1]:443", "", None)));
        check("*", Some((Form::Asterisk, "", "", "*", None)));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        let refused = [
            "",
            "foo",
            "a b",
            "/a#b",
            "/é",
            "/a\tb",
            "/\0",
            "/\x7f",
            "**",
            "mailto:x",
            "a:",
            ":80",
            "a:8o",
            "http:/x",
            "http:///x",
            "http://",
            "1http://a/",
            "http://u@a/",
            "http://u:p@a/",
            "http://a:x/",
            "http://[::1/",
            "http://[::1]x/",
            "http://[::g]/",
            "http://a%zz/",
            "?q",
            "a/b:80",
            "[::1]",
            "[::1%25eth0]:80",
        ];
        for target in refused {
            check(target, None);
        }
    }

    #[test]
    fn a_default_port_may_be_left_out() {
        let ports: &[&[u8]] = &[b"80"];
        for (one, other, expected) in [
            ("a", "A", true),
            ("a", "a:80", true),
            ("a:", "a:80", true),
            ("a:80", "a", true),
            ("a:81", "a", false),
            ("a:81", "a:81", true),
            ("a", "b", false),
            ("[::1]:80", "[::1]", true),
        ] {
            assert_eq!(is_same_authority(one.as_bytes(), other.as_bytes(), ports), expected, "{one} {other}");
        }
    }

    #[test]
    fn percent_signs_are_read_where_two_digits_follow() {
        let check = |text: &str, expected: &str| assert_eq!(percent_decode(text.as_bytes()), expected.as_bytes(), "{text}");
        check("a%20b%2Fc%2f", "a b/c/");
        check("100%", "100%");
        check("%4", "%4");
        check("%zz%41", "%zzA");
    }
}
