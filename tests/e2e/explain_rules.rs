//! `--explain` tells of rules of every kind, each due and not due, in `mode http` and in `mode tcp`. What it tells of a whole request, and
//! how the scene is set, is `explain`'s.

use crate::support::proxy::{Folder, run};
use crate::support::stand_in::is_standing_in;
use std::ffi::OsStr;

const SITE: &str = "defaults
  timeout connect 5s
  timeout client 50s
  timeout server 50s
frontend web
  mode http
  bind 127.0.0.1:8080
  bind [::1]:8080
  acl office src 10.0.0.0/8 ::1
  tcp-request connection reject if { src 10.6.6.6 }
  tcp-request session silent-drop if { src 10.6.6.7 }
  tcp-request content reject if { path_beg /never }
  monitor-uri /alive
  monitor fail if { nbsrv(shop) lt 1 }
  redirect location /new if { path /old }
  block if { path /blocked }
  reqadd X-Office:\\ 1 if office
  use_backend %[path,field(3,/)] if { path_beg /dyn/ }
  use_backend shop if { path_beg /shop }
  http-after-response set-header X-After 1 if { status 200 }
  default_backend other
listen raw
  mode tcp
  bind 127.0.0.1:8081
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.len ge 4 }
  tcp-request content reject if { req.payload(0,1) -m str x }
  tcp-response inspect-delay 2s
  tcp-response content reject if { res.payload(0,3) -m str bad }
  use-server t2 if { req.payload(0,1) -m str h }
  server t1 192.0.2.50:25
  server t2 192.0.2.51:25
listen stats
  mode http
  bind 127.0.0.1:8082
  stats enable
  stats uri /stats
  stats http-request deny if { src 10.9.9.9 }
  stats http-request allow if { src 127.0.0.1 }
  stats http-request auth
  stats admin if { src 127.0.0.1 }
frontend proxied
  mode http
  bind 127.0.0.1:8083
  tcp-request connection expect-proxy layer4 if { src 10.0.0.0/8 }
  default_backend other
backend shop
  mode http
  cookie SRV insert indirect
  force-persist if { hdr(x-force) 1 }
  ignore-persist if { path_end .png }
  use-server s2 if { hdr(x-two) 1 }
  rspadd X-Seen:\\ 2 if { status 200 }
  rspdel ^X-Gone
  server s1 192.0.2.1:80 cookie a
  server s2 192.0.2.2:80 cookie b
backend other
  mode http
  maintenance if { env_int(OFF) gt 0 }
  errorfile 403 PAGE
  http-request deny if { path /denied }
  server s1 192.0.2.9:80
frontend marked
  mode http
  bind 127.0.0.1:8084
  tcp-request connection set-tos 8
  http-request set-tos 0x10 if { path /a }
  http-response set-mark 7 if { status 200 }
  default_backend other
";

const PAGE: &str = "HTTP/1.0 403 No\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nown\n";
const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Gone: 1\r\n\r\nhi";

/// Tells of a request, and of a response where one is given, and looks for these texts in what is told, in this order.
#[track_caller]
fn check(request: &str, response: &str, arguments: &[&str], expected: &[&str]) {
    if is_standing_in() {
        return;
    }
    let told = explain(request, response, arguments);
    let mut rest = told.as_str();
    for text in expected {
        let Some((_, behind)) = rest.split_once(text) else { panic!("{arguments:?}: no {text:?} in its place in\n{told}") };
        rest = behind;
    }
}

fn explain(request: &str, response: &str, arguments: &[&str]) -> String {
    let folder = Folder::new();
    let page = folder.write("page", PAGE);
    let config = folder.write("a.cfg", SITE.replace("PAGE", &page.display().to_string()).as_str());
    let (request, response) = (folder.write("request", request), (!response.is_empty()).then(|| folder.write("response", response)));
    let mut all = vec![OsStr::new("-f"), config.as_os_str(), OsStr::new("--explain"), request.as_os_str()];
    if let Some(response) = &response {
        all.extend([OsStr::new("--response"), response.as_os_str()]);
    }
    all.extend(arguments.iter().map(OsStr::new));
    let ended = run(&all);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.said);
    ended.said.replace(&format!("{}/", folder.path().display()), "")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

#[test]
fn rules_of_the_connection_are_told() {
    let nothing = "the client gets nothing: its connection is closed";
    check(&get("/"), "", &["--src", "10.6.6.6"], &["yes  a.cfg:10  tcp-request connection reject", "yes, \"10.6.6.6\"", nothing]);
    let dropped = "dropped without a word to the client\nthe client gets nothing";
    let silent = "yes  a.cfg:11  tcp-request session silent-drop";
    check(&get("/"), "", &["--src", "10.6.6.7"], &["no   a.cfg:10  tcp-request connection", silent, dropped]);
    check(&get("/never"), "", &[], &["no   a.cfg:11  tcp-request session", "yes  a.cfg:12  tcp-request content reject", nothing]);
    check(&get("/"), "", &["--src", "[::1]:9"], &["no   a.cfg:12  tcp-request content reject", "to the server"]);
    let proxied = ["--frontend", "proxied", "--src", "10.1.1.1"];
    check(
        &get("/"),
        "",
        &proxied,
        &["yes  a.cfg:45  tcp-request connection expect-proxy", "the PROXY header that is expected is left out"],
    );
}

#[test]
fn answers_of_the_frontend_are_told() {
    check(&get("/alive"), "", &[], &["no   a.cfg:14  monitor fail", "yes  a.cfg:20  http-after-response", "  | HTTP/1.1 200 OK"]);
    let down = ["--server", "shop/s1=down", "--server", "shop/s2=maint"];
    check(&get("/alive"), "", &down, &["yes  a.cfg:14  monitor fail", "{ nbsrv(shop) lt 1 }: yes, \"0\"", "  | HTTP/1.1 503"]);
    check(&get("/old"), "", &[], &["yes  a.cfg:15  redirect location /new", "  | HTTP/1.1 302 Found"]);
    check(&get("/blocked"), "", &[], &["yes  a.cfg:16  block if", "no   a.cfg:20  http-after-response", "  | HTTP/1.1 403 Forbidden"]);
    check(&get("/denied"), "", &[], &["yes  a.cfg:61  http-request deny", "  | HTTP/1.1 403 No", "  | own\n"]);
    check(
        &get("/"),
        "",
        &["-s", "OFF=1"],
        &["yes  a.cfg:59  maintenance if", "{ env_int(OFF) gt 0 }: yes, \"1\"", "maintenance of other is on"],
    );
}

#[test]
fn the_way_to_a_server_is_told() {
    let told = &["yes  a.cfg:17  reqadd", "office: yes", "no   a.cfg:15  redirect", "yes  a.cfg:18  use_backend", "backend shop"];
    check(&get("/dyn/shop"), "", &["--src", "::1"], told);
    let nameless = ["no   a.cfg:17  reqadd", "it names no backend", "-    default_backend\nbackend other"];
    check(&get("/dyn/nope"), "", &[], &nameless);
    let forced = "GET /shop/ HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nX-Force: 1\r\n\r\n";
    let rules = ["yes  a.cfg:50  force-persist", "yes  a.cfg:52  use-server s2", "server shop/s2"];
    check(forced, "", &["--server", "s2=down"], &rules);
    let usual = "GET /shop/a.png HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\n\r\n";
    let rules =
        ["no   a.cfg:50  force-persist", "yes  a.cfg:51  ignore-persist", "yes  a.cfg:52  use-server", "cannot be used", "server shop/s1"];
    check(usual, "", &["--server", "shop/s2=down"], &rules);
    check(&get("/shop/"), "", &[], &["no   a.cfg:51  ignore-persist", "no   a.cfg:52  use-server", "server shop/s1"]);
}

#[test]
fn marks_of_packets_are_told() {
    let marked = ["--frontend", "marked"];
    let connection = "tcp-request connection set-tos 8\n  -    packets to the client get the type of service 8\n";
    let given = [connection, "yes  a.cfg:67", "get the type of service 16\n", "yes  a.cfg:68", "get the mark 7\n"];
    check(&get("/a"), WHOLE, &marked, &given);
    let spared = explain(&get("/b"), "HTTP/1.1 404 No\r\n\r\n", &marked);
    assert!(is_standing_in() || !spared.contains("service 16") && !spared.contains("get the mark"), "{spared}");
}

#[test]
fn the_statistics_page_is_told() {
    let from = |source: &'static str| ["--frontend", "stats", "--src", source];
    check(&get("/stats"), "", &from("10.9.9.9"), &["yes  a.cfg:38  stats http-request deny", "  | HTTP/1.1 403"]);
    let allowed = ["no   a.cfg:38", "yes  a.cfg:39  stats http-request allow", "yes  a.cfg:41  stats admin", "  | HTTP/1.1 200 OK"];
    check(&get("/stats"), "", &from("127.0.0.1"), &allowed);
    let asked = ["no   a.cfg:38", "no   a.cfg:39", "yes  a.cfg:40  stats http-request auth\n", "  | HTTP/1.1 401"];
    check(&get("/stats"), "", &from("10.9.9.8"), &asked);
}

#[test]
fn bytes_are_told_of_in_mode_tcp() {
    let raw = ["--frontend", "raw"];
    let whole =
        ["listen raw (a.cfg:22)\n  -    by --frontend\n  yes  a.cfg:26", "yes  a.cfg:30  use-server t2", "server raw/t2", "  | hello\n"];
    check("hello", "", &raw, &whole);
    let waits = [
        "wait a.cfg:26  tcp-request content accept if { req.len ge 4 }\n         { req.len ge 4 }: wait, \"2\"\n  -    5000 ms later\n  no   a.cfg:26",
        "no   a.cfg:27  tcp-request content reject",
        "no   a.cfg:30  use-server",
        "server raw/t1",
        "wait a.cfg:29  tcp-response content reject",
        "response\n  no   a.cfg:29",
        "to the client\n  | good",
    ];
    check("ab", "good", &raw, &waits);
    let refused = ["5000 ms later", "yes  a.cfg:27  tcp-request content reject", "the client gets nothing"];
    check("xy", "", &raw, &refused);
    check("hello", "bad news", &raw, &["response\n  yes  a.cfg:29  tcp-response content reject", "the client gets nothing"]);
}

#[test]
fn answers_of_every_framing_are_told() {
    let whole =
        ["to the server", "yes  a.cfg:54  rspdel", "yes  a.cfg:53  rspadd", "yes  a.cfg:20  http-after", "  | X-After: 1\n  |\n  | hi\n"];
    check(&get("/shop/"), WHOLE, &[], &whole);
    check(&get("/shop/"), "HTTP/1.1 404 No\r\n\r\nhi", &[], &["no   a.cfg:54", "no   a.cfg:53", "  | Connection: close\n  |\n  | hi\n"]);
    check("HEAD /shop/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &[], &["  | Content-Length: 5\n"]);
    let expecting = "POST /shop/ HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc";
    let continued = format!("HTTP/1.1 100 Continue\r\n\r\n{WHOLE}");
    check(expecting, &continued, &[], &["  | abc\n", "  | HTTP/1.1 100 Continue\n  |\n  | HTTP/1.1 200 OK\n"]);
    check(&[get("/shop/"), get("/two")].concat(), WHOLE, &[], &["30 bytes behind the request were not looked at", "  | HTTP/1.1 200"]);
    check("POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\na\r\n", "", &[], &["  | Content-Length: 3\n  |\n"]);
}
