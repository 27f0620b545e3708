//! What the buttons of the statistics page change: servers are taken out, let in again, or declared up or down. It takes effect at once,
//! and is told in the log of the backend, as if it had come by the control socket.

use super::{Context, Session};
use crate::config::model::{Proxy, Server};
use crate::state::ServerState;
use crate::state::health::Health;
use crate::state::running::Live;
use crate::stats::request::{Order, Outcome};
use crate::stats::rows::proxy_number;
use std::sync::Arc;

/// `notice`, the level of such lines.
const NOTICE: u8 = 5;

/// Something that is done to a server; `false` when that cannot be.
type Deed = fn(&Server, &ServerState) -> bool;

/// What a form may ask for, the words of HAProxy before 1.5 included.
const DEEDS: [(&str, Deed); 6] = [
    ("ready", |_, state| set_maintenance(state, false)),
    ("enable", |_, state| set_maintenance(state, false)),
    ("maint", |_, state| set_maintenance(state, true)),
    ("disable", |_, state| set_maintenance(state, true)),
    ("hrunn", |server, state| set_health(server, state, u32::MAX)),
    ("hdown", |server, state| set_health(server, state, 0)),
];

fn set_maintenance(state: &ServerState, out: bool) -> bool {
    state.set_maintenance(out);
    true
}

fn set_health(server: &Server, state: &ServerState, level: u32) -> bool {
    let (rise, fall) = server.check.as_ref().map_or((1, 1), |check| (check.rise, check.fall));
    let top = rise.saturating_add(fall).saturating_sub(1);
    state.set_health(Health { level: level.min(top), rise, fall });
    true
}

impl Session {
    /// Does what a form asks for.
    pub(super) fn administer(&mut self, cx: &mut Context, order: &Order) -> Outcome {
        if order.servers.is_empty() && order.action.is_empty() {
            return Outcome::Nothing;
        }
        let Some((_, deed)) = DEEDS.iter().find(|(name, _)| *name == order.action) else { return Outcome::Invalid };
        let running = self.running.clone();
        let is_meant = |proxy: &&Proxy| match order.backend.strip_prefix('#') {
            Some(number) => number == proxy_number(proxy).to_string(),
            None => order.backend == proxy.name,
        };
        let mut backends = running.config.proxies.iter().filter(|proxy| proxy.kind.has_backend()).filter(is_meant);
        let Some((proxy, live)) = backends.next().and_then(|proxy| running.proxy(proxy.id)) else { return Outcome::Invalid };
        let mut done = 0;
        for name in &order.servers {
            let found = proxy.servers.iter().zip(&live.servers).find(|(server, _)| server.name == *name);
            if let Some((server, state)) = found
                && deed(server, state)
            {
                done += 1;
                settle(cx, proxy, live, state, &order.action);
            }
        }
        match done {
            0 if order.servers.is_empty() => Outcome::Nothing,
            0 => Outcome::Invalid,
            done if done < order.servers.len() => Outcome::Partly,
            _ => Outcome::Done,
        }
    }
}

/// What follows from a change: statistics note it, requests that wait go where there is room, and the log tells it.
fn settle(cx: &mut Context, proxy: &Proxy, live: &Live, state: &Arc<ServerState>, action: &str) {
    match state.is_in_maintenance() {
        true => state.standing.touch(cx.now),
        false => state.standing.change(state.is_up(), cx.now),
    }
    let served = proxy.servers.iter().zip(&live.servers).any(|(server, state)| server.weight > 0 && state.is_usable());
    live.state.standing.change(served, cx.now);
    if !state.is_usable() {
        live.state.queue.unpin(state);
    }
    for (server, state) in proxy.servers.iter().zip(&live.servers) {
        while let Some(grant) = live.state.queue.grant(state, server.maxconn) {
            cx.out.grants.push(grant);
        }
    }
    let line = format!("Server {}/{}: '{action}' by the statistics page.", proxy.name, state.name);
    for target in &proxy.log {
        cx.log.push(target, NOTICE, line.as_bytes(), b"");
    }
}
