//! Values that rules keep for the log, through HAProxy 2.6 and through byway: `declare capture`, `capture ... id`, `capture ... len`.

use crate::beside::{Case, case, compare_cases};
use crate::support::client::get;
use crate::support::origin::Origin;
use crate::support::proxy::{PREAMBLE, Proxy, free_port};
use crate::support::syslog::Syslog;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-S: abcdef\r\n\r\nhi";
const GET: &str = "GET /x HTTP/1.1\r\nHost: h\r\nX-A: 1234567\r\nConnection: close\r\n\r\n";

const fn one(lines: &'static str) -> Case {
    case(lines, lines, GET, ANSWER)
}

const SEEN: &[Case] = &[
    one("declare capture request len 3\nhttp-request capture hdr(x-a) id 0\nhttp-request set-header X-B %[capture.req.hdr(0)]"),
    one(
        "declare capture request len 3\nhttp-request capture hdr(x-a) id 0 if { path /y }\nhttp-request set-header X-B %[capture.req.hdr(0)]",
    ),
    one("declare capture request len 8\ncapture request header X-A len 2\ndeclare capture request len 9\nhttp-request capture path id 2\n\
         http-request set-header X-B %[capture.req.hdr(0)]|%[capture.req.hdr(1)]|%[capture.req.hdr(2)]|%[capture.req.hdr(3)]"),
    one("declare capture response len 4\nhttp-response capture res.hdr(x-s) id 0\nhttp-response set-header X-B %[capture.res.hdr(0)]"),
    one("declare capture response len 4\nhttp-response capture res.hdr(x-t) id 0\nhttp-response set-header X-B %[capture.res.hdr(0)]"),
    one("http-request capture hdr(x-a) len 4\nhttp-request set-header X-B %[capture.req.hdr(0)]"),
];

#[test]
fn rules_keep_values_as_by_haproxy() {
    compare_cases(SEEN.iter());
}

#[test]
fn the_log_has_what_rules_of_both_sections_kept() {
    let (origin, port, syslog) = (Origin::answering(ANSWER), free_port(), Syslog::udp());
    let _proxy = Proxy::start(&format!(
        "{PREAMBLE}frontend f\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  option httplog\n  declare capture request len 3\n  \
         declare capture response len 4\n  declare capture request len 9\n  http-request capture path id 0\n  default_backend b\n\
         backend b\n  http-request capture method id 1\n  http-request capture method id 7\n  http-response capture res.hdr(x-s) id 0\n  \
         server s 127.0.0.1:{}\n",
        syslog.port, origin.port
    ));
    assert_eq!(get(port, "/long").text(), "hi");
    syslog.wait_for(" {/lo|GET} {abcd} \"GET /long HTTP/1.1\"");
}
