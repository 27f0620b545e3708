//! Named values that rules read: set in the running process with `byway -S NAME=VALUE`, given with `-s NAME=VALUE`, taken from the
//! environment, or changed by a new process that takes over with `-sf`. What a visitor gets must change with the very next request.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, PREAMBLE, Proxy, free_port, run};
use crate::support::stand_in::lacks;
use crate::support::wait_until;
use std::ffi::OsStr;
use std::sync::Arc;

/// The two systems of the drill: the site and its maintenance page.
pub struct Site {
    pub site: Origin,
    pub maintenance: Origin,
    pub port: u16,
}

impl Site {
    pub fn new() -> Site {
        Site { site: Origin::named("site"), maintenance: Origin::named("maintenance"), port: free_port() }
    }

    /// A configuration with these lines before `use_backend maintenance if <condition>`.
    pub fn config(&self, lines: &str, condition: &str) -> String {
        format!(
            "{PREAMBLE}frontend http\n  bind 127.0.0.1:{}\n{lines}\n  use_backend maintenance if {condition}\n  default_backend site\n\
             backend site\n  server s 127.0.0.1:{}\nbackend maintenance\n  server m 127.0.0.1:{}\n",
            self.port, self.site.port, self.maintenance.port
        )
    }

    pub fn variable_config(&self) -> String {
        self.config("  acl variable maintenance_mode true", "maintenance_mode")
    }

    pub fn environment_config(&self) -> String {
        self.config("  acl maintenance_mode env_int(E2E_SWITCH) gt 0", "maintenance_mode")
    }
}

/// Sets a variable in the running process; the command must succeed.
#[track_caller]
pub fn set(proxy: &Proxy, assignment: &str) {
    let ended = proxy.command(&["-S", assignment]);
    assert!(ended.status.success(), "-S {assignment}: {ended:?}");
}

#[test]
fn a_variable_set_from_outside_switches_the_next_request() {
    if lacks("acl variable") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start(&site.variable_config());
    let mut client = Client::connect(site.port);
    assert_eq!(client.get("/").text(), "site");
    for _ in 0..3 {
        set(&proxy, "maintenance_mode=true");
        assert_eq!(client.get("/").text(), "maintenance", "the same connection, the next request");
        set(&proxy, "maintenance_mode=false");
        assert_eq!(client.get("/").text(), "site");
    }
}

#[test]
fn a_variable_tests_for_exactly_its_value() {
    if lacks("acl variable") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start(&site.config("  acl variable mode deep", "mode"));
    let mut client = Client::connect(site.port);
    for (value, expected) in [("deep", "maintenance"), ("deeper", "site"), ("", "site"), ("Deep", "site"), ("deep", "maintenance")] {
        set(&proxy, &format!("mode={value}"));
        assert_eq!(client.get("/").text(), expected, "mode={value}");
    }
}

#[test]
fn a_variable_is_set_by_the_sockets_path_without_a_configuration() {
    if lacks("acl variable") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start(&site.variable_config());
    let socket = proxy.folder().join("control");
    let arguments = [OsStr::new("--socket"), socket.as_os_str(), OsStr::new("-S"), OsStr::new("maintenance_mode=true")];
    let ended = run(&arguments);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(Client::connect(site.port).get("/").text(), "maintenance");
}

#[test]
fn setting_a_variable_fails_aloud_when_no_process_runs() {
    if lacks("acl variable") {
        return;
    }
    let (site, folder) = (Site::new(), Folder::new());
    let config = folder.write("haproxy.cfg", &site.variable_config());
    let ended = run(&[OsStr::new("-f"), config.as_os_str(), OsStr::new("-S"), OsStr::new("maintenance_mode=true")]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.said.contains("control"), "it names the socket: {ended:?}");
}

#[test]
fn only_the_proxys_user_may_speak_to_its_control_socket() {
    use std::os::unix::fs::PermissionsExt;
    if lacks("a mode of 0600 by default") {
        return;
    }
    let proxy = Proxy::start(&Site::new().variable_config());
    let mode = std::fs::metadata(proxy.folder().join("control")).expect("a socket").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
}

#[test]
fn the_environment_of_the_process_decides_env_int() {
    let site = Site::new();
    for (value, expected) in [("1", "maintenance"), ("0", "site")] {
        let proxy = Proxy::start_with(Arc::new(Folder::new()), &site.environment_config(), |command| {
            command.env("E2E_SWITCH", value);
        });
        assert_eq!(Client::connect(site.port).get("/").text(), expected);
        drop(proxy);
    }
}

#[test]
fn a_value_on_the_command_line_outweighs_the_environment() {
    if lacks("-s NAME=VALUE") {
        return;
    }
    let site = Site::new();
    for (environment, value, expected) in [("0", "E2E_SWITCH=1", "maintenance"), ("1", "E2E_SWITCH=0", "site")] {
        let proxy = Proxy::start_with(Arc::new(Folder::new()), &site.environment_config(), |command| {
            command.env("E2E_SWITCH", environment).args(["-s", value]);
        });
        assert_eq!(Client::connect(site.port).get("/").text(), expected, "{environment} and {value}");
        drop(proxy);
    }
}

#[test]
fn a_value_set_at_run_time_outweighs_the_command_line() {
    if lacks("-S NAME=VALUE") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start_with(Arc::new(Folder::new()), &site.environment_config(), |command| {
        command.env("E2E_SWITCH", "0").args(["-s", "E2E_SWITCH=0"]);
    });
    let mut client = Client::connect(site.port);
    assert_eq!(client.get("/").text(), "site");
    set(&proxy, "E2E_SWITCH=1");
    assert_eq!(client.get("/").text(), "maintenance");
}

#[test]
fn a_new_process_with_another_environment_takes_over() {
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.environment_config(), |command| {
        command.env("E2E_SWITCH", "0");
    });
    assert_eq!(Client::connect(site.port).get("/").text(), "site");
    for (value, expected) in [("1", "maintenance"), ("0", "site")] {
        let new = Proxy::start_with(Arc::clone(&folder), &site.environment_config(), |command| {
            command.env("E2E_SWITCH", value).args(["-sf", &old.pid().to_string()]);
        });
        let status = old.wait_exit();
        assert_eq!(status.code(), Some(0), "the old process finishes and ends");
        assert_eq!(Client::connect(site.port).get("/").text(), expected);
        old = new;
    }
}

#[test]
fn the_old_process_finishes_what_it_has_begun_before_it_ends() {
    let folder = Arc::new(Folder::new());
    let origin = Origin::script(|visit| {
        let Some(request) = visit.request()? else { return Ok(()) };
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")?;
        if request.start_line().contains("/slow") {
            visit.wire.read_exactly(0)?;
            let go = request.value("X-Go").unwrap_or_default();
            wait_until("the test let it go on", || std::path::Path::new(&go).exists());
        }
        visit.wire.send(b"half")
    });
    let port = free_port();
    let config = format!("{PREAMBLE}listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n", origin.port);
    let mut old = Proxy::start_with(Arc::clone(&folder), &config, |_| ());
    let go = folder.path().join("go");
    let mut slow = Client::connect(port);
    slow.send(format!("GET /slow HTTP/1.1\r\nHost: e2e\r\nX-Go: {}\r\n\r\n", go.display()));
    origin.wait_received(1);
    let _new = Proxy::start_with(Arc::clone(&folder), &config, |command| {
        command.args(["-sf", &old.pid().to_string()]);
    });
    assert_eq!(Client::connect(port).get("/quick").text(), "halfhalf");
    assert!(old.is_running(), "it still has a visitor");
    std::fs::write(go, "").expect("a file");
    assert_eq!(slow.response().text(), "halfhalf");
    drop(slow);
    assert_eq!(old.wait_exit().code(), Some(0));
}

#[test]
fn a_new_process_whose_configuration_is_bad_leaves_the_old_one_alone() {
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.environment_config(), |_| ());
    let bad = folder.write("bad.cfg", &site.environment_config().replace("default_backend", "default_backendd"));
    let ended = run(&[OsStr::new("-f"), bad.as_os_str(), OsStr::new("-sf"), OsStr::new(&old.pid().to_string())]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(old.is_running());
    assert_eq!(Client::connect(site.port).get("/").text(), "site");
}

#[test]
fn a_new_process_that_fails_late_leaves_the_old_ones_files_alone() {
    if lacks("a start that leaves no trace when it fails") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let pidfile = folder.path().join("pid");
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |command| {
        command.arg("-p").arg(&pidfile);
    });
    let good = std::fs::read_to_string(old.config()).expect("the configuration");
    let new_port = format!("global\n  pidfile {}\n", pidfile.display());
    for late in ["  chroot /there/is/no/such/folder\n", "  variables-file /there/is/no/such/folder/kept\n"] {
        let bad = folder.write("bad.cfg", &good.replacen("global\n", &format!("{new_port}{late}"), 1));
        for with_predecessor in [true, false] {
            let pid = old.pid().to_string();
            let mut words = vec![OsStr::new("-D"), OsStr::new("-f"), bad.as_os_str()];
            words.extend([OsStr::new("-sf"), OsStr::new(&pid)].into_iter().filter(|_| with_predecessor));
            let ended = run(&words);
            assert_eq!(ended.status.code(), Some(1), "{late}: {ended:?}");
            assert_eq!(std::fs::read_to_string(&pidfile).expect("the pid file").trim(), pid, "{late}");
            // The control socket is still the old process's.
            set(&old, "maintenance_mode=false");
        }
    }
    assert!(old.is_running());
    assert_eq!(Client::connect(site.port).get("/").text(), "site");
}

#[test]
fn what_only_looks_like_a_switch_starts_no_process() {
    if lacks("-S with a word that is no switch") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let path = folder.write("byway.cfg", &site.variable_config());
    for word in ["1x=1", "ä=1", "x y=1", "=1", "", "1x=/a/b"] {
        let ended = run(&[OsStr::new("-f"), path.as_os_str(), OsStr::new("-S"), OsStr::new(word)]);
        assert_eq!(ended.status.code(), Some(1), "{word}: {ended:?}");
        assert!(ended.said.contains("-S takes a variable"), "{word}: {ended:?}");
    }
}

#[test]
fn the_longest_values_go_over_and_longer_ones_are_refused() {
    if lacks("variables that are handed over") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |_| ());
    let longest = "v".repeat(16 * 1024);
    (0..9).for_each(|number| set(&old, &format!("long{number}={longest}")));
    let refused = old.command(&["-S", &format!("longer={longest}v")]);
    assert!(!refused.status.success() && refused.said.contains("a value 16384"), "{refused:?}");
    set(&old, "maintenance_mode=true");
    let new = Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |command| {
        command.args(["-sf", &old.pid().to_string()]);
    });
    old.wait_exit();
    assert_eq!(Client::connect(site.port).get("/").text(), "maintenance");
    for number in 0..9 {
        assert_eq!(new.command(&["-S", &format!("long{number}")]).said.trim_end(), longest);
    }
}

#[test]
fn a_variable_set_at_run_time_is_handed_to_the_process_that_takes_over() {
    if lacks("variables that are handed over") {
        return;
    }
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |_| ());
    set(&old, "maintenance_mode=true");
    let new = Proxy::start_with(Arc::clone(&folder), &site.variable_config(), |command| {
        command.args(["-sf", &old.pid().to_string()]);
    });
    old.wait_exit();
    let mut client = Client::connect(site.port);
    assert_eq!(client.get("/").text(), "maintenance");
    set(&new, "maintenance_mode=false");
    assert_eq!(client.get("/").text(), "site");
}
