//! Statistics of the same traffic through HAProxy 2.6 and through byway: the same columns, empty in the same places, and the same
//! numbers where what is counted is the same.

use crate::support::client::{Client, get};
use crate::support::control::ask;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::{tell_skipped, wait_until};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

const HAPROXY: &str = "/usr/sbin/haproxy";

/// Columns that count the same things in the same way.
const COMPARED: &[&str] = &[
    "qcur",
    "qmax",
    "scur",
    "slim",
    "stot",
    "dreq",
    "dresp",
    "ereq",
    "econ",
    "eresp",
    "wretr",
    "wredis",
    "status",
    "weight",
    "act",
    "bck",
    "qlimit",
    "pid",
    "iid",
    "sid",
    "lbtot",
    "type",
    "rate_lim",
    "hrsp_1xx",
    "hrsp_2xx",
    "hrsp_3xx",
    "hrsp_4xx",
    "hrsp_5xx",
    "req_tot",
    "cli_abrt",
    "mode",
    "algo",
    "cookie",
    "conn_tot",
    "intercepted",
    "uweight",
];

/// Columns that depend on the time or the addresses of a run.
const OWN: &[&str] = &["srv_abrt", "last_chk", "check_code", "check_status", "check_duration", "check_desc", "hanafail", "tracked"];

struct Listing {
    names: Vec<String>,
    rows: BTreeMap<(String, String), Vec<String>>,
}

/// Runs some traffic of all kinds through a program, and lists what it counted.
fn listing(program: &OsString) -> (Listing, String) {
    let origin = Origin::named("site");
    let broken = Origin::script(|visit| visit.request().map(|_| ()));
    let [port, plain, tcp, page, dead] = [(); 5].map(|()| free_port());
    let (site, broken_port) = (origin.port, broken.port);
    let config = format!(
        "global\n  stats socket @DIR@/control level admin\n  maxconn 100\n\
         defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 1s\n  retries 1\n  option redispatch\n\
         frontend f\n  bind 127.0.0.1:{port} name main\n  option socket-stats\n  maxconn 50\n  id 77\n\
         \x20 http-request deny if {{ path /denied }}\n  http-request redirect location / if {{ path /moved }}\n\
         \x20 use_backend dead if {{ path /dead }}\n  use_backend broken if {{ path /broken }}\n  default_backend b\n\
         frontend plain\n  bind 127.0.0.1:{plain}\n  default_backend b2\n\
         listen tcp\n  mode tcp\n  bind 127.0.0.1:{tcp}\n  server t 127.0.0.1:{site}\n\
         listen page\n  bind 127.0.0.1:{page}\n  stats uri /stats\n\
         backend b\n  balance roundrobin\n  cookie SRV insert\n  http-response deny if {{ path /response }}\n\
         \x20 server a 127.0.0.1:{site} cookie c1 maxconn 5\n  server z 127.0.0.1:{site} disabled\n  server k 127.0.0.1:{site} backup weight 20 maxqueue 3 id 90\n\
         backend b2\n  balance uri\n  fullconn 10\n  server a 127.0.0.1:{site}\n\
         backend dead\n  server d 127.0.0.1:{dead}\nbackend broken\n  server x 127.0.0.1:{broken_port}\nbackend empty\n"
    );
    let proxy = Proxy::start_program(program, Arc::new(Folder::new()), &config, |_| ());
    for target in ["/", "/a", "/denied", "/moved", "/dead", "/broken"] {
        get(port, target);
    }
    get(plain, "/");
    let mut client = Client::connect(tcp);
    client.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    drop(client);
    let mut bad = Client::connect(port);
    bad.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n");
    bad.read_to_end();
    get(page, "/stats;csv");
    get(page, "/other");
    // The way in which the tests see that a port listens is a connection as well.
    let read = || ask(&proxy, "show stat");
    wait_until("everything has ended", || {
        read().lines().skip(1).all(|line| line.split(',').nth(4).is_none_or(|now| now == "0" || now.is_empty()))
    });
    let typed = ask(&proxy, "show stat typed");
    let csv = read();
    let mut lines = csv.trim_end().lines();
    let names = lines.next().unwrap().trim_start_matches("# ").split(',').map(str::to_string).collect();
    let rows = lines.map(|line| {
        let fields: Vec<String> = line.split(',').map(str::to_string).collect();
        ((fields[0].clone(), fields[1].clone()), fields)
    });
    (Listing { names, rows: rows.collect() }, typed)
}

/// `S.7.1.4.scur.1:MGP:u32` of each line, without numbers of rows.
fn types(typed: &str) -> BTreeMap<(String, String), String> {
    let lines = typed.lines().filter_map(|line| {
        let mut parts = line.splitn(6, '.');
        let letter = parts.next()?;
        let (position, name, rest) = (parts.nth(2)?, parts.next()?, parts.next()?);
        let tags = rest.split(':').skip(1).take(2).collect::<Vec<_>>().join(":");
        Some(((letter.to_string(), name.to_string()), format!("{position} {tags}")))
    });
    lines.collect()
}

#[test]
fn the_same_traffic_makes_the_same_listing() {
    if !Path::new(HAPROXY).exists() {
        return tell_skipped("HAProxy is not installed");
    }
    let (theirs, their_types) = listing(&HAPROXY.into());
    let (ours, our_types) = listing(&program());
    assert_eq!(ours.names, theirs.names, "the columns");
    assert_eq!(ours.rows.keys().collect::<Vec<_>>(), theirs.rows.keys().collect::<Vec<_>>(), "the rows");
    let mut differences = Vec::new();
    for (row, fields) in &theirs.rows {
        for (index, name) in theirs.names.iter().enumerate() {
            let (their, our) = (&fields[index], &ours.rows[row][index]);
            let compared = COMPARED.contains(&name.as_str()) && their != our;
            let empty = !OWN.contains(&name.as_str()) && their.is_empty() != our.is_empty();
            if compared || empty {
                differences.push(format!("{}/{} {name}: haproxy '{their}', byway '{our}'", row.0, row.1));
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    let (theirs, ours) = (types(&their_types), types(&our_types));
    for (field, their) in &theirs {
        if let Some(our) = ours.get(field) {
            assert_eq!(our, their, "{field:?}");
        }
    }
}
