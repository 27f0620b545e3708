//! Which server gets a request: roundrobin in its exact order, weights, and backups.

use crate::support::client::{Client, get};
use crate::support::origin::{CHECK_PATH, Origin};
use crate::support::proxy::{Proxy, free_port};
use crate::support::syslog::Syslog;

/// Names of the servers that `count` requests came to, one connection each, with a single worker.
fn sequence(servers: &[(&str, &str)], count: usize) -> String {
    let origins: Vec<Origin> = servers.iter().map(|(name, _)| Origin::named(name)).collect();
    let lines: String =
        servers.iter().zip(&origins).map(|((name, more), origin)| format!("  server {name} 127.0.0.1:{} {more}\n", origin.port)).collect();
    let port = free_port();
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  balance roundrobin\n{lines}"));
    (0..count).map(|_| get(port, "/").text()).collect()
}

#[test]
fn roundrobin_takes_the_servers_in_turn_beginning_with_the_first() {
    assert_eq!(sequence(&[("a", ""), ("b", ""), ("c", "")], 9), "abcabcabc");
}

#[test]
fn roundrobin_mixes_weights_evenly() {
    assert_eq!(sequence(&[("a", "weight 3"), ("b", "weight 1")], 8), "aaabaaab");
    assert_eq!(sequence(&[("a", "weight 1"), ("b", "weight 3")], 8), "bbbabbba");
    assert_eq!(sequence(&[("a", "weight 1"), ("b", "weight 2"), ("c", "weight 3")], 12), "cbcacbcbcacb");
    assert_eq!(sequence(&[("a", "weight 5"), ("b", "weight 1"), ("c", "weight 1")], 7), "aaabaac");
}

#[test]
fn requests_on_one_connection_are_balanced_too() {
    let (a, b, port) = (Origin::named("a"), Origin::named("b"), free_port());
    let _proxy = Proxy::start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  option http-server-close\n  balance roundrobin\n  server a 127.0.0.1:{}\n  server b 127.0.0.1:{}\n",
        a.port, b.port
    ));
    let mut client = Client::connect(port);
    assert_eq!((0..6).map(|_| client.get("/").text()).collect::<String>(), "ababab");
}

#[test]
fn a_backup_gets_nothing_while_an_active_server_is_there() {
    assert_eq!(sequence(&[("a", ""), ("b", "backup"), ("c", "")], 6), "acacac");
}

#[test]
fn without_an_active_server_the_first_backup_gets_everything() {
    assert_eq!(sequence(&[("a", "backup"), ("b", "backup")], 4), "aaaa");
}

#[test]
fn a_backup_takes_over_when_the_last_active_server_goes_down_and_hands_back() {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend w\n\
         backend w\n  option httpchk GET {CHECK_PATH}\n  server a 127.0.0.1:{} check inter 100 rise 2 fall 2\n  server b 127.0.0.1:{} backup\n",
        syslog.port, a.port, b.port
    ));
    a.wait_received(1);
    assert_eq!(get(port, "/").text(), "a");
    a.answer_checks_with(500);
    let down = syslog.wait_for("Server w/a is DOWN");
    assert!(down.contains("0 active and 1 backup servers left. Running on backup."), "{down}");
    assert_eq!(get(port, "/").text(), "b");
    a.answer_checks_with(200);
    syslog.wait_for("Server w/a is UP");
    assert_eq!(get(port, "/").text(), "a");
}
