//! Statistics: the page with its forms, CSV and JSON, who may see it, what its buttons do; metrics; and what survives a reload.

use crate::support::client::{Client, get};
use crate::support::control::ask;
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::{is_standing_in, lacks};
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use std::time::Duration;

/// A site and its page; `lines` stand in the section of the page.
struct Site {
    origin: Origin,
    syslog: Syslog,
    port: u16,
    page: u16,
}

impl Site {
    fn new() -> Site {
        Site { origin: Origin::named("site"), syslog: Syslog::udp(), port: free_port(), page: free_port() }
    }

    fn config(&self, lines: &str) -> String {
        let (log, origin, port, page) = (self.syslog.port, self.origin.port, self.port, self.page);
        format!(
            "global\n  log 127.0.0.1:{log} local0\n  stats socket @DIR@/control level admin\n  node here\n\
             defaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
             frontend f\n  bind 127.0.0.1:{port}\n  option socket-stats\n  default_backend b\n\
             backend b\n  server a 127.0.0.1:{origin}\n  server z 127.0.0.1:{origin} disabled\n\
             listen page\n  bind 127.0.0.1:{page}\n{lines}\n"
        )
    }

    fn start(&self, lines: &str) -> Proxy {
        Proxy::start(&self.config(lines))
    }
}

/// A field of a row of a CSV listing.
#[track_caller]
pub fn field(csv: &str, row: &str, name: &str) -> String {
    let head = csv.strip_prefix("# ").and_then(|csv| csv.lines().next()).unwrap_or_else(|| panic!("no header: {csv}"));
    let index = head.split(',').position(|own| own == name).unwrap_or_else(|| panic!("no column {name}"));
    let line = csv.lines().find(|line| line.starts_with(&format!("{row},"))).unwrap_or_else(|| panic!("no row {row} in {csv}"));
    line.split(',').nth(index).unwrap_or_default().to_string()
}

#[track_caller]
fn check_row(csv: &str, row: &str, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(field(csv, row, name), *value, "{name} of {row}");
    }
}

#[test]
fn a_request_is_counted_where_it_went() {
    let site = Site::new();
    let proxy = site.start("  stats enable");
    for _ in 0..3 {
        assert_eq!(get(site.port, "/").text(), "site");
    }
    get(site.port, "/haproxy?stats");
    wait_until("four requests were counted", || field(&ask(&proxy, "show stat"), "f,FRONTEND", "hrsp_2xx") == "4");
    let csv = ask(&proxy, "show stat");
    let listener = [("stot", "4"), ("type", "3"), ("status", "OPEN")];
    check_row(&csv, "f,sock-1", &listener);
    check_row(
        &csv,
        "f,FRONTEND",
        &[("stot", "4"), ("req_tot", "4"), ("conn_tot", "4"), ("rate_lim", "0"), ("status", "OPEN"), ("ereq", "0")],
    );
    check_row(&csv, "b,a", &[("stot", "4"), ("hrsp_2xx", "4"), ("lbtot", "4"), ("status", "no check"), ("act", "1"), ("econ", "0")]);
    check_row(&csv, "b,z", &[("stot", "0"), ("status", "MAINT"), ("lastsess", "-1")]);
    check_row(&csv, "b,BACKEND", &[("stot", "4"), ("lbtot", "4"), ("status", "UP"), ("act", "1"), ("weight", "1"), ("qmax", "0")]);
    let bytes = |row, name| field(&csv, row, name).parse::<u64>().unwrap();
    assert!(bytes("f,FRONTEND", "bin") > 100 && bytes("b,BACKEND", "bout") > 100);
    assert_eq!(bytes("b,BACKEND", "bin"), bytes("b,a", "bin"));
    ask(&proxy, "clear counters");
    check_row(&ask(&proxy, "show stat"), "f,FRONTEND", &[("stot", "4"), ("smax", "0")]);
    ask(&proxy, "clear counters all");
    check_row(&ask(&proxy, "show stat"), "f,FRONTEND", &[("stot", "0"), ("bin", "0"), ("hrsp_2xx", "0")]);
}

#[test]
fn what_ends_badly_is_counted_as_what_it_was() {
    let (port, page, dead) = (free_port(), free_port(), free_port());
    let slow = Origin::script(|visit| {
        visit.request()?;
        visit.hold()
    });
    let proxy = Proxy::start(&format!(
        "global\n  stats socket @DIR@/control level admin\n\
         defaults\n  mode http\n  timeout client 10s\n  timeout server 300ms\n  timeout connect 1s\n  retries 1\n\
         frontend f\n  bind 127.0.0.1:{port}\n  http-request deny if {{ path /denied }}\n  use_backend slow if {{ path /slow }}\n  default_backend dead\n\
         backend dead\n  server d 127.0.0.1:{dead}\nbackend slow\n  server s 127.0.0.1:{}\n\
         listen page\n  bind 127.0.0.1:{page}\n  stats enable\n",
        slow.port
    ));
    assert_eq!(get(port, "/denied").status(), 403);
    assert_eq!(get(port, "/").status(), 503);
    assert_eq!(get(port, "/slow").status(), 504);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n");
    client.read_to_end();
    wait_until("the last was counted", || field(&ask(&proxy, "show stat"), "f,FRONTEND", "ereq") == "1");
    let csv = ask(&proxy, "show stat");
    check_row(&csv, "f,FRONTEND", &[("dreq", "1"), ("dresp", "0"), ("hrsp_5xx", "2"), ("ereq", "1")]);
    check_row(&csv, "dead,d", &[("econ", "1"), ("wretr", "1"), ("eresp", "0"), ("wredis", "0")]);
    check_row(&csv, "dead,BACKEND", &[("econ", "1"), ("wretr", "1"), ("hrsp_5xx", "1")]);
    check_row(&csv, "slow,s", &[("eresp", "1"), ("econ", "0"), ("srv_abrt", "0")]);
}

#[test]
fn the_page_is_answered_at_its_address_and_nowhere_else() {
    let site = Site::new();
    let _proxy = site.start("  stats uri /stats\n  stats refresh 7s\n  stats hide-version");
    let mut client = Client::connect(site.page);
    let page = client.get("/stats");
    assert_eq!(page.status(), 200);
    assert_eq!(page.value("refresh").as_deref(), Some("7"));
    assert_eq!(page.value("cache-control").as_deref(), Some("no-cache"));
    assert!(page.value("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(page.text().contains("Statistics Report for") && page.text().contains("</html>"));
    assert!(!page.text().contains(env!("CARGO_PKG_VERSION")), "hide-version");
    let csv = client.get("/stats;csv;norefresh");
    assert_eq!((csv.value("content-type").as_deref(), csv.value("refresh")), (Some("text/plain"), None));
    assert_eq!(csv.text().lines().filter(|line| !line.is_empty()).count(), 8, "{}", csv.text());
    assert_eq!(field(&csv.text(), "b,a", "addr"), "", "no show-legends");
    assert_eq!(client.get("/stats;json").value("content-type").as_deref(), Some("application/json"));
    assert!(client.get("/stats;typed").text().starts_with("F."));
    assert!(client.get("/stats;json-schema").text().contains("json-schema.org"));
    client.send("HEAD /stats HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(client.head_response().status(), 200);
    let up = client.get("/stats;csv;up").text();
    assert!(!up.contains("b,z,") && up.contains("b,a,"), "{up}");
    assert_eq!(field(&up, "b,BACKEND", "status"), "UP (1/2)");
    assert_eq!(get(site.page, "/stat").status(), 503);
    let put = Client::connect(site.page).ask("PUT /stats HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(put.status(), 503);
    let old = Client::connect(site.page).ask("GET /stats;csv HTTP/1.0\r\n\r\n");
    assert!(old.text().contains("b,BACKEND,"), "HTTP/1.0");
}

#[test]
fn the_page_shows_what_its_scope_says() {
    let site = Site::new();
    let _proxy = site.start("  stats uri /\n  stats scope .\n  stats scope b\n  stats show-legends");
    let names = |target: &str| -> Vec<String> {
        let csv = get(site.page, target).text();
        let rows = csv.lines().skip(1).filter(|line| !line.is_empty());
        rows.map(|line| line.split(',').take(2).collect::<Vec<_>>().join("/")).collect()
    };
    assert_eq!(names("/;csv"), ["b/a", "b/z", "b/BACKEND", "page/FRONTEND", "page/BACKEND"]);
    assert_eq!(names("/;csv;?scope=pag"), ["page/FRONTEND", "page/BACKEND"]);
    let csv = get(site.page, "/;csv").text();
    assert_eq!(field(&csv, "b,a", "addr"), format!("127.0.0.1:{}", site.origin.port));
    assert_eq!(field(&csv, "b,BACKEND", "algo"), "roundrobin");
}

#[test]
fn those_who_are_not_named_do_not_see_the_page() {
    let site = Site::new();
    let _proxy = site.start("  stats uri /stats\n  stats realm My\\ Page\n  stats auth a:b\n  stats auth admin:c:d");
    let ask = |fields: &str| Client::connect(site.page).ask(format!("GET /stats;csv HTTP/1.1\r\nHost: h\r\n{fields}\r\n"));
    let refused = ask("");
    assert_eq!((refused.status(), refused.value("www-authenticate").as_deref()), (401, Some("Basic realm=\"My Page\"")));
    assert_eq!(ask("Authorization: Basic YTpi\r\n").status(), 200);
    assert_eq!(ask("Authorization: basic YWRtaW46Yzpk\r\n").status(), 200);
    assert_eq!(ask("Authorization: Basic YTpj\r\n").status(), 401);
    assert_eq!(ask("Authorization: Basic YTo=\r\n").status(), 401);
    assert_eq!(ask("Authorization: Basic !\r\n").status(), 401);
    assert_eq!(ask("Authorization: Bearer YTpi\r\n").status(), 401);
}

#[test]
fn rules_of_the_page_allow_deny_and_ask() {
    let site = Site::new();
    let _proxy = site.start(
        "  stats uri /stats\n  stats http-request deny if { path /stats/never }\n  stats http-request allow if { path /stats/open }\n\
         \x20 stats http-request auth realm R unless { path /stats/free }",
    );
    let status = |target: &str| get(site.page, target).status();
    assert_eq!(["/stats/never", "/stats/open", "/stats/free", "/stats"].map(status), [403, 200, 200, 401]);
}

#[test]
fn buttons_change_servers_for_those_who_may() {
    let site = Site::new();
    let proxy = site.start("  stats uri /stats\n  stats refresh 1m\n  stats admin if { src 127.0.0.1 } !{ path /stats/guest }");
    let mut client = Client::connect(site.page);
    let mut post = |target: &str, body: &str| {
        let head = format!("POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
        let answer = client.ask(head + body);
        (answer.status(), answer.value("location").unwrap_or_default())
    };
    let to = |outcome: &str| (303, format!("/stats;st={outcome}"));
    assert_eq!(post("/stats", "s=a&action=maint&b=b"), to("DONE"));
    check_row(&ask(&proxy, "show stat"), "b,a", &[("status", "MAINT")]);
    check_row(&ask(&proxy, "show stat"), "b,BACKEND", &[("status", "DOWN")]);
    assert_eq!(get(site.port, "/").status(), 503);
    assert_eq!(post("/stats;norefresh", "s=a&s=z&action=ready&b=%233"), (303, "/stats;st=DONE;norefresh".into()));
    assert_eq!(get(site.port, "/").text(), "site");
    assert_eq!(post("/stats", "s=a&s=nobody&action=ready&b=b"), to("PART"));
    assert_eq!(post("/stats", "s=nobody&action=ready&b=b"), to("ERRP"));
    assert_eq!(post("/stats", "s=a&action=dance&b=b"), to("ERRP"));
    assert_eq!(post("/stats", "s=a&action=ready&b=nowhere"), to("ERRP"));
    assert_eq!(post("/stats", "action=ready&b=b"), to("NONE"));
    assert_eq!(post("/stats", ""), to("NONE"));
    assert_eq!(post("/stats/guest", "s=a&action=maint&b=b"), to("DENY"));
    assert_eq!(post("/stats", &format!("s={}&action=ready&b=b", "a".repeat(40_000))), to("EXCD"));
    check_row(&ask(&proxy, "show stat"), "b,a", &[("status", "no check")]);
    assert!(get(site.page, "/stats;st=DENY").text().to_lowercase().contains("allowed") || is_standing_in());
    let chunked = "POST /stats HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ns=a&actio\r\nb\r\nn=maint&b=b\r\n0\r\n\r\n";
    let mut slow = Client::connect(site.page);
    slow.dribble(chunked);
    assert_eq!(slow.response().value("location"), Some("/stats;st=DONE".to_string()));
    check_row(&ask(&proxy, "show stat"), "b,a", &[("status", "MAINT")]);
}

#[test]
fn the_log_names_what_answered() {
    let site = Site::new();
    let _proxy = site.start("  stats uri /stats\n  http-request use-service prometheus-exporter if { path /metrics }");
    get(site.page, "/stats");
    let line = HttpLog::parse(&site.syslog.wait_for("GET /stats"));
    assert_eq!((line.server.as_str(), line.backend.as_str(), line.state.as_str(), line.status), ("<STATS>", "page", "LR--", 200));
    get(site.page, "/metrics");
    let line = HttpLog::parse(&site.syslog.wait_for("GET /metrics"));
    assert_eq!((line.server.as_str(), line.state.as_str(), line.status), ("<PROMEX>", "LR--", 200));
}

#[test]
fn metrics_are_told_as_prometheus_wants_them() {
    let site = Site::new();
    let _proxy = site.start("  http-request use-service prometheus-exporter if { path /metrics }\n  stats uri /stats");
    get(site.port, "/");
    let metrics = get(site.page, "/metrics");
    assert_eq!(metrics.value("content-type").as_deref(), Some("text/plain; version=0.0.4"));
    let text = metrics.text();
    let has = |line: &str| assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    has("# TYPE haproxy_frontend_http_responses_total counter");
    has("haproxy_frontend_http_responses_total{proxy=\"f\",code=\"2xx\"} 1");
    has("haproxy_server_status{proxy=\"b\",server=\"z\",state=\"MAINT\"} 1");
    has("haproxy_server_sessions_total{proxy=\"b\",server=\"a\"} 1");
    has("haproxy_process_nbproc 1");
    let scoped = get(site.page, "/metrics?scope=server&no-maint").text();
    assert!(!scoped.contains("haproxy_frontend_") && !scoped.contains("server=\"z\"") && scoped.contains("server=\"a\""), "{scoped}");
    assert_eq!(get(site.page, "/metrics?scope=wrong").status(), 400);
    assert_eq!(get(site.page, "/other").status(), 503);
}

#[test]
fn what_is_in_maintenance_is_plain_to_see() {
    if lacks("maintenance") {
        return;
    }
    let site = Site::new();
    let config = site.config("  stats uri /stats\n  http-request use-service prometheus-exporter if { path /metrics }");
    let proxy = Proxy::start(&config.replace("  option socket-stats", "  maintenance"));
    assert_eq!(field(&ask(&proxy, "show stat"), "f,FRONTEND", "status"), "OPEN");
    assert!(!get(site.page, "/stats").text().contains("In maintenance"));
    ask(&proxy, "set env maintenance.f=true");
    assert_eq!(field(&ask(&proxy, "show stat"), "f,FRONTEND", "status"), "MAINT");
    assert!(get(site.page, "/stats").text().contains("<b>In maintenance:</b> frontend f"));
    assert!(get(site.page, "/metrics").text().contains("byway_frontend_maintenance{proxy=\"f\"} 1\n"));
}

#[test]
fn counters_survive_a_reload() {
    if lacks("reloads within one process") {
        return;
    }
    let site = Site::new();
    let proxy = site.start("  stats uri /stats");
    get(site.port, "/");
    wait_until("it was counted", || field(&ask(&proxy, "show stat"), "b,a", "stot") == "1");
    assert!(ask(&proxy, "reload").contains("Success=1"));
    get(site.port, "/");
    wait_until("it was counted too", || field(&ask(&proxy, "show stat"), "b,a", "hrsp_2xx") == "2");
    check_row(&ask(&proxy, "show stat"), "f,sock-1", &[("stot", "2")]);
}

#[test]
fn a_large_page_waits_for_its_client_and_holds_nobody_up() {
    let site = Site::new();
    let servers: String = (0..10_000).map(|index| format!("  server s{index} 192.0.2.1:80\n")).collect();
    let proxy = site.start(&format!("  stats uri /stats\nbackend large\n{servers}"));
    let mut idle = Client::connect(site.page);
    idle.send("GET /stats;csv HTTP/1.1\r\nHost: h\r\n\r\n");
    let before = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(get(site.port, "/").text(), "site");
    }
    assert!(before.elapsed() < Duration::from_secs(5), "others are served meanwhile");
    if !is_standing_in() {
        assert!(proxy.resident_kib() < 200_000, "the page is not kept in memory");
    }
    let csv = idle.response().text();
    assert_eq!(csv.lines().filter(|line| line.starts_with("large,s")).count(), 10_000);
    assert!(csv.trim_end().lines().last().is_some_and(|line| line.starts_with("large,BACKEND,")));
}
