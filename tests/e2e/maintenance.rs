//! `maintenance`: sections that answer by themselves while their switch is on. The whole drill, then each line of it.

use crate::support::client::{Client, get};
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port, run};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use crate::support::wire::Message;
use crate::support::{tell_skipped, wait_until};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const KEY: &[u8] = b"a key of forty bytes, for tests only 1234";
pub const HTML: &str = "<!doctype html><title>away</title><link rel=stylesheet href=site.css><img src=img/red.svg>away";

/// A red square, as wide as the window that looks at it.
const RED: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400'><rect width='400' height='400' fill='#ff0000'/></svg>";

/// A folder with a page, its files and a key.
fn furnish() -> Arc<Folder> {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("page/img")).expect("a folder");
    folder.write("page/index.html", HTML);
    folder.write("page/index.json", "{\"away\":true}");
    folder.write("page/site.css", "body { margin: 0 }");
    folder.write("page/img/red.svg", RED);
    folder.write("page/.htpasswd", "secret");
    folder.write("outside.txt", "secret");
    write_key(folder.path(), "key", KEY, 0o600);
    Arc::new(folder)
}

fn write_key(folder: &Path, name: &str, key: &[u8], mode: u32) {
    std::fs::write(folder.join(name), key).expect("a file");
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).expect("a mode");
}

/// One site behind a frontend with these lines.
pub struct Shop {
    pub site: Origin,
    pub syslog: Syslog,
    pub folder: Arc<Folder>,
    pub port: u16,
}

impl Shop {
    pub fn new() -> Shop {
        Shop { site: Origin::named("site"), syslog: Syslog::udp(), folder: furnish(), port: free_port() }
    }

    pub fn config(&self, lines: &str) -> String {
        format!(
            "global\n  stats socket @DIR@/control level admin\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  option httplog\n\
             \x20 timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
             frontend shop\n  bind 127.0.0.1:{}\n{lines}  default_backend site\nbackend site\n  server s 127.0.0.1:{}\n",
            self.syslog.port, self.port, self.site.port
        )
    }

    pub fn start(&self, lines: &str) -> Proxy {
        Proxy::start_with(Arc::clone(&self.folder), &self.config(lines), |_| ())
    }
}

#[track_caller]
pub fn switch(proxy: &Proxy, assignment: &str) {
    let ended = proxy.command(&["-S", assignment]);
    assert!(ended.status.success(), "-S {assignment}: {ended:?}");
}

/// `?office=...` for a section.
#[track_caller]
fn link(proxy: &Proxy, words: &[&str]) -> String {
    let ended = proxy.command(&[&["--bypass-link"], words].concat());
    assert!(ended.status.success(), "{ended:?}");
    ended.said.trim().to_owned()
}

fn get_with(port: u16, path: &str, fields: &str) -> Message {
    Client::connect(port).ask(format!("GET {path} HTTP/1.1\r\nHost: shop\r\n{fields}\r\n"))
}

#[track_caller]
pub fn show_info(proxy: &Proxy) -> String {
    use std::io::{Read, Write};
    let mut socket = std::os::unix::net::UnixStream::connect(proxy.folder().join("control")).expect("a control socket");
    socket.write_all(b"show info\n").expect("a command");
    let mut said = String::new();
    socket.read_to_string(&mut said).expect("an answer");
    said
}

/// The cookie that an answer sets, as a request field.
#[track_caller]
fn cookie_of(answer: &Message) -> String {
    let set = answer.value("Set-Cookie").expect("a cookie");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
        assert!(set.contains(attribute), "{set}");
    }
    format!("Cookie: other=1; {}\r\n", set.split(';').next().expect("a pair"))
}

#[test]
fn the_whole_drill() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let lines = "  maintenance page @DIR@/page\n  maintenance except-ok /health\n  maintenance bypass-cookie office key @DIR@/key ttl 6s\n";
    let mut proxy = shop.start(lines);
    let mut visitor = Client::connect(shop.port);
    assert_eq!(visitor.get("/").text(), "site", "off");

    switch(&proxy, "maintenance.shop=true");
    let away = visitor.get("/cart?x=1");
    assert_eq!((away.status(), away.text().as_str()), (503, HTML), "on: the same connection, the next request");
    assert_eq!(away.value("Retry-After").as_deref(), Some("120"));
    assert_eq!(away.value("Cache-Control").as_deref(), Some("no-store"));
    assert_eq!(away.value("Content-Type").as_deref(), Some("text/html; charset=utf-8"));
    let line = HttpLog::parse(&shop.syslog.wait_for("\"GET /cart?x=1"));
    assert_eq!((line.backend.as_str(), line.server.as_str(), line.state.as_str(), line.status), ("shop", "<MAINT>", "LM--", 503));
    shop.syslog.wait_for("Maintenance of frontend shop is on.");
    assert!(show_info(&proxy).contains("\nMaintenance: frontend shop\n"), "{}", show_info(&proxy));

    for method in ["GET", "HEAD"] {
        let mut watcher = Client::connect(shop.port);
        watcher.send(format!("{method} /health HTTP/1.1\r\nHost: shop\r\n\r\n"));
        let answer = if method == "GET" { watcher.response() } else { watcher.head_response() };
        assert_eq!(answer.status(), 200, "{method}");
    }
    let program = get_with(shop.port, "/api", "Accept: application/json\r\n");
    assert_eq!((program.status(), program.text().as_str()), (503, "{\"away\":true}"));
    assert_eq!(program.value("Content-Type").as_deref(), Some("application/json"));

    let link = link(&proxy, &["shop", "1h"]);
    let admitted = get_with(shop.port, &format!("/deep/page{link}&tab=2"), "");
    assert_eq!((admitted.status(), admitted.value("Location").as_deref()), (302, Some("/deep/page?tab=2")));
    let cookie = cookie_of(&admitted);
    assert_eq!(get_with(shop.port, "/deep/page?tab=2", &cookie).text(), "site", "the developer");
    assert_eq!(get(shop.port, "/").status(), 503, "everybody else");

    // A new process takes over: it is still on, and the cookie still good.
    let next = Proxy::start_with(Arc::clone(&shop.folder), &shop.config(lines), |command| {
        command.args(["-sf", &proxy.pid().to_string()]);
    });
    drop(visitor);
    proxy.wait_exit();
    assert_eq!(get(shop.port, "/").status(), 503);
    assert_eq!(get_with(shop.port, "/", &cookie).text(), "site");
    wait_until("the cookie was too old", || get_with(shop.port, "/", &cookie).status() == 503);

    switch(&next, "maintenance.shop=false");
    assert_eq!(get(shop.port, "/").text(), "site", "off again");
    shop.syslog.wait_for("Maintenance of frontend shop is off");
    assert!(!show_info(&next).contains("Maintenance:"));
}

#[test]
fn a_large_page_comes_whole_and_is_in_memory_once() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let page: String = (0..262_144).map(|number| format!("{number:07}\n")).collect();
    shop.folder.write("large.html", &page);
    let proxy = shop.start("  maintenance page @DIR@/large.html\n");
    switch(&proxy, "maintenance.shop=on");
    let mut client = Client::connect(shop.port);
    for _ in 0..3 {
        let answer = client.get("/");
        assert!(answer.body == page.as_bytes(), "{} of {} bytes", answer.body.len(), page.len());
    }
    let once = get_with(shop.port, "/", "Connection: close\r\n");
    assert!(once.body == page.as_bytes() && once.value("Connection").as_deref() == Some("close"));
    let before = proxy.resident_kib();
    let mut slow: Vec<Client> = (0..30).map(|_| Client::connect(shop.port)).collect();
    slow.iter_mut().for_each(|client| client.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n".repeat(20)));
    let answered = || shop.syslog.lines().iter().filter(|line| line.contains(" LM-- ")).count();
    wait_until("every client was given a page", || answered() >= 34);
    let grown = proxy.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "30 clients that take nothing cost {grown} KiB");
    for client in &mut slow {
        for _ in 0..2 {
            assert!(client.response().body == page.as_bytes());
        }
    }
}

#[test]
fn pipelined_requests_are_answered_one_by_one() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let proxy = shop.start("  maintenance except-ok /health\n  maintenance except /hooks\n");
    switch(&proxy, "maintenance.shop=yes");
    let mut client = Client::connect(shop.port);
    let ask = |line: &str, rest: &str| format!("{line} HTTP/1.1\r\nHost: shop\r\n{rest}");
    client.send(
        [
            ask("GET /a", "\r\n"),
            ask("POST /b", "Content-Length: 5\r\n\r\nhello"),
            ask("GET /health", "\r\n"),
            ask("POST /c", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            ask("GET /hooks/paid", "\r\n"),
            ask("GET /d", "\r\n"),
        ]
        .concat(),
    );
    let statuses: Vec<u16> = (0..6).map(|_| client.response().status()).collect();
    assert_eq!(statuses, [503, 503, 200, 503, 200, 503]);
    assert!(shop.site.only_request().start_line().starts_with("GET /hooks/paid "));
}

#[test]
fn a_head_gets_no_body_and_a_body_that_is_not_there_closes() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let proxy = shop.start("  maintenance page @DIR@/page\n");
    switch(&proxy, "maintenance.shop=1");
    let mut client = Client::connect(shop.port);
    client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n");
    let head = client.head_response();
    assert_eq!((head.status(), head.value("Content-Length")), (503, Some(HTML.len().to_string())));
    client.send("HEAD /site.css HTTP/1.1\r\nHost: shop\r\n\r\n");
    assert_eq!(client.head_response().status(), 200);
    assert_eq!(client.get("/").text(), HTML, "nothing of a body was left behind");
    let answer = client.ask("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\nbegun");
    assert_eq!((answer.status(), answer.value("Connection").as_deref()), (503, Some("close")));
    client.send("x".repeat(99_995));
    client.expect_close();
    let mut waiting = Client::connect(shop.port);
    let answer = waiting.ask("PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(answer.status(), 503);
    waiting.expect_close();
    let mut old = Client::connect(shop.port);
    let answer = old.ask("GET / HTTP/1.0\r\n\r\n");
    assert_eq!((answer.status(), answer.text().as_str()), (503, HTML));
    old.expect_close();
    assert!(shop.site.received().is_empty());
}

#[test]
fn the_files_of_the_folder_belong_to_the_page_and_nothing_else_does() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let proxy = shop.start("  maintenance page @DIR@/page\n");
    switch(&proxy, "maintenance.shop=1");
    let check = |path: &str, status: u16, kind: &str| {
        let answer = get(shop.port, path);
        let got = answer.value("Content-Type").unwrap_or_default();
        assert_eq!((answer.status(), got.as_str()), (status, kind), "{path}");
        assert!(!answer.text().contains("secret"), "{path}");
        assert_eq!(answer.value("Cache-Control").as_deref(), Some("no-store"), "{path}");
    };
    check("/site.css", 200, "text/css; charset=utf-8");
    check("/cart/7/site.css?v=3", 200, "text/css; charset=utf-8");
    check("/img/red.svg", 200, "image/svg+xml");
    let page = "text/html; charset=utf-8";
    for path in ["/outside.txt", "/../outside.txt", "/img/../../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/.htpasswd"] {
        check(path, 503, page);
    }
    for path in ["/img/", "/img", "/index.html", "/site.css/", "/site.css%00", "//etc/passwd", "/%"] {
        check(path, 503, page);
    }
}

#[test]
fn networks_that_are_allowed_see_the_site() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let proxy = shop.start("  maintenance allow 127.0.0.64/26 192.0.2.1\n  maintenance allow 127.0.1.1\n");
    switch(&proxy, "maintenance.shop=TRUE");
    let check = |last: [u8; 2], expected: u16| {
        let client = Ipv4Addr::new(127, 0, last[0], last[1]);
        assert_eq!(Client::connect_from(client, shop.port).get("/").status(), expected, "{client}");
    };
    check([0, 70], 200);
    check([1, 1], 200);
    check([0, 1], 503);
    check([0, 128], 503);
}

#[test]
fn passes_that_are_forged_foreign_or_too_old_do_not_pass() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    write_key(shop.folder.path(), "other", b"another key of forty bytes, for tests only", 0o600);
    let line = "  maintenance bypass-cookie office key @DIR@/key ttl 1h\n";
    let proxy = shop.start(line);
    switch(&proxy, "maintenance.shop=1");
    let good = link(&proxy, &["shop"]);
    let foreign = shop.folder.write("foreign.cfg", &shop.config(&line.replace("/key ", "/other ")));
    let foreign = run(&[OsStr::new("-f"), foreign.as_os_str(), OsStr::new("--bypass-link"), OsStr::new("shop")]).said;
    let tampered = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });
    let (_, mac) = good.split_once('-').expect("a moment and a signature");
    let longer = format!("?office=9999999999-{mac}");
    for bad in [foreign.trim(), &tampered, &longer, "?office=", "?office", "?office=1", &good.replace("?office", "?offices")] {
        assert_eq!(get(shop.port, &format!("/{bad}")).status(), 503, "{bad}");
        assert_eq!(get_with(shop.port, "/", &format!("Cookie: {}\r\n", bad.trim_start_matches('?'))).status(), 503, "{bad}");
    }
    let as_cookie = format!("Cookie: {}\r\n", good.trim_start_matches('?'));
    assert_eq!(get_with(shop.port, "/", &as_cookie).status(), 503, "a link is no cookie");
    let cookie = cookie_of(&get(shop.port, &format!("//evil.example/{good}")));
    assert_eq!(get_with(shop.port, "/", &cookie).status(), 200);
    let as_link = cookie.trim().rsplit(' ').next().expect("a pair");
    assert_eq!(get(shop.port, &format!("/?{as_link}")).status(), 503, "a cookie is no link");
    assert_eq!(get(shop.port, &format!("/{}", link(&proxy, &["shop", "0"]))).status(), 503, "too old");
    let away = get(shop.port, &format!("//evil.example/{good}"));
    assert_eq!(away.value("Location").as_deref(), Some("/.//evil.example/"), "no other host");
}

#[test]
fn a_key_that_others_could_read_is_refused() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let check = |name: &str, key: &[u8], mode: u32, expected: &str| {
        write_key(shop.folder.path(), name, key, mode);
        let line = format!("  maintenance bypass-cookie office key @DIR@/{name} ttl 1h\n");
        let config = shop.folder.write("key.cfg", &shop.config(&line));
        let ended = run(&[OsStr::new("-c"), OsStr::new("-f"), config.as_os_str()]);
        assert!(ended.said.contains(expected), "{name}: {ended:?}");
    };
    check("open", KEY, 0o644, "is open to others");
    check("writable", KEY, 0o620, "is open to others");
    check("short", &KEY[..31], 0o600, "it has 31 bytes");
    check("zeros", &[0; 64], 0o600, "not random");
    check("group", KEY, 0o640, "valid");
}

#[test]
fn of_several_sites_one_is_in_maintenance() {
    if lacks("maintenance") {
        return;
    }
    let (shop, blog, port) = (Origin::named("shop"), Origin::named("blog"), free_port());
    let proxy = Proxy::start(&format!(
        "frontend web\n  bind 127.0.0.1:{port}\n  use_backend my-shop if {{ hdr(host) -i shop.example }}\n  default_backend blog\n\
         backend my-shop\n  maintenance status 500\n  maintenance retry-after 1h\n  server s 127.0.0.1:{}\n\
         backend blog\n  maintenance if {{ env(E2E_BLOG) closed }}\n  server b 127.0.0.1:{}\n",
        shop.port, blog.port
    ));
    let check = |host: &str, expected: u16| {
        let answer = Client::connect(port).ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(answer.status(), expected, "{host}");
        answer
    };
    check("shop.example", 200);
    switch(&proxy, "maintenance.my-shop=on");
    let away = check("shop.example", 500);
    assert_eq!(away.value("Retry-After").as_deref(), Some("3600"));
    assert!(away.text().contains("Down for maintenance"), "the page that is built in");
    check("blog.example", 200);
    switch(&proxy, "E2E_BLOG=closed");
    check("blog.example", 503);
    switch(&proxy, "maintenance.my-shop=");
    check("shop.example", 200);
    switch(&proxy, "maintenance.blog=on");
    switch(&proxy, "E2E_BLOG=open");
    check("blog.example", 200);
}

#[test]
fn a_restart_finds_it_on() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let config = shop.config("  maintenance\n").replacen("global\n", "global\n  variables-file @DIR@/variables\n", 1);
    let mut proxy = Proxy::start_with(Arc::clone(&shop.folder), &config, |_| ());
    switch(&proxy, "maintenance.shop=on");
    proxy.signal(Signal::SIGKILL);
    proxy.wait_exit();
    let next = Proxy::start_with(Arc::clone(&shop.folder), &config, |_| ());
    assert_eq!(get(shop.port, "/").status(), 503);
    switch(&next, "maintenance.shop=on,expire=1s");
    wait_until("it ended by itself", || get(shop.port, "/").status() == 200);
    shop.syslog.wait_for("Maintenance of frontend shop is off");
}

#[test]
fn what_defaults_say_holds_for_every_section_by_its_own_switch() {
    if lacks("maintenance") {
        return;
    }
    let (origin, folder, ports) = (Origin::named("site"), furnish(), [free_port(), free_port()]);
    let config = format!(
        "global\n  stats socket @DIR@/control level admin\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  maintenance page @DIR@/page/index.html\n\
         listen one\n  bind 127.0.0.1:{}\n  server s 127.0.0.1:{}\nlisten two\n  bind 127.0.0.1:{}\n  maintenance status 502\n  server s 127.0.0.1:{}\n",
        ports[0], origin.port, ports[1], origin.port
    );
    let mut proxy = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
    let statuses = || ports.map(|port| get(port, "/").status());
    assert_eq!(statuses(), [200, 200]);
    switch(&proxy, "maintenance.two=1");
    assert_eq!(statuses(), [200, 502]);
    switch(&proxy, "maintenance.one=1");
    assert_eq!(statuses(), [503, 502]);
    assert_eq!(get(ports[1], "/").text(), HTML);
    // A reload takes another page, and leaves the switches alone.
    folder.write("page/index.html", "another");
    proxy.rewrite_config(&config);
    proxy.signal(Signal::SIGHUP);
    wait_until("the other page was served", || get(ports[0], "/").text() == "another");
    assert_eq!(statuses(), [503, 502]);
}

#[test]
fn a_message_from_a_file_is_sent_as_it_is() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    shop.folder.write("away.http", "HTTP/1.0 420 Gone fishing\nContent-Type: text/plain\nX-Lake: Constance\n\nsee you\n");
    let proxy = shop.start("  maintenance page @DIR@/away.http\n  maintenance retry-after 0\n");
    switch(&proxy, "maintenance.shop=1");
    let answer = get_with(shop.port, "/", "Accept: application/json\r\n");
    assert_eq!((answer.start_line().as_str(), answer.text().as_str()), ("HTTP/1.1 420 Gone fishing", "see you\n"));
    assert_eq!((answer.value("X-Lake").as_deref(), answer.value("Retry-After")), (Some("Constance"), None));
}

#[test]
fn requests_under_way_finish() {
    if lacks("maintenance") {
        return;
    }
    let folder = furnish();
    let go = folder.path().join("go");
    let origin = Origin::script({
        let go = go.clone();
        move |visit| {
            let Some(_) = visit.request()? else { return Ok(()) };
            wait_until("the test let it go on", || go.exists());
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
        }
    });
    let port = free_port();
    let config = format!(
        "global\n  stats socket @DIR@/control level admin\nlisten l\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  bind 127.0.0.1:{port}\n  maintenance\n  server a 127.0.0.1:{}\n",
        origin.port
    );
    let proxy = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
    let mut under_way = Client::connect(port);
    under_way.send("GET / HTTP/1.1\r\nHost: l\r\n\r\n");
    origin.wait_received(1);
    switch(&proxy, "maintenance.l=1");
    assert_eq!(get(port, "/").status(), 503);
    std::fs::write(go, "").expect("a file");
    assert_eq!(under_way.response().text(), "done");
    assert_eq!(under_way.get("/").status(), 503, "its next request");
}

#[test]
fn a_visitor_with_a_browser_sees_the_page_with_its_picture_and_then_the_site() {
    if lacks("maintenance") {
        return;
    }
    let chromium = ["chromium", "chromium-browser"].into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let Some(chromium) = chromium else { return tell_skipped("no chromium is installed to look at the maintenance page with") };
    let shop = Shop::new();
    let proxy = shop.start("  maintenance page @DIR@/page\n");
    let look = |path: &str| {
        let profile = Folder::new();
        let mut browser = Command::new(chromium)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=3000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("http://127.0.0.1:{}{path}", shop.port))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a browser");
        crate::support::wait_at_most(Duration::from_secs(60), "the browser had looked", || browser.try_wait().expect("a child").is_some());
        let seen = browser.wait_with_output().expect("what it saw");
        String::from_utf8_lossy(&seen.stdout).into_owned()
    };
    switch(&proxy, "maintenance.shop=1");
    // The page writes down how wide its picture came out: nothing, where it did not come.
    shop.folder.write("page/index.html", "<body><img src=img/red.svg onload='document.title=\"width \"+naturalWidth'>");
    assert_eq!(proxy.command(&["--reload"]).status.code(), Some(0));
    assert!(look("/cart/7").contains("<title>width 400</title>"), "{}", look("/cart/7"));
    switch(&proxy, "maintenance.shop=0");
    assert!(look("/cart/7").contains("site"));
    assert!(!look("/cart/7").contains("width"));
}
