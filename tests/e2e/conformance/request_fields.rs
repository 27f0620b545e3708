//! Fields of requests: their syntax, Host, and those that concern one connection alone (RFC 9112 sections 3.2, 5 and 9, RFC 9110 sections 5
//! and 7). What delimits a body is `request_bodies`'.

use super::{Case, OK, Then, becomes, passes, refused};

/// The syntax of a field line.
#[rustfmt::skip]
pub const SYNTAX: &[Case] = &[
    passes("no space behind the colon", b"GET / HTTP/1.1\r\nHost:a\r\nX:1\r\n\r\n"),
    passes("an empty value", b"GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \r\n\r\n"),
    passes("blanks around a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: \t 1 \t\r\n\r\n"),
    passes("blanks within a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: 1 \t 2\r\n\r\n"),
    passes("8-bit bytes in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\xff\x80\r\n\r\n"),
    passes("every separator in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: \"(),/:;<=>?@[\\]{}\r\n\r\n"),
    passes("names in their case and order", b"GET / HTTP/1.1\r\nx-b: 1\r\nHOST: a\r\nX-A: 2\r\nX-b: 3\r\n\r\n"),
    passes("a name of all token bytes", b"GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n"),
    passes("a name of one digit", b"GET / HTTP/1.1\r\nHost: a\r\n0: x\r\n\r\n"),
    passes("a name with an underscore", b"GET / HTTP/1.1\r\nHost: a\r\nX_A: x\r\n\r\n"),
    passes("the same field twice", b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n"),
    passes("a quoted value that does not end", b"GET / HTTP/1.1\r\nHost: a\r\nX: \"abc\r\n\r\n"),
    refused("a space before the colon", b"GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n"),
    refused("a tab before the colon", b"GET / HTTP/1.1\r\nHost: a\r\nX\t: 1\r\n\r\n"),
    refused("a space before the colon of a framing field", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\nx"),
    refused("a space within a name", b"GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n"),
    refused("no name", b"GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n"),
    refused("no colon", b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
    refused("a name with an 8-bit byte", b"GET / HTTP/1.1\r\nHost: a\r\nX\xe9: 1\r\n\r\n"),
    refused("a name with NUL", b"GET / HTTP/1.1\r\nHost: a\r\nX\0: 1\r\n\r\n"),
    refused("a name in quotes", b"GET / HTTP/1.1\r\nHost: a\r\n\"X\": 1\r\n\r\n"),
    refused("a name in brackets", b"GET / HTTP/1.1\r\nHost: a\r\nX[0]: 1\r\n\r\n"),
    refused("a name with a slash", b"GET / HTTP/1.1\r\nHost: a\r\nX/Y: 1\r\n\r\n"),
    refused("a name with a control byte", b"GET / HTTP/1.1\r\nHost: a\r\nX\x01Y: 1\r\n\r\n"),
    refused("NUL in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    refused("a control byte in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n"),
    refused("a vertical tab in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x0bb\r\n\r\n"),
    refused("an escape in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x1bb\r\n\r\n"),
    refused("DEL in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n"),
    refused("a bare CR in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
    refused("a bare CR that hides a field", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n"),
    refused("a bare LF behind a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n"),
    refused("a bare LF for the last line", b"GET / HTTP/1.1\r\nHost: a\r\n\n"),
    refused("two CRs behind a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n"),
    refused("a folded line", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
    refused("a line folded by a tab", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n"),
    refused("a folded line of blanks", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n  \r\n\r\n"),
    refused("a folded Transfer-Encoding", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    refused("white space before the first field", b"GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    refused("a tab before the first field", b"GET / HTTP/1.1\r\n\tX: 1\r\nHost: a\r\n\r\n"),
    refused("a second request line", b"GET / HTTP/1.1\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
];

/// Host (section 3.2).
#[rustfmt::skip]
pub const HOSTS: &[Case] = &[
    passes("a name", b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
    passes("a name with a port", b"GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n"),
    passes("an empty port", b"GET / HTTP/1.1\r\nHost: example.com:\r\n\r\n"),
    passes("nothing", b"GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    passes("an IPv4 address", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    passes("an IPv6 address", b"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"),
    passes("a final dot", b"GET / HTTP/1.1\r\nHost: example.com.\r\n\r\n"),
    passes("an underscore", b"GET / HTTP/1.1\r\nHost: my_app.local\r\n\r\n"),
    passes("a percent sign with its digits", b"GET / HTTP/1.1\r\nHost: a%20b\r\n\r\n"),
    refused("none in HTTP/1.1", b"GET / HTTP/1.1\r\n\r\n"),
    refused("two that differ", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    refused("two that are the same", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    refused("two in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"),
    refused("two, one of them empty", b"GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n"),
    refused("a list", b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    refused("a space", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    refused("a path", b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    refused("a user", b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    refused("a scheme", b"GET / HTTP/1.1\r\nHost: http://a\r\n\r\n"),
    refused("a query", b"GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"),
    refused("a fragment", b"GET / HTTP/1.1\r\nHost: a#b\r\n\r\n"),
    refused("a port that is none", b"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"),
    refused("two ports", b"GET / HTTP/1.1\r\nHost: a:80:81\r\n\r\n"),
    refused("an IPv6 address without brackets", b"GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"),
    refused("a bracket that does not close", b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    refused("an 8-bit byte", b"GET / HTTP/1.1\r\nHost: \xe9\r\n\r\n"),
    refused("a backslash", b"GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n"),
    refused("quotes", b"GET / HTTP/1.1\r\nHost: \"a\"\r\n\r\n"),
    refused("a percent sign alone", b"GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"),
];

const CLOSED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

/// A request after which its client wants no other.
const fn last(shows: &'static str, sent: &'static [u8], to_server: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server, to_client: CLOSED }
}

/// Fields of one connection (RFC 9110 sections 7.6.1, 7.8, 10.1.4).
#[rustfmt::skip]
pub const HOP_BY_HOP: &[Case] = &[
    last("close", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    last("CLOSE", b"GET / HTTP/1.1\r\nHost: a\r\nCONNECTION: CLOSE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    last("close in a list", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x ,close\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    last("close in the second field", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    last("close beats keep-alive", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("keep-alive", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("a field that Connection names", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nConnection: x-a\r\nX-B: 2\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX-B: 2\r\n\r\n"),
    becomes("two fields that Connection names", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nConnection: x-a, X-B\r\nX-B: 2\r\nx-a: 3\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("an option without a field", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x-a\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("Connection with empty elements", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: ,, ,\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("Host cannot be named away", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("a length cannot be named away", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\nx", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
    becomes("a coding cannot be named away", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    becomes("Proxy-Connection", b"GET / HTTP/1.1\r\nHost: a\r\nProxy-Connection: keep-alive\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("TE is of one connection", b"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("TE that Connection does not name", b"GET / HTTP/1.1\r\nHost: a\r\nTE: gzip;q=0.5, Trailers\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("TE without trailers", b"GET / HTTP/1.1\r\nHost: a\r\nTE: gzip\r\nConnection: TE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("an empty TE", b"GET / HTTP/1.1\r\nHost: a\r\nTE:\r\nConnection: TE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("Upgrade that Connection does not name", b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("Connection: upgrade without Upgrade", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    becomes("an upgrade that the server does not take", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
    becomes("an upgrade to HTTP/2, past all rules, is not passed on", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case { to_client: CLOSED, ..becomes("an upgrade in HTTP/1.0 is none", b"GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") },
    passes("Trailer goes on", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n0\r\nX: 1\r\n\r\n"),
    passes("Via is neither added nor changed", b"GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred\r\n\r\n"),
    passes("an expectation goes on", b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"),
    passes("an unknown expectation goes on", b"GET / HTTP/1.1\r\nHost: a\r\nExpect: x=y\r\n\r\n"),
    passes("fields of the end to end stay", b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eDp5\r\nRange: bytes=0-1\r\nProxy-Authorization: x\r\n\r\n"),
    becomes("OPTIONS counts Max-Forwards down (RFC 9110 section 7.6.2)", b"OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 10\r\n\r\n", b"OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 9\r\n\r\n"),
    becomes("so does TRACE", b"TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\n\r\n", b"TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n"),
    Case { to_client: b"{200}", ..refused("OPTIONS that has come far enough", b"OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n") },
    Case { to_client: b"{501}", ..refused("TRACE that has come far enough", b"TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n") },
    passes("other methods do not", b"GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n"),
];
