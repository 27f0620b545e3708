//! A kept-alive exchange allocates nothing once it runs: a counting allocator watches a session that goes through ACLs and
//! rules which do not match, with its log lines written.

use byway::access_log::record::LogLines;
use byway::config::model::LogTarget;
use byway::config::{self, Outside, Surroundings, TlsBinds};
use byway::sample::ProxyId;
use byway::session::{Action, Connected, Context, Desk, Output, Session};
use byway::state::queue::SessionKey;
use byway::state::variables::{Reader, Source};
use byway::state::{Running, State};
use byway::units::{Moment, WallClock};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

thread_local! {
    /// What this thread has asked of the allocator.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes on to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Nowhere;

impl Outside for Nowhere {
    fn resolve(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
    fn user(&self, _: &str) -> Option<u32> {
        None
    }
    fn group(&self, _: &str) -> Option<u32> {
        None
    }
    fn read_file(&self, name: &str) -> std::io::Result<Vec<u8>> {
        match name {
            "/networks.map" => Ok(b"10.0.0.0/8 inside\n198.51.100.0/24 guest\n2001:db8::/32 lab\n".to_vec()),
            "/paths.list" => Ok((0..1000).map(|number| format!("/no/{number}/\n")).collect::<String>().into_bytes()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

#[derive(Default)]
struct Lines {
    count: usize,
}

impl LogLines for Lines {
    fn push(&mut self, _: &LogTarget, _: u8, _: &[u8], _: &[u8]) {
        self.count += 1;
    }
    fn utc_offset_seconds(&self) -> i32 {
        0
    }
}

/// Twenty ACLs, eight rules that none of them makes true, rewrites that match nothing, and a cookie.
fn configuration() -> String {
    let mut text = String::from(
        "defaults\n mode http\n log 192.0.2.5:514 local0\n option httplog\n timeout connect 5s\n timeout client 50s\n timeout server 40s\n\
         frontend f\n bind 192.0.2.1:80\n option forwardfor\n",
    );
    let kinds = ["path_beg /no", "hdr(host) -i no.example", "src 10.0.0.0/8", "path_reg ^/no/[0-9]+$", "env_int(NO) gt 0"];
    for number in 0..20 {
        text.push_str(&format!(" acl a{number} {}\n", kinds[number % kinds.len()]));
    }
    text.push_str(" reqirep ^(GET\\ /no)(\\ .*) \\1/no.html\\2\n reqideny ^X-No:\n");
    for rule in 0..8 {
        text.push_str(&format!(" use_backend other if a{} or a{} !a{}\n", rule * 2, rule * 2 + 1, rule + 3));
    }
    text.push_str(
        " default_backend web\nbackend other\n server o 192.0.2.12:80\n\
         backend web\n cookie SID insert indirect nocache\n rspirep ^(Location:\\ )(http:[/]*)(.*) \\1https://\\3\n \
         server a 192.0.2.11:80 cookie A maxconn 10\n",
    );
    text
}

/// Twenty ACLs of as many kinds and eight rules of the dialect of today, some of which are due: addresses looked up in a map, users asked
/// for, a server named by a rule.
const MODERN: &str = "global
 log 192.0.2.5:514 local0
userlist people
 user joe insecure-password pw groups staff
 group staff
defaults
 mode http
 log global
 option httplog
 timeout connect 5s
 timeout client 50s
 timeout server 40s
frontend f
 bind 192.0.2.1:80
 acl a00 path_beg -f /paths.list
 acl a01 path_dir no
 acl a02 hdr_dom(host) no.example
 acl a03 src,map_ip(/networks.map) -m str guest
 acl a04 src,map_ip(/networks.map,none) -m str inside
 acl a05 http_auth(people)
 acl a06 http_auth_group(people) staff
 acl a07 url_param(x) 1
 acl a08 path_end .png
 acl a09 hdr_cnt(cookie) gt 3
 acl a10 cook(x) 2
 acl a11 dst_port 81
 acl a12 req.ver 1.0
 acl a13 path -m len 40:50
 acl a14 path -m sub /no/
 acl a15 nbsrv(other) lt 1
 acl a16 variable(NO) 1
 acl a17 method POST PUT
 acl a18 query -m reg ^x=[2-9]
 acl a19 hdr_ip(x-real) 10.0.0.0/8
 http-request deny if a00 or a01
 http-request deny if !a03
 http-request auth unless a05
 http-request redirect location /no if a02 or a08 or a09
 http-request tarpit if a10 or a11 or a12
 http-request set-log-level silent if a13 or a14 or a15 or a16
 use_backend other if a04 or a17 or a18 or a19 or !a07
 http-response set-status 500 if { status 404 }
 default_backend web
backend other
 server o 192.0.2.12:80
backend web
 use-server c if { hdr(x-no) -m found }
 use-server b if { http_auth_group(people) staff } { path_end .html }
 server a 192.0.2.11:80
 server b 192.0.2.13:80
 server c 192.0.2.14:80
";

#[test]
fn a_kept_alive_exchange_allocates_nothing() {
    exchange(&configuration(), "Cookie: x=1; SID=A");
}

#[test]
fn maps_users_and_a_named_server_allocate_nothing() {
    exchange(MODERN, "Cookie: x=1\r\nAuthorization: Basic am9lOnB3");
}

/// Has a session relay a hundred requests with these fields, the last ninety without allocating.
fn exchange(configuration: &str, fields: &str) {
    let source = config::Source { name: "test.cfg".into(), text: configuration.as_bytes().to_vec() };
    let surroundings = Surroundings {
        environment: &HashMap::new(),
        outside: &Nowhere,
        hostname: "box",
        maxconn: None,
        proxy_maxconn: None,
        local_peer: None,
        tls_binds: TlsBinds::Refuse,
    };
    let outcome = config::read(&[source], &surroundings);
    let told: Vec<_> = outcome.diagnostics.iter().map(|told| told.message.clone()).collect();
    let state = State::default();
    state.variables.set(Source::RunTime, "NO", Some(b"0"));
    let current = Rc::new(Arc::new(Running::new(outcome.config.unwrap_or_else(|| panic!("{told:?}")), &state, 1)));
    let mut variables = Reader::default();
    let (mut desk, mut out, mut log) = (Desk::default(), Output::default(), Lines::default());
    let key = SessionKey { worker: 0, index: 0, generation: 0 };
    let client = "198.51.100.7:1234".parse().ok();
    let mut session = None;
    let request = format!("GET /index.html?x=1 HTTP/1.1\r\nHost: www.example\r\nUser-Agent: curl/8\r\nAccept: */*\r\n{fields}\r\n\r\n");
    let request = request.as_bytes();
    let answer = b"HTTP/1.1 200 OK\r\nServer: s\r\nLocation: /here\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    let mut counts = Vec::with_capacity(100);
    for turn in 0..100u64 {
        let before = COUNT.with(Cell::get);
        variables.refresh(&state.variables);
        let cx = &mut Context {
            now: Moment(turn),
            wall: WallClock { seconds: 1_700_000_000 + turn as i64, millis: 7 },
            current: &current,
            state: &state,
            variables: &variables,
            desk: &mut desk,
            log: &mut log,
            out: &mut out,
            finishing: false,
            witness: None,
        };
        let session = session.get_or_insert_with(|| Session::accept(key, ProxyId(0), client, None, cx));
        assert_eq!(session.client_bytes(cx, request, false), request.len());
        assert!(matches!(cx.out.actions.pop(), Some(Action::Connect { .. })), "the request goes to a server");
        session.connected(cx, if turn == 0 { Connected::Fresh } else { Connected::Reused });
        assert!(cx.out.to_server.bytes.starts_with(b"GET /index.html?x=1 HTTP/1.1\r\n"));
        cx.out.to_server.clear();
        assert_eq!(session.server_bytes(cx, answer, false), answer.len());
        assert!(matches!(cx.out.actions.pop(), Some(Action::KeepServer { .. })), "both connections are kept");
        assert!(cx.out.to_client.bytes.ends_with(b"\r\n\r\nhello"));
        cx.out.to_client.clear();
        counts.push(COUNT.with(Cell::get) - before);
    }
    assert_eq!(log.count, 100);
    assert!(counts[0] > 0, "the counter counts");
    assert!(counts[10..].iter().all(|count| *count == 0), "allocations by request: {counts:?}");
}
