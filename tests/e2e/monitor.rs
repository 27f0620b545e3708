//! `monitor-net`: whoever connects from there is told that the proxy lives, at once, and nothing is logged.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use std::net::Ipv4Addr;

fn start(port: u16, monitor: &str, syslog: &Syslog, origin: &Origin) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  monitor-net {monitor}\n  server a 127.0.0.1:{}\n",
        syslog.port, origin.port
    ))
}

#[test]
fn a_connection_from_the_monitoring_network_is_answered_at_once_and_closed() {
    if lacks("monitor-net") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, "127.0.0.64/26", &syslog, &origin);
    let mut monitor = Client::connect_from(Ipv4Addr::new(127, 0, 0, 70), port);
    assert_eq!(monitor.read_to_end(), b"HTTP/1.0 200 OK\r\n\r\n", "19 bytes, without a request");
    assert_eq!(Client::connect(port).get("/visitor").text(), "a", "others are served");
    syslog.wait_for("/visitor");
    let traffic: Vec<String> = syslog.lines().into_iter().filter(|line| line.contains(" 127.0.0.")).collect();
    assert_eq!(traffic.len(), 1, "the monitor is not logged: {traffic:?}");
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn a_monitor_that_sends_a_request_gets_the_same_answer() {
    if lacks("monitor-net") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, "127.0.0.9", &syslog, &origin);
    let mut monitor = Client::connect_from(Ipv4Addr::new(127, 0, 0, 9), port);
    let _ = monitor.wire().send(b"GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    assert_eq!(monitor.read_exactly(19), b"HTTP/1.0 200 OK\r\n\r\n");
    assert!(origin.received().is_empty());
}

#[test]
fn the_monitoring_network_may_be_a_host_name() {
    if lacks("monitor-net") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, "localhost", &syslog, &origin);
    assert_eq!(Client::connect(port).read_to_end(), b"HTTP/1.0 200 OK\r\n\r\n");
    assert_eq!(Client::connect_from(Ipv4Addr::new(127, 0, 0, 2), port).get("/").text(), "a");
}
