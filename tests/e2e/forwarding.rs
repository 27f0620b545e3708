//! `option forwardfor [except NET]`: the client's address for the server. And the tcpka options, seen in the kernel's own timers.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::wait_until;
use crate::support::wire::assert_same;
use std::net::Ipv4Addr;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[track_caller]
fn check(options: &str, last: u8, request: &str, expected: &str) {
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n{options}\n  server a 127.0.0.1:{}\n", origin.port));
    Client::connect_from(Ipv4Addr::new(127, 0, 0, last), port).ask(request);
    assert_same(&format!("{options} from 127.0.0.{last}"), &origin.only_request().head, expected.as_bytes());
}

const GET: &str = "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n";

#[test]
fn a_request_of_an_old_client_goes_on_in_our_own_version_and_names_its_host() {
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n", origin.port));
    for (sent, expected) in [
        ("GET /1 HTTP/1.0\r\n\r\n", format!("GET /1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")),
        ("GET /2 HTTP/1.0\r\nHost: e2e\r\nX-A: 1\r\n\r\n", "GET /2 HTTP/1.1\r\nHost: e2e\r\nX-A: 1\r\n\r\n".into()),
        ("GET /3 HTTP/1.0\r\nHost: e2e\r\nConnection: keep-alive\r\n\r\n", "GET /3 HTTP/1.1\r\nHost: e2e\r\n\r\n".into()),
    ] {
        Client::connect(port).ask(sent);
        assert_same(sent, &origin.received().pop().unwrap().head, expected.as_bytes());
    }
}

#[test]
fn forwardfor_appends_the_clients_address() {
    check("  option forwardfor", 1, GET, "GET / HTTP/1.1\r\nHost: e2e\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n");
    check("  option forwardfor", 9, GET, "GET / HTTP/1.1\r\nHost: e2e\r\nX-Forwarded-For: 127.0.0.9\r\n\r\n");
    check("", 1, GET, GET);
}

#[test]
fn forwardfor_never_merges_with_a_field_that_came() {
    check(
        "  option forwardfor",
        1,
        "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nHost: e2e\r\n\r\n",
        "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nHost: e2e\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n",
    );
}

#[test]
fn forwardfor_leaves_out_the_excepted_network() {
    check("  option forwardfor except 127.0.0.1", 1, GET, GET);
    check("  option forwardfor except 127.0.0.1", 2, GET, "GET / HTTP/1.1\r\nHost: e2e\r\nX-Forwarded-For: 127.0.0.2\r\n\r\n");
    check("  option forwardfor except 127.0.0.0/8", 77, GET, GET);
}

#[test]
fn forwardfor_takes_another_name() {
    check("  option forwardfor header X-Client", 1, GET, "GET / HTTP/1.1\r\nHost: e2e\r\nX-Client: 127.0.0.1\r\n\r\n");
}

/// Does the kernel run a keep-alive timer (`02` in /proc/net/tcp) on an established connection between these ports? `None` is any port.
fn has_keepalive_timer(local: Option<u16>, remote: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let ending = |port: u16| format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, from, to, "01", _, timer, ..] = words[..] else { return false };
        local.is_none_or(|port| from.ends_with(&ending(port))) && to.ends_with(&ending(remote)) && timer.starts_with("02:")
    })
}

#[track_caller]
fn check_keepalive(option: &str, client_side: bool, server_side: bool) {
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n{option}\n  server a 127.0.0.1:{}\n", origin.port));
    let mut client = Client::connect(port);
    client.get("/");
    let seen = || (has_keepalive_timer(Some(port), client.port()), has_keepalive_timer(None, origin.port));
    wait_until(&format!("'{option}' gave keep-alive timers {client_side} and {server_side}, and not {:?}", seen()), || {
        seen() == (client_side, server_side)
    });
}

#[test]
fn the_tcpka_options_turn_on_keepalive_probes_on_their_side() {
    check_keepalive("  option clitcpka", true, false);
    check_keepalive("  option srvtcpka", false, true);
    check_keepalive("  option tcpka", true, true);
    check_keepalive("", false, false);
}
