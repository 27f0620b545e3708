//! One process after another behind the same port, and one configuration after another in the same process, under a load that checks
//! every byte: none of its requests fails, nothing is left behind, and memory stays where it was.

use crate::support::client::Client;
use crate::support::control::ask;
use crate::support::load::Load;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, PREAMBLE, Proxy, free_port, listeners, run};
use crate::support::stand_in::lacks;
use crate::support::{tell_skipped, wait_at_most};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Connections of the load: half of them kept alive, half of them closed after each answer.
const CONNECTIONS: usize = 64;
/// Memory that a process may have won, KiB.
const MOST_GROWTH_KIB: u64 = 1024;

/// How often each is done: a tenth of the whole drill, which `BYWAY_DRILL=1` asks for.
fn rounds(whole: usize) -> usize {
    if std::env::var_os("BYWAY_DRILL").is_some() { whole } else { whole / 10 }
}

struct Drill {
    /// Answers the load until the drill is over.
    _origin: Origin,
    folder: Arc<Folder>,
    port: u16,
    config: String,
}

impl Drill {
    fn new() -> Drill {
        let (origin, port) = (Origin::named("the same answer"), free_port());
        let preamble = PREAMBLE.replace("level admin", "level admin expose-fd listeners");
        let config = format!("{preamble}listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{}\n", origin.port);
        Drill { _origin: origin, folder: Arc::new(Folder::new()), port, config }
    }

    fn start(&self, change: impl FnOnce(&mut Command)) -> Proxy {
        Proxy::start_with(Arc::clone(&self.folder), &self.config, change)
    }

    fn load(&self) -> Load {
        let load = Load::start_mixed(self.port, CONNECTIONS / 2, CONNECTIONS / 2, &["the same answer"]);
        load.wait_more(1000);
        load
    }

    #[track_caller]
    fn end(&self, load: Load, last: &Proxy, kib_before: u64) {
        let outcome = load.stop();
        let failures = &outcome.failures;
        assert!(failures.is_empty(), "{} failures of {} requests, the first:\n{}", failures.len(), outcome.good, failures[0]);
        assert_eq!(outcome.closed_idle, 0, "a request got no answer: {} good", outcome.good);
        let sockets = last.sockets();
        assert!(listeners(self.port).iter().all(|inode| sockets.contains(inode)), "only the last process listens");
        let most = kib_before + MOST_GROWTH_KIB;
        wait_at_most(Duration::from_secs(10), &format!("memory was back below {most} KiB, it is {}", last.resident_kib()), || {
            last.resident_kib() <= most
        });
    }
}

#[test]
fn reloads_under_load_fail_no_request() {
    if lacks("a reload in the same process") {
        return;
    }
    let drill = Drill::new();
    let mut proxy = drill.start(|_| ());
    let load = drill.load();
    let reload = |proxy: &Proxy| {
        let before = crate::support::control::info(proxy, "Reloads");
        proxy.signal(Signal::SIGHUP);
        crate::support::wait_until("the reload was done", || crate::support::control::info(proxy, "Reloads") != before);
        load.wait_more(50);
    };
    // What the first reloads need, later ones use again.
    (0..3).for_each(|_| reload(&proxy));
    let kib_before = proxy.resident_kib();
    (0..rounds(100)).for_each(|_| reload(&proxy));
    for round in 0..rounds(20).max(4) {
        let broken = match round % 4 {
            0 => drill.config.replace("  server", "  sever"),
            1 => String::from("global\n"),
            2 => drill.config.replace("127.0.0.1", "192.0.2.1"),
            _ => drill.config.replace("  bind", "  bind 127.0.0.1:1x\n  bind"),
        };
        std::fs::write(proxy.config(), broken.replace("@DIR@", &drill.folder.path().to_string_lossy())).expect("a file");
        let answer = ask(&proxy, "reload");
        assert!(answer.starts_with("Success=0"), "{answer}");
        load.wait_more(50);
    }
    drill.end(load, &proxy, kib_before);
    assert!(proxy.is_running());
}

#[test]
fn successors_under_load_fail_no_request() {
    if lacks("a handover without a refused connection") {
        return;
    }
    take_over(&|old, command| {
        command.args(["-sf", &old.pid().to_string()]);
    });
}

#[test]
fn successors_that_take_the_sockets_by_x_under_load_fail_no_request() {
    if lacks("a handover without a refused connection") {
        return;
    }
    take_over(&|old, command| {
        command.arg("-x").arg(old.folder().join("control")).args(["-sf", &old.pid().to_string()]);
    });
}

/// One process after another; those that cannot start leave the one before alone.
fn take_over(change: &dyn Fn(&Proxy, &mut Command)) {
    let drill = Drill::new();
    let mut old = drill.start(|_| ());
    let load = drill.load();
    let kib_before = old.resident_kib();
    for _ in 0..rounds(50) {
        let new = drill.start(|command| change(&old, command));
        assert_eq!(old.wait_exit().code(), Some(0), "the old process finishes and ends");
        old = new;
        load.wait_more(50);
    }
    for broken in [drill.config.replace("  server", "  sever"), String::new(), drill.config.replace("127.0.0.1", "192.0.2.1")] {
        let path = drill.folder.write("broken.cfg", &broken);
        let pid = old.pid().to_string();
        let ended = run(&[OsStr::new("-f"), path.as_os_str(), OsStr::new("-sf"), OsStr::new(&pid)]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        load.wait_more(50);
    }
    assert!(old.is_running());
    drill.end(load, &old, kib_before);
}

#[test]
fn haproxy_and_byway_take_the_sockets_from_each_other() {
    const HAPROXY: &str = "/usr/sbin/haproxy";
    if lacks("-x from HAProxy") || !Path::new(HAPROXY).exists() {
        return tell_skipped("there is no HAProxy to take over from");
    }
    let drill = Drill::new();
    let mut proxy = Proxy::start_program(OsStr::new(HAPROXY), Arc::clone(&drill.folder), &drill.config, |command| {
        command.arg("-db");
    });
    let load = Load::start_mixed(drill.port, 0, 8, &["the same answer"]);
    load.wait_more(200);
    for program in [env!("CARGO_BIN_EXE_byway"), HAPROXY, env!("CARGO_BIN_EXE_byway")] {
        let new = Proxy::start_program(OsStr::new(program), Arc::clone(&drill.folder), &drill.config, |command| {
            command.arg("-db").arg("-x").arg(drill.folder.path().join("control")).args(["-sf", &proxy.pid().to_string()]);
        });
        assert_eq!(proxy.wait_exit().code(), Some(0), "the process before {program} finishes and ends");
        proxy = new;
        load.wait_more(200);
    }
    let outcome = load.stop();
    assert!(outcome.failures.is_empty(), "{} of {}, the first:\n{}", outcome.failures.len(), outcome.good, outcome.failures[0]);
}

#[test]
fn sockets_are_given_only_where_the_configuration_says_so() {
    if lacks("-x") {
        return;
    }
    let drill = Drill::new();
    let config = drill.config.replace(" expose-fd listeners", "");
    let proxy = Proxy::start_with(Arc::clone(&drill.folder), &config, |_| ());
    assert!(ask(&proxy, "_getsocks").starts_with("Permission denied"));
    let (config, socket) = (proxy.config(), drill.folder.path().join("control"));
    let ended = run(&[OsStr::new("-f"), config.as_os_str(), OsStr::new("-x"), socket.as_os_str()]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("Failed to get the sockets from the old process"), "{ended:?}");
    assert_eq!(Client::connect(drill.port).get("/").text(), "the same answer");
}
