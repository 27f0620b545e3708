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
    fn read_file(&self, _: &str) -> std::io::Result<Vec<u8>> {
        Err(std::io::ErrorKind::NotFound.into())
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

#[test]
fn a_kept_alive_exchange_allocates_nothing() {
    let source = config::Source { name: "test.cfg".into(), text: configuration().into_bytes() };
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
    let request = b"GET /index.html?x=1 HTTP/1.1\r\nHost: www.example\r\nUser-Agent: curl/8\r\nAccept: */*\r\nCookie: x=1; SID=A\r\n\r\n";
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
