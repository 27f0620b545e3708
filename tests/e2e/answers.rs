//! Answers in a proxy's own name: `errorfile`, `errorloc`, `monitor-uri`, `monitor fail`.

use crate::support::client::{Client, get};
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::syslog::Syslog;
use std::path::PathBuf;
use std::sync::Arc;

/// A file for one test, gone with it.
struct Page(PathBuf);

impl Page {
    fn new(text: &[u8]) -> Page {
        let path = std::env::temp_dir().join(format!("byway-page-{}-{}.http", std::process::id(), free_port()));
        std::fs::write(&path, text).unwrap();
        Page(path)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A `listen` without a usable server: every request is answered with 503.
fn start(port: u16, lines: &str) -> Proxy {
    Proxy::start(&format!(
        "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\nlisten l\n  bind 127.0.0.1:{port}\n{lines}\n"
    ))
}

#[test]
fn an_errorfile_of_any_size_is_served_whole() {
    let body = "y".repeat(100_000);
    let page = Page::new(format!("HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\n{body}").as_bytes());
    let port = free_port();
    let _proxy = start(port, &format!("  errorfile 503 {}", page.0.display()));
    let answer = Client::connect(port).get("/");
    assert_eq!((answer.status(), answer.text().len()), (503, body.len()));
    assert!(answer.text() == body, "every byte of the page came");
    let head = String::from_utf8_lossy(&answer.head).to_ascii_lowercase();
    assert!(head.contains("content-type: text/plain\r\n") && head.contains("content-length: 100000\r\n"), "{head}");
}

#[test]
fn a_page_for_another_status_is_not_used() {
    let page = Page::new(b"HTTP/1.0 502 Bad\r\n\r\nmine");
    let port = free_port();
    let _proxy = start(port, &format!("  errorfile 502 {}", page.0.display()));
    assert!(Client::connect(port).get("/").text().contains("No server is available"));
}

#[test]
fn the_backends_page_stands_before_the_frontends() {
    let (front, back) = (Page::new(b"HTTP/1.0 503 No\r\n\r\nfront"), Page::new(b"HTTP/1.0 503 No\r\n\r\nback"));
    for (line, expected) in [(format!("  errorfile 503 {}", back.0.display()), "back"), (String::new(), "front")] {
        let port = free_port();
        let _proxy = Proxy::start(&format!(
            "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
             frontend f\n  bind 127.0.0.1:{port}\n  errorfile 503 {}\n  default_backend b\nbackend b\n{line}\n",
            front.0.display()
        ));
        assert_eq!(Client::connect(port).get("/").text(), expected);
    }
}

#[test]
fn errorloc_redirects() {
    for (keyword, status) in [("errorloc", 302), ("errorloc302", 302), ("errorloc303", 303)] {
        let port = free_port();
        let _proxy = start(port, &format!("  {keyword} 503 http://status.example/down"));
        let answer = Client::connect(port).get("/");
        assert_eq!(answer.status(), status, "{keyword}");
        let head = String::from_utf8_lossy(&answer.head).to_ascii_lowercase();
        assert!(head.contains("location: http://status.example/down\r\n"), "{head}");
    }
}

#[test]
fn monitor_uri_is_answered_for_the_whole_uri_alone_and_not_logged() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  log 127.0.0.1:{} local0\n  option httplog\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  monitor-uri /alive\n  server a 127.0.0.1:{}\n",
        syslog.port, origin.port
    ));
    let answer = Client::connect(port).get("/alive");
    assert_eq!(answer.status(), 200);
    assert!(answer.text().contains("Service ready."), "{}", answer.text());
    for other in ["/alive?x", "/alive/", "/Alive", "/"] {
        assert_eq!(Client::connect(port).get(other).text(), "a", "{other}");
    }
    syslog.wait_for("GET / ");
    assert!(!syslog.lines().iter().any(|line| line.contains("\"GET /alive HTTP")), "{:?}", syslog.lines());
    assert_eq!(origin.received().len(), 4, "the monitor's request went nowhere");
}

#[test]
fn monitor_fail_turns_the_monitors_answer_into_503() {
    let (port, origin) = (free_port(), Origin::named("a"));
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n  monitor-uri /alive\n  acl site_dead nbsrv(b) lt 1\n  monitor fail if site_dead\n  default_backend a\n\
         backend a\n  server a 127.0.0.1:{}\nbackend b\n",
        origin.port
    ));
    assert_eq!(Client::connect(port).get("/alive").status(), 503);
    assert_eq!(Client::connect(port).get("/").text(), "a", "other requests are served");
}

#[test]
fn default_path_says_where_relative_paths_of_files_begin() {
    let folder = Arc::new(Folder::new());
    std::fs::create_dir(folder.path().join("pages")).expect("an own folder");
    let page = |text: &str| format!("HTTP/1.0 503 Away\r\nContent-Type: text/plain\r\n\r\n{text}");
    folder.write("away.http", &page("beside"));
    folder.write("pages/away.http", &page("in pages"));
    let pages = format!("origin {}", folder.path().join("pages").display());
    for (policy, file, expected) in
        [("config", "away.http", "beside"), ("config", "pages/away.http", "in pages"), (&*pages, "away.http", "in pages")]
    {
        let port = free_port();
        let config = format!(
            "global\n  default-path {policy}\nlisten l\n  bind 127.0.0.1:{port}\n  mode http\n  timeout client 10s\n  errorfile 503 {file}\n"
        );
        let _proxy = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
        assert_eq!(get(port, "/").text(), expected, "default-path {policy}, {file}");
    }
}

/// Statuses for which there is a page.
const CODES: [u16; 19] = [200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504];

/// Each page as it comes for a request that it refuses: over a connection that goes on, one that ends, and for HEAD.
fn pages(program: &std::ffi::OsString) -> Vec<String> {
    let port = free_port();
    let rules: String = CODES.iter().map(|code| format!("  http-request deny deny_status {code} if {{ path /{code} }}\n")).collect();
    let config = format!(
        "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n{rules}"
    );
    let _proxy = Proxy::start_program(program, std::sync::Arc::new(crate::support::proxy::Folder::new()), &config, |_| ());
    let ask = |method: &str, code: u16, fields: &str| {
        let mut client = Client::connect(port);
        client.send(format!("{method} /{code} HTTP/1.1\r\nHost: a\r\n{fields}\r\n"));
        let _ = client.wire().finish();
        let came = crate::support::wire::fold_names(&client.read_to_end());
        format!("{method} /{code} {fields:?}: {}", came.escape_ascii())
    };
    let asked = [("GET", ""), ("GET", "Connection: close\r\n"), ("HEAD", "Connection: close\r\n")];
    CODES.iter().flat_map(|code| asked.map(|(method, fields)| ask(method, *code, fields))).collect()
}

#[test]
fn every_page_is_haproxys_to_the_byte() {
    let haproxy = "/usr/sbin/haproxy";
    if !std::path::Path::new(haproxy).exists() {
        return crate::support::tell_skipped("haproxy is not installed");
    }
    let (theirs, ours) = (pages(&haproxy.into()), pages(&crate::support::stand_in::program()));
    let differing: Vec<String> = theirs
        .iter()
        .zip(&ours)
        .filter(|(theirs, ours)| theirs != ours)
        .map(|(theirs, ours)| format!("haproxy {theirs}\nbyway   {ours}"))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
