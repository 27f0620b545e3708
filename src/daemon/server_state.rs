//! `show servers state`: where servers stand, in the form that HAProxy 2.6 calls 1. A file of it is read back at the next start
//! (`config::server_state`).

use super::Daemon;
use crate::config::check_status::Outcome;
use crate::config::model::{Address, Proxy, Server};
use crate::state::ServerState;
use crate::stats::rows::proxy_number;
use crate::units::Moment;
use std::fmt::Write;

const HEADER: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n";

/// Administrative states: held out by an administrator, and by the configuration.
const FORCED: u8 = 1;
const CONFIGURED: u8 = 4;
/// States of a check: it is there, it runs, it rests while its server is held out.
const CHECK_ENABLED: u8 = 6;
const CHECK_PAUSED: u8 = 8;
/// Health of a server that nobody checks.
const UNCHECKED_HEALTH: u32 = 2;

/// `show servers state [backend]`
pub fn render(daemon: &Daemon, backend: Option<&String>) -> Result<String, String> {
    let mut text = String::from(HEADER);
    let backends = daemon.running.config.proxies.iter().filter(|proxy| proxy.kind.has_backend());
    let wanted: Vec<&Proxy> = backends.filter(|proxy| backend.is_none_or(|name| *name == proxy.name)).collect();
    if wanted.is_empty() && backend.is_some() {
        return Err("Can't find backend.".into());
    }
    let now = daemon.clock.now();
    for proxy in wanted {
        let Some((_, live)) = daemon.running.proxy(proxy.id) else { continue };
        for (server, state) in proxy.servers.iter().zip(&live.servers) {
            render_server(proxy, server, state, now, &mut text);
        }
    }
    Ok(text)
}

fn render_server(proxy: &Proxy, server: &Server, state: &ServerState, now: Moment, text: &mut String) {
    let (address, own_port) = match &server.address {
        Address::Inet(address) => (address.ip().to_string(), i32::from(address.port())),
        _ => ("-".to_string(), 0),
    };
    let port = server.reach.port_offset.unwrap_or(own_port);
    let is_out = state.is_in_maintenance();
    let operation = if state.is_usable() { 2 } else { 0 };
    let administration = if is_out { FORCED | if server.disabled { CONFIGURED } else { 0 } } else { 0 };
    let health = match &server.check {
        _ if is_out => 0,
        None => UNCHECKED_HEALTH,
        Some(check) => state.health(check.rise, check.fall).level,
    };
    let check_state = match (&server.check, is_out) {
        (None, out) => {
            if out && server.disabled {
                CHECK_PAUSED
            } else {
                0
            }
        }
        (Some(_), false) => CHECK_ENABLED,
        (Some(_), true) => CHECK_PAUSED | CHECK_ENABLED,
    };
    let last = state.checks.last().status;
    // HAProxy's numbers of results: none, failed, passed, passed but for new clients.
    let (status, result) = match last.outcome() {
        Outcome::None => (last.number(), 0),
        Outcome::Failed => (last.number(), 2),
        Outcome::Passed => (last.number(), 3),
        Outcome::Conditional => (last.number(), 4),
    };
    let check_port = server.check.as_ref().and_then(|check| match &check.address {
        Some(Address::Inet(address)) if address.port() != server.port() => Some(address.port()),
        _ => None,
    });
    let check_port = check_port.unwrap_or(0);
    let (number, forced_backend) = (proxy_number(proxy), u8::from(proxy.numeric_id.is_some()));
    // Written to memory, which does not fail.
    let _ = writeln!(
        text,
        "{number} {} {} {} {address} {operation} {administration} {weight} {weight} {since} {status} {result} {health} {check_state} 0 \
         {forced_backend} {forced_id} {host} {port} - 0 {check_port} - - {check_port}",
        proxy.name,
        server.id,
        server.name,
        weight = server.weight,
        since = state.standing.seconds(now),
        forced_id = u8::from(server.has_own_id),
        host = server.host.as_deref().unwrap_or("-"),
    );
}
