//! `req*` and `rsp*` rules of the kinds that configurations in use have, and what they make of a message on the wire: each with one
//! that it changes, or turns away, and one that it leaves alone. How the rules run is `rewrites`'.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;

/// What came of one request: what the origin got, what the client got; each without the lines that every message here has.
fn relay(rule: &str, request: &str, response: &str) -> (String, String) {
    let whole = format!("HTTP/1.1 200 OK\r\n{response}Content-Length: 0\r\n\r\n");
    let (origin, port) = (Origin::answering(whole.as_str()), free_port());
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  timeout tarpit 1\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  {rule}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let answer = Client::connect(port).ask(format!("{request}\r\n\r\n"));
    let got = origin.received().first().map(|request| String::from_utf8_lossy(&request.head).trim_end().to_owned());
    let told = String::from_utf8_lossy(&answer.head).replace("Content-Length: 0\r\n", "").trim_end().to_owned();
    (got.unwrap_or_default(), told)
}

/// A rule over requests: what is sent, and what the origin gets.
#[track_caller]
fn check_request(rule: &str, cases: &[(&str, &str)]) {
    if lacks("req* rules") {
        return;
    }
    for (sent, expected) in cases {
        assert_eq!(relay(rule, sent, "").0, *expected, "{rule}: {sent}");
    }
}

/// A rule over requests that turns some away: what is sent, and the status.
#[track_caller]
fn check_status(rule: &str, cases: &[(&str, &str)]) {
    if lacks("req* rules") {
        return;
    }
    for (sent, expected) in cases {
        let told = relay(rule, sent, "").1;
        assert!(told.starts_with(&format!("HTTP/1.1 {expected}")), "{rule}: {sent}: {told}");
    }
}

/// A rule over responses: a field, and what the client gets of it.
#[track_caller]
fn check_response(rule: &str, cases: &[(&str, &str)]) {
    if lacks("rsp* rules") {
        return;
    }
    for (field, expected) in cases {
        let told = relay(rule, "GET / HTTP/1.1\r\nHost: h", &format!("{field}\r\n")).1;
        let fields = told.strip_prefix("HTTP/1.1 200 OK").map(str::trim_start);
        assert_eq!(fields, Some(*expected), "{rule}: {field}");
    }
}

#[test]
fn paths_lose_and_gain_their_beginnings() {
    let camera = [
        ("GET /camera/live?x=1 HTTP/1.1\r\nHost: h", "GET /live?x=1 HTTP/1.1\r\nHost: h"),
        ("GET /else HTTP/1.1\r\nHost: h", "GET /else HTTP/1.1\r\nHost: h"),
    ];
    check_request(r"reqrep ^([^\ :]*)\ /camera/(.*) \1\ /\2", &camera);
    check_request(r"reqrep ^([^\ :]*)\ /(.*)$ \1\ /_inner/\2", &[("GET /a HTTP/1.1\r\nHost: h", "GET /_inner/a HTTP/1.1\r\nHost: h")]);
    let optional =
        [("GET /graphs HTTP/1.1\r\nHost: h", "GET / HTTP/1.1\r\nHost: h"), ("PUT /x HTTP/1.1\r\nHost: h", "PUT /x HTTP/1.1\r\nHost: h")];
    check_request(r"reqrep ^([^\ ]*\ /)graphs[/]?(.*) \1\2", &optional);
}

#[test]
fn hosts_and_fields_of_requests_are_replaced_and_removed() {
    let host = [("GET / HTTP/1.1\r\nhost: a.example", "GET / HTTP/1.1\r\nHost: inner.example")];
    check_request(r"reqirep ^Host:.* Host:\ inner.example", &host);
    let forwarded = [
        ("GET / HTTP/1.1\r\nHost: h\r\nx-forwarded-for: 1.2.3.4", "GET / HTTP/1.1\r\nHost: h"),
        ("GET / HTTP/1.1\r\nHost: h\r\nX-Other: 1", "GET / HTTP/1.1\r\nHost: h\r\nX-Other: 1"),
    ];
    check_request("reqidel ^X-Forwarded-For:.*", &forwarded);
    check_request(
        r"reqirep ^(Test:\ ) \0_a_\1_b",
        &[("GET / HTTP/1.1\r\nHost: h\r\ntest: x", "GET / HTTP/1.1\r\nHost: h\r\ntest: _a_test: _b")],
    );
}

#[test]
fn requests_are_turned_away() {
    let up = r"reqideny ^[^:\ ]*\ .*(\.|%2e)(\.|%2e)(%2f|%5c|/|\\\\)";
    check_status(up, &[("GET /a/%2E./b HTTP/1.1\r\nHost: h", "403"), ("GET /a/b HTTP/1.1\r\nHost: h", "200")]);
    let chunked = [("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0", "403"), ("GET / HTTP/1.1\r\nHost: h", "200")];
    check_status(r"reqideny ^Transfer-Encoding:[\ ]*chunked", &chunked);
    check_status("reqitarpit . if { path /slow }", &[("GET /slow HTTP/1.1\r\nHost: h", "500"), ("GET / HTTP/1.1\r\nHost: h", "200")]);
}

#[test]
fn locations_and_cookies_of_responses_are_mended() {
    let secure = r"rspirep ^(set-cookie:.*) \1;\ Secure";
    check_response(secure, &[("Set-Cookie: a=1", "Set-Cookie: a=1; Secure"), ("X-A: 1", "X-A: 1")]);
    let location = r"rspirep ^Location:\ http://(.*):80(.*) Location:\ https://\1:443\2";
    let moved = [("location: http://h:80/p", "Location: https://h:443/p"), ("Location: http://h/p", "Location: http://h/p")];
    check_response(location, &moved);
    check_response(
        r"rspirep ^(Location:\ )([^:]*://[^/]*)(.*) \1\3",
        &[("Location: http://h/p", "Location: /p"), ("Location: /p", "Location: /p")],
    );
    let path = [("Set-Cookie: s=1; path=/x; HttpOnly", "Set-Cookie: s=1; path=/hue/x; HttpOnly")];
    check_response(r"rspirep ^(Set-Cookie:.*\ path=)([^\ ]+)(.*)$ \1/hue\2\3", &path);
    check_response("rspidel ^(X-Route-Name|Server|X-Count)", &[("server: a/1", ""), ("X-Counted: 1", ""), ("X-Kept: 1", "X-Kept: 1")]);
    check_response(
        r"rsprep ^(Date:\ )([^,]*)(,\ )(.*) Day:\ \4\ (\2)",
        &[("Date: Sun, 22 Nov", "Day: 22 Nov (Sun)"), ("X: Sun, 1", "X: Sun, 1")],
    );
}
