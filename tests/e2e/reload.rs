//! SIGHUP: the same process takes up a new configuration, whole, or keeps the old one and says why. And the signals that end it.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port, listeners};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use crate::switches::{Site, set};
use nix::sys::signal::Signal;
use std::time::Duration;

fn config(port: u16, syslog: &Syslog, server: u16) -> String {
    format!(
        "global\n  stats socket @DIR@/control level admin\n  log 127.0.0.1:{} local0\n\
         defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{server}\n",
        syslog.port
    )
}

#[test]
fn sighup_takes_up_the_new_configuration_in_the_same_process() {
    if lacks("a reload in the same process") {
        return;
    }
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    for (server, expected) in [(b.port, "b"), (a.port, "a"), (b.port, "b")] {
        proxy.rewrite_config(&config(port, &syslog, server));
        proxy.signal(Signal::SIGHUP);
        wait_until(&format!("new requests went to {expected}"), || Client::connect(port).get("/").text() == expected);
        assert_eq!(client.get("/").text(), expected, "the connection from before lives on under the new configuration");
    }
    assert!(proxy.is_running());
}

#[test]
fn sighup_begins_to_listen_where_the_new_configuration_says_and_stops_elsewhere() {
    if lacks("a reload in the same process") {
        return;
    }
    let (origin, syslog, first, second) = (Origin::named("a"), Syslog::udp(), free_port(), free_port());
    let mut proxy = Proxy::start(&config(first, &syslog, origin.port));
    proxy.rewrite_config(&config(second, &syslog, origin.port));
    proxy.signal(Signal::SIGHUP);
    proxy.wait_listening();
    assert_eq!(Client::connect(second).get("/").text(), "a");
    wait_until("the old port was closed", || listeners(first).is_empty());
    assert!(Client::try_connect(first).is_err());
}

#[track_caller]
fn check_refused(change: impl Fn(&str) -> String, told: &[&str]) {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    proxy.rewrite_config(&change(&config(port, &syslog, b.port)));
    proxy.signal(Signal::SIGHUP);
    for needle in told {
        syslog.wait_for(needle);
    }
    assert_eq!(client.get("/").text(), "a", "the old configuration stays in force");
    assert_eq!(Client::connect(port).get("/").text(), "a");
    proxy.rewrite_config(&config(port, &syslog, b.port));
    proxy.signal(Signal::SIGHUP);
    wait_until("the repaired configuration was taken up", || client.get("/").text() == "b");
}

#[test]
fn sighup_with_a_fault_keeps_the_old_configuration_and_logs_the_fault_with_its_line() {
    if lacks("a reload in the same process") {
        return;
    }
    check_refused(|good| good.replace("  bind", "  blind"), &["haproxy.cfg:11", "blind"]);
    check_refused(|good| good.replace("  timeout client 10s", "  timeout client soon"), &["haproxy.cfg:7", "soon"]);
    check_refused(|good| format!("{good}  default_backend nowhere\n"), &["haproxy.cfg:13", "nowhere"]);
}

#[test]
fn sighup_with_a_port_in_use_keeps_the_old_configuration() {
    if lacks("a reload in the same process") {
        return;
    }
    let taken = Origin::named("someone else");
    let line = format!("  bind 127.0.0.1:{}\n  server s", taken.port);
    check_refused(|good| good.replace("  server s", &line), &["haproxy.cfg:12"]);
}

#[test]
fn sighup_with_a_file_that_is_gone_keeps_the_old_configuration() {
    if lacks("a reload in the same process") {
        return;
    }
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let proxy = Proxy::start(&config(port, &syslog, a.port));
    std::fs::remove_file(proxy.config()).expect("a file");
    proxy.signal(Signal::SIGHUP);
    syslog.wait_for("haproxy.cfg");
    assert_eq!(Client::connect(port).get("/").text(), "a");
}

#[test]
fn a_variable_set_at_run_time_outlives_a_reload() {
    if lacks("a reload in the same process") {
        return;
    }
    let site = Site::new();
    let mut proxy = Proxy::start(&site.variable_config());
    set(&proxy, "maintenance_mode=true");
    let second = free_port();
    let text = site.variable_config();
    proxy.rewrite_config(&text.replace("  default_backend site", &format!("  bind 127.0.0.1:{second}\n  default_backend site")));
    proxy.signal(Signal::SIGHUP);
    proxy.wait_listening();
    assert_eq!(Client::connect(second).get("/").text(), "maintenance");
    assert_eq!(Client::connect(site.port).get("/").text(), "maintenance");
}

#[test]
fn a_request_in_progress_ends_under_the_configuration_that_it_began_with() {
    if lacks("a reload in the same process") {
        return;
    }
    let slow = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let go = request.value("X-Go").unwrap_or_default();
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")?;
            wait_until("the test let it go on", || std::path::Path::new(&go).exists());
            visit.wire.send(b"half")?;
        }
        Ok(())
    });
    let (b, syslog, port) = (Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, slow.port));
    let go = proxy.folder().join("go");
    let mut client = Client::connect(port);
    client.send(format!("GET /slow HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", go.display()));
    slow.wait_received(1);
    proxy.rewrite_config(&config(port, &syslog, b.port));
    proxy.signal(Signal::SIGHUP);
    wait_until("new requests went to b", || {
        let mut probe = Client::connect(port);
        probe.send(format!("GET / HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", proxy.config().display()));
        probe.response().text() == "b"
    });
    std::fs::write(&go, "").expect("a file");
    assert_eq!(client.response().text(), "halfhalf");
    assert_eq!(client.get("/").text(), "b");
}

#[test]
fn sigusr1_finishes_and_ends_with_status_0() {
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    assert_eq!(Client::connect(port).get("/").text(), "a");
    proxy.signal(Signal::SIGUSR1);
    assert_eq!(proxy.wait_exit().code(), Some(0));
    assert!(listeners(port).is_empty());
}

#[test]
fn sigterm_and_sigint_end_it_at_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let origin = Origin::script(|visit| {
            visit.request()?;
            visit.hold()
        });
        let (syslog, port) = (Syslog::udp(), free_port());
        let mut proxy = Proxy::start(&config(port, &syslog, origin.port));
        let mut client = Client::connect(port);
        client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
        origin.wait_received(1);
        let begun = std::time::Instant::now();
        proxy.signal(signal);
        proxy.wait_exit();
        assert!(begun.elapsed() < Duration::from_secs(5), "{signal}: it does not wait for its visitors");
        assert!(listeners(port).is_empty());
    }
}
