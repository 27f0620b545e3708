//! What follows when a server goes up or down, by a check or by an administrator: the lines that tell it, slots for those
//! who wait, and freedom for those who waited for it alone.

use super::Daemon;
use super::checker::{Change, Report};
use super::notice::level;
use crate::config::Severity;
use crate::config::check_status::Outcome;
use crate::config::model::{Proxy, ProxyKind};
use crate::sample::ProxyId;
use crate::state::Running;
use crate::state::ServerState;
use crate::state::health::Health;
use crate::state::queue::Grant;
use crate::state::running::Live;
use crate::worker::inbox::{Cut, Message};
use std::sync::Arc;

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
        servers.filter(|(server, state)| server.backup == backup && server.weight > 0 && state.takes_new()).count()
    };
    Usable { active: count(false), backup: count(true) }
}

impl Usable {
    fn on_backup(&self) -> &'static str {
        if self.active == 0 && self.backup > 0 { " Running on backup." } else { "" }
    }
}

/// Tells of what a check has found, and lets it take effect.
pub fn note_report(daemon: &mut Daemon, report: &Report) {
    let running = daemon.running.clone();
    let Some((proxy, _)) = running.proxy(report.proxy) else { return };
    let logs_checks = proxy.options.log_health_checks;
    if logs_checks && report.is_news {
        tell_check(daemon, proxy, report);
    }
    // The line before has said why.
    let why = if logs_checks { String::new() } else { format!(", {}", report.result.reason()) };
    note_change(daemon, report.proxy, report.server, report.change, report.was_stopping, &why);
}

/// Does what `observe` asks for about servers whose traffic has shown too many errors.
pub fn note_suspects(daemon: &mut Daemon) {
    for suspect in daemon.state.suspects.take() {
        let running = daemon.running.clone();
        let proxies = running.config.proxies.iter().filter_map(|proxy| running.proxy(proxy.id));
        let mut found =
            proxies.flat_map(|(proxy, live)| proxy.servers.iter().zip(&live.servers).enumerate().map(move |(at, pair)| (proxy, at, pair)));
        let Some((proxy, index, _)) = found.find(|(.., (_, state))| Arc::ptr_eq(state, &suspect.server)) else { continue };
        let now = daemon.clock.now();
        daemon.checker.note_observed(proxy.id, index, &suspect, now);
    }
}

/// `option log-health-checks`
fn tell_check(daemon: &mut Daemon, proxy: &Proxy, report: &Report) {
    let Some(server) = proxy.servers.get(report.server) else { return };
    let backup = if server.backup { "backup " } else { "" };
    let outcome = match report.result.status.outcome() {
        Outcome::Conditional => "conditionally succeeded",
        Outcome::Passed => "succeeded",
        Outcome::Failed | Outcome::None => "failed",
    };
    let health = report.health;
    let status = match (health.is_up(), server.weight) {
        (true, 1..) => format!("{}/{} UP", health.level.saturating_sub(health.rise) + 1, health.fall),
        (true, 0) => format!("{}/{} DRAIN", health.level.saturating_sub(health.rise) + 1, health.fall),
        (false, _) => format!("{}/{} DOWN", health.level, health.rise),
    };
    let reason = report.result.reason();
    say(
        daemon,
        proxy,
        level::NOTICE,
        &format!("Health check for {backup}server {}/{} {outcome}, {reason}, status: {status}.", proxy.name, server.name),
    );
}

/// A server is up, down or stopping by now, and those that track it with it.
pub fn note_change(daemon: &mut Daemon, id: ProxyId, index: usize, change: Change, was_stopping: bool, why: &str) {
    match change {
        Change::None => return,
        Change::Up => note_up(daemon, id, index, &format!("is UP{why}.")),
        Change::Down => {
            let level = if was_stopping { level::NOTICE } else { level::ALERT };
            note_down(daemon, id, index, level, &format!("is DOWN{why}."));
        }
        Change::Stopping => note_stopping(daemon, id, index, &format!("is stopping{why}.")),
    }
    let running = daemon.running.clone();
    let Some(via) = running.proxy(id).and_then(|(proxy, _)| Some(format!(" via {}/{}", proxy.name, proxy.servers.get(index)?.name))) else {
        return;
    };
    for (other, at) in followers(&running, id, index) {
        let Some(state) = running.proxy(other).and_then(|(_, live)| live.servers.get(at)) else { continue };
        let was_stopping = state.is_stopping();
        state.set_up(change != Change::Down);
        state.set_stopping(change == Change::Stopping);
        if !state.is_in_maintenance() {
            note_change(daemon, other, at, change, was_stopping, &via);
        }
    }
}

/// The servers that track this one.
fn followers(running: &Running, id: ProxyId, index: usize) -> Vec<(ProxyId, usize)> {
    let proxies = running.config.proxies.iter();
    let each = proxies.flat_map(|proxy| proxy.servers.iter().enumerate().map(|(at, server)| (proxy.id, at, server.track)));
    each.filter(|(_, _, track)| *track == Some((id, index))).map(|(other, at, _)| (other, at)).collect()
}

/// Servers that track others stand as those do, in a configuration that has just come into force.
pub fn follow_all(running: &Running) {
    for proxy in &running.config.proxies {
        for (index, _) in proxy.servers.iter().enumerate().filter(|(_, server)| server.track.is_some()) {
            let mut at = (proxy.id, index);
            while let Some(next) = running.proxy(at.0).and_then(|(proxy, _)| proxy.servers.get(at.1)?.track) {
                at = next;
            }
            let state = |(id, index): (ProxyId, usize)| running.proxy(id).and_then(|(_, live)| live.servers.get(index));
            let (Some(own), Some(tracked)) = (state((proxy.id, index)), state(at)) else { continue };
            own.set_up(tracked.is_up());
            own.set_stopping(tracked.is_stopping());
            own.set_inherited_maintenance(tracked.is_in_maintenance());
        }
    }
}

fn say(daemon: &mut Daemon, proxy: &Proxy, level: u8, text: &str) {
    daemon.notices.say(Severity::Warning, text);
    daemon.notices.log_for(proxy, level, text);
}

fn note_up(daemon: &mut Daemon, id: ProxyId, index: usize, what: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let requeued = come_up(daemon, &running, id, index);
    let Some(state) = live.servers.get(index) else { return };
    let left = usable(proxy, live);
    let text = format!(
        "{} {what} {} active and {} backup servers online.{} {requeued} sessions requeued, {} total in queue.",
        name(proxy, index),
        left.active,
        left.backup,
        left.on_backup(),
        live.state.queue.len_for(state)
    );
    say(daemon, proxy, level::NOTICE, &text);
}

/// Lets a server that came up begin: those who wait get its slots, and it starts slowly where that is asked for.
fn come_up(daemon: &mut Daemon, running: &Arc<Running>, id: ProxyId, index: usize) -> usize {
    let Some((proxy, live)) = running.proxy(id) else { return 0 };
    let (Some(server), Some(state)) = (proxy.servers.get(index), live.servers.get(index)) else { return 0 };
    daemon.checker.ramps.begin(running, id, index, daemon.clock.now());
    note_standing(daemon, live, state, &usable(proxy, live));
    if server.cuts_backups_when_up {
        let backups = proxy.servers.iter().zip(&live.servers).filter(|(line, _)| line.backup);
        backups.for_each(|(_, backup)| daemon.staff.tell_all(|| Message::CutOff(backup.clone(), Cut::Up)));
    }
    let mut requeued = 0;
    let maxconn = live.maxconn(proxy, index);
    while let Some(grant) = live.state.queue.grant(state, maxconn) {
        give(daemon, grant, live, maxconn);
        requeued += 1;
    }
    requeued
}

fn note_stopping(daemon: &mut Daemon, id: ProxyId, index: usize, what: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let Some(state) = live.servers.get(index) else { return };
    let left = usable(proxy, live);
    let text = format!(
        "{} {what} {} active and {} backup servers online.{} 0 sessions requeued, {} total in queue.",
        name(proxy, index),
        left.active,
        left.backup,
        left.on_backup(),
        live.state.queue.len_for(state)
    );
    say(daemon, proxy, level::NOTICE, &text);
    tell_if_none_is_left(daemon, proxy, live);
}

fn note_down(daemon: &mut Daemon, id: ProxyId, index: usize, level: u8, what: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let (Some(server), Some(state)) = (proxy.servers.get(index), live.servers.get(index)) else { return };
    let requeued = live.state.queue.len_for(state);
    live.state.queue.unpin(state);
    if server.cuts_sessions_when_down {
        daemon.staff.tell_all(|| Message::CutOff(state.clone(), Cut::Down));
    }
    // Those who waited for it may have any other that has room.
    for (index, other) in live.servers.iter().enumerate() {
        let maxconn = live.maxconn(proxy, index);
        while let Some(grant) = live.state.queue.grant(other, maxconn) {
            give(daemon, grant, live, maxconn);
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
    say(daemon, proxy, level, &text);
    tell_if_none_is_left(daemon, proxy, live);
}

fn tell_if_none_is_left(daemon: &mut Daemon, proxy: &Proxy, live: &Live) {
    let left = usable(proxy, live);
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

/// A server that a command names.
fn server_named(running: &Running, path: Option<&String>) -> Result<(ProxyId, usize), String> {
    let (backend, server) = path.and_then(|path| path.split_once('/')).ok_or("Require 'backend/server'.")?;
    let mut named = running.config.proxies.iter().filter(|proxy| proxy.kind.has_backend() && proxy.name == backend);
    let proxy = named.next().ok_or("No such backend.")?;
    let index = proxy.servers.iter().position(|line| line.name == server).ok_or("No such server.")?;
    Ok((proxy.id, index))
}

/// `disable server b/s` and `enable server b/s`.
pub fn set_maintenance(daemon: &mut Daemon, path: Option<&String>, out: bool) -> Result<String, String> {
    let running = daemon.running.clone();
    let (id, index) = server_named(&running, path)?;
    let state = running.proxy(id).and_then(|(_, live)| live.servers.get(index)).ok_or("No such server.")?;
    if state.is_forced_out() == out {
        return Ok(String::new());
    }
    let was_usable = state.is_usable();
    state.set_maintenance(out);
    note_maintenance(daemon, id, index, out, was_usable, "");
    Ok(String::new())
}

/// A server goes out of service or comes back, and those that track it with it.
fn note_maintenance(daemon: &mut Daemon, id: ProxyId, index: usize, out: bool, was_usable: bool, via: &str) {
    let running = daemon.running.clone();
    let Some((proxy, live)) = running.proxy(id) else { return };
    let (Some(server), Some(state)) = (proxy.servers.get(index), live.servers.get(index)) else { return };
    let own = name(proxy, index);
    let kind = if via.is_empty() { "forced maintenance" } else { "maintenance" };
    match out {
        true if was_usable => note_down(daemon, id, index, level::ALERT, &format!("is going DOWN for maintenance{via}.")),
        true => say(daemon, proxy, level::ALERT, &format!("{own} was DOWN and now enters maintenance{via}.")),
        false if state.is_usable() => {
            come_up(daemon, &running, id, index);
            say(daemon, proxy, level::NOTICE, &format!("{own} is UP/READY (leaving {kind})."));
        }
        false => say(daemon, proxy, level::NOTICE, &format!("{own} is DOWN/READY (leaving {kind}).")),
    }
    let via = format!(" via {}/{}", proxy.name, server.name);
    for (other, at) in followers(&running, id, index) {
        let Some(follower) = running.proxy(other).and_then(|(_, live)| live.servers.get(at)) else { continue };
        let was_usable = follower.is_usable();
        follower.set_inherited_maintenance(out);
        if !follower.is_forced_out() {
            note_maintenance(daemon, other, at, out, was_usable, &via);
        }
    }
}

/// `set server b/s health up|stopping|down`
pub fn set_health(daemon: &mut Daemon, path: Option<&String>, word: &str) -> Result<String, String> {
    let running = daemon.running.clone();
    let (id, index) = server_named(&running, path)?;
    let (proxy, live) = running.proxy(id).ok_or("No such backend.")?;
    let (Some(server), Some(state)) = (proxy.servers.get(index), live.servers.get(index)) else { return Err("No such server.".into()) };
    if server.track.is_some() {
        return Err("cannot change health on a tracking server.".into());
    }
    let (was_up, was_stopping) = (state.is_up(), state.is_stopping());
    let change = match word {
        "up" if was_up && !was_stopping => Change::None,
        "up" => Change::Up,
        "down" if !was_up => Change::None,
        "down" => Change::Down,
        "stopping" if was_up && was_stopping => Change::None,
        "stopping" => Change::Stopping,
        _ => return Err("'set server <srv> health' expects 'up', 'stopping', or 'down'.".into()),
    };
    let (rise, fall) = server.check.as_ref().map_or((1, 1), |check| (check.rise, check.fall));
    match change {
        Change::None => {}
        Change::Down => state.set_health(Health { level: 0, rise, fall }),
        Change::Up | Change::Stopping => state.set_health(Health { level: rise + fall - 1, rise, fall }),
    }
    state.set_stopping(change == Change::Stopping);
    if !state.is_in_maintenance() {
        note_change(daemon, id, index, change, was_stopping, ", changed from CLI");
    }
    Ok(String::new())
}

/// `set server b/s check-port N`
pub fn set_check_port(daemon: &mut Daemon, path: Option<&String>, word: &str) -> Result<String, String> {
    let (id, index) = server_named(&daemon.running.clone(), path)?;
    let port = word.parse::<u16>().ok().filter(|port| *port > 0).ok_or("provided port is not valid.")?;
    match daemon.checker.set_port(id, index, port) {
        true => Ok(String::new()),
        false => Err("Health checks are not enabled on this server.".into()),
    }
}
