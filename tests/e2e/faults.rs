//! Starts that must fail: a clear message with file and line on stderr, exit status 1, and nothing listening.

use crate::support::origin::Origin;
use crate::support::proxy::{Ended, Folder, free_port, listeners, run};
use crate::support::stand_in::{is_standing_in, lacks};
use std::ffi::OsStr;
use std::net::TcpListener;

const GOOD: &str = "defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
    frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n  server s 127.0.0.1:{server}\n";

/// Starts with a configuration that must be refused; `told` are the parts of the message.
#[track_caller]
fn check(change: impl Fn(&str) -> String, line: u32, told: &[&str]) -> Ended {
    let (folder, port) = (Folder::new(), free_port());
    let text = change(&GOOD.replace("{server}", &free_port().to_string())).replace("{port}", &port.to_string());
    let config = folder.write("haproxy.cfg", &text);
    let ended = run(&[OsStr::new("-f"), config.as_os_str()]);
    assert_eq!(ended.status.code(), Some(1), "{text}\n{ended:?}");
    assert!(ended.said.contains("[ALERT]"), "{}", ended.said);
    let place = format!("haproxy.cfg:{line}");
    assert!(ended.said.contains(&place), "expected {place} in\n{}\nfor\n{text}", ended.said);
    for part in told {
        assert!(ended.said.contains(part), "expected '{part}' in\n{}", ended.said);
    }
    assert!(listeners(port).is_empty(), "nothing listens");
    ended
}

#[test]
fn an_unknown_keyword() {
    let ended = check(|good| good.replace("default_backend", "default_backendd"), 8, &["unknown keyword 'default_backendd'"]);
    if !is_standing_in() {
        for part in ["    8 |", "^", "did you mean 'default_backend'?"] {
            assert!(ended.said.contains(part), "expected '{part}' in\n{}", ended.said);
        }
    }
}

#[test]
fn a_bad_value() {
    check(|good| good.replace("client 10s", "client soon"), 3, &["timeout"]);
    check(|good| good.replace("mode http", "mode htpt"), 2, &["htpt"]);
    check(|good| good.replace("127.0.0.1:{port}", "127.0.0.1:70000"), 7, &["70000"]);
    check(|good| format!("{good}  balance sideways\n"), 11, &["balance"]);
    check(|good| format!("{good}  cookie SID rewrite insert\n"), 11, &["cookie"]);
    check(|good| good.replace("  server s", "  server s 127.0.0.1:1 check inter x\n  server t"), 10, &["x"]);
}

#[test]
fn a_regular_expression_that_is_none() {
    if lacks("reqrep") {
        return;
    }
    check(|good| format!("{good}  reqrep ^(GET x\n"), 11, &["reqrep"]);
}

#[test]
fn a_section_that_is_missing() {
    if lacks("the place of such a rule") {
        return;
    }
    check(|good| good.replace("default_backend b", "default_backend nowhere"), 8, &["nowhere"]);
}

#[test]
fn a_use_backend_to_a_section_that_is_missing() {
    let rule = "  use_backend nowhere if TRUE\n  default_backend b";
    if lacks("the place of such a rule") {
        return;
    }
    check(|good| good.replace("  default_backend b", rule), 8, &["nowhere"]);
}

#[test]
fn an_acl_that_is_missing() {
    check(|good| good.replace("  default_backend b", "  use_backend b if nothing"), 8, &["nothing"]);
}

#[test]
fn a_keyword_outside_of_any_section() {
    check(|good| format!("  mode http\n{good}"), 1, &["mode"]);
}

#[test]
fn all_faults_are_shown_each_with_its_line() {
    let ended = check(|good| good.replace("mode http", "moode http").replace("bind", "bimd"), 2, &["moode", "bimd"]);
    assert!(ended.said.contains("haproxy.cfg:7"), "{}", ended.said);
}

#[test]
fn a_port_in_use() {
    let taken = Origin::named("someone else");
    let ended = check(
        |good| good.replace("  default_backend", &format!("  bind 127.0.0.1:{}\n  default_backend", taken.port)),
        8,
        &[&taken.port.to_string()],
    );
    assert!(ended.said.contains("in use") || is_standing_in(), "{}", ended.said);
}

#[test]
fn an_address_that_is_not_ours() {
    if is_standing_in() {
        return;
    }
    check(|good| good.replace("  default_backend", "  bind 192.0.2.1:4\n  default_backend"), 8, &["192.0.2.1"]);
}

#[test]
fn a_file_that_cannot_be_read() {
    let folder = Folder::new();
    for name in ["missing.cfg", "folder.cfg/none.cfg"] {
        let path = folder.path().join(name);
        let ended = run(&[OsStr::new("-f"), path.as_os_str()]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.said.contains(name), "{}", ended.said);
        assert!(ended.said.contains("No such file") || ended.said.contains("not found"), "{}", ended.said);
    }
}

#[test]
fn a_good_file_is_told_to_be_valid_and_nothing_is_started() {
    let (folder, port) = (Folder::new(), free_port());
    let config = folder.write("haproxy.cfg", &GOOD.replace("{port}", &port.to_string()).replace("{server}", "1"));
    let ended = run(&[OsStr::new("-c"), OsStr::new("-f"), config.as_os_str()]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.said.contains("Configuration file is valid"), "{ended:?}");
    assert!(listeners(port).is_empty());
}

#[test]
fn the_example_configuration_is_valid() {
    if lacks("variables, which the example shows") {
        return;
    }
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/haproxy.cfg.example");
    let ended = run(&[OsStr::new("-c"), OsStr::new("-f"), OsStr::new(example)]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

#[test]
fn without_arguments_it_says_how_it_is_used() {
    let ended = run(&[]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("-f"), "{}", ended.said);
}

#[test]
fn a_port_stays_free_after_a_failed_start() {
    let (folder, port) = (Folder::new(), free_port());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let busy = taken.local_addr().expect("bound").port();
    let text = GOOD
        .replace("{port}", &port.to_string())
        .replace("{server}", "1")
        .replace("  default_backend", &format!("  bind 127.0.0.1:{busy}\n  default_backend"));
    let config = folder.write("haproxy.cfg", &text);
    let ended = run(&[OsStr::new("-f"), config.as_os_str()]);
    assert_eq!(ended.status.code(), Some(1));
    TcpListener::bind(("127.0.0.1", port)).expect("the good port is not held");
}
