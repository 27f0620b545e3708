//! The actions of `http-request`, `http-response` and `http-after-response` and the `redirect` line, through HAProxy 2.6 and through
//! byway: what the client got and what the server received must be the same bytes, the case of field names aside.

use crate::beside::{Case, case, compare_cases};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-S: 1\r\nVary: a, b\r\n\r\nhi";
const GET: &str = "GET /a/b?q=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 2\r\nCookie: c=1\r\nConnection: close\r\n\r\n";
const TWO: &str = "GET /no HTTP/1.1\r\nHost: h\r\n\r\nGET /yes HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const LIST: &str = "GET / HTTP/1.1\r\nHost: h\r\nX-A: ab , \"a,q\",a\r\nX-A: a\r\nConnection: close\r\n\r\n";
const ABSOLUTE: &str = "GET http://h/a?b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// A case of one rule and the usual request.
const fn one(lines: &'static str) -> Case {
    case(lines, lines, GET, OK)
}

/// A rule that applies to the second of two requests on one connection.
const fn two(lines: &'static str) -> Case {
    case(lines, lines, TWO, OK)
}

const REQUEST_EDITS: &[Case] = &[
    one("http-request add-header X-A 3"),
    two("http-request add-header X-B 3 if { path /yes }"),
    one("http-request set-header x-a %[src]"),
    one("http-request set-header X-E \"a  b\""),
    one("http-request set-header Host other"),
    case("host and authority", "http-request set-header Host other", ABSOLUTE, OK),
    one("http-request del-header x-a"),
    one("http-request del-header x- -m beg"),
    one("http-request del-header -a -m end"),
    one("http-request del-header ooki -m sub"),
    one("http-request del-header ^x- -m reg"),
    one("http-request del-header nope"),
    one("http-request replace-header X-A (.*) n\\1"),
    one("http-request replace-header X-A 2 %[hdr(host)]"),
    one("http-request replace-header X-A 3 n"),
    case("elements", "http-request replace-value X-A ^a c", LIST, OK),
    case("no element", "http-request replace-value X-A ^z c", LIST, OK),
    one("http-request replace-path (.*) /f\\1"),
    one("http-request replace-path ^/x /y"),
    one("http-request replace-pathq /a/(.*) /z/\\1"),
    one("http-request replace-uri ^/a http://o/a"),
    one("http-request replace-uri ^/x http://o/a"),
    one("http-request set-path /n"),
    case("path of a whole target", "http-request set-path /n", ABSOLUTE, OK),
    one("http-request set-pathq /n?z"),
    one("http-request set-query z=%[query]"),
    two("http-request set-query z=1"),
    one("http-request set-uri http://x/y"),
    one("http-request set-uri /y if { path /a/b }"),
    one("http-request set-uri /y if { path /no }"),
    one("http-request set-method PUT"),
    one("http-request set-tos 0x10\nhttp-request set-mark 1\nhttp-request set-nice 1\nhttp-response set-tos 8\nhttp-response set-mark 0x2"),
    two("http-request set-src-port int(4000) if { path /yes }\nhttp-request set-header X-B %[src_port] if { src_port 4000 }"),
    two("http-request set-dst-port int(81) if { path /yes }\nhttp-request set-header X-B %[dst_port] if { dst_port 81 }"),
    one("http-request disable-l7-retry"),
    one("declare capture response len 3\nhttp-after-response capture res.hdr(vary) id 0\n\
         http-after-response set-header X-B \"%[capture.res.hdr(0)]\""),
];

const VARIABLES: &[Case] = &[
    one(
        "http-request set-var(txn.a) hdr(x-a)\nhttp-request set-var-fmt(sess.b) \"%[var(txn.a)]-%[src]\"\nhttp-request set-header X-B %[var(sess.b)]",
    ),
    one("http-request set-var(txn.a) int(1)\nhttp-request unset-var(txn.a)\nhttp-request add-header X-B 1 if { var(txn.a) -m found }"),
    two("http-request set-header X-B %[var(sess.n)]\nhttp-request set-var(sess.n) path"),
    two("http-request set-header X-B %[var(txn.n)]\nhttp-request set-var(txn.n) path"),
    one("http-request set-var(txn.n) path\nhttp-response set-header X-B %[var(txn.n)]"),
    one("http-request set-var(req.n) path\nhttp-response set-header X-B %[var(req.n)]"),
    one("http-response set-var(res.n) res.hdr(x-s)\nhttp-after-response set-header X-B %[var(res.n)]"),
    one("http-request set-src str(10.1.2.3)\noption forwardfor"),
    one("http-request set-src hdr(x-a)\noption forwardfor"),
];

const ANSWERS: &[Case] = &[
    one("http-request deny"),
    two("http-request deny if { path /no }"),
    one("http-request deny if { path /no }"),
    one("http-request deny deny_status 429"),
    one("http-request deny status 418"),
    one("http-request deny status 404 content-type a/b lf-string \"%[path]\" hdr x-y z"),
    one("http-request deny hdr x y"),
    case("deny with a body", "http-request deny if METH_POST", POST, OK),
    two("http-request return if { path /no }"),
    two("http-request return status 201 content-type text/plain string hello hdr x-y %[src] if { path /no }"),
    case("return with a body", "http-request return content-type a/b string x if METH_POST", POST, OK),
    case("return to HEAD", "http-request return content-type a/b string x", "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", OK),
    case("return to HTTP/1.0", "http-request return content-type a/b string x", "GET / HTTP/1.0\r\n\r\n", OK),
    one("http-request return status 404 default-errorfiles"),
    two("http-request auth if { path /no }"),
    one("http-request auth realm \"a b\""),
    one("http-request allow if { path /a/b }\nhttp-request deny"),
    one("http-request allow if { path /no }\nhttp-request deny"),
    one("http-request reject if { path /a/b }"),
    one("http-request reject if { path /no }"),
    one("option httpclose\nhttp-request deny"),
    one("http-request deny\nhttp-after-response set-header X-After 1"),
    one("http-request add-header X-L %ci_%f_%b_%HM_%HP_%HQ"),
];

const REDIRECTS: &[Case] = &[
    one("http-request redirect location /x"),
    two("http-request redirect location /x if { path /no }"),
    one("http-request redirect location /x%[path]?%[query] code 301"),
    one("http-request redirect prefix http://p code 303 drop-query append-slash set-cookie A=1"),
    one("http-request redirect prefix http://p"),
    one("http-request redirect scheme https code 307 clear-cookie A="),
    case("scheme of a whole target", "http-request redirect scheme https code 308", ABSOLUTE, OK),
    one("http-request redirect location %[hdr(nope)] ignore-empty"),
    one("redirect prefix / set-cookie A=1"),
    one("redirect location /x if { path /no }"),
    one("redirect location /%[hdr(x-new)]\nhttp-request set-header X-New 1"),
    case("redirect with a body", "redirect location /x if METH_POST", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", OK),
];

const RESPONSES: &[Case] = &[
    one("http-response add-header X-S 2"),
    one("http-response set-header X-S 2"),
    one("http-response del-header vary if { status 200 }"),
    one("http-response del-header vary if { status 404 }"),
    one("http-response replace-header X-S . k"),
    one("http-response replace-value Vary b c"),
    one("http-response set-status 299"),
    one("http-response set-status 503 reason \"gone away\""),
    one("http-response deny if { res.hdr(x-s) 1 }"),
    one("http-response deny if { res.hdr(x-s) 2 }"),
    one("http-response deny deny_status 403"),
    one("http-response return status 200 content-type a/b string x"),
    one("http-response redirect location /y"),
    one("http-response allow\nhttp-response deny"),
    one("http-after-response set-header X-S 2"),
    one("http-after-response set-status 201"),
    one("http-after-response allow\nhttp-after-response set-header X-S 2"),
];

#[test]
fn requests_are_edited_as_by_haproxy() {
    compare_cases(REQUEST_EDITS.iter());
}

#[test]
fn variables_live_as_long_as_in_haproxy() {
    compare_cases(VARIABLES.iter());
}

#[test]
fn own_answers_are_those_of_haproxy() {
    compare_cases(ANSWERS.iter());
}

#[test]
fn redirects_are_those_of_haproxy() {
    compare_cases(REDIRECTS.iter());
}

#[test]
fn responses_are_edited_as_by_haproxy() {
    compare_cases(RESPONSES.iter());
}
