//! How a server stands, in the words of HAProxy: for statistics, and for the servers that ask for it (`http-check send-state`).

use super::{Running, ServerState};
use crate::config::model::{Address, Proxy, Server};
use crate::sample::ProxyId;
use std::borrow::Cow;
use std::sync::Arc;

/// A server's line and state.
fn server(running: &Running, id: ProxyId, index: usize) -> Option<(&Proxy, &Server, &Arc<ServerState>)> {
    let (proxy, live) = running.proxy(id)?;
    Some((proxy, proxy.servers.get(index)?, live.servers.get(index)?))
}

/// The server whose checks count for this one: itself, or the one that it tracks in the end.
fn checked<'a>(running: &'a Running, mut line: &'a Server, mut state: &'a ServerState) -> (Option<&'a Proxy>, &'a Server, &'a ServerState) {
    let mut via = None;
    // `config` has seen to it that no circle is made.
    while let Some((proxy, next, other)) = line.track.and_then(|(id, index)| server(running, id, index)) {
        (via, line, state) = (Some(proxy), next, other.as_ref());
    }
    (via, line, state)
}

/// The server that this one tracks, as `backend/server`.
pub fn render_tracked(running: &Running, line: &Server) -> Option<String> {
    let (id, index) = line.track?;
    let (proxy, tracked, _) = server(running, id, index)?;
    Some(format!("{}/{}", proxy.name, tracked.name))
}

/// The `status` column of `show stat`: `UP`, `UP 1/3`, `DOWN 1/2`, `NOLB`, `MAINT`, `no check` and so on.
pub fn render_status(running: &Running, line: &Server, state: &ServerState) -> Cow<'static, str> {
    let (via, checked_line, checked_state) = checked(running, line, state);
    if state.is_forced_out() {
        return "MAINT".into();
    }
    if state.is_in_maintenance() {
        return format!("MAINT (via {}/{})", via.map_or("", |via| &via.name), checked_line.name).into();
    }
    let Some(check) = &checked_line.check else { return if state.is_up() { "no check" } else { "DOWN" }.into() };
    let health = checked_state.health(check.rise, check.fall);
    let up = if state.is_stopping() { "NOLB" } else { "UP" };
    match (state.is_up(), health.is_in_transition()) {
        (true, true) if health.is_up() => format!("{up} {}/{}", health.level.saturating_sub(health.rise) + 1, health.fall).into(),
        (true, _) => up.into(),
        (false, true) if !health.is_up() => format!("DOWN {}/{}", health.level, health.rise).into(),
        (false, _) => "DOWN".into(),
    }
}

/// `X-Haproxy-Server-State`: how the server stands, who it is, its share of the weight, what it has to do.
pub fn render_subject(running: &Running, id: ProxyId, index: usize, node: &str) -> Option<String> {
    let (proxy, line, state) = server(running, id, index)?;
    let (_, live) = running.proxy(id)?;
    let status = render_status(running, line, state);
    let (address, port) = match &line.address {
        Address::Inet(address) => (address.ip().to_string(), address.port().to_string()),
        Address::Unix(_) => ("unix".into(), "0".into()),
        _ => ("abns".into(), "0".into()),
    };
    let weight = |server: &Server, state: &ServerState| u64::from(server.weight) * u64::from(state.sixteenths());
    let pairs = || proxy.servers.iter().zip(&live.servers).filter(|(server, state)| server.weight > 0 && state.takes_new());
    let active: u64 = pairs().filter(|(server, _)| !server.backup).map(|(server, state)| weight(server, state)).sum();
    let backup = pairs().filter(|(server, _)| server.backup).map(|(server, state)| weight(server, state));
    let backup: u64 = if proxy.options.all_backups { backup.sum() } else { backup.take(1).sum() };
    let total = if active > 0 { active } else { backup };
    let whole = u64::from(super::server::WHOLE_WEIGHT);
    let own = weight(line, state).div_ceil(whole);
    let connections = live.state.sessions.load(std::sync::atomic::Ordering::Relaxed);
    let throttle = match state.sixteenths() {
        sixteenths if u64::from(sixteenths) < whole => format!("; throttle={}%", u64::from(sixteenths) * 100 / whole),
        _ => String::new(),
    };
    Some(format!(
        "{status}; address={address}; port={port}; name={}/{}; node={node}; weight={own}/{}; scur={}/{connections}; qcur={}{throttle}",
        proxy.name,
        line.name,
        total.div_ceil(whole),
        state.current(),
        live.state.queue.len_for(state),
    ))
}
