//! SIGHUP: the same process takes up a new configuration, whole, or keeps the old one and says why. And the signals that end it.

use crate::support::client::Client;
use crate::support::control::{ask, info};
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port, listeners};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use crate::support::{tell_skipped, wait_until};
use crate::switches::{Site, set};
use nix::sys::signal::Signal;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

fn config(port: u16, syslog: &Syslog, server: u16) -> String {
    format!(
        "global\n  stats socket @DIR@/control level admin\n  log 127.0.0.1:{} local0\n\
         defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{server}\n",
        syslog.port
    )
}

#[test]
fn sighup_takes_up_the_new_configuration_in_the_same_process() {
    if lacks("a reload in the same process") {
        return;
    }
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    for (server, expected) in [(b.port, "b"), (a.port, "a"), (b.port, "b")] {
        proxy.rewrite_config(&config(port, &syslog, server));
        proxy.signal(Signal::SIGHUP);
        wait_until(&format!("new requests went to {expected}"), || Client::connect(port).get("/").text() == expected);
        assert_eq!(client.get("/").text(), expected, "the connection from before lives on under the new configuration");
    }
    assert!(proxy.is_running());
}

#[test]
fn sighup_begins_to_listen_where_the_new_configuration_says_and_stops_elsewhere() {
    if lacks("a reload in the same process") {
        return;
    }
    let (origin, syslog, first, second) = (Origin::named("a"), Syslog::udp(), free_port(), free_port());
    let mut proxy = Proxy::start(&config(first, &syslog, origin.port));
    proxy.rewrite_config(&config(second, &syslog, origin.port));
    proxy.signal(Signal::SIGHUP);
    proxy.wait_listening();
    assert_eq!(Client::connect(second).get("/").text(), "a");
    wait_until("the old port was closed", || listeners(first).is_empty());
    assert!(Client::try_connect(first).is_err());
}

#[track_caller]
fn check_refused(change: impl Fn(&str) -> String, told: &[&str]) {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    proxy.rewrite_config(&change(&config(port, &syslog, b.port)));
    proxy.signal(Signal::SIGHUP);
    for needle in told {
        syslog.wait_for(needle);
    }
    assert_eq!(client.get("/").text(), "a", "the old configuration stays in force");
    assert_eq!(Client::connect(port).get("/").text(), "a");
    proxy.rewrite_config(&config(port, &syslog, b.port));
    proxy.signal(Signal::SIGHUP);
    wait_until("the repaired configuration was taken up", || client.get("/").text() == "b");
}

#[test]
fn sighup_with_a_fault_keeps_the_old_configuration_and_logs_the_fault_with_its_line() {
    if lacks("a reload in the same process") {
        return;
    }
    check_refused(|good| good.replace("  bind", "  blind"), &["haproxy.cfg:11", "blind"]);
    check_refused(|good| good.replace("  timeout client 10s", "  timeout client soon"), &["haproxy.cfg:7", "soon"]);
    check_refused(|good| format!("{good}  default_backend nowhere\n"), &["haproxy.cfg:13", "nowhere"]);
}

#[test]
fn sighup_with_a_port_in_use_keeps_the_old_configuration() {
    if lacks("a reload in the same process") {
        return;
    }
    let taken = Origin::named("someone else");
    let line = format!("  bind 127.0.0.1:{}\n  server s", taken.port);
    check_refused(|good| good.replace("  server s", &line), &["haproxy.cfg:12"]);
}

#[test]
fn sighup_with_a_file_that_is_gone_keeps_the_old_configuration() {
    if lacks("a reload in the same process") {
        return;
    }
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let proxy = Proxy::start(&config(port, &syslog, a.port));
    std::fs::remove_file(proxy.config()).expect("a file");
    proxy.signal(Signal::SIGHUP);
    syslog.wait_for("haproxy.cfg");
    assert_eq!(Client::connect(port).get("/").text(), "a");
}

#[test]
fn a_variable_set_at_run_time_outlives_a_reload() {
    if lacks("a reload in the same process") {
        return;
    }
    let site = Site::new();
    let mut proxy = Proxy::start(&site.variable_config());
    set(&proxy, "maintenance_mode=true");
    let second = free_port();
    let text = site.variable_config();
    proxy.rewrite_config(&text.replace("  default_backend site", &format!("  bind 127.0.0.1:{second}\n  default_backend site")));
    proxy.signal(Signal::SIGHUP);
    proxy.wait_listening();
    assert_eq!(Client::connect(second).get("/").text(), "maintenance");
    assert_eq!(Client::connect(site.port).get("/").text(), "maintenance");
}

#[test]
fn a_request_in_progress_ends_under_the_configuration_that_it_began_with() {
    if lacks("a reload in the same process") {
        return;
    }
    let slow = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let go = request.value("X-Go").unwrap_or_default();
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")?;
            wait_until("the test let it go on", || std::path::Path::new(&go).exists());
            visit.wire.send(b"half")?;
        }
        Ok(())
    });
    let (b, syslog, port) = (Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, slow.port));
    let go = proxy.folder().join("go");
    let mut client = Client::connect(port);
    client.send(format!("GET /slow HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", go.display()));
    slow.wait_received(1);
    proxy.rewrite_config(&config(port, &syslog, b.port));
    proxy.signal(Signal::SIGHUP);
    wait_until("new requests went to b", || {
        let mut probe = Client::connect(port);
        probe.send(format!("GET / HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", proxy.config().display()));
        probe.response().text() == "b"
    });
    std::fs::write(&go, "").expect("a file");
    assert_eq!(client.response().text(), "halfhalf");
    assert_eq!(client.get("/").text(), "b");
}

#[test]
fn sigusr1_finishes_and_ends_with_status_0() {
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    assert_eq!(Client::connect(port).get("/").text(), "a");
    proxy.signal(Signal::SIGUSR1);
    assert_eq!(proxy.wait_exit().code(), Some(0));
    assert!(listeners(port).is_empty());
}

#[test]
fn sigterm_and_sigint_end_it_at_once() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let origin = Origin::script(|visit| {
            visit.request()?;
            visit.hold()
        });
        let (syslog, port) = (Syslog::udp(), free_port());
        let mut proxy = Proxy::start(&config(port, &syslog, origin.port));
        let mut client = Client::connect(port);
        client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
        origin.wait_received(1);
        let begun = std::time::Instant::now();
        proxy.signal(signal);
        proxy.wait_exit();
        assert!(begun.elapsed() < Duration::from_secs(5), "{signal}: it does not wait for its visitors");
        assert!(listeners(port).is_empty());
    }
}

#[test]
fn a_reload_changes_the_number_of_workers_and_every_client_stays() {
    if lacks("a reload that changes nbthread") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let text = |threads: usize| config(port, &syslog, origin.port).replacen("global\n", &format!("global\n  nbthread {threads}\n"), 1);
    let mut proxy = Proxy::start(&text(1));
    // Once it answers, its worker has been started.
    assert_eq!(info(&proxy, "Nbthread"), "1");
    let single = proxy.threads();
    let mut clients: Vec<Client> = Vec::new();
    for threads in [4, 2, 3, 1] {
        proxy.rewrite_config(&text(threads));
        assert_eq!(proxy.command(&["--reload"]).status.code(), Some(0));
        assert_eq!(info(&proxy, "Nbthread"), threads.to_string());
        clients.extend((0..20).map(|_| Client::connect(port)));
        for client in &mut clients {
            assert_eq!(client.get("/").text(), "a", "nbthread {threads}");
        }
    }
    clients.clear();
    wait_until("the surplus workers had ended", || proxy.threads() == single);
    let descriptors = proxy.descriptors();
    for threads in [4, 1].into_iter().cycle().take(10) {
        proxy.rewrite_config(&text(threads));
        assert_eq!(proxy.command(&["--reload"]).status.code(), Some(0));
    }
    wait_until("nothing of them was left", || proxy.threads() == single && proxy.descriptors() <= descriptors);
    assert_eq!(Client::connect(port).get("/").text(), "a");
}

#[test]
fn requests_that_wait_for_a_server_get_it_when_their_worker_is_to_go() {
    if lacks("a reload that changes nbthread") {
        return;
    }
    let (syslog, port) = (Syslog::udp(), free_port());
    let origin = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let go = request.value("X-Go").unwrap_or_default();
            wait_until("the test let it go on", || std::path::Path::new(&go).exists());
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
        }
        Ok(())
    });
    let text = |threads: usize| {
        let text = config(port, &syslog, origin.port).replacen("global\n", &format!("global\n  nbthread {threads}\n"), 1);
        text.replace(&format!("127.0.0.1:{}\n", origin.port), &format!("127.0.0.1:{} maxconn 1\n", origin.port))
    };
    let mut proxy = Proxy::start(&text(4));
    let go = proxy.folder().join("go");
    let mut clients: Vec<Client> = (0..16).map(|_| Client::connect(port)).collect();
    for client in &mut clients {
        client.send(format!("GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\nX-Go: {}\r\n\r\n", go.display()));
    }
    let waiting = || ask(&proxy, "show stat").lines().any(|line| line.starts_with("l,BACKEND,15,"));
    wait_until("the others waited", waiting);
    proxy.rewrite_config(&text(1));
    assert_eq!(proxy.command(&["--reload"]).status.code(), Some(0));
    std::fs::write(&go, "").expect("a file");
    for client in &mut clients {
        assert_eq!(client.response().text(), "ok");
    }
    let mut last = Client::connect(port);
    last.send(format!("GET / HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", go.display()));
    assert_eq!(last.response().text(), "ok", "no slot was lost");
}

#[test]
fn a_reload_says_in_one_line_what_has_changed_and_the_verdict_can_be_asked_for() {
    if lacks("a verdict") {
        return;
    }
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let mut proxy = Proxy::start(&config(port, &syslog, a.port));
    let good = format!("{}  server t 127.0.0.1:{}\n  http-request set-header X-Y z\n", config(port, &syslog, a.port), b.port);
    proxy.rewrite_config(&good);
    let answer = ask(&proxy, "reload");
    assert_eq!(answer, "Success=1\n--\nLoading success: +1 server, +1 rule.\n\n");
    syslog.wait_for("configuration 2 is in force (+1 server, +1 rule).");
    assert_eq!((info(&proxy, "Reloads"), info(&proxy, "LastReload_success")), ("1".into(), "1".into()));
    proxy.rewrite_config(&good.replace("  bind", "  blind"));
    let answer = ask(&proxy, "reload");
    assert!(answer.starts_with("Success=0\n--\n[ALERT] ") && answer.contains("blind"), "{answer}");
    let ended = proxy.command(&["--reload"]);
    assert!(ended.status.code() == Some(1) && ended.said.contains("blind"), "{ended:?}");
    assert_eq!((info(&proxy, "Reloads"), info(&proxy, "LastReload_success")), ("3".into(), "0".into()));
    assert!(!info(&proxy, "LastReload_time_sec").is_empty());
}

#[test]
fn the_supervisor_is_told_of_start_reload_and_end() {
    if lacks("a reload that it tells of by itself") {
        return;
    }
    let (a, syslog, port, folder) = (Origin::named("a"), Syslog::udp(), free_port(), Arc::new(Folder::new()));
    let path = folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let told = || {
        let mut bytes = [0; 4096];
        let count = socket.recv(&mut bytes).expect("a message");
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    };
    let mut proxy = Proxy::start_with(Arc::clone(&folder), &config(port, &syslog, a.port), |command| {
        command.arg("-Ws").env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    });
    let next = || std::iter::repeat_with(told).find(|text| text != "WATCHDOG=1").unwrap_or_default();
    assert_eq!(next(), "READY=1\nSTATUS=Ready");
    proxy.signal(Signal::SIGHUP);
    let reloading = next();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=") && reloading.ends_with("STATUS=Reloading"), "{reloading}");
    assert_eq!(next(), "READY=1\nSTATUS=Ready, after a reload");
    proxy.rewrite_config(&config(port, &syslog, a.port).replace("  bind", "  blind"));
    proxy.signal(Signal::SIGUSR2);
    assert!(next().starts_with("RELOADING=1"));
    assert_eq!(next(), "READY=1\nSTATUS=Ready, the last reload failed");
    assert_eq!(std::iter::repeat_with(told).find(|text| text == "WATCHDOG=1").as_deref(), Some("WATCHDOG=1"), "it shows that it lives");
    proxy.signal(Signal::SIGTERM);
    assert!(next().starts_with("STOPPING=1"));
    assert_eq!(proxy.wait_exit().code(), Some(0), "as systemd expects it");
}

/// Debian's own file has a chroot and a user: a reload there reads what the process itself cannot see any more.
#[test]
fn a_reload_works_in_a_chroot_and_with_another_user() {
    if lacks("a reload out of a chroot") {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        return tell_skipped("only root can change the root directory");
    }
    let (folder, a, b, port, more) = (Arc::new(Folder::new()), Origin::named("a"), Origin::named("b"), free_port(), free_port());
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    std::fs::create_dir(folder.path().join("kept")).expect("a folder");
    std::os::unix::fs::chown(folder.path().join("kept"), Some(65534), None).expect("an owner");
    folder.write("400.http", "HTTP/1.0 400 Bad\r\n\r\nfirst");
    let config = |server: u16, lines: &str| {
        format!(
            "global\n  stats socket @DIR@/control level admin\n  user nobody\n  group nogroup\n  chroot @DIR@/empty\n\
             \x20 variables-file @DIR@/kept/switches\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
             listen l\n  bind 127.0.0.1:{port}\n{lines}  errorfile 400 @DIR@/400.http\n  maintenance\n  server s 127.0.0.1:{server}\n"
        )
    };
    let mut proxy = Proxy::start_with(Arc::clone(&folder), &config(a.port, ""), |_| ());
    // It listens before it takes leave of root.
    let about = || std::fs::read_to_string(format!("/proc/{}/status", proxy.pid())).expect("its status");
    wait_until("another user ran it", || about().contains("Uid:\t65534\t65534\t65534\t65534\n"));
    let root = std::fs::read_link(format!("/proc/{}/root", proxy.pid())).expect("its root");
    assert_eq!(root, folder.path().join("empty").canonicalize().expect("a folder"));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    set(&proxy, "maintenance.l=true");
    assert_eq!(client.get("/").status(), 503);
    assert!(folder.path().join("kept/switches").exists(), "switches are kept outside");
    set(&proxy, "maintenance.l=");

    folder.write("400.http", "HTTP/1.0 400 Bad\r\n\r\nsecond");
    proxy.rewrite_config(&config(b.port, &format!("  bind 127.0.0.1:{more}\n")));
    let ended = proxy.command(&["--reload"]);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!((client.get("/").text(), Client::connect(more).get("/").text()), ("b".into(), "b".into()));
    assert_eq!(client.ask("x\r\n\r\n").text(), "second", "its pages are new too");

    // Every port below 1024 needs rights that were given up, unless the system gives them to all.
    let lowest = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").ok();
    if lowest.and_then(|text| text.trim().parse::<u32>().ok()).is_none_or(|lowest| lowest > 81) {
        proxy.rewrite_config(&config(a.port, "  bind 127.0.0.1:81\n"));
        let ended = proxy.command(&["--reload"]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        for told in ["cannot bind socket (Permission denied) for [127.0.0.1:81]", "reloads have the rights of uid 65534"] {
            assert!(ended.said.contains(told), "{ended:?}");
        }
        assert_eq!(Client::connect(port).get("/").text(), "b");
    }
}
