//! What happens between messages: kept and closed connections, pipelines with faults in the middle, upgrades and CONNECT
//! (RFC 9112 section 9, RFC 9110 sections 7.8 and 9.3.6).

use super::{Case, GET, OK, Then};

const TWO: &[u8] = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
const TWO_ANSWERS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

const fn flow(shows: &'static str, sent: &'static [u8], to_server: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server, to_client }
}

/// Kept or closed.
#[rustfmt::skip]
pub const PERSISTENCE: &[Case] = &[
    flow("nothing behind close is read", b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    flow("nothing behind HTTP/1.0 is read", b"GET /1 HTTP/1.0\r\nHost: a\r\n\r\nGET /2 HTTP/1.0\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    flow("HTTP/1.0 is kept where it asks", b"GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    flow("HTTP/1.1, then HTTP/1.0", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.0\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    Case { then: Then::Early, ..flow("an answer before the body has come ends the connection", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi") },
];

/// Several requests at once.
#[rustfmt::skip]
pub const PIPELINES: &[Case] = &[
    flow("two requests", TWO, TWO, TWO_ANSWERS),
    flow("an empty line between two", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", TWO, TWO_ANSWERS),
    flow("behind a body", b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", TWO_ANSWERS),
    flow("behind chunks", b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", TWO_ANSWERS),
    flow("behind chunks with a trailer", b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", TWO_ANSWERS),
    flow("the second is none", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi{400}"),
    flow("a body that is longer than its length", b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxyz\r\n\r\n",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi{400}"),
    flow("nothing behind a fault is read", b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi{400}"),
    flow("nor behind an ambiguous length", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"", b"{400}"),
    Case {
        shows: "what a server says too much is not the second answer",
        sent: TWO,
        answer: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
        then: Then::Keeps,
        to_server: TWO,
        to_client: TWO_ANSWERS,
    },
];

const UPGRADE: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n";
const UPGRADE_SENT: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nConnection: upgrade\r\n\r\n";

/// Upgrades and CONNECT.
#[rustfmt::skip]
pub const TUNNELS: &[Case] = &[
    Case {
        shows: "an upgrade",
        sent: UPGRADE,
        answer: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n\x81\x02hi",
        then: Then::Echoes,
        to_server: UPGRADE_SENT,
        to_client: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\nConnection: upgrade\r\n\r\n\x81\x02hi",
    },
    Case {
        shows: "CONNECT that the server takes",
        sent: b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        answer: b"HTTP/1.1 200 Established\r\nContent-Length: 5\r\n\r\nhello",
        then: Then::Echoes,
        to_server: b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        to_client: b"HTTP/1.1 200 Established\r\n\r\nhello",
    },
    Case {
        shows: "CONNECT that the server refuses",
        sent: b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        answer: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
        then: Then::Keeps,
        to_server: b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        to_client: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    },
    flow("CONNECT with a body", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\nhello", b"", b"{400}"),
    flow("CONNECT with chunks", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"", b"{400}"),
    Case {
        shows: "101 to HTTP/1.0",
        sent: b"GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        answer: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        then: Then::Keeps,
        to_server: GET,
        to_client: b"{502}",
    },
];

/// Messages whose framing fields rules take away, change and add to.
#[rustfmt::skip]
pub const EDITED: &[Case] = &[
    flow("nothing", GET, GET, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    flow("a length", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    flow("chunks", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    Case { answer: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        ..flow("chunks of an answer", GET, GET, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n") },
    Case { answer: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ..flow("an empty answer", GET, GET, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") },
    Case { answer: b"HTTP/1.1 200 OK\r\n\r\nhi", then: Then::Closes, ..flow("until the end", GET, GET, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi") },
];
