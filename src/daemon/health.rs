//! What follows when a server goes up or down, by a check or by an administrator: the lines that tell it, slots for those
//! who wait, and freedom for those who waited for it alone.

use super::Daemon;
use super::checker::Report;
use super::notice::level;
use crate::config::Severity;
use crate::config::model::{Proxy, ProxyKind};
use crate::sample::ProxyId;
use crate::state::ServerState;
use crate::state::health::Transition;
use crate::state::queue::Grant;
use crate::state::running::Live;
use crate::worker::inbox::Message;

/// Usable servers of a backend.
pub struct Usable {
    /// Active ones.
    pub active: usize,
    /// Backups.
    pub backup: usize,
}

/// Counts the usable servers of a backend.
pub fn usable(proxy: &Proxy, live: &Live) -> Usable {
    let count = |backup: bool| {
        let servers = proxy.servers.iter().zip(&live.servers);
        servers.filter(|(server, state)| server.backup == backup && server.weight > 0 && state.is_usable()).count()
    };
    Usable { active: count(false), backup: count(true) }
}

impl Usable {
    fn on_backup(&self) -> &'static str {
        if self.active == 0 && self.backup > 0 { " Running on backup." } else { "" }
    }
}

/// Tells of a change that a check has found, and lets it take effect on the queue.
pub fn note_report(daemon: &mut Daemon, report: &Report) {
    let why = format!("reason: {}, check duration: {}ms", report.reason, report.duration_ms);
    match report.transition {
        Transition::Up => note_up(daemon, report.proxy, report.server, &format!("is UP, {why}.")),
        Transition::Down => note_down(daemon, report.proxy, report.server, &format!("is DOWN, {why}.")),
    }
}

fn note_up(daemon: &mut Daemon, id: ProxyId, index: usize, what: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let (Some(server), Some(state)) = (proxy.servers.get(index), live.servers.get(index)) else { return };
    let mut requeued = 0;
    while let Some(grant) = live.state.queue.grant(state, server.maxconn) {
        give(daemon, grant, live, server.maxconn);
        requeued += 1;
    }
    let left = usable(proxy, live);
    note_standing(daemon, live, state, &left);
    let text = format!(
        "{} {what} {} active and {} backup servers online.{} {requeued} sessions requeued, {} total in queue.",
        name(proxy, index),
        left.active,
        left.backup,
        left.on_backup(),
        live.state.queue.len_for(state)
    );
    daemon.notices.say(Severity::Warning, &text);
    daemon.notices.log_for(proxy, level::NOTICE, &text);
}

fn note_down(daemon: &mut Daemon, id: ProxyId, index: usize, what: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let Some(state) = live.servers.get(index) else { return };
    let requeued = live.state.queue.len_for(state);
    live.state.queue.unpin(state);
    // Those who waited for it may have any other that has room.
    for (server, other) in proxy.servers.iter().zip(&live.servers) {
        while let Some(grant) = live.state.queue.grant(other, server.maxconn) {
            give(daemon, grant, live, server.maxconn);
        }
    }
    let left = usable(proxy, live);
    note_standing(daemon, live, state, &left);
    let text = format!(
        "{} {what} {} active and {} backup servers left.{} {} sessions active, {requeued} requeued, {} remaining in queue.",
        name(proxy, index),
        left.active,
        left.backup,
        left.on_backup(),
        state.current(),
        live.state.queue.len_for(state)
    );
    daemon.notices.say(Severity::Warning, &text);
    daemon.notices.log_for(proxy, level::ALERT, &text);
    if left.active + left.backup == 0 {
        let kind = if proxy.kind == ProxyKind::Backend { "backend" } else { "proxy" };
        daemon.notices.say(Severity::Alert, &format!("{kind} '{}' has no server available!", proxy.name));
        daemon.notices.log_for(proxy, level::EMERG, &format!("{kind} {} has no server available!", proxy.name));
    }
}

/// Notes for statistics since when a server and its backend are as they are.
fn note_standing(daemon: &Daemon, live: &Live, state: &ServerState, left: &Usable) {
    let now = daemon.clock.now();
    match state.is_in_maintenance() {
        true => state.standing.touch(now),
        false => state.standing.change(state.is_up(), now),
    }
    live.state.standing.change(left.active + left.backup > 0, now);
}

/// Tells the worker of a session that it has a slot; when that worker is gone, the slot goes to the next that waits.
fn give(daemon: &Daemon, grant: Grant, live: &Live, maxconn: Option<u32>) {
    let mut given = Some(grant);
    while let Some(grant) = given {
        given = match daemon.inboxes.send(grant.session.worker, Message::Granted(grant)) {
            Err(Message::Granted(grant)) => live.state.queue.release(&grant.server, maxconn),
            _ => None,
        };
    }
}

/// `Server b/s`, as HAProxy names it.
fn name(proxy: &Proxy, index: usize) -> String {
    let Some(server) = proxy.servers.get(index) else { return String::new() };
    format!("{}Server {}/{}", if server.backup { "Backup " } else { "" }, proxy.name, server.name)
}

/// `disable server b/s` and `enable server b/s`.
pub fn set_maintenance(daemon: &mut Daemon, path: Option<&String>, out: bool) -> Result<String, String> {
    let (backend, server) = path.and_then(|path| path.split_once('/')).ok_or("Require 'backend/server'.")?;
    let running = daemon.running.clone();
    let proxies = running.config.proxies.iter().enumerate();
    let mut named = proxies.filter(|(_, proxy)| proxy.kind.has_backend() && proxy.name == backend);
    let (id, proxy) = named.next().ok_or("No such backend.")?;
    let index = proxy.servers.iter().position(|line| line.name == server).ok_or("No such server.")?;
    let id = ProxyId(id as u32);
    let state = running.proxy(id).and_then(|(_, live)| live.servers.get(index)).ok_or("No such server.")?;
    if state.is_in_maintenance() == out {
        return Ok(String::new());
    }
    let was_usable = state.is_usable();
    state.set_maintenance(out);
    match out {
        true if was_usable => note_down(daemon, id, index, "is going DOWN for maintenance."),
        true => {
            let text = format!("{} was DOWN and now enters maintenance.", name(proxy, index));
            daemon.notices.say(Severity::Warning, &text);
            daemon.notices.log_for(proxy, level::ALERT, &text);
        }
        false if state.is_usable() => note_up(daemon, id, index, "is UP/READY (leaving forced maintenance)."),
        false => {
            let text = format!("{} is DOWN (leaving forced maintenance).", name(proxy, index));
            daemon.notices.say(Severity::Warning, &text);
            daemon.notices.log_for(proxy, level::ALERT, &text);
        }
    }
    Ok(String::new())
}
