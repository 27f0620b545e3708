//! Status lines, fields and interim responses of servers (RFC 9112 section 4, RFC 9110 section 15). Bodies are `response_bodies`'.

use super::{Case, GET, OK, Then, changed, hidden, relayed};

/// Status lines.
#[rustfmt::skip]
pub const STATUS_LINES: &[Case] = &[
    relayed("a reason of several words", b"HTTP/1.1 404 Not Here  At\tAll\r\nContent-Length: 0\r\n\r\n"),
    relayed("an empty reason", b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
    relayed("a reason of 8-bit bytes", b"HTTP/1.1 200 \xc3\xa9\xff\r\nContent-Length: 0\r\n\r\n"),
    relayed("a code of its own", b"HTTP/1.1 299 Mine\r\nContent-Length: 0\r\n\r\n"),
    relayed("a code of a class of its own", b"HTTP/1.1 999 Beyond\r\nContent-Length: 0\r\n\r\n"),
    changed("no reason and no space: the space is due (section 4)", b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
    changed("a higher minor version", b"HTTP/1.3 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    changed("HTTP/1.0", b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    hidden("no version", b"200 OK\r\n\r\n"),
    hidden("HTTP/2.0", b"HTTP/2.0 200 OK\r\n\r\n"),
    hidden("HTTP/0.9", b"HTTP/0.9 200 OK\r\n\r\n"),
    hidden("two digits of a minor version", b"HTTP/1.10 200 OK\r\n\r\n"),
    hidden("lower case", b"http/1.1 200 OK\r\n\r\n"),
    hidden("another protocol", b"ICY 200 OK\r\n\r\n"),
    hidden("two digits", b"HTTP/1.1 20 OK\r\n\r\n"),
    hidden("four digits", b"HTTP/1.1 2000 OK\r\n\r\n"),
    hidden("letters", b"HTTP/1.1 2xx OK\r\n\r\n"),
    hidden("a sign", b"HTTP/1.1 +20 OK\r\n\r\n"),
    hidden("a code below 100", b"HTTP/1.1 099 OK\r\n\r\n"),
    hidden("no space behind the code", b"HTTP/1.1 200OK\r\n\r\n"),
    hidden("two spaces", b"HTTP/1.1  200 OK\r\n\r\n"),
    hidden("a tab", b"HTTP/1.1\t200 OK\r\n\r\n"),
    hidden("a tab behind the code", b"HTTP/1.1 200\tOK\r\n\r\n"),
    hidden("a bare CR in the reason", b"HTTP/1.1 200 O\rK\r\n\r\n"),
    hidden("NUL in the reason", b"HTTP/1.1 200 O\0K\r\n\r\n"),
    hidden("a control byte in the reason", b"HTTP/1.1 200 O\x01K\r\n\r\n"),
    hidden("a bare LF", b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"),
    hidden("bare LFs throughout", b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
    hidden("a space before it", b" HTTP/1.1 200 OK\r\n\r\n"),
    hidden("an empty line before it", b"\r\nHTTP/1.1 200 OK\r\n\r\n"),
    hidden("HTML alone", b"<html>hello</html>\r\n\r\n"),
    hidden("a request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    hidden("half a head, then the end", b"HTTP/1.1 200 OK\r\nContent-Le"),
    hidden("nothing", b""),
];

/// Fields.
#[rustfmt::skip]
pub const FIELDS: &[Case] = &[
    relayed("names in their case and order", b"HTTP/1.1 200 OK\r\nx-b: 1\r\nCONTENT-LENGTH: 0\r\nX-A: 2\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n"),
    relayed("blanks around values", b"HTTP/1.1 200 OK\r\nX: \t 1 \t\r\nY:\r\nContent-Length:0\r\n\r\n"),
    relayed("8-bit bytes", b"HTTP/1.1 200 OK\r\nX: \xe9\xff\r\nContent-Length: 0\r\n\r\n"),
    changed("a field that Connection names", b"HTTP/1.1 200 OK\r\nX-A: 1\r\nConnection: x-a\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    changed("Keep-Alive", b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    changed("the server's close is the server's alone", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", OK),
    changed("Proxy-Connection", b"HTTP/1.1 200 OK\r\nProxy-Connection: keep-alive\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    changed("a length cannot be named away", b"HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nhi", OK),
    changed("Upgrade that is offered is of one connection", b"HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi", OK),
    hidden("a space before a colon", b"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n"),
    hidden("a folded line", b"HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"),
    hidden("no name", b"HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 0\r\n\r\n"),
    hidden("no colon", b"HTTP/1.1 200 OK\r\nX\r\nContent-Length: 0\r\n\r\n"),
    hidden("a bare LF", b"HTTP/1.1 200 OK\r\nX: 1\nY: 2\r\nContent-Length: 0\r\n\r\n"),
    hidden("a bare CR", b"HTTP/1.1 200 OK\r\nX: 1\rY: 2\r\nContent-Length: 0\r\n\r\n"),
    hidden("NUL", b"HTTP/1.1 200 OK\r\nX: 1\0\r\nContent-Length: 0\r\n\r\n"),
    hidden("a control byte", b"HTTP/1.1 200 OK\r\nX: 1\x02\r\nContent-Length: 0\r\n\r\n"),
    hidden("a name with an 8-bit byte", b"HTTP/1.1 200 OK\r\n\xe9: 1\r\nContent-Length: 0\r\n\r\n"),
    hidden("white space before the first field", b"HTTP/1.1 200 OK\r\n X: 1\r\nContent-Length: 0\r\n\r\n"),
];

/// Interim responses (RFC 9110 section 15.2).
#[rustfmt::skip]
pub const INTERIM: &[Case] = &[
    relayed("100", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    relayed("103 with fields", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    relayed("102", b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    relayed("several", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 H\r\nLink: x\r\n\r\nHTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    relayed("one of no name", b"HTTP/1.1 199 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    changed("a length in one", b"HTTP/1.1 103 H\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    changed("a coding in one", b"HTTP/1.1 103 H\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    Case {
        shows: "an HTTP/1.0 client knows none",
        sent: b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        answer: b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        then: Then::Keeps,
        to_server: GET,
        to_client: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    },
    hidden("101 that nobody asked for", b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
    Case {
        to_client: b"HTTP/1.1 100 Continue\r\n\r\n{502}",
        ..hidden("100, then the end", b"HTTP/1.1 100 Continue\r\n\r\n")
    },
    Case {
        to_client: b"HTTP/1.1 100 Continue\r\n\r\n{502}",
        ..hidden("100, then nonsense", b"HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n\r\n")
    },
];
