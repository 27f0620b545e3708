//! How servers and proxies stand, in HAProxy's words: UP, DOWN, MAINT and their kin. Who decides it is `state` and `daemon`.

use super::View;
use crate::config::model::{Proxy, Server};
use crate::session::maintenance::is_on_at_large;
use crate::state::running::Live;
use crate::state::{ServerState, status};
use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

/// Does a server run, by its checks and its administrator?
pub fn is_running(state: &ServerState) -> bool {
    state.is_up() && !state.is_in_maintenance()
}

/// A server's status.
pub fn server_status(view: &View, server: &Server, state: &ServerState) -> Cow<'static, str> {
    status::render_status(view.running, server, state)
}

/// Is the section in maintenance, as far as can be said without a request? The first word of its status then.
pub fn maintenance(view: &View, proxy: &Proxy) -> Option<&'static str> {
    is_on_at_large(proxy, view.running, view.variables).then_some("MAINT")
}

/// A frontend's status.
pub fn frontend_status(view: &View, proxy: &Proxy, live: &Live) -> &'static str {
    if let Some(word) = maintenance(view, proxy) {
        return word;
    }
    let most = proxy.maxconn.or(view.running.config.global.maxconn);
    match most.is_some_and(|most| live.state.connections.load(Relaxed) >= most as usize) {
        true => "FULL",
        false => "OPEN",
    }
}

/// A backend's servers that may be given requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usable {
    /// Active ones.
    pub active: u64,
    /// Backups.
    pub backup: u64,
    /// Weights of those among which the balancing chooses.
    pub weight: u64,
    /// Servers that run, whatever their weight.
    pub running: usize,
}

/// Counts the usable servers of a backend.
pub fn usable(proxy: &Proxy, live: &Live) -> Usable {
    let mut usable = Usable::default();
    let (mut active, mut backup) = (0, 0);
    for (server, state) in proxy.servers.iter().zip(&live.servers) {
        usable.running += usize::from(is_running(state));
        if server.weight == 0 || !state.takes_new() {
            continue;
        }
        match server.backup {
            true if usable.backup == 0 || proxy.options.all_backups => backup += u64::from(server.weight),
            true => {}
            false => active += u64::from(server.weight),
        }
        usable.active += u64::from(!server.backup);
        usable.backup += u64::from(server.backup);
    }
    usable.weight = if usable.active > 0 { active } else { backup };
    usable
}

/// Has a backend somebody to serve its requests (or never had)?
pub fn is_served(proxy: &Proxy, live: &Live) -> bool {
    proxy.servers.is_empty() || usable(proxy, live).weight > 0
}

/// A backend's status.
pub fn backend_status(view: &View, proxy: &Proxy, live: &Live) -> Cow<'static, str> {
    if let Some(word) = maintenance(view, proxy) {
        return word.into();
    }
    let usable = usable(proxy, live);
    let word = if proxy.servers.is_empty() || usable.weight > 0 { "UP" } else { "DOWN" };
    match view.detail.tally {
        true => format!("{word} ({}/{})", usable.running, proxy.servers.len()).into(),
        false => word.into(),
    }
}
