//! `option external-check`: what the program is told, what its exit status does to the server, and that it is not waited for.

use crate::support::client::get;
use crate::support::control::ask;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A program in a folder, and what stands around the section that uses it; `@PROGRAM@` is its path there.
fn start(program: &str, section: &str, syslog: &Syslog) -> (Arc<Folder>, Proxy) {
    let folder = Arc::new(Folder::new());
    let path = folder.write("check.sh", program);
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("an own file");
    let section = section.replace("@PROGRAM@", &path.to_string_lossy());
    let config = format!(
        "global\n  external-check\n  insecure-fork-wanted\n  stats socket @DIR@/control level admin\n  log 127.0.0.1:{} local0\n\
         defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  retries 0\n\
         option external-check\n  external-check command @PROGRAM@\n  external-check path /usr/bin:/bin\n{section}",
        syslog.port
    );
    let config = config.replace("@PROGRAM@", &path.to_string_lossy());
    let proxy = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
    (folder, proxy)
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[test]
fn the_program_is_told_of_proxy_and_server_and_of_nothing_else() {
    let (syslog, port) = (Syslog::udp(), free_port());
    let program = "#!/bin/sh\n{ echo \"$@\"; env | sort; echo end; } > \"${0%/*}/told.$HAPROXY_SERVER_NAME\"\n";
    let section = format!(
        "listen l\n  bind 127.0.0.1:{port}\n  server s1 127.0.0.1:80 check inter 100 maxconn 7\n\
         backend b\n  server s2 unix@/tmp/none.sock check inter 100 addr 127.0.0.2 port 99\n"
    );
    let (folder, _proxy) = start(program, &section, &syslog);
    let told = |name: &str| {
        let path = folder.path().join(format!("told.{name}"));
        wait_until("the program had run", || lines(&path).last().is_some_and(|last| last == "end"));
        let mut told = lines(&path);
        // The shell's own.
        told.retain(|line| !["PWD=", "SHLVL=", "_=", "OLDPWD=", "HAPROXY_PROXY_ID="].iter().any(|name| line.starts_with(name)));
        told.join("\n")
    };
    let expected = format!(
        "127.0.0.1 {port} 127.0.0.1 80\nHAPROXY_PROXY_ADDR=127.0.0.1\nHAPROXY_PROXY_NAME=l\nHAPROXY_PROXY_PORT={port}\n\
         HAPROXY_SERVER_ADDR=127.0.0.1\nHAPROXY_SERVER_CURCONN=0\nHAPROXY_SERVER_ID=1\nHAPROXY_SERVER_MAXCONN=7\n\
         HAPROXY_SERVER_NAME=s1\nHAPROXY_SERVER_PORT=80\nHAPROXY_SERVER_PROTO=h1\nHAPROXY_SERVER_SSL=0\nPATH=/usr/bin:/bin\nend"
    );
    assert_eq!(told("s1"), expected);
    let expected = "NOT_USED NOT_USED /tmp/none.sock NOT_USED\nHAPROXY_PROXY_ADDR=\nHAPROXY_PROXY_NAME=b\nHAPROXY_PROXY_PORT=\n\
         HAPROXY_SERVER_ADDR=/tmp/none.sock\nHAPROXY_SERVER_CURCONN=0\nHAPROXY_SERVER_ID=1\nHAPROXY_SERVER_MAXCONN=0\n\
         HAPROXY_SERVER_NAME=s2\nHAPROXY_SERVER_PORT=\nHAPROXY_SERVER_PROTO=h1\nHAPROXY_SERVER_SSL=0\nPATH=/usr/bin:/bin\nend";
    assert_eq!(told("s2"), expected);
}

#[test]
fn the_exit_status_takes_a_server_down_and_up_again() {
    let (syslog, port, origin) = (Syslog::udp(), free_port(), Origin::named("a"));
    let section = format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{} check inter 100 rise 1 fall 1\n", origin.port);
    let (folder, _proxy) = start("#!/bin/sh\n[ ! -e \"${0%/*}/broken\" ] || exit 3\n", &section, &syslog);
    assert_eq!(get(port, "/").text(), "a");
    let broken = folder.write("broken", "");
    let down = syslog.wait_for("Server l/a is DOWN");
    assert!(down.contains("reason: External check error, code: 3, check duration: "), "{down}");
    assert_eq!(get(port, "/").status(), 503);
    fs::remove_file(broken).expect("an own file");
    let up = syslog.wait_for("Server l/a is UP");
    assert!(up.contains("reason: External check passed, code: 0, check duration: "), "{up}");
    assert_eq!(get(port, "/").text(), "a");
    assert!(origin.received().iter().all(|request| !request.head.is_empty()), "only requests came");
}

#[test]
fn a_program_that_takes_too_long_is_ended_and_nothing_waits_for_it() {
    let (syslog, port, origin) = (Syslog::udp(), free_port(), Origin::named("a"));
    let section = format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{} check inter 300 fall 1\n", origin.port);
    let program = "#!/bin/sh\necho $$ >> \"${0%/*}/pids\"\nexec sleep 600\n";
    let (folder, proxy) = start(program, &section, &syslog);
    let begun = Instant::now();
    ask(&proxy, "show info");
    assert!(begun.elapsed() < Duration::from_secs(30), "the control socket answers meanwhile");
    let down = syslog.wait_for("Server l/a is DOWN");
    assert!(down.contains("reason: External check timeout"), "{down}");
    let first = lines(&folder.path().join("pids")).first().cloned().expect("a program that ran");
    wait_until("the first program was gone", || !Path::new(&format!("/proc/{first}")).exists());
    drop(proxy);
}

#[test]
fn a_program_that_is_not_there_is_a_failure() {
    let (syslog, port) = (Syslog::udp(), free_port());
    let section = format!(
        "listen l\n  bind 127.0.0.1:{port}\n  external-check command /nowhere/check\n  server a 127.0.0.1:80 check inter 100 fall 1\n"
    );
    let (_folder, _proxy) = start("", &section, &syslog);
    let down = syslog.wait_for("Server l/a is DOWN");
    assert!(down.contains("reason: External check error, code: 255"), "{down}");
}
