//! The process and whoever looks after it: the master socket, the duties of the first process of a container, the name that it goes by.

use crate::support::client::Client;
use crate::support::control::try_ask;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, PREAMBLE, Proxy, free_port, listeners};
use crate::support::stand_in::lacks;
use crate::support::{tell_skipped, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

fn config(port: u16, origin: &Origin) -> String {
    format!("listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n", origin.port)
}

#[test]
fn a_path_behind_s_is_a_master_socket() {
    if lacks("a master socket of its one process") {
        return;
    }
    let (origin, port, folder) = (Origin::named("a"), free_port(), Arc::new(Folder::new()));
    let master = folder.path().join("master");
    let proxy = Proxy::start_with(Arc::clone(&folder), &config(port, &origin), |command| {
        command.arg("-W").arg("-S").arg(format!("{},mode,660", master.display()));
    });
    assert_eq!(std::fs::metadata(&master).expect("a socket").permissions().mode() & 0o777, 0o660);
    let ask = |line| try_ask(&master, line).expect("an answer");
    assert_eq!(ask("reload"), "Success=1\n--\nLoading success: nothing changed.\n\n");
    assert!(ask("@1 show info").contains(&format!("\nPid: {}\n", proxy.pid())));
    let processes = ask("show proc");
    assert!(processes.lines().any(|line| line.starts_with(&proxy.pid().to_string()) && line.contains(" worker ")), "{processes}");
    assert_eq!(Client::connect(port).get("/").text(), "a");
}

#[test]
fn the_first_process_of_a_container_reaps_orphans_and_ends_with_the_signals_status() {
    if lacks("the duties of a first process without a master") {
        return;
    }
    let in_namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-Urpfm", "--mount-proc", "sh", "-c", script]).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    if !in_namespace("true").status().is_ok_and(|status| status.success()) {
        return tell_skipped("there are no namespaces here");
    }
    let (origin, port, folder) = (Origin::named("a"), free_port(), Folder::new());
    let file = folder.write(
        "haproxy.cfg",
        &format!("defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n{}", config(port, &origin)),
    );
    let program = env!("CARGO_BIN_EXE_byway");
    // The shell goes on as byway, with a child that it never knew: it ends once the proxy serves.
    let orphan = format!("(while ! [ -e {}/go ]; do sleep 0.01; done) &", folder.path().display());
    let mut outside = in_namespace(&format!("{orphan} exec {program} -f {}", file.display())).spawn().expect("unshare");
    let children = |pid: u32| -> Vec<u32> {
        let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        list.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    wait_until("it served", || !listeners(port).is_empty());
    let proxy = children(outside.id())[0];
    assert_eq!(children(proxy).len(), 1, "the orphan");
    assert_eq!(Client::connect(port).get("/").text(), "a");
    std::fs::write(folder.path().join("go"), "").expect("a file");
    wait_until("the orphan was reaped", || children(proxy).is_empty());
    kill(Pid::from_raw(proxy as i32), Signal::SIGTERM).expect("a running process");
    assert_eq!(outside.wait().expect("a child").code(), Some(128 + Signal::SIGTERM as i32));
}

#[test]
fn a_descriptor_limit_that_cannot_be_had_is_told_and_costs_no_memory() {
    if lacks("a word about ulimit-n") {
        return;
    }
    let origin = Origin::named("site");
    let start = |limit: &str| Proxy::start(&format!("global\n  ulimit-n {limit}\n{PREAMBLE}{}", config(free_port(), &origin)));
    let (small, large) = (start("1000"), start("2000000000"));
    wait_until("it said so", || large.said().contains("'ulimit-n 2000000000' cannot be had"));
    assert!(!small.said().contains("ulimit-n"), "{}", small.said());
    let (small, large) = (small.resident_kib(), large.resident_kib());
    assert!(large < small + 2048, "{small} KiB with few descriptors, {large} KiB with many");
}
