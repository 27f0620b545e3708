//! `--explain`: what is told of a request is what a serving proxy does with it, rule by rule, without a socket.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port, run};
use crate::support::stand_in::{is_standing_in, program};
use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

const SITE: &str = "defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  timeout tarpit 10s
frontend web
  bind 127.0.0.1:8080
  acl bad path_beg /admin
  acl inside src 10.0.0.0/8
  http-request deny if bad !inside
  http-request tarpit if { path /slow }
  reqrep ^([^\\ ]*)\\ /old/(.*) \\1\\ /new/\\2
  use_backend shop if { path_beg /shop } { hdr(host) -i a.example b.example }
  use_backend off if { path_beg /off }
  default_backend other
frontend second
  bind 127.0.0.1:8081
  default_backend other
backend shop
  cookie SRV insert indirect
  server s1 192.0.2.1:80 cookie a
  server s2 192.0.2.2:80 cookie b backup
backend off
  maintenance if { env_int(OFF) gt 0 }
  server off1 192.0.2.5:80
backend other
  http-response set-header X-Seen yes if { status 200 }
  server o1 192.0.2.9:80
  server o2 192.0.2.10:80
";

/// What is told of a request, with the folder's name taken out.
fn explain(config: &str, request: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = Folder::new();
    let (config, request) = (folder.write("a.cfg", config), folder.write("request", request));
    let response = folder.write("response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    let mut all = vec![OsStr::new("-f"), config.as_os_str(), OsStr::new("--explain"), request.as_os_str()];
    for argument in arguments {
        all.push(if *argument == "RESPONSE" { response.as_os_str() } else { OsStr::new(argument) });
    }
    let ended = run(&all);
    (ended.status.code(), ended.said.replace(&format!("{}/", folder.path().display()), ""))
}

#[track_caller]
fn check(request: &str, arguments: &[&str], expected: &str) {
    if is_standing_in() {
        return;
    }
    let (status, told) = explain(SITE, request, arguments);
    assert_eq!(told, expected, "{arguments:?}");
    assert_eq!(status, Some(0));
}

#[test]
fn every_rule_is_told_with_its_values() {
    check(
        "GET /shop/1 HTTP/1.1\r\nHost: B.example\r\nCookie: SRV=a\r\n\r\n",
        &["--server", "shop/s1=down"],
        "client 127.0.0.1:40000 to 127.0.0.1:8080
frontend web (a.cfg:7)
  -    the first of 2; --dst or --frontend names another
  no   a.cfg:11  http-request deny if bad !inside
         bad: no
           { path_beg /admin }: no, \"/shop/1\"
  no   a.cfg:12  http-request tarpit if { path /slow }
         { path /slow }: no, \"/shop/1\"
  no   a.cfg:13  reqrep ^([^\\ ]*)\\ /old/(.*) \\1\\ /new/\\2
  yes  a.cfg:14  use_backend shop if { path_beg /shop } { hdr(host) -i a.example b.example }
         { path_beg /shop }: yes, \"/shop/1\"
         { hdr(host) -i a.example b.example }: yes, \"B.example\"
backend shop (a.cfg:20)
  -    cookie SRV names a server that is down
  -    balance roundrobin
server shop/s2 at 192.0.2.2:80 (a.cfg:23)
to the server
  | GET /shop/1 HTTP/1.1
  | Host: B.example
",
    );
}

#[test]
fn a_response_goes_on_through_its_rules() {
    check(
        "GET /old/1 HTTP/1.1\nHost: a.example\n",
        &["--response", "RESPONSE"],
        "client 127.0.0.1:40000 to 127.0.0.1:8080
frontend web (a.cfg:7)
  -    the first of 2; --dst or --frontend names another
  -    the request is taken with CRLF at the ends of its lines, and an empty line behind its head
  no   a.cfg:11  http-request deny if bad !inside
         bad: no
           { path_beg /admin }: no, \"/old/1\"
  no   a.cfg:12  http-request tarpit if { path /slow }
         { path /slow }: no, \"/old/1\"
  yes  a.cfg:13  reqrep ^([^\\ ]*)\\ /old/(.*) \\1\\ /new/\\2
  no   a.cfg:14  use_backend shop if { path_beg /shop } { hdr(host) -i a.example b.example }
         { path_beg /shop }: no, \"/new/1\"
  no   a.cfg:15  use_backend off if { path_beg /off }
         { path_beg /off }: no, \"/new/1\"
  -    no use_backend is due: default_backend
backend other (a.cfg:27)
  -    balance roundrobin
server other/o1 at 192.0.2.9:80 (a.cfg:29)
to the server
  | GET /new/1 HTTP/1.1
  | Host: a.example
response
  yes  a.cfg:28  http-response set-header X-Seen yes if { status 200 }
         { status 200 }: yes, \"200\"
to the client
  | HTTP/1.1 200 OK
  | Content-Length: 2
  | X-Seen: yes
  |
  | hi
",
    );
}

#[test]
fn the_scene_decides() {
    let told = |request: &str, arguments: &[&str]| explain(SITE, request, arguments);
    if is_standing_in() {
        return;
    }
    let check = |request: &str, arguments: &[&str], there: &[&str]| {
        let (status, told) = told(request, arguments);
        for text in there {
            assert!(told.contains(text), "{arguments:?}: {text}\n{told}");
        }
        assert_eq!(status, Some(0), "{told}");
    };
    let admin = "GET /admin HTTP/1.1\nHost: a\n";
    check(admin, &["--src", "192.0.2.77"], &["inside: no", "{ src 10.0.0.0/8 }: no, \"192.0.2.77\"", "  | HTTP/1.1 403 Forbidden\n"]);
    check(admin, &["--src", "10.1.2.3:99"], &["client 10.1.2.3:99 to", "inside: yes", "server other/o1 at 192.0.2.9:80"]);
    check(admin, &["--dst", "127.0.0.1:8081"], &["frontend second (a.cfg:17)\n  -    it listens on 127.0.0.1:8081"]);
    check(admin, &["--frontend", "second"], &["frontend second (a.cfg:17)\n  -    by --frontend"]);
    check("GET /slow HTTP/1.1\nHost: a\n", &[], &["  -    10000 ms later\n", "  | HTTP/1.1 500 Internal Server Error\n"]);
    check(
        "GET /off HTTP/1.1\nHost: a\n",
        &[],
        &[
            "  no   a.cfg:25  maintenance if { env_int(OFF) gt 0 }\n         { env_int(OFF) gt 0 }: no, there is no value\n  -    maintenance of off is off",
        ],
    );
    check("GET /off HTTP/1.1\nHost: a\n", &["-s", "OFF=1"], &["maintenance of off is on", "{ env_int(OFF) gt 0 }: yes, \"1\"", "503"]);
    let all_down = ["--server", "o1=down", "--server", "other/o2=maint"];
    check("GET / HTTP/1.1\nHost: a\n", &all_down, &["  | HTTP/1.1 503 Service Unavailable\n"]);
    let refused = &["it refuses the connection, as the scene says\n  -    1000 ms later\nserver other/o1", "  | HTTP/1.1 503"];
    check("GET / HTTP/1.1\nHost: a\n", &["--server", "o1=refuse", "--server", "o2=down"], refused);
    check("GET /x y HTTP/1.1\r\n\r\n", &[], &["  | HTTP/1.1 400 Bad request\n"]);
    check("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", &[], &["  | abc\n", "the request is not whole"]);
    check("GET / HTTP/1.1\r\nHost: a\r\n", &[], &["the request is not whole"]);
}

#[test]
fn what_cannot_be_told_is_said() {
    if is_standing_in() {
        return;
    }
    let check = |request: &str, arguments: &[&str], expected: &str| {
        let (status, told) = explain(SITE, request, arguments);
        assert!(told.contains(expected), "{told}");
        assert_eq!(status, Some(1));
    };
    let request = "GET / HTTP/1.1\nHost: a\n";
    check("", &[], "there is no request: name a file behind --explain, or pipe one in");
    check(request, &["--frontend", "wbe"], "no frontend is called 'wbe'");
    check(request, &["--dst", "127.0.0.1:9999"], "nothing listens on 127.0.0.1:9999");
    check(request, &["--src", "nowhere"], "'nowhere' is no address");
    check(request, &["--server", "s9=down"], "there is no server 's9'");
    check(request, &["--server", "s1=tired"], "a server is down, maint, refuse or up, not 'tired'");
    check(request, &["--response", "/nonexistent"], "cannot read /nonexistent");
}

#[test]
fn a_request_may_be_piped_in() {
    if is_standing_in() {
        return;
    }
    let folder = Folder::new();
    let config = folder.write("a.cfg", SITE);
    for arguments in [&["--explain"][..], &["--explain", "-", "--frontend", "second"]] {
        let mut command = Command::new(program());
        command.arg("-f").arg(&config).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("byway");
        child.stdin.take().expect("a pipe").write_all(b"GET /piped HTTP/1.1\nHost: a\n").expect("written");
        let output = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && told.contains("  | GET /piped HTTP/1.1\n"), "{told}");
    }
}

#[test]
fn a_serving_proxy_does_what_was_told() {
    if is_standing_in() {
        return;
    }
    let (origin, port) = (Origin::named("o"), free_port());
    let config = format!(
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\nfrontend f\n  bind 127.0.0.1:{port}\n\
         \x20 option forwardfor\n  http-request set-header X-Path %[path,upper]\n  http-request del-header X-Gone\n\
         \x20 reqadd X-Added:\\ a\n  default_backend b\nbackend b\n  reqirep ^x-case:(.*) X-Other:\\1\n  server s 127.0.0.1:{}\n",
        origin.port
    );
    let request = "POST /a?b=c HTTP/1.1\r\nHost: a\r\nx-CASE: 1\r\nX-Gone: 2\r\nContent-Length: 3\r\n\r\nxyz";
    let proxy = Proxy::start(&config);
    Client::connect(port).ask(request);
    let got = origin.only_request();
    let got = String::from_utf8_lossy(&[got.head, got.raw_body].concat()).replace("\r\n", "\n");
    let (_, told) = explain(&config, request, &[]);
    let (_, sent) = told.split_once("to the server\n").expect("it goes to the server");
    let sent: String = sent.lines().map_while(|line| line.strip_prefix("  |")).map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(sent.trim_end(), got.trim_end());
    drop(proxy);
}
