//! `option checkcache` (HAProxy manual): may a shared cache keep a response together with the cookie that it sets for one user?
//! What `nocache` does about our own cookie is `cookie`'s.

use super::head::Head;
use super::header::elements;

/// Statuses that caches keep by themselves.
const KEPT: [u16; 11] = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501];
/// Directives that keep a response, or its cookie, out of shared caches.
const PRIVATE: [&str; 5] = ["private", "no-store", "no-cache", "max-age=0", "s-maxage=0"];

/// Does the response set a cookie that a shared cache could give to others? `method` is the request's.
pub fn leaks_cookie(response: &Head, method: &[u8]) -> bool {
    if !response.has("set-cookie") {
        return false;
    }
    let is_read = matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE");
    let mut is_kept = is_read && KEPT.contains(&response.code());
    for directive in response.values("cache-control").flat_map(elements) {
        if PRIVATE.iter().any(|word| directive.eq_ignore_ascii_case(word.as_bytes())) || is_for_cookies(directive) {
            return false;
        }
        is_kept |= directive.eq_ignore_ascii_case(b"public");
    }
    is_kept && !response.values("pragma").flat_map(elements).any(|word| word.eq_ignore_ascii_case(b"no-cache"))
}

/// `no-cache="set-cookie"`, perhaps with more names behind it.
fn is_for_cookies(directive: &[u8]) -> bool {
    const START: &[u8] = b"no-cache=\"set-cookie";
    directive.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::{Limits, Parsed};

    #[test]
    fn a_cookie_leaks_where_a_shared_cache_may_keep_it() {
        let check = |method: &str, code: u16, fields: &str, expected: bool| {
            let mut head = Head::default();
            let text = format!("HTTP/1.1 {code} X\r\n{fields}\r\n");
            assert!(matches!(head.parse_response(text.as_bytes(), &Limits { bytes: 15360, fields: 101 }), Ok(Parsed::Complete(_))));
            assert_eq!(leaks_cookie(&head, method.as_bytes()), expected, "{method} {code} {fields:?}");
        };
        check("GET", 200, "", false);
        check("GET", 200, "Set-Cookie: a=b\r\n", true);
        check("HEAD", 404, "Set-Cookie: a=b\r\n", true);
        check("GET", 302, "Set-Cookie: a=b\r\n", false);
        check("POST", 200, "Set-Cookie: a=b\r\n", false);
        check("POST", 302, "Set-Cookie: a=b\r\nCache-Control: max-age=5, public\r\n", true);
        check("GET", 200, "Set-Cookie: a=b\r\nPragma: no-cache\r\n", false);
        for directive in
            ["private", "No-Store", "no-cache", "max-age=0", "s-maxage=0", "no-cache=\"set-cookie\"", "no-cache=\"Set-Cookie, x\""]
        {
            check("GET", 200, &format!("Cache-Control: x, {directive}\r\nSet-Cookie: a=b\r\n"), false);
        }
        check("GET", 200, "Cache-Control: max-age=5\r\nSet-Cookie: a=b\r\n", true);
        check("GET", 200, "Cache-Control: no-cache=\"x\"\r\nSet-Cookie: a=b\r\n", true);
    }
}
