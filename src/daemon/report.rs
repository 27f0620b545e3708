//! The state in words: `show info`, `show stat`, and the lines that SIGHUP and SIGQUIT log.
//! What statistics consist of is `stats`; here they are rendered for the control socket.

use super::health::usable;
use super::notice::level;
use super::{Daemon, health};
use crate::config::Severity;
use crate::config::model::{Global, Level};
use crate::state::variables::Reader;
use crate::state::{Counters, Facts};
use crate::stats::listing::{self, Listing};
use crate::stats::rows::{Filter, proxy_number};
use crate::stats::{Detail, View, info};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Makes known what statistics show of the process.
pub fn publish_facts(daemon: &Daemon) {
    let uptime_seconds = i64::try_from(daemon.clock.now().0 / 1000).unwrap_or_default();
    let verdict = &daemon.verdict;
    daemon.state.publish_facts(Facts {
        version: env!("CARGO_PKG_VERSION"),
        node: node(&daemon.running.config.global),
        threads: daemon.staff.serving(),
        listeners: daemon.sockets.listening.len() + daemon.control.listener_count(),
        descriptors: nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
        is_stopping: daemon.is_ending(),
        dropped_logs: daemon.notices.dropped as u64,
        started_seconds: daemon.clock.wall().seconds - uptime_seconds,
        reloads: verdict.count,
        last_reload: verdict.at.map(|at| (at, verdict.success)),
    });
}

/// Renders something from all that statistics see.
fn with_view(daemon: &Daemon, detail: Detail, render: impl FnOnce(&View, &mut Vec<u8>)) -> String {
    publish_facts(daemon);
    let facts = daemon.state.facts();
    let mut variables = Reader::default();
    variables.refresh(&daemon.state.variables);
    let mut out = Vec::new();
    let view = View {
        running: &daemon.running,
        state: &daemon.state,
        variables: &variables,
        facts: &facts,
        now: daemon.clock.now(),
        wall: daemon.clock.wall(),
        detail,
    };
    render(&view, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// `show info [typed|json] [desc]`
pub fn render_info(daemon: &Daemon, words: &[String]) -> String {
    let has = |word: &str| words.iter().any(|own| own == word);
    let form = match (has("json"), has("typed")) {
        (true, _) => info::Form::Json,
        (_, true) => info::Form::Typed,
        _ => info::Form::Plain,
    };
    with_view(daemon, Detail::default(), |view, out| info::render(view, form, has("desc"), out))
}

/// `show stat [<iid>|<proxy> <type> <sid>] [typed|json] [desc] [up] [no-maint]`
pub fn render_stat(daemon: &Daemon, level: Level, words: &[String]) -> Result<String, String> {
    let mut filter = Filter::all();
    let mut words = words;
    if let [proxy, kinds, server, rest @ ..] = words {
        let number = |word: &String| word.parse::<i64>().unwrap_or_default();
        let named = daemon.running.config.proxies.iter().find(|own| own.name == *proxy).map(|own| i64::from(proxy_number(own)));
        match named.unwrap_or_else(|| number(proxy)) {
            0 => return Err("No such proxy.".into()),
            iid => filter.proxy = u32::try_from(iid).ok(),
        }
        // -1 has all bits.
        filter.kinds = number(kinds) as u8;
        filter.server = u32::try_from(number(server)).ok();
        words = rest;
    }
    let has = |word: &str| words.iter().any(|own| own == word);
    (filter.only_up, filter.no_maintenance) = (has("up"), has("no-maint"));
    let form = match (has("json"), has("typed")) {
        (true, _) => listing::Form::Json,
        (_, true) => listing::Form::Typed,
        _ => listing::Form::Csv,
    };
    let detail = Detail { legends: level >= Level::Operator, tally: filter.only_up || filter.no_maintenance };
    let mut listing = Listing::new(form, filter, has("desc"));
    Ok(with_view(daemon, detail, |view, out| while listing.render(view, out, usize::MAX) {}))
}

/// What `clear counters` forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// The maxima.
    Maxima,
    /// Everything.
    All,
}

/// `clear counters [all]`
pub fn clear_counters(daemon: &Daemon, forget: Forget) {
    let clear = |counters: &Counters| match forget {
        Forget::Maxima => counters.clear_maxima(),
        Forget::All => counters.clear(),
    };
    clear(&daemon.state.counters);
    for proxy in &daemon.running.config.proxies {
        let Some((_, live)) = daemon.running.proxy(proxy.id) else { continue };
        [&live.state.front, &live.state.back].into_iter().for_each(clear);
        live.servers.iter().for_each(|server| clear(&server.counters));
        live.listeners.iter().for_each(|listener| clear(&listener.counters));
        if forget == Forget::All {
            let totals = [&live.state.connections_total, &live.state.sessions_total];
            let servers = live.servers.iter().map(|server| &server.total);
            let listeners = live.listeners.iter().map(|listener| &listener.connections_total);
            totals.into_iter().chain(servers).chain(listeners).for_each(|total| total.store(0, Relaxed));
            live.state.standing.clear();
            live.servers.iter().for_each(|server| server.standing.clear());
        }
    }
}

/// The name of this node: as configured, or the host's.
pub fn node(global: &Global) -> String {
    global.node.clone().unwrap_or_else(|| nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned())
}

/// `show proc`: the one process is master and worker.
pub fn render_processes(daemon: &Daemon) -> String {
    let uptime_sec = daemon.clock.now().0 / 1000;
    let (days, hours, minutes, seconds) = (uptime_sec / 86_400, uptime_sec / 3600 % 24, uptime_sec / 60 % 60, uptime_sec % 60);
    let uptime = format!("{days}d{hours:02}h{minutes:02}m{seconds:02}s");
    let (pid, reloads, version) = (std::process::id(), daemon.verdict.count, env!("CARGO_PKG_VERSION"));
    let row = |kind: &str| format!("{pid:<15} {kind:<15} {reloads:<15} {uptime:<15} {version:<15}\n");
    let head = format!("#{:<14} {:<15} {:<15} {:<15} {:<15}\n", "<PID>", "<type>", "<reloads>", "<uptime>", "<version>");
    format!("{head}{}# workers\n{}# programs\n", row("master"), row("worker"))
}

/// What a stand-alone HAProxy logs at SIGHUP: servers and proxies as they stand.
pub fn log_state(daemon: &mut Daemon, signal: &str) {
    let running = daemon.running.clone();
    daemon.notices.say(Severity::Warning, &format!("{signal} received, dumping servers states."));
    for proxy in &running.config.proxies {
        let Some((_, live)) = running.proxy(proxy.id) else { continue };
        daemon.notices.log_for(proxy, level::NOTICE, &format!("{signal} received, dumping servers states for proxy {}.", proxy.name));
        let count = |counter: &AtomicUsize| counter.load(Relaxed);
        let mut lines = Vec::new();
        for (server, state) in proxy.servers.iter().zip(&live.servers) {
            let standing = if state.is_usable() { "UP" } else { "DOWN" };
            let pending = live.state.queue.len_for(state);
            let name = format!("{}/{}", proxy.name, server.name);
            let total = count(&state.total);
            lines.push(format!("{signal}: Server {name} is {standing}. Conn: {} act, {pending} pend, {total} tot.", state.current()));
        }
        let health::Usable { active, backup } = usable(proxy, live);
        let servers = match (proxy.servers.is_empty(), active, backup) {
            (true, ..) => "has no servers".to_string(),
            (_, 0, 0) => "has no server available !".to_string(),
            _ => format!("has {active} active servers and {backup} backup servers available"),
        };
        let end = if servers.ends_with('!') { "" } else { "." };
        let state = &live.state;
        let (frontend, backend) = (count(&state.connections), count(&state.sessions));
        let (frontend_total, backend_total) = (count(&state.connections_total), count(&state.sessions_total));
        let pending = state.queue.len();
        lines.push(format!(
            "{signal}: Proxy {} {servers}{end} Conn: act(FE+BE): {frontend}+{backend}, {pending} pend ({pending} unass), tot(FE+BE): {frontend_total}+{backend_total}.",
            proxy.name
        ));
        for line in lines {
            daemon.notices.say(Severity::Warning, &line);
            daemon.notices.log_for(proxy, level::NOTICE, &line);
        }
    }
}
