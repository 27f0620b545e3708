//! Whose turn it is: expectations and early answers (RFC 9110 section 10.1.1), upgrades that are taken and refused (section 7.8),
//! faults in the middle of pipelines, HTTP/1.0 on either side, and requests that their client does not finish.

use super::{Case, GET, OK, PART, Then, becomes, changed, hidden, refused};

const fn flow(shows: &'static str, sent: &'static [u8], to_server: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server, to_client }
}

const EXPECTING: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n";
const EXPECTING_CHUNKS: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
const UNFINISHED: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";

const fn early(shows: &'static str, sent: &'static [u8], answer: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent, answer, then: Then::Early, to_server: sent, to_client }
}

/// Answers before the request has come: the connection cannot be kept, since what follows would be the body.
#[rustfmt::skip]
pub const EARLY: &[Case] = &[
    early("417 instead of 100", EXPECTING, b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    early("401 instead of 100", EXPECTING, b"HTTP/1.1 401 Who\r\nWWW-Authenticate: x\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 401 Who\r\nWWW-Authenticate: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),
    early("413 to chunks", EXPECTING_CHUNKS, b"HTTP/1.1 413 Big\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 413 Big\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    early("100, then a refusal", EXPECTING, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    early("103, then 417", EXPECTING, b"HTTP/1.1 103 H\r\nLink: x\r\n\r\nHTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 103 H\r\nLink: x\r\n\r\nHTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    early("204 before the body", UNFINISHED, b"HTTP/1.1 204 Done\r\n\r\n", b"HTTP/1.1 204 Done\r\nConnection: close\r\n\r\n"),
    early("chunks before the body", UNFINISHED, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    Case { to_client: b"{502}", ..early("nonsense before the body", EXPECTING, b"nonsense\r\n\r\n", b"") },
    flow("an expectation in another case", b"POST / HTTP/1.1\r\nHost: a\r\nexpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: a\r\nexpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx", OK),
    flow("an expectation of a request without a body", b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", OK),
];

const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n";

const fn upgrade(shows: &'static str, answer: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent: UPGRADE, answer, then: Then::Keeps, to_server: UPGRADE, to_client }
}

/// Upgrades.
#[rustfmt::skip]
pub const UPGRADES: &[Case] = &[
    upgrade("the server goes on as it was", OK, OK),
    upgrade("the server refuses", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
    upgrade("the server asks for another", b"HTTP/1.1 426 Other\r\nUpgrade: y\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 426 Other\r\nUpgrade: y\r\nContent-Length: 0\r\nConnection: upgrade\r\n\r\n"),
    Case { then: Then::Echoes, ..upgrade("100 before 101", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi") },
    Case { then: Then::Echoes, ..upgrade("the new protocol may look like HTTP", b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") },
    becomes("several protocols", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: x, y/1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x, y/1\r\nConnection: upgrade\r\n\r\n"),
    becomes("with a body", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhi",
        b"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nContent-Length: 2\r\nConnection: upgrade\r\n\r\nhi"),
    Case { sent: GET, to_server: GET, ..hidden("101 without Upgrade", b"HTTP/1.1 101 S\r\n\r\n") },
    Case { answer: b"HTTP/1.1 204 Fine\r\n\r\n", then: Then::Echoes, ..flow("CONNECT answered with 204", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", b"HTTP/1.1 204 Fine\r\n\r\n") },
    Case { answer: b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\nhi", then: Then::Echoes, ..flow("a coding in the answer to CONNECT says nothing",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", b"HTTP/1.1 200 Fine\r\n\r\nhi") },
    Case { answer: b"HTTP/1.1 407 Who\r\nProxy-Authenticate: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ..flow("CONNECT refused in chunks",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"HTTP/1.1 407 Who\r\nProxy-Authenticate: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") },
    refused("CONNECT to no port at all", b"CONNECT a:99999 HTTP/1.1\r\nHost: a:99999\r\n\r\n"),
    refused("CONNECT to an asterisk", b"CONNECT * HTTP/1.1\r\nHost: a\r\n\r\n"),
    refused("CONNECT with a user", b"CONNECT u@a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
];

const FIRST: &[u8] = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const THEN_400: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi{400}";

macro_rules! behind {
    ($text:literal) => {
        concat!("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", $text).as_bytes()
    };
}

const fn second(shows: &'static str, sent: &'static [u8]) -> Case {
    flow(shows, sent, FIRST, THEN_400)
}

/// A good request with a bad one behind it: the first is answered, the second refused, and nothing behind it is read.
#[rustfmt::skip]
pub const SECONDS: &[Case] = &[
    second("no Host", behind!("GET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("two Hosts", behind!("GET /2 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("HTTP/0.9", behind!("GET /2\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("HTTP/2", behind!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    second("two lengths", behind!("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("a coding that is unknown", behind!("POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("a bare LF", behind!("GET /2 HTTP/1.1\nHost: a\n\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("a folded line", behind!("GET /2 HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("NUL", behind!("GET /2\0 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    second("a chunk that nobody announced", behind!("0\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")),
    Case { to_server: PART, ..second("a chunk that is none", behind!("POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")) },
    flow("the length of the first ends where the second begins", b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    flow("GET with a body, then another", b"GET /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    Case { answer: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", ..flow("HEAD, then HEAD", b"HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") },
    Case { answer: b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", ..flow("304 twice", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n") },
    Case { answer: b"HTTP/1.1 204 None\r\n\r\nhello", ..flow("204 with a body does not become the second answer", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 204 None\r\n\r\nHTTP/1.1 204 None\r\n\r\n") },
];

const KEPT_10: &[u8] = b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";

const fn old(shows: &'static str, sent: &'static [u8], answer: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent, answer, then: Then::Keeps, to_server: GET, to_client }
}

/// HTTP/1.0 on either side.
#[rustfmt::skip]
pub const OLD: &[Case] = &[
    old("a server of HTTP/1.0 with a length", GET, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", OK),
    old("a server of HTTP/1.0 that keeps", GET, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", OK),
    old("both", KEPT_10, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"),
    old("no length for a client that asks to be kept", KEPT_10, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi"),
    old("304 for a client that asks to be kept", KEPT_10, b"HTTP/1.1 304 Same\r\n\r\n", b"HTTP/1.1 304 Same\r\nConnection: keep-alive\r\n\r\n"),
    old("204 for a client that asks to be kept", KEPT_10, b"HTTP/1.1 204 None\r\n\r\n", b"HTTP/1.1 204 None\r\nConnection: keep-alive\r\n\r\n"),
    old("close and keep-alive in HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", OK, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    old("a hundred interim answers reach no client of HTTP/1.0", b"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 103 H\r\n\r\nHTTP/1.1 103 H\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 199 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    Case { then: Then::Closes, ..old("a server of HTTP/1.0 that asks for 100", GET, b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nhi", b"{502}") },
];

/// Bodies that are shorter than they say, and answers to them.
#[rustfmt::skip]
pub const TRUNCATED: &[Case] = &[
    Case { then: Then::Closes, ..changed("an answer of no byte of its length", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") },
    Case { then: Then::Closes, ..changed("all but one", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello") },
    hidden("the end within the status line", b"HTTP/1.1 20"),
    hidden("the end behind the status line", b"HTTP/1.1 200 OK\r\n"),
    hidden("the end within the last line", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r"),
    Case { to_client: b"HTTP/1.1 103 H\r\n\r\n{502}", ..hidden("the end within what follows 103", b"HTTP/1.1 103 H\r\n\r\nHTTP/1.1 2") },
    Case { to_client: b"HTTP/1.1 103 H\r\n\r\n{502}", ..hidden("lengths that differ behind 103", b"HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi") },
];
