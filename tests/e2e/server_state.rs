//! `show servers state`, and files of it that servers begin with: the same columns as HAProxy's, and what each becomes at a start.

use crate::support::client::get;
use crate::support::control::{ask, try_ask};
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::{tell_skipped, wait_until};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

const HAPROXY: &str = "/usr/sbin/haproxy";
const HEADER: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
                      srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state \
                      bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr \
                      srv_agent_addr srv_agent_port\n";
/// The time since the last change is no matter of comparison.
const SINCE: usize = 9;

fn begin(lines: &str) -> String {
    format!(
        "global\n  stats socket @DIR@/control level admin\n  server-state-base @DIR@\n  server-state-file states\n\
         defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 1s\n  retries 0\n{lines}"
    )
}

/// Rows without the time.
fn rows(text: &str) -> Vec<String> {
    let row = |line: &str| {
        let words = line.split(' ').enumerate().filter(|(index, _)| *index != SINCE);
        words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    };
    text.lines().filter(|line| line.split(' ').count() > SINCE && !line.starts_with('#')).map(row).collect()
}

#[test]
fn the_states_of_servers_are_told_as_haproxy_tells_them() {
    if !Path::new(HAPROXY).exists() {
        assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "BYWAY_DEMAND_PEERS is set, and {HAPROXY} is missing");
        return tell_skipped(&format!("{HAPROXY} is not installed"));
    }
    let (origin, dead) = (Origin::named("a"), free_port());
    let lines = format!(
        "listen first\n  bind 127.0.0.1:@PORT@\n  id 77\n  server plain 127.0.0.1:{0}\n  server good 127.0.0.1:{0} check inter 100 rise 3 fall 4\n  \
         server bad 127.0.0.1:{dead} check inter 100\n  server out 127.0.0.1:{0} disabled\n  server outc 127.0.0.1:{0} check disabled\n\
         backend second\n  server name localhost:{0} id 55 weight 7\n  server shifted 127.0.0.1:+5 check inter 100 port {0}\n  \
         server file /tmp/none.sock\n  server held 127.0.0.1:{0}\n",
        origin.port
    );
    let observe = |program: OsString| {
        let config = begin(&lines.replace("@PORT@", &free_port().to_string()));
        let proxy = Proxy::start_program(&program, Arc::new(Folder::new()), &config, |_| ());
        ask(&proxy, "disable server second/held");
        let mut text = String::new();
        wait_until("the checks had said what they find", || {
            text = ask(&proxy, "show servers state");
            let all = rows(&text);
            let has = |name: &str, state: &str| all.iter().any(|row| row.contains(name) && row.contains(state));
            has(" bad ", " 8 2 ") && has(" good ", " 6 3 6 ") && has(" shifted ", " 6 3 4 ")
        });
        assert!(text.starts_with(HEADER), "{text}");
        assert_eq!(rows(&ask(&proxy, "show servers state second")).len(), 4);
        assert!(ask(&proxy, "show servers state none").starts_with("Can't find backend."));
        rows(&text)
    };
    assert_eq!(observe(HAPROXY.into()), observe(program()));
}

#[test]
fn servers_begin_as_the_file_of_a_predecessor_says() {
    let (origin, port, other, checked) = (Origin::named("a"), free_port(), free_port(), free_port());
    let lines = |load: &str| {
        format!(
            "listen l\n  bind 127.0.0.1:{port}\n{load}  server held 127.0.0.1:{0} cookie H\n  server free 127.0.0.1:{0}\n\
             listen m\n  bind 127.0.0.1:{other}\n  server down 127.0.0.1:{0} check inter 200 fall 1000 port {checked}\n",
            origin.port
        )
    };
    let folder = Arc::new(Folder::new());
    let proxy = Proxy::start_with(folder.clone(), &begin(&lines("")), |_| ());
    ask(&proxy, "disable server l/held");
    let states = ask(&proxy, "show servers state");
    drop(proxy);
    // The third server was down, by a file as its own check would have left it.
    let fallen = |line: &str| match line.contains(" down ") {
        true => line.replace(" 127.0.0.1 2 0 ", " 127.0.0.1 0 0 "),
        false => line.to_string(),
    };
    folder.write("states", &states.lines().map(|line| fallen(line) + "\n").collect::<String>());
    let proxy = Proxy::start_with(folder.clone(), &begin(&lines("  load-server-state-from-file global\n")), |_| ());
    let held = rows(&ask(&proxy, "show servers state l"));
    assert!(held[0].contains(" held 127.0.0.1 0 1 ") && held[1].contains(" free 127.0.0.1 2 0 "), "{held:?}");
    ask(&proxy, "enable server l/held");
    assert!(rows(&ask(&proxy, "show servers state l"))[0].contains(" held 127.0.0.1 2 0 "), "it can be let in again");
    assert_eq!(get(port, "/").text(), "a");
    drop(proxy);
    let config = begin(&lines("")).replace("defaults\n", "defaults\n  load-server-state-from-file global\n");
    let _proxy = Proxy::start_with(folder, &config, |_| ());
    assert_eq!(get(other, "/").status(), 503, "it is down, as it was, before its check has failed as often as it may");
    let _answering = Origin::named_at(checked, "check");
    wait_until("its checks had found it", || get(other, "/").status() == 200);
}

#[test]
fn what_the_configuration_has_changed_since_stands_above_the_file() {
    let (origin, port) = (Origin::named("a"), free_port());
    let folder = Arc::new(Folder::new());
    let row = |name: &str, administration: u8| {
        format!("2 l 1 {name} 127.0.0.1 0 {administration} 1 1 7 1 0 0 8 0 0 0 - {} - 0 0 - - 0\n", origin.port)
    };
    folder.write("states", &format!("1\n# header\n{}{}", row("was", 5), row("is", 0)));
    let proxy = Proxy::start_with(
        folder,
        &begin(&format!(
            "listen l\n  bind 127.0.0.1:{port}\n  load-server-state-from-file global\n  server was 127.0.0.1:{0}\n  \
             server is 127.0.0.1:{0} disabled\n",
            origin.port
        )),
        |_| (),
    );
    let states = rows(&ask(&proxy, "show servers state"));
    let administration: Vec<&str> = states.iter().filter_map(|row| row.split(' ').nth(6)).collect();
    assert_eq!(administration, ["0", "5"], "one is not disabled any more, one is by now: {states:?}");
}

#[test]
fn a_section_may_have_a_file_of_its_own() {
    let (origin, port) = (Origin::named("a"), free_port());
    for (name, line) in [("l", "server-state-file-name use-backend-name"), ("l", ""), ("own", "server-state-file-name own")] {
        let folder = Arc::new(Folder::new());
        folder.write(name, &format!("1\n# header\n2 l 1 s 127.0.0.1 0 1 1 1 7 1 0 0 8 0 0 0 - {} - 0 0 - - 0\n", origin.port));
        let config = begin(&format!(
            "listen l\n  bind 127.0.0.1:{port}\n  load-server-state-from-file local\n  {line}\n  server s 127.0.0.1:{}\n",
            origin.port
        ));
        let _proxy = Proxy::start_with(folder, &config, |_| ());
        assert_eq!(get(port, "/").status(), 503, "it is held out, by the file {name}");
    }
}

#[test]
fn an_address_that_is_remembered_serves_where_the_name_has_none() {
    let (origin, port) = (Origin::named("a"), free_port());
    let folder = Arc::new(Folder::new());
    folder
        .write("states", &format!("1\n# header\n2 l 1 s 127.0.0.1 2 0 1 1 7 1 0 2 0 0 0 0 nowhere.invalid {} - 0 0 - - 0\n", origin.port));
    let config = begin(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  load-server-state-from-file global\n  server s nowhere.invalid:{} init-addr last,none\n",
        origin.port
    ));
    let _proxy = Proxy::start_with(folder, &config, |_| ());
    assert_eq!(get(port, "/").text(), "a");
}

#[test]
fn without_a_file_servers_begin_afresh() {
    let (origin, port) = (Origin::named("a"), free_port());
    let proxy = Proxy::start(&begin(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  load-server-state-from-file global\n  server s 127.0.0.1:{}\n",
        origin.port
    )));
    assert_eq!(get(port, "/").text(), "a");
    assert!(proxy.said().contains("states"), "the file is named: {}", proxy.said());
    assert!(try_ask(&proxy.folder().join("control"), "show servers state").is_ok());
}
