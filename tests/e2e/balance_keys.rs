//! Which server a key leads to: `balance source`, `uri`, `url_param` and `hdr` under every `hash-type`, with the choices that
//! HAProxy 2.6 makes; and what becomes of a request without a key, or whose server is full or down.

use crate::support::client::{Client, get};
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use std::net::Ipv4Addr;

/// Servers a, b, c, ... with these parameters, behind one worker.
struct Farm {
    port: u16,
    _origins: Vec<Origin>,
    _proxy: Proxy,
}

fn farm(balance: &str, servers: &[&str]) -> Farm {
    let names = ["a", "b", "c", "d", "e"];
    let origins: Vec<Origin> = names.iter().take(servers.len()).map(|name| Origin::named(name)).collect();
    let lines = names.iter().zip(&origins).zip(servers);
    let lines: String = lines.map(|((name, origin), more)| format!("  server {name} 127.0.0.1:{} {more}\n", origin.port)).collect();
    let port = free_port();
    let config = format!(
        "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  balance {balance}\n{lines}"
    );
    Farm { port, _origins: origins, _proxy: Proxy::start(&config) }
}

const PATHS: [&str; 24] = [
    "/",
    "/a",
    "/b",
    "/index.html",
    "/a/b/c",
    "/a/b/d",
    "/a/c/d",
    "/img/logo.png",
    "/img/x.png",
    "/css/site.css",
    "/js/app.js",
    "/user/1",
    "/user/2",
    "/user/3",
    "/user/4",
    "/user/5",
    "/q?id=1",
    "/q?id=2",
    "/q?x=y&id=3",
    "/q?id=42&x",
    "/long/path/with/many/parts/to/it.html",
    "/~me",
    "/%20",
    "/zz",
];

#[track_caller]
fn check_paths(balance: &str, servers: &[&str], expected: &str) {
    let farm = farm(balance, servers);
    let chosen: String = PATHS.iter().map(|path| get(farm.port, path).text()).collect();
    assert_eq!(chosen, expected, "balance {balance:?} {servers:?}");
}

const EQUAL: [&str; 4] = [""; 4];
const WEIGHTED: [&str; 4] = ["weight 10", "weight 20", "weight 30", "weight 5"];

#[test]
fn a_uri_leads_to_haproxys_server() {
    check_paths("uri", &EQUAL, "dcdcbcdbadbabcdacccccdad");
    check_paths("uri", &WEIGHTED, "cbcbcacbaccccdabccccccac");
    check_paths("uri whole", &EQUAL, "dcdcbcdbadbabcdaababcdad");
    check_paths("uri depth 1", &EQUAL, "dcdccccaaaacccccccccddad");
    check_paths("uri len 4", &EQUAL, "dcdabbcaaadaaaaaccccadad");
    check_paths("uri path-only", &EQUAL, "dcdcbcdbadbabcdacccccdad");
}

#[test]
fn every_hash_function_leads_to_haproxys_server() {
    check_paths("uri\n  hash-type map-based djb2", &WEIGHTED, "babdbcbbccdabcbcbbbbdbcc");
    check_paths("uri\n  hash-type map-based wt6", &WEIGHTED, "ababcbccccccccbcbbbbbbcc");
    check_paths("uri\n  hash-type map-based crc32", &WEIGHTED, "bcccdcbccbcbccccbbbbbacc");
    check_paths("uri\n  hash-type map-based sdbm avalanche", &WEIGHTED, "bcbcbccbbcabccabccccbaca");
}

#[test]
fn the_ring_is_haproxys() {
    check_paths("uri\n  hash-type consistent", &EQUAL, "bdbdababcccadacaccccccaa");
    check_paths("uri\n  hash-type consistent", &WEIGHTED, "bdbdacbbbbaccaaccccccbca");
    check_paths("uri\n  hash-type consistent sdbm", &EQUAL, "dddbdddcadbddddddddddbdd");
    check_paths("uri\n  hash-type consistent djb2 avalanche", &["id 7", "", "id 100 weight 2", ""], "ccddcbcddccdaccddddddcab");
}

#[test]
fn requests_without_the_parameter_take_turns() {
    check_paths("url_param id", &EQUAL, "abcdabcdabcdabcdbcdcabcd");
    check_paths("url_param x", &EQUAL, "abcdabcdabcdabcdabbcdabc");
}

#[test]
fn a_header_leads_to_haproxys_server() {
    check_hosts("hdr(host)", "cbccdddc");
    check_hosts("hdr(X-Key)", "cbccdddc");
    check_hosts("hdr(host) use_domain_only", "ccccdcac");
    check_hosts("hdr(missing)", "abcdabcd");
}

#[track_caller]
fn check_hosts(balance: &str, expected: &str) {
    let farm = farm(balance, &EQUAL);
    let hosts = ["www.example.com", "example.com", "example.org:80", "a.b.c", "localhost", "192.0.2.1", "x.y", "mail.example.net"];
    let request = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Key: {host}, other\r\n\r\n");
    let ask = |host: &str| Client::connect(farm.port).ask(request(host)).text();
    assert_eq!(hosts.map(ask).concat(), expected, "{balance}");
}

#[test]
fn a_clients_address_leads_to_haproxys_server() {
    check_sources("source", &EQUAL, "bcdabcdabcdabcdabcda");
    check_sources("source", &WEIGHTED, "cdabcbccabccabcbccdb");
    check_sources("source\n  hash-type map-based sdbm avalanche", &EQUAL, "ddcddcdcdbdcdabbcadc");
    check_sources("source\n  hash-type consistent", &EQUAL, "ddcadacaabbacddbdddd");
}

#[track_caller]
fn check_sources(balance: &str, servers: &[&str], expected: &str) {
    let farm = farm(balance, servers);
    let from = |last: u8| Client::connect_from(Ipv4Addr::new(127, 0, last / 10, last), farm.port).get("/").text();
    assert_eq!((1..=20).map(from).collect::<String>(), expected, "{balance:?}");
}

#[test]
fn a_key_in_mode_tcp_is_the_clients_address() {
    check_sources("source\n  mode tcp", &EQUAL, "bcdabcdabcdabcdabcda");
}

#[test]
fn a_server_that_is_out_gets_no_keys() {
    check_paths("uri", &["", "disabled", "", ""], "dacadaaacaadacdaccccacac");
    check_paths("uri\n  hash-type consistent", &["", "disabled", "", ""], "adddacaccccadacaccccccaa");
    check_paths("uri", &["weight 0", "", "", ""], "dbcbdbbbcbbdbcdbccccbcbc");
    check_paths("uri", &["disabled", "backup", "backup", "disabled"], "bbbbbbbbbbbbbbbbbbbbbbbb");
}
