//! Under a steady load that checks every answer: reloads and switches in a row, and not one request fails.

use crate::support::load::{Load, Outcome};
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::{is_standing_in, lacks};
use crate::switches::{Site, set};
use nix::sys::signal::Signal;
use std::sync::Arc;

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 10;
const BODIES: &[&str] = &["site", "maintenance"];

#[track_caller]
fn assert_none_failed(outcome: &Outcome) {
    assert!(
        outcome.failures.is_empty(),
        "{} failures of {} requests, the first:\n{}",
        outcome.failures.len(),
        outcome.good,
        outcome.failures[0]
    );
    assert!(outcome.good > 1000, "{outcome:?}");
    eprintln!("{} requests on {} connections, {} closed while idle", outcome.good, outcome.connections, outcome.closed_idle);
}

#[test]
fn ten_reloads_fail_no_request_and_keep_every_connection() {
    if lacks("a reload in the same process") {
        return;
    }
    let site = Site::new();
    let mut proxy = Proxy::start(&site.variable_config());
    let load = Load::start(site.port, CONNECTIONS, BODIES);
    load.wait_more(500);
    for _ in 0..ROUNDS {
        let extra = free_port();
        let text = site.variable_config();
        proxy.rewrite_config(&text.replace("  default_backend site", &format!("  bind 127.0.0.1:{extra}\n  default_backend site")));
        proxy.signal(Signal::SIGHUP);
        proxy.wait_listening();
        load.wait_more(200);
    }
    let outcome = load.stop();
    assert_none_failed(&outcome);
    assert_eq!((outcome.connections, outcome.closed_idle), (CONNECTIONS as u64, 0), "no visitor had to connect again");
}

#[test]
fn ten_flips_of_a_variable_fail_no_request() {
    if lacks("acl variable") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start(&site.variable_config());
    let load = Load::start(site.port, CONNECTIONS, BODIES);
    load.wait_more(500);
    for round in 0..ROUNDS {
        set(&proxy, if round % 2 == 0 { "maintenance_mode=true" } else { "maintenance_mode=false" });
        load.wait_more(200);
    }
    assert_none_failed(&load.stop());
    assert!(!site.maintenance.received().is_empty() && !site.site.received().is_empty());
}

#[test]
fn ten_flips_of_an_environment_switch_at_run_time_fail_no_request() {
    if lacks("-S NAME=VALUE") {
        return;
    }
    let site = Site::new();
    let proxy = Proxy::start(&site.environment_config());
    let load = Load::start(site.port, CONNECTIONS, BODIES);
    load.wait_more(500);
    for round in 0..ROUNDS {
        set(&proxy, if round % 2 == 0 { "E2E_SWITCH=1" } else { "E2E_SWITCH=0" });
        load.wait_more(200);
    }
    assert_none_failed(&load.stop());
    assert!(!site.maintenance.received().is_empty() && !site.site.received().is_empty());
}

fn take_over_ten_times(change: impl Fn(&mut std::process::Command, &str)) {
    let (site, folder) = (Site::new(), Arc::new(Folder::new()));
    let mut old = Proxy::start_with(Arc::clone(&folder), &site.environment_config(), |_| ());
    let load = Load::start(site.port, CONNECTIONS, BODIES);
    load.wait_more(500);
    for round in 0..ROUNDS {
        let new = Proxy::start_with(Arc::clone(&folder), &site.environment_config(), |command| {
            change(command, if round % 2 == 0 { "1" } else { "0" });
            command.args(["-sf", &old.pid().to_string()]);
        });
        old.wait_exit();
        old = new;
        load.wait_more(200);
    }
    let outcome = load.stop();
    if is_standing_in() {
        eprintln!("with the stand-in: {outcome:?}");
        return;
    }
    assert_none_failed(&outcome);
    assert!(!site.maintenance.received().is_empty() && !site.site.received().is_empty());
}

#[test]
fn ten_processes_that_take_over_with_another_environment_fail_no_request() {
    take_over_ten_times(|command, value| {
        command.env("E2E_SWITCH", value);
    });
}

#[test]
fn ten_processes_that_take_over_with_a_value_on_the_command_line_fail_no_request() {
    if lacks("-s NAME=VALUE") {
        return;
    }
    take_over_ten_times(|command, value| {
        command.args(["-s", &format!("E2E_SWITCH={value}")]);
    });
}
