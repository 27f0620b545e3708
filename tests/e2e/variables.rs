//! What is known of a variable, how long it lasts, and how it is kept: types, ends, lists, log lines, the variables file over
//! restarts and kill -9. What variables decide is in `switches`.

use crate::support::client::Client;
use crate::support::control::{ask, try_ask};
use crate::support::proxy::{Folder, Proxy};
use crate::support::stand_in::{is_standing_in, lacks};
use crate::support::syslog::Syslog;
use crate::support::{wait_at_most, wait_until};
use crate::switches::{Site, set};
use nix::sys::signal::Signal;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn kept_config(site: &Site) -> String {
    site.variable_config().replacen("global\n", "global\n  variables-file @DIR@/kept\n", 1)
}

#[test]
fn a_variable_set_for_a_while_is_taken_back_by_itself() {
    if lacks("-S NAME=VALUE,expire=TIME") {
        return;
    }
    let (site, syslog) = (Site::new(), Syslog::udp());
    let config = site.variable_config().replacen("global\n", &format!("global\n  log 127.0.0.1:{} local0\n", syslog.port), 1);
    let proxy = Proxy::start(&config);
    let mut client = Client::connect(site.port);
    set(&proxy, "maintenance_mode=true,expire=1s");
    assert_eq!(client.get("/").text(), "maintenance");
    assert!(ask(&proxy, "show vars").contains("maintenance_mode=true (run time, 0s ago, "), "{}", ask(&proxy, "show vars"));
    wait_until("the site was back", || client.get("/").text() == "site");
    syslog.wait_for("Variable maintenance_mode changed from 'true' to unset as its time is over.");
    let ended = proxy.command(&["-S", "maintenance_mode=true,expire=soon"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("'soon' is no end"), "{ended:?}");
    assert_eq!(client.get("/").text(), "site");
    set(&proxy, "maintenance_mode=true,expire=2099-01-01T00:00Z".replace("2099", &next_year()).as_str());
    assert_eq!(client.get("/").text(), "maintenance");
    set(&proxy, "maintenance_mode=false");
    assert!(!ask(&proxy, "show vars").contains("left"), "a new value has no end");
}

/// The year in which 300 days from now will be (a moment may be a year away at most).
fn next_year() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 86_400;
    let this_year = 1970 + days * 400 / 146_097;
    (this_year + 1).to_string()
}

#[test]
fn a_variable_has_the_type_that_it_was_set_with() {
    if lacks("proc variables without an experimental mode") {
        return;
    }
    let proxy = Proxy::start(&Site::new().variable_config());
    let check = |set: &str, expected: &str| {
        let answer = ask(&proxy, &format!("set var proc.x {set};get var proc.x"));
        assert_eq!(answer, format!("\nproc.x: type={expected}\n\n"), "{set}");
    };
    check("int(5)", "sint value=<5>");
    check("bool(true)", "bool value=<1>");
    check("bool(0)", "bool value=<0>");
    check("str(a)", "str value=<a>");
    check(r"expr str(a\ b)", "str value=<a b>");
    assert_eq!(ask(&proxy, "set var proc.x ip(1.2.3.4);get var proc.x").lines().last(), Some(""));
    assert_eq!(ask(&proxy, "unset var proc.x;get var proc.x"), "\nVariable not found.\n\n");
}

#[test]
fn variables_are_listed_with_their_source_and_printed_by_name() {
    if lacks("-S") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let config = site.environment_config().replacen("global\n", "global\n  setenv COLOUR blue\n", 1);
    let proxy = Proxy::start_with(folder, &config, |command| {
        command.env("E2E_SWITCH", "0").args(["-s", "SIZE=3"]);
    });
    set(&proxy, "mode=deep");
    let ended = proxy.command(&["-S"]);
    let listed: Vec<String> = ended.said.lines().map(|line| line.split(',').next().unwrap_or_default().to_string()).collect();
    let expected = ["COLOUR=blue (configuration", "E2E_SWITCH=0 (environment", "SIZE=3 (command line", "mode=deep (run time"];
    assert_eq!(listed, expected, "{ended:?}");
    let printed = proxy.command(&["-S", "mode"]);
    assert_eq!((printed.status.code(), printed.said.as_str()), (Some(0), "deep\n"));
    set(&proxy, "mode=");
    assert_eq!(proxy.command(&["-S", "mode"]).status.code(), Some(1));
}

#[test]
fn each_change_is_logged_with_the_old_value_the_new_one_and_the_user() {
    if lacks("variables") {
        return;
    }
    let (site, syslog) = (Site::new(), Syslog::udp());
    let config = site.variable_config().replacen("global\n", &format!("global\n  log 127.0.0.1:{} local0\n", syslog.port), 1);
    let proxy = Proxy::start(&config);
    let uid = nix::unistd::geteuid();
    set(&proxy, "mode=a");
    syslog.wait_for(&format!("Variable mode changed from unset to 'a' by uid {uid}."));
    set(&proxy, "mode=b");
    syslog.wait_for(&format!("Variable mode changed from 'a' to 'b' by uid {uid}."));
    set(&proxy, "mode=");
    syslog.wait_for(&format!("Variable mode changed from 'b' to unset by uid {uid}."));
}

#[test]
fn variables_are_kept_over_a_restart_with_their_ends() {
    if lacks("variables-file") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
    set(&proxy, "maintenance_mode=true");
    set(&proxy, "short=1,expire=1s");
    set(&proxy, "long=1,expire=1h");
    let mode = std::fs::metadata(folder.path().join("kept")).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    proxy.signal(Signal::SIGTERM);
    proxy.wait_exit();
    let proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
    assert_eq!(Client::connect(site.port).get("/").text(), "maintenance");
    wait_until("the short one was over", || !ask(&proxy, "show vars").contains("short"));
    assert!(ask(&proxy, "show vars").contains("long=1 (run time, "), "{}", ask(&proxy, "show vars"));
    assert!(ask(&proxy, "show vars").contains("59m"), "{}", ask(&proxy, "show vars"));
}

#[test]
fn a_file_that_is_damaged_or_open_to_others_is_refused_aloud() {
    if lacks("variables-file") {
        return;
    }
    let check = |change: &dyn Fn(&std::path::Path), told: &str| {
        let (site, folder) = (Site::new(), Arc::new(Folder::new()));
        let mut proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
        set(&proxy, "maintenance_mode=true");
        proxy.signal(Signal::SIGTERM);
        proxy.wait_exit();
        change(&folder.path().join("kept"));
        let proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
        wait_until(told, || proxy.said().contains(told));
        assert_eq!(Client::connect(site.port).get("/").text(), "site", "{told}");
    };
    let rewrite = |path: &std::path::Path, change: &dyn Fn(String) -> String| {
        let text = std::fs::read_to_string(path).expect("a file");
        std::fs::write(path, change(text)).expect("a file");
    };
    check(&|path| rewrite(path, &|text| text.replace("74727565", "74727566")), "is damaged (its checksum is wrong)");
    check(&|path| rewrite(path, &|text| text[..text.len() / 2].to_string()), "is damaged (its end is missing)");
    check(&|path| rewrite(path, &|_| "x=1\n".into()), "is none of byway's");
    let open = |path: &std::path::Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o646)).expect("a file");
    check(&open, "has mode 646");
}

#[test]
fn a_value_that_cannot_be_kept_is_in_force_and_the_command_says_so() {
    if lacks("variables-file") {
        return;
    }
    let site = Site::new();
    let config = kept_config(&site).replace("@DIR@/kept", "@DIR@/folder/kept");
    let folder = Arc::new(Folder::new());
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    let proxy = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
    set(&proxy, "maintenance_mode=true");
    std::fs::remove_dir_all(folder.path().join("folder")).expect("a folder");
    let ended = proxy.command(&["-S", "maintenance_mode=false"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("in force, but not kept"), "{ended:?}");
    assert_eq!(Client::connect(site.port).get("/").text(), "site");
}

/// How often the process is killed while variables are being set; `BYWAY_KILLS=200` is the whole drill.
fn kills() -> u64 {
    std::env::var("BYWAY_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(30)
}

#[test]
fn every_acknowledged_value_outlives_kill_9_and_no_half_value_is_ever_seen() {
    if is_standing_in() {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let socket = folder.path().join("control");
    let filler = "x".repeat(300);
    let mut number = 0;
    for round in 0..kills() {
        let mut proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
        wait_until("its control socket answered", || try_ask(&socket, "show version").is_ok());
        let acknowledged = AtomicU64::new(number);
        let stopping = AtomicBool::new(false);
        let attempted = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut next = number;
                while !stopping.load(Ordering::SeqCst) {
                    next += 1;
                    match try_ask(&socket, &format!("set env a={next}-{filler};set env b={next}")) {
                        Ok(answer) if answer == "\n\n" => acknowledged.store(next, Ordering::SeqCst),
                        _ => break,
                    }
                }
                next
            });
            let goal = number + 1 + round % 5;
            wait_at_most(Duration::from_secs(20), "some values were set", || acknowledged.load(Ordering::SeqCst) >= goal);
            let nanos = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").subsec_nanos();
            let until = std::time::Instant::now() + Duration::from_micros(u64::from(nanos / 1000 % 3000));
            while std::time::Instant::now() < until {
                std::hint::spin_loop();
            }
            proxy.signal(Signal::SIGKILL);
            proxy.wait_exit();
            stopping.store(true, Ordering::SeqCst);
            writer.join().expect("no panic")
        });
        let proxy = Proxy::start_with(Arc::clone(&folder), &kept_config(&site), |_| ());
        wait_until("its control socket answered", || try_ask(&socket, "show version").is_ok());
        assert!(!proxy.said().contains("variables-file"), "{}", proxy.said());
        let value = |name: &str| {
            let answer = ask(&proxy, &format!("show env {name}"));
            answer.trim().strip_prefix(&format!("{name}=")).map(str::to_string).unwrap_or_else(|| panic!("{name}: {answer}"))
        };
        let a = value("a");
        let a: u64 =
            a.strip_suffix(&format!("-{filler}")).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("half a value: {a}"));
        let b: u64 = value("b").parse().expect("a whole value");
        let kept = acknowledged.load(Ordering::SeqCst);
        assert!((kept..=attempted).contains(&a) && (kept..=attempted).contains(&b), "{a} and {b}, {kept} was acknowledged");
        assert!(a == b || a == b + 1, "{a} was set before {b}");
        number = a;
    }
}

#[test]
fn a_file_of_the_environment_is_read_again_at_every_reload() {
    if lacks("env-file") {
        return;
    }
    let (site, folder, syslog) = (Site::new(), Arc::new(Folder::new()), Syslog::udp());
    folder.write("defaults", "# 1 is maintenance\nexport E2E_SWITCH='1'\n");
    let lines = format!("global\n  log 127.0.0.1:{} local0\n  env-file @DIR@/defaults\n", syslog.port);
    let config = site.environment_config().replacen("global\n", &lines, 1);
    let proxy = Proxy::start_with(Arc::clone(&folder), &config, |command| {
        command.env("E2E_SWITCH", "0");
    });
    let mut client = Client::connect(site.port);
    assert_eq!(client.get("/").text(), "maintenance", "the file stands above the environment");
    folder.write("defaults", "E2E_SWITCH=0\n");
    proxy.signal(Signal::SIGHUP);
    wait_until("the site was back", || client.get("/").text() == "site");
    folder.write("defaults", "E2E_SWITCH=1\nbroken line\n");
    proxy.signal(Signal::SIGHUP);
    syslog.wait_for("defaults:2 : NAME=VALUE is expected");
    assert_eq!(client.get("/").text(), "site", "a fault there keeps all as it is");
    set(&proxy, "E2E_SWITCH=1");
    folder.write("defaults", "E2E_SWITCH=0\n");
    assert_eq!(proxy.command(&["--reload"]).status.code(), Some(0));
    assert_eq!(client.get("/").text(), "maintenance", "what is set at run time stands above the file");
    std::fs::remove_file(folder.path().join("defaults")).expect("a file");
    let ended = proxy.command(&["--reload"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("cannot read"), "{ended:?}");
}

#[test]
fn a_value_on_the_command_line_stands_above_the_file_of_the_environment() {
    if lacks("env-file") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    folder.write("defaults", "E2E_SWITCH=1\n");
    let config = site.environment_config().replacen("global\n", "global\n  env-file @DIR@/defaults\n", 1);
    let _proxy = Proxy::start_with(folder, &config, |command| {
        command.args(["-s", "E2E_SWITCH=0"]);
    });
    assert_eq!(Client::connect(site.port).get("/").text(), "site");
}

#[test]
fn where_no_line_says_so_variables_are_kept_in_the_state_directory_or_beside_the_pid_file() {
    if lacks("variables-file") {
        return;
    }
    for (kept, with_state_directory) in [("state/byway.variables", true), ("run.variables", false)] {
        let (site, folder) = (Site::new(), Arc::new(Folder::new()));
        std::fs::create_dir(folder.path().join("state")).expect("a folder");
        let start = || {
            Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |command| {
                command.arg("-p").arg(folder.path().join("run.pid")).env_remove("STATE_DIRECTORY");
                if with_state_directory {
                    command.env("STATE_DIRECTORY", folder.path().join("state"));
                }
            })
        };
        let mut proxy = start();
        set(&proxy, "maintenance_mode=true");
        assert!(folder.path().join(kept).exists(), "{kept}");
        proxy.signal(Signal::SIGKILL);
        proxy.wait_exit();
        let _proxy = start();
        assert_eq!(Client::connect(site.port).get("/").text(), "maintenance", "{kept}");
    }
}
