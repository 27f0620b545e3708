//! Request lines: white space and control bytes in them, the four forms of a target, versions (RFC 9112 sections 2 and 3).
//! Fields are `request_fields`', bodies `request_bodies`'.

use super::{Case, becomes, passes, refused};

/// The line itself.
#[rustfmt::skip]
pub const LINES: &[Case] = &[
    passes("a plain GET", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a method of its own", b"M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a method in lower case is another method", b"get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a method of all token bytes", b"!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("DELETE", b"DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("PATCH without a body", b"PATCH /x HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("TRACE", b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("PRI is a method too", b"PRI / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("one empty line before it", b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("three empty lines before it", b"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("two spaces behind the method", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("two spaces before the version", b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a space behind the version", b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    refused("a space before the method", b" GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a tab for a space", b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a tab before the version", b"GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a vertical tab for a space", b"GET\x0b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a form feed for a space", b"GET / \x0cHTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a bare CR for a space", b"GET\r/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a bare LF behind the line", b"GET / HTTP/1.1\nHost: a\r\n\r\n"),
    refused("bare LFs throughout", b"GET / HTTP/1.1\nHost: a\n\n"),
    refused("two CRs", b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
    refused("a bare LF before the line", b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a bare CR before the line", b"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("no method", b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method with a colon", b"GET: / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method in brackets", b"(GET) / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method with a slash", b"G/T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method with an 8-bit byte", b"G\xc9T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method with NUL", b"GE\0T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a method with DEL", b"GE\x7fT / HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("no target", b"GET HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("an empty target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("four words", b"GET / x HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a word alone", b"GET\r\n\r\n"),
    refused("nothing but a colon", b":\r\n\r\n"),
    refused("a response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    refused("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"),
    refused("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    refused("SSH", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    refused("a PROXY line that nobody asked for", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
];

/// The four forms of a target (section 3.2).
#[rustfmt::skip]
pub const TARGETS: &[Case] = &[
    passes("origin form with a query", b"GET /a/b?c=d&e HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("two slashes", b"GET //a HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("dots that nobody resolves", b"GET /a/../b/./c HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a path with percent signs", b"GET /%2e%2E/%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a query with another question mark", b"GET /?a?b HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("an empty query", b"GET /? HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("a colon in a path", b"GET /a:b@c HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("all sub-delims", b"GET /!$&'()*+,;=:@-._~ HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("absolute form", b"GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("absolute form without a path", b"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("absolute form, its port the scheme's own", b"GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("absolute form with another case", b"GET HTTP://A/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    passes("absolute form of an address", b"GET http://[::1]:8080/ HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
    passes("absolute form of another scheme", b"GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("absolute form with another Host: the target counts (section 3.2.2)",
        b"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("absolute form with another port", b"GET http://a:8080/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://a:8080/ HTTP/1.1\r\nHost: a:8080\r\n\r\n"),
    passes("asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("asterisk with another method", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("asterisk and more", b"OPTIONS */x HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("authority form with another method", b"GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    refused("CONNECT with a path", b"CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("CONNECT without a port", b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("CONNECT with an empty port", b"CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("CONNECT with an absolute target", b"CONNECT http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("CONNECT with another Host", b"CONNECT a:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"),
    refused("a relative path", b"GET a/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a query alone", b"GET ?a HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a fragment", b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("8-bit bytes in a target", b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("NUL in a target", b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("DEL in a target", b"GET /a\x7fb HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("a bare CR in a target", b"GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("absolute form with a user", b"GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("absolute form without a host", b"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("absolute form with a port that is none", b"GET http://a:x/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("absolute form without Host", b"GET http://a/ HTTP/1.1\r\n\r\n"),
];

/// Versions (sections 2.3 and 2.5 of RFC 9112; RFC 9110 section 2.5).
#[rustfmt::skip]
pub const VERSIONS: &[Case] = &[
    becomes("a higher minor version is 1.1", b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("the highest minor version", b"GET / HTTP/1.9\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case {
        to_client: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
        ..becomes("HTTP/1.0 is passed on as byway's own version", b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    },
    Case {
        to_client: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
        ..becomes("HTTP/1.0 that is to be kept", b"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\nKeep-Alive: 300\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    },
    Case {
        to_client: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
        ..becomes("an expectation in HTTP/1.0 is none (RFC 9110 section 10.1.1)",
            b"POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
    },
    refused("HTTP/0.9", b"GET /\r\n\r\n"),
    refused("HTTP/0.9 by name", b"GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    refused("HTTP/2.0", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    refused("HTTP/3.0", b"GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
    refused("two digits", b"GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    refused("two digits before the dot", b"GET / HTTP/01.1\r\nHost: a\r\n\r\n"),
    refused("no minor version", b"GET / HTTP/1\r\nHost: a\r\n\r\n"),
    refused("a letter", b"GET / HTTP/1.x\r\nHost: a\r\n\r\n"),
    refused("a sign", b"GET / HTTP/1.+1\r\nHost: a\r\n\r\n"),
    refused("lower case", b"GET / http/1.1\r\nHost: a\r\n\r\n"),
    refused("another protocol", b"GET / HTTPS/1.1\r\nHost: a\r\n\r\n"),
    refused("RTSP", b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    refused("a space in the version", b"GET / HTTP/ 1.1\r\nHost: a\r\n\r\n"),
    refused("a comma", b"GET / HTTP/1,1\r\nHost: a\r\n\r\n"),
];
