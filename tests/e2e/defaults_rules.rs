//! Rules and ACLs in named `defaults` sections: they come before a section's own, and end where `allow` says, in HAProxy 2.6 as in byway.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use std::sync::Arc;

fn answers(program: &std::ffi::OsStr) -> Vec<String> {
    let (origin, port) = (Origin::named("s"), free_port());
    let config = format!(
        "global\n  nbthread 1\ndefaults plain\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         defaults ruled from plain\n  acl x path_beg /x\n  http-request deny status 404 if x {{ path_end /no }}\n  http-request allow if {{ path /free }}\n  \
         http-request set-header X-From %[fe_name]\n  http-response set-header X-Order a\n  http-response add-header X-List a\n  \
         http-after-response set-header X-After yes\n\
         frontend f from ruled\n  bind 127.0.0.1:{port}\n  acl x path_beg /y\n  http-request deny status 403 if x\n  \
         http-request deny status 429 if {{ path /free }} or {{ path /paid }}\n  http-response set-header X-Order b\n  http-response add-header X-List b\n  \
         default_backend b\n\
         backend b from plain\n  server s 127.0.0.1:{}\n",
        origin.port
    );
    let _proxy = Proxy::start_program(program, Arc::new(Folder::new()), &config, |_| ());
    let mut seen = Vec::new();
    for path in ["/x/no", "/x/yes", "/y", "/free", "/paid", "/"] {
        let answer = Client::connect(port).ask(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));
        let field = |name: &str| answer.values(name).join(",");
        seen.push(format!("{path} {} {} {} {}", answer.status(), field("x-order"), field("x-list"), field("x-after")));
    }
    for request in origin.visits() {
        seen.push(request.values("x-from").join(","));
    }
    seen
}

#[test]
fn rules_of_defaults_come_first_and_allow_ends_all() {
    let expected = ["/x/no 404   yes", "/x/yes 200 b a,b yes", "/y 403   yes", "/free 200 b a,b yes", "/paid 429   yes", "/ 200 b a,b yes"];
    let seen = answers(&program());
    assert_eq!(seen[..6], expected);
    assert!(seen[6..].iter().all(|from| from.is_empty() || from == "f"), "{seen:?}");
    if std::path::Path::new("/usr/sbin/haproxy").exists() {
        assert_eq!(answers("/usr/sbin/haproxy".as_ref()), seen);
    }
}
