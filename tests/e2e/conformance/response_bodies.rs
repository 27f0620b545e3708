//! How long a response's body is (RFC 9112 section 6.3), and that what a server sends behind it reaches nobody.

use super::{Case, GET, OK, Then, changed, hidden, relayed};

/// Lengths.
#[rustfmt::skip]
pub const LENGTHS: &[Case] = &[
    relayed("a length", OK),
    relayed("a length of nothing", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    changed("the same length twice", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", OK),
    changed("the same length as a list", b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi", OK),
    changed("more than the length says", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi there", OK),
    changed("another answer behind it", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother", OK),
    Case { then: Then::Closes, ..changed("until the end", b"HTTP/1.1 200 OK\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello") },
    Case { then: Then::Closes, ..changed("until the end in HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello") },
    Case { then: Then::Closes, ..changed("nothing until the end", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n") },
    Case { then: Then::Closes, ..changed("less than the length says", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello") },
    hidden("lengths that differ", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"),
    hidden("a list that differs", b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nhi!"),
    hidden("a sign", b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi"),
    hidden("a minus", b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi"),
    hidden("letters", b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi"),
    hidden("nothing for a length", b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhi"),
    hidden("2^64", b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\nhi"),
];

/// Codings.
#[rustfmt::skip]
pub const CODINGS: &[Case] = &[
    relayed("chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    relayed("extensions and a trailer", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\nTrailer: X\r\n\r\n2;a=\"b\"\r\nhi\r\n0;c\r\nX: 1\r\nY: 2\r\n\r\n"),
    changed("bytes behind the last chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Case {
        shows: "an HTTP/1.0 client gets the data alone",
        sent: b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        answer: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2;a=b\r\nhi\r\n1\r\n!\r\n0\r\nX: 1\r\n\r\n",
        then: Then::Keeps,
        to_server: GET,
        to_client: b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi!",
    },
    hidden("with a length", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    hidden("gzip", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi"),
    hidden("gzip before chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    hidden("chunked is not last", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhi"),
    hidden("chunked twice", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    hidden("identity", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi"),
    hidden("nothing for a coding", b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 2\r\n\r\nhi"),
    hidden("a parameter", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"),
    hidden("in HTTP/1.0", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
];

/// An answer to HEAD.
const fn head(shows: &'static str, answer: &'static [u8], to_client: &'static [u8]) -> Case {
    const HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    Case { shows, sent: HEAD, answer, then: Then::Keeps, to_server: HEAD, to_client }
}

/// Responses that end with their head.
#[rustfmt::skip]
pub const BODILESS: &[Case] = &[
    relayed("204", b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"),
    changed("204 with a length", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"),
    changed("204 with a body", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 204 No Content\r\n\r\n"),
    changed("204 with chunks", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"),
    relayed("304 with a length", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n"),
    changed("304 with a body", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    relayed("205 with a length of nothing", b"HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n"),
    head("HEAD with a length", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
    head("HEAD with a coding", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    head("HEAD without either", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    head("HEAD with a body", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
    head("HEAD that fails", b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n"),
];
