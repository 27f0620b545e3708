//! Users and passwords, through HAProxy 2.6 and through byway: `userlist`, `http_auth`, `http_auth_group`, `http-request auth`,
//! `option http-use-proxy-header`; and what only byway promises: that a hashed password is not hashed again with every request.

use crate::beside::{Case, case, compare_cases};
use crate::support::client::Client;
use crate::support::proxy::{Folder, PREAMBLE, Proxy, free_port};
use crate::support::wait_until;
use nix::sys::signal::Signal;
use std::sync::Arc;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

const USERS: &str = "userlist other\n  user a insecure-password other\nuserlist staff\n  group g1 users a,b\n  group g2\n  \
    group g3\n  user a insecure-password pw\n  user b password $1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1\n  \
    user c password $5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA groups g2\n  user d insecure-password x groups g2,g1\n  \
    user e password $6$rounds=1500$abc$F2.P6iSAFLF.06eJJhrWJrLoNFr9TdmGOJ3HNhFCs4KFYVW3TBrMkDC4CRKRjihyhxez15iQzKMjQRhcJcFz90\n  \
    user f password $2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/// Every user with the right password, and some with a wrong one; then nobody.
const EVERYBODY: &str = "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpwdw==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTp4\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTo=\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YjpzZWNyZXQ=\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YjpTZWNyZXQ=\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YzpzZWNyZXQ=\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ZDp4\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic eno6eA==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ZTpzZWNyZXQ=\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ZjpzZWNyZXQ=\r\n\r\n\
     GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// Credentials that are none, or written oddly.
const ODD: &str = "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpwdw\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization:  bASIC  YTpwdw==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YQ==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer YTpwdw==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic YTpwdw==\r\n\r\n\
     GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// Requests to a proxy, and one to a server.
const PROXIED: &str = "GET http://h/ HTTP/1.1\r\nHost: h\r\nProxy-Authorization: Basic YTpwdw==\r\n\r\n\
     GET http://h/ HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpwdw==\r\n\r\n\
     GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic YTpwdw==\r\nConnection: close\r\n\r\n";

const fn users(lines: &'static str, sent: &'static str) -> Case {
    case(lines, lines, sent, OK).behind(USERS)
}

const SEEN: &str =
    "http-request set-header X-A \"%[http_auth(staff)]|%[http_auth_group(staff)]|%[http_auth_type]|%[http_auth_user]|%[http_auth_pass]\"";

const CASES: &[Case] = &[
    users(SEEN, EVERYBODY),
    users(SEEN, ODD),
    users("http-request auth unless { http_auth(staff) }", EVERYBODY),
    users("http-request auth realm \"the staff\" unless { http_auth(staff) }", EVERYBODY),
    users("http-request auth unless { http_auth(other) }", EVERYBODY),
    users("http-request auth unless { http_auth_group(staff) g1 }", EVERYBODY),
    users("acl chosen http_auth_group(staff) g3 g2\nhttp-request auth unless chosen", EVERYBODY),
    users("http-request auth unless { http_auth_group(staff) g3 }", EVERYBODY),
    users("option http-use-proxy-header\nhttp-request auth unless { http_auth(staff) }", PROXIED),
    users("http-request auth unless { http_auth(staff) }", PROXIED),
    users("option http-use-proxy-header\nhttp-request set-header X-A %[http_auth_user]", PROXIED),
];

#[test]
fn users_are_admitted_as_by_haproxy() {
    compare_cases(CASES.iter());
}

#[test]
fn a_hashed_password_is_hashed_once_and_forgotten_by_a_reload() {
    let (port, folder) = (free_port(), Arc::new(Folder::new()));
    // A password whose hash takes long.
    let hash = "$6$rounds=40000$abc$Pb/mL57R..cQcqKMrBHFlg9Ix6P4jY01EAHQ6mlCJFysqbcLBXH8VUGHXRN9Q7OjoYWoVZKn0dWrNm/qbsSKP0";
    let text = |hash: &str| {
        format!(
            "{PREAMBLE}userlist staff\n  user e password {hash}\nfrontend f\n  bind 127.0.0.1:{port}\n  http-request auth unless \
             {{ http_auth(staff) }}\n  http-request return status 200 content-type text/plain string in\n"
        )
    };
    let mut proxy = Proxy::start_with(folder, &text(hash), |_| ());
    let ask = || Client::connect(port).ask("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ZTpzZWNyZXQ=\r\n\r\n").status();
    let begun = std::time::Instant::now();
    assert_eq!(ask(), 200);
    let first = begun.elapsed();
    let begun = std::time::Instant::now();
    for _ in 0..200 {
        assert_eq!(ask(), 200);
    }
    assert!(begun.elapsed() < first * 100, "200 requests took {:?}, the first {first:?}", begun.elapsed());
    proxy.rewrite_config(&text("$1$abc$Or2rbeUYTvt12aiVzMuS/."));
    proxy.signal(Signal::SIGUSR2);
    wait_until("the new password is in force", || ask() == 401);
}
