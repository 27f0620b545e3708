//! What `-c`, `-cc`, `-dW`, `-dD`, `-q` and `-V` say of a configuration or a condition, and the exit status, as HAProxy 2.6 has it.

use crate::support::proxy::{Ended, Folder, run};
use crate::support::stand_in::lacks;
use std::ffi::OsStr;

const GOOD: &str = "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n\
    listen l\n  bind 127.0.0.1:8080\n  server a 127.0.0.1:80\n";

fn judge(flags: &[&str], text: &str) -> Ended {
    let folder = Folder::new();
    let path = folder.write("haproxy.cfg", text);
    let mut arguments: Vec<&OsStr> = flags.iter().map(OsStr::new).collect();
    arguments.extend([OsStr::new("-f"), path.as_os_str()]);
    run(&arguments)
}

/// The status, and whether each of these words is said.
#[track_caller]
fn check(flags: &[&str], text: &str, status: i32, said: &[(&str, bool)]) {
    let ended = judge(flags, text);
    assert_eq!(ended.status.code(), Some(status), "{flags:?}: {}", ended.said);
    for (words, expected) in said {
        assert_eq!(ended.said.contains(words), *expected, "{flags:?}: '{words}' in: {}", ended.said);
    }
}

#[test]
fn a_valid_file_ends_with_0_one_at_fault_with_1_one_without_a_listener_with_2() {
    let bad = GOOD.replace("listen l\n", "listen l\n  nosuchkeyword\n");
    let deaf = GOOD.replace("  bind 127.0.0.1:8080\n", "");
    check(&["-c"], GOOD, 0, &[("Configuration file is valid", true), ("Warnings", false)]);
    check(&["-c"], &bad, 1, &[("nosuchkeyword", true), ("valid", false)]);
    check(&["-c"], &deaf, 2, &[("will not start (no listener)", true)]);
    check(&["-c"], "", 2, &[]);
    check(&["-c", "-f", "/nonexistent/a.cfg"], GOOD, 1, &[("/nonexistent/a.cfg", true)]);
}

#[test]
fn q_silences_the_verdict_and_v_gives_it_back() {
    let bad = GOOD.replace("listen l\n", "listen l\n  nosuchkeyword\n");
    for (text, status) in [(GOOD, 0), (bad.as_str(), 1)] {
        let ended = judge(&["-c", "-q"], text);
        assert_eq!((ended.status.code(), ended.said.as_str()), (Some(status), ""));
    }
    check(&["-c", "-q", "-V"], GOOD, 0, &[("Configuration file is valid", true)]);
}

#[test]
fn a_warning_is_told_again_before_the_verdict_and_refuses_where_none_may_be() {
    let warned = GOOD.replace("  timeout client 1s\n", "");
    check(&["-c"], &warned, 0, &[("[WARNING]", true), ("Warnings were found.", true), ("Configuration file is valid", true)]);
    check(&["-c", "-dW"], &warned, 1, &[("[WARNING]", true), ("'zero-warning' is set", true), ("Configuration file is valid", false)]);
    check(&["-dW", "-c"], GOOD, 0, &[("Configuration file is valid", true)]);
    check(&["-db", "-dW"], &warned, 1, &[("'zero-warning' is set", true)]);
}

#[test]
fn diag_lines_are_heard_with_dd_alone() {
    let text = format!(".diag \"only for the curious\"\n.notice heard\n{GOOD}");
    check(&["-c"], &text, 0, &[("only for the curious", false), ("heard", true), ("Warnings", false)]);
    check(&["-c", "-dD"], &text, 0, &[("only for the curious", true)]);
}

#[test]
fn a_condition_is_judged_by_cc() {
    let cases = [
        ("feature(THREAD)", 0),
        ("!feature(NOSUCH) && version_atleast(2.4)", 0),
        ("streq(a,\"a\")", 0),
        ("streq(a,b)", 1),
        ("defined(PATH)", 0),
        ("0", 1),
        ("", 1),
        ("nosuch(1)", 2),
        ("1 &&", 2),
    ];
    for (condition, expected) in cases {
        let ended = run(&["-cc", condition].map(OsStr::new));
        assert_eq!(ended.status.code(), Some(expected), "{condition}: {}", ended.said);
        assert_eq!(ended.said.contains("[ALERT]"), expected == 2, "{condition}: {}", ended.said);
    }
}

#[test]
fn files_are_read_in_order_and_those_of_a_folder_by_name() {
    let folder = Folder::new();
    let part = |name: &str, text: &str| folder.write(name, text);
    let first = part("first.cfg", "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n");
    let rest = part("rest.cfg", "listen l\n  bind 127.0.0.1:8080\n  server a 127.0.0.1:80\n");
    let parts = folder.path().join("parts");
    std::fs::create_dir(&parts).expect("a folder");
    for (name, file) in [("1.cfg", &first), ("2.cfg", &rest)] {
        std::fs::copy(file, parts.join(name)).expect("a copy");
    }
    std::fs::write(parts.join("3.cfg.bak"), "nonsense").expect("a file");
    let [c, f, rest_follows] = ["-c", "-f", "--"].map(OsStr::new);
    for arguments in [
        vec![c, f, first.as_os_str(), f, rest.as_os_str()],
        vec![c, rest_follows, first.as_os_str(), rest.as_os_str()],
        vec![c, f, first.as_os_str(), rest_follows, rest.as_os_str()],
        vec![c, f, parts.as_os_str()],
    ] {
        let ended = run(&arguments);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {}", ended.said);
        assert!(!ended.said.contains("[WARNING]"), "{arguments:?}: {}", ended.said);
    }
    let ended = run(&[c, f, rest.as_os_str(), f, first.as_os_str()]);
    assert!(ended.said.contains("[WARNING]"), "the timeouts come too late: {}", ended.said);
}

#[test]
fn tls_listeners_are_left_out_when_that_is_asked_for() {
    if lacks("--skip-tls-binds") {
        return;
    }
    let text = GOOD.replace("listen l\n", "frontend tls\n  bind :8443 ssl crt /etc/x.pem\nlisten l\n  bind :8444 ssl crt /etc/x.pem\n");
    check(&["-c"], &text, 1, &[("stunnel", true), ("--skip-tls-binds", true)]);
    check(&["-c", "--skip-tls-binds"], &text, 0, &[("left out", true), ("no 'bind' line", false)]);
    let alone = text.replace("  bind 127.0.0.1:8080\n", "");
    check(&["-c", "--skip-tls-binds"], &alone, 2, &[("no listener", true)]);
    let behind = GOOD.replace("127.0.0.1:80\n", "127.0.0.1:443 ssl verify none\n");
    check(&["-c", "--skip-tls-binds"], &behind, 1, &[("let stunnel connect", true)]);
}
