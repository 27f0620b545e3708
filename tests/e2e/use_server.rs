//! Which server a request goes to by a rule, through HAProxy 2.6 and through byway: `use-server`, `force-persist`, `ignore-persist`; what
//! the server is told: `http-send-name-header`, `unique-id-format` and `unique-id-header`.

use crate::beside::{Case, case, compare_cases};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const GET: &str = "GET /x HTTP/1.1\r\nHost: h\r\nX-Id: 7\r\nX-Name: forged\r\nConnection: close\r\n\r\n";
const POST: &str = "POST /x HTTP/1.1\r\nHost: h\r\nX-Name: forged\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
const COOKIE: &str =
    "GET /x HTTP/1.1\r\nHost: h\r\nCookie: SID=A; o=1\r\n\r\nGET /no HTTP/1.1\r\nHost: h\r\nCookie: SID=A\r\nConnection: close\r\n\r\n";

/// The server that answers is `a`; the others refuse connections.
const fn one(lines: &'static str, sent: &'static str) -> Case {
    case(lines, lines, sent, OK)
}

const SERVERS: &[Case] = &[
    one("http-send-name-header X-Name\nserver off 127.0.0.1:1 disabled\nuse-server a if { path /x }", GET),
    one("http-send-name-header X-Name\nserver off 127.0.0.1:1 disabled\nuse-server off if { path /x }", GET),
    one(
        "http-send-name-header X-Name\nserver off 127.0.0.1:1 disabled\nuse-server nope%[path] if { path /x }\nuse-server off if TRUE",
        GET,
    ),
    one("http-send-name-header X-Name\nserver w0 127.0.0.1:1 weight 0\nuse-server %[str(a)] if { path /x }", GET),
    one("retries 0\nserver w0 127.0.0.1:1 weight 0\nuse-server w0 if { path /x }", GET),
    one("retries 0\nserver w0 127.0.0.1:1 weight 0\nuse-server w0 if { path /y }", GET),
    one("retries 0\nserver w0 127.0.0.1:1 weight 0\nuse-server w%[hdr(x-id),sub(7)] if { path /x }", GET),
    one("cookie SID insert indirect\nuse-server a if { path /x }", COOKIE),
    one("cookie SID insert\nignore-persist if { path /x }", COOKIE),
    one("cookie SID insert indirect\nignore-persist unless { path /x }", COOKIE),
    one("cookie SID rewrite\nuse-server a if TRUE", COOKIE),
];

const PERSISTENCE: &[Case] = &[
    one(
        "retries 0\ncookie SID insert\nserver off 127.0.0.1:1 disabled cookie B\nforce-persist if { path /x }",
        "GET /x HTTP/1.1\r\nHost: h\r\nCookie: SID=B\r\nConnection: close\r\n\r\n",
    ),
    one(
        "retries 0\ncookie SID insert\nserver off 127.0.0.1:1 disabled cookie B\nforce-persist if { path /y }",
        "GET /x HTTP/1.1\r\nHost: h\r\nCookie: SID=B\r\nConnection: close\r\n\r\n",
    ),
    one(
        "retries 1\noption redispatch\ncookie SID insert\nserver off 127.0.0.1:1 disabled cookie B\nforce-persist if { path /x }",
        "GET /x HTTP/1.1\r\nHost: h\r\nCookie: SID=B\r\nConnection: close\r\n\r\n",
    ),
    one("retries 0\nserver off 127.0.0.1:1 disabled\nuse-server off if TRUE\nforce-persist if { path /x }", GET),
    one(
        "retries 0\nserver off 127.0.0.1:1 disabled\nuse-server off if TRUE\nforce-persist if { path /x }",
        "GET /y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ),
];

const TOLD: &[Case] = &[
    one("http-send-name-header X-Name", GET),
    one("http-send-name-header X-Name", POST),
    one("http-send-name-header Host", GET),
    one("http-send-name-header X-New\noption forwardfor", GET),
    one("unique-id-format %[hdr(x-id)]-%HM%HP\nunique-id-header X-Unique\noption forwardfor", GET),
    one("unique-id-format %{+X}o\\ %[int(255)]:%ci\nunique-id-header X-Id", GET),
    one("unique-id-format %[hdr(x-id)]\nhttp-request set-header X-Seen %[unique-id]/%ID", GET),
    one("unique-id-format %[hdr(x-id)]\nhttp-request set-header X-Seen %ID", GET),
    one(
        "unique-id-format %[var(txn.a)]\nhttp-request set-var(txn.a) str(b)\nhttp-request set-header X-Seen %[unique-id]\nhttp-request set-var(txn.a) str(c)\nhttp-response set-header X-Unique %[unique-id]/%ID",
        GET,
    ),
    one("unique-id-header X-Unique\nhttp-request set-header X-Seen %[unique-id]", GET),
    one("unique-id-format %[hdr(x-id)]\nhttp-request deny\nhttp-after-response set-header X-Unique %[unique-id]", GET),
];

#[test]
fn a_rule_chooses_the_server_that_haproxy_would() {
    compare_cases(SERVERS.iter());
}

#[test]
fn persistence_is_forced_and_ignored_as_by_haproxy() {
    compare_cases(PERSISTENCE.iter());
}

#[test]
fn servers_are_told_what_haproxy_tells_them() {
    compare_cases(TOLD.iter());
}
