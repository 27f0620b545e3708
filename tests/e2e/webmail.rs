//! The webmail site that falls over to its maintenance page by itself: its configuration word for word, behind a real stunnel.

use crate::support::client::{Client, get};
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::syslog::Syslog;
use crate::support::tls::{Stunnel, is_installed};
use crate::support::wait_until;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// As it was written, with numbered placeholders for `127.0.0.1:1080`, `host:80`, the monitoring host, three addresses, and `inter`.
const WEBMAIL: &str = r"
frontend http_frontend_webmail
  bind {stunnel}
  bind {host}
  mode http
  log global
  option httplog
  option logasap
  option dontlognull
  option forwardfor except 127.0.0.1
  option httpclose
  use_backend http_backend_webmail if TRUE
  use_backend http_backend_maint if TRUE
  monitor-net {monitor}
  option clitcpka
  maxconn 512
  timeout client 120000

backend http_backend_webmail
  mode http
  balance roundrobin
  cookie SERVERID indirect
  option httpchk GET /haproxy.check
  rspirep ^(Location:\ )(http:[/]*)(.*) \1https://\3
  server webmail1 {webmail1} cookie wm01 check inter {inter} maxconn 256
  server webmail2 {webmail2} cookie wm02 check inter {inter} maxconn 256
  retries 3
  option srvtcpka
  timeout server 120000

backend http_backend_maint
  mode http
  balance roundrobin
  reqirep ^(GET\ /)(\ .*) \1/webmail.html\2
  server msite {msite} check inter {inter} maxconn 512 backup
  retries 3
  option srvtcpka
  timeout server 120000
";

/// A webmail server: a page with its name, and a redirect under /login.
fn webmail(port: u16, name: &'static str) -> Origin {
    Origin::script_at(port, move |visit| {
        while let Some(request) = visit.request()? {
            let answer = match request.start_line().split(' ').nth(1).unwrap_or_default() {
                "/login" => "HTTP/1.1 302 Found\r\nLocation: http://webmail.example/inbox\r\nContent-Length: 0\r\n\r\n".to_string(),
                _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len()),
            };
            visit.wire.send(answer.as_bytes())?;
            if request.value("Connection").as_deref() == Some("close") || request.start_line().ends_with("HTTP/1.0") {
                break;
            }
        }
        Ok(())
    })
}

struct Drill {
    webmail1: Origin,
    webmail2: Origin,
    msite: Origin,
    syslog: Syslog,
    behind_stunnel: u16,
    host: u16,
    proxy: Proxy,
}

impl Drill {
    fn start(inter: &str) -> Drill {
        let (webmail1, webmail2) = (webmail(free_port(), "webmail1"), webmail(free_port(), "webmail2"));
        let (msite, syslog) = (Origin::named("under maintenance"), Syslog::udp());
        let (behind_stunnel, host) = (free_port(), free_port());
        let address = |port: u16| format!("127.0.0.1:{port}");
        let text = [
            ("{stunnel}", address(behind_stunnel)),
            ("{host}", format!("localhost:{host}")),
            ("{monitor}", "127.0.0.9".to_string()),
            ("{webmail1}", address(webmail1.port)),
            ("{webmail2}", address(webmail2.port)),
            ("{msite}", address(msite.port)),
            ("{inter}", inter.to_string()),
        ]
        .iter()
        .fold(WEBMAIL.to_string(), |text, (name, value)| text.replace(name, value));
        let proxy = Proxy::start(&format!("global\n  log 127.0.0.1:{} local0\n{text}", syslog.port));
        Drill { webmail1, webmail2, msite, syslog, behind_stunnel, host, proxy }
    }

    /// Waits for a line on stderr: the backends of this configuration have no `log`, so that changes of state are told there alone.
    #[track_caller]
    fn wait_told(&self, needle: &str) {
        wait_until(&format!("stderr told '{needle}'"), || self.proxy.said().contains(needle));
    }

    /// Which servers answer a number of visitors.
    fn answers(&self, count: usize) -> Vec<String> {
        let mut names: Vec<String> = (0..count).map(|_| get(self.host, "/").text()).collect();
        names.sort();
        names.dedup();
        names
    }
}

#[test]
fn the_webmail_configuration_serves_as_it_was_written() {
    if !is_installed() {
        return;
    }
    let drill = Drill::start("10000");
    let stunnel = Stunnel::start(drill.behind_stunnel);
    assert_eq!(drill.answers(6), ["webmail1", "webmail2"], "both share the traffic");

    let over_tls = String::from_utf8_lossy(&stunnel.ask(b"GET /login HTTP/1.1\r\nHost: webmail.example\r\n\r\n")).into_owned();
    let (head, _) = over_tls.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 302 Found\r\n"), "{over_tls}");
    assert!(head.to_lowercase().contains("\r\nlocation: https://webmail.example/inbox"), "{over_tls}");
    assert!(head.to_lowercase().contains("\r\nconnection: close"), "{over_tls}");
    if !is_standing_in() {
        assert!(head.contains("\r\nLocation: https://"), "its name keeps its case: {over_tls}");
    }
    let logins =
        || [drill.webmail1.received(), drill.webmail2.received()].concat().into_iter().find(|each| each.start_line().contains("/login"));
    assert_eq!(logins().expect("it came to one of them").value("X-Forwarded-For"), None, "not for stunnel");

    let direct = Client::connect_from(Ipv4Addr::new(127, 0, 0, 8), drill.host).get("/direct");
    assert_eq!(direct.status(), 200);
    let all = [drill.webmail1.received(), drill.webmail2.received()].concat();
    let seen = all.iter().find(|each| each.start_line().contains("/direct")).expect("it came to one of them");
    assert_eq!(seen.value("X-Forwarded-For").as_deref(), Some("127.0.0.8"));
    assert_eq!(seen.value("Connection").as_deref(), Some("close"));

    let mut kept = String::new();
    for _ in 0..4 {
        let mut client = Client::connect(drill.host);
        let answer = client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SERVERID=wm02\r\n\r\n");
        assert!(answer.values("Set-Cookie").is_empty());
        kept.push_str(&answer.text());
    }
    assert_eq!(kept, "webmail2".repeat(4), "a cookie that someone has is honoured");

    let line = HttpLog::parse(&drill.syslog.wait_for("/direct"));
    assert_eq!((line.frontend.as_str(), line.backend.as_str()), ("http_frontend_webmail", "http_backend_webmail"));
    assert!(line.timers[4].starts_with('+') && line.bytes.starts_with('+'), "logasap: {line:?}");
    let checks = || drill.webmail1.received().into_iter().find(|each| each.start_line().contains("haproxy.check"));
    wait_until("webmail1 was checked", || checks().is_some());
    assert_eq!(checks().expect("a check").head, b"GET /haproxy.check HTTP/1.0\r\n\r\n");
    if !is_standing_in() {
        let mut monitor = Client::connect_from(Ipv4Addr::new(127, 0, 0, 9), drill.host);
        assert_eq!(monitor.read_to_end(), b"HTTP/1.0 200 OK\r\n\r\n");
    }
}

#[test]
fn when_both_webmail_servers_stop_visitors_get_the_maintenance_page_and_when_one_starts_they_return() {
    let mut drill = Drill::start("150");
    wait_until("both were checked", || !drill.webmail1.received().is_empty() && !drill.webmail2.received().is_empty());
    assert_eq!(drill.answers(4), ["webmail1", "webmail2"]);
    drill.webmail1.stop();
    drill.wait_told("Server http_backend_webmail/webmail1 is DOWN");
    assert_eq!(drill.answers(6), ["webmail2"], "the other one carries on alone");
    drill.webmail2.stop();
    drill.wait_told("Server http_backend_webmail/webmail2 is DOWN");

    let before = drill.msite.visits().len();
    for _ in 0..20 {
        let answer = get(drill.host, "/");
        assert_eq!((answer.status(), answer.text()), (200, "under maintenance".into()));
    }
    let maintained = drill.msite.visits();
    let lines: Vec<String> = maintained.iter().skip(before).map(|each| each.start_line()).filter(|line| line.starts_with("GET")).collect();
    assert!(lines.iter().filter(|line| *line == "GET //webmail.html HTTP/1.1").count() >= 20, "{lines:?}");

    let webmail1 = webmail(drill.webmail1.port, "webmail1");
    drill.wait_told("Server http_backend_webmail/webmail1 is UP");
    assert_eq!(drill.answers(6), ["webmail1"], "traffic returns to it");
    drop(webmail1);
    assert!(drill.proxy.is_running());
}

#[test]
fn visitors_who_come_all_the_time_see_errors_only_until_the_checks_have_noticed() {
    let mut drill = Drill::start("100");
    wait_until("both were checked", || !drill.webmail1.received().is_empty() && !drill.webmail2.received().is_empty());
    let (noticed, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let visitor = {
        let (port, noticed, stop) = (drill.host, Arc::clone(&noticed), Arc::clone(&stop));
        std::thread::spawn(move || {
            let (mut after, mut errors) = (0, Vec::new());
            while !stop.load(Ordering::SeqCst) {
                let late = noticed.load(Ordering::SeqCst);
                let mut client = Client::connect(port);
                let answer = client.get("/");
                if late {
                    after += 1;
                    if answer.status() != 200 {
                        errors.push(answer.start_line());
                    }
                }
            }
            (after, errors)
        })
    };
    drill.webmail1.stop();
    drill.webmail2.stop();
    for server in ["webmail1", "webmail2"] {
        drill.wait_told(&format!("Server http_backend_webmail/{server} is DOWN"));
    }
    noticed.store(true, Ordering::SeqCst);
    let webmail1 = {
        let before = drill.msite.visits().len();
        drill.msite.wait_received(before + 20);
        webmail(drill.webmail1.port, "webmail1")
    };
    drill.wait_told("Server http_backend_webmail/webmail1 is UP");
    wait_until("webmail1 had visitors again", || webmail1.received().iter().any(|each| each.start_line() == "GET / HTTP/1.1"));
    stop.store(true, Ordering::SeqCst);
    let (after, errors) = visitor.join().expect("a visitor");
    assert!(after > 10 && errors.is_empty(), "{after} visitors, errors {errors:?}");
}
