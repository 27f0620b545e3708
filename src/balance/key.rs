//! What of a request chooses its server: the client's address, the target, a parameter or a field, as a hash.
//! The functions are `hash`'s; `None` stands for a request that lacks what is asked for, and takes its turn instead.

use super::hash::{avalanche, hash};
use crate::config::balancing::{Balance, HashType, UriPart};
use crate::http::head::Head;
use crate::http::header::trim;
use std::net::IpAddr;

/// The hash by which a request's server is chosen.
pub fn key(balance: &Balance, how: HashType, request: Option<&Head>, source: Option<IpAddr>) -> Option<u32> {
    let value = |bytes: &[u8]| hash(how.function, bytes);
    let hash = match balance {
        Balance::RoundRobin | Balance::StaticRoundRobin | Balance::LeastConn | Balance::First | Balance::Random { .. } => return None,
        Balance::Source => fold_address(source?),
        Balance::Uri { part, length, depth } => value(cut_uri(request?.target(), *part, *length, *depth)),
        Balance::UrlParam(name) => value(find_parameter(request?.target(), name)?),
        Balance::Header { name, domain_only } => {
            let field = first_element(request?.first(name)?).filter(|element| !element.is_empty())?;
            value(if *domain_only { domain_of(field) } else { field })
        }
    };
    Some(if how.avalanche { avalanche(hash) } else { hash })
}

/// Words of an address, laid over one another. The function of `hash-type` has no part in it, as in HAProxy.
fn fold_address(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(address) => address.to_bits(),
        IpAddr::V6(address) => (0..4).fold(0, |hash, word| hash ^ (address.to_bits() >> (word * 32)) as u32),
    }
}

fn cut_uri(target: &[u8], part: UriPart, length: usize, depth: usize) -> &[u8] {
    let target = match part {
        UriPart::Path | UriPart::PathAndQuery => path_of(target),
        UriPart::BeforeQuery | UriPart::Whole => target,
    };
    let target = if length > 0 { target.get(..length).unwrap_or(target) } else { target };
    let mut slashes = 0;
    let ends = |byte: u8| {
        slashes += usize::from(byte == b'/');
        match byte {
            // A depth of 1 is `/a` of `/a/b`: the slash behind it ends it.
            b'/' => depth > 0 && slashes == depth + 1,
            b'?' => matches!(part, UriPart::BeforeQuery | UriPart::Path),
            _ => false,
        }
    };
    let end = target.iter().copied().position(ends).unwrap_or(target.len());
    target.get(..end).unwrap_or_default()
}

/// A target from its path on.
fn path_of(target: &[u8]) -> &[u8] {
    if target.starts_with(b"/") || target == b"*" {
        return target;
    }
    let authority = target.windows(3).position(|three| three == b"://").and_then(|scheme| target.get(scheme + 3..));
    let path = authority.and_then(|rest| rest.iter().position(|byte| *byte == b'/').and_then(|slash| rest.get(slash..)));
    path.unwrap_or_default()
}

/// The value of `name=value` in the query.
fn find_parameter<'a>(target: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mark = target.iter().position(|byte| *byte == b'?')?;
    let mut parameters = target.get(mark + 1..)?.split(|byte| *byte == b'&');
    parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix(b"="))
}

/// What stands before the first comma outside of quotes.
fn first_element(value: &[u8]) -> Option<&[u8]> {
    let mut quoted = false;
    let end = value.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    });
    value.get(..end.unwrap_or(value.len())).map(trim)
}

/// `example` of `www.example.com`: the label before the last dot.
fn domain_of(host: &[u8]) -> &[u8] {
    let Some(dot) = host.iter().rposition(|byte| *byte == b'.') else { return host };
    let before = host.get(..dot).unwrap_or_default();
    before.rsplit(|byte| *byte == b'.').next().unwrap_or(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::Limits;

    #[track_caller]
    fn check_uri(part: UriPart, length: usize, depth: usize, target: &str, expected: &str) {
        assert_eq!(
            String::from_utf8_lossy(cut_uri(target.as_bytes(), part, length, depth)),
            expected,
            "{part:?} {length} {depth} {target}"
        );
    }

    #[test]
    fn a_uri_counts_up_to_its_query_its_length_or_its_depth() {
        check_uri(UriPart::BeforeQuery, 0, 0, "/a/b?c=d", "/a/b");
        check_uri(UriPart::Whole, 0, 0, "/a/b?c=d", "/a/b?c=d");
        check_uri(UriPart::BeforeQuery, 3, 0, "/a/b?c=d", "/a/");
        check_uri(UriPart::BeforeQuery, 30, 0, "/a/b?c=d", "/a/b");
        check_uri(UriPart::BeforeQuery, 0, 1, "/a/b/c?d", "/a");
        check_uri(UriPart::BeforeQuery, 0, 2, "/a/b/c?d", "/a/b");
        check_uri(UriPart::Whole, 0, 3, "/a?/b/c/d", "/a?/b/c");
        check_uri(UriPart::BeforeQuery, 0, 0, "http://h/a?b", "http://h/a");
        check_uri(UriPart::Path, 0, 0, "http://h/a?b", "/a");
        check_uri(UriPart::PathAndQuery, 0, 0, "http://h/a?b", "/a?b");
        check_uri(UriPart::Path, 0, 0, "http://h", "");
        check_uri(UriPart::Path, 0, 0, "*", "*");
    }

    #[test]
    fn parameters_fields_and_domains_are_cut_out() {
        let parameter = |target: &'static str| find_parameter(target.as_bytes(), b"id").map(|value| str::from_utf8(value).unwrap());
        assert_eq!(parameter("/?id=7&x=y"), Some("7"));
        assert_eq!(parameter("/?x=y&id=8"), Some("8"));
        assert_eq!(parameter("/?id="), Some(""));
        assert_eq!([parameter("/?xid=7"), parameter("/id=7"), parameter("/?id"), parameter("/")], [None; 4]);
        assert_eq!(first_element(b" a , b"), Some(&b"a"[..]));
        assert_eq!(first_element(b"\"a,b\",c"), Some(&b"\"a,b\""[..]));
        for (host, expected) in
            [("www.example.com", "example"), ("example.com", "example"), ("localhost", "localhost"), ("a.b.c.d:80", "c"), (".com", "")]
        {
            assert_eq!(String::from_utf8_lossy(domain_of(host.as_bytes())), expected, "{host}");
        }
    }

    #[test]
    fn what_is_missing_gives_no_key() {
        let mut head = Head::default();
        let limits = Limits { bytes: 8192, fields: 100 };
        head.parse_request(b"GET /a HTTP/1.1\r\nHost: h\r\nEmpty:\r\n\r\n", &limits).unwrap();
        let key_of = |balance: &Balance| key(balance, HashType::default(), Some(&head), None);
        let header = |name: &str| Balance::Header { name: name.into(), domain_only: false };
        assert_eq!(key_of(&header("host")), Some(u32::from(b'h')));
        assert_eq!([key_of(&header("x")), key_of(&header("empty")), key_of(&Balance::Source), key_of(&Balance::LeastConn)], [None; 4]);
        assert_eq!(key_of(&Balance::UrlParam(b"a".into())), None);
    }

    #[test]
    fn addresses_are_folded() {
        assert_eq!(fold_address("127.0.0.1".parse().unwrap()), 0x7f00_0001);
        assert_eq!(fold_address("1:2:3:4:5:6:7:8".parse().unwrap()), 0x0001_0002 ^ 0x0003_0004 ^ 0x0005_0006 ^ 0x0007_0008);
    }
}
