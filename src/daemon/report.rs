//! The state in words: `show info`, `show stat`, and the lines that SIGHUP and SIGQUIT log.
//! Fields have HAProxy's names and places; those that byway does not count are left empty.

use super::health::usable;
use super::notice::level;
use super::{Daemon, health};
use crate::config::Severity;
use crate::config::model::{Mode, Proxy, Server};
use crate::state::ServerState;
use crate::state::running::Live;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// `show info`.
pub fn render_info(daemon: &Daemon) -> String {
    let global = &daemon.running.config.global;
    let uptime_sec = daemon.clock.now().0 / 1000;
    let (days, hours, minutes, seconds) = (uptime_sec / 86_400, uptime_sec / 3600 % 24, uptime_sec / 60 % 60, uptime_sec % 60);
    let count = |counter: &AtomicUsize| counter.load(Relaxed).to_string();
    let verdict = &daemon.verdict;
    let descriptors = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
    let node = global.node.clone().unwrap_or_else(|| nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned());
    let fields = [
        ("Name", "byway".to_string()),
        ("Version", env!("CARGO_PKG_VERSION").into()),
        ("Nbthread", daemon.staff.serving().to_string()),
        ("Nbproc", "1".into()),
        ("Process_num", "1".into()),
        ("Pid", std::process::id().to_string()),
        ("Uptime", format!("{days}d {hours}h{minutes:02}m{seconds:02}s")),
        ("Uptime_sec", uptime_sec.to_string()),
        ("Ulimit-n", descriptors.to_string()),
        ("Maxconn", global.maxconn.unwrap_or_default().to_string()),
        ("CurrConns", count(&daemon.state.connections)),
        ("CumConns", count(&daemon.state.connections_total)),
        ("CumReq", count(&daemon.state.requests_total)),
        ("node", node),
        ("description", global.description.clone().unwrap_or_default()),
        ("Stopping", u8::from(daemon.is_ending()).to_string()),
        ("Listeners", (daemon.sockets.listening.len() + daemon.control.listener_count()).to_string()),
        ("DroppedLogs", daemon.notices.dropped.to_string()),
        ("Start_time_sec", (daemon.clock.wall().seconds - uptime_sec as i64).to_string()),
        ("Reloads", verdict.count.to_string()),
        ("LastReload_time_sec", verdict.at.map_or(String::new(), |at| at.seconds.to_string())),
        ("LastReload_success", verdict.at.map_or(String::new(), |_| u8::from(verdict.success).to_string())),
        ("Maintenance", super::maintenance::render_list(daemon)),
        ("Configuration", daemon.running.generation.to_string()),
    ];
    let said = fields.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| format!("{name}: {value}\n")).collect()
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

/// Where a line of `show stat` stands.
enum Row<'a> {
    Frontend(&'a Proxy, &'a Live),
    Server(&'a Proxy, &'a Server, &'a ServerState, &'a Live),
    Backend(&'a Proxy, &'a Live),
}

type Column = (&'static str, fn(&Row) -> String);

/// A column that byway does not count.
fn uncounted(_: &Row) -> String {
    String::new()
}

/// The columns of HAProxy 2.6 up to `lbtot`, `tracked` and `type`, and those behind them that are known here.
static COLUMNS: &[Column] = &[
    ("pxname", |row| proxy_of(row).0.name.clone()),
    ("svname", |row| match row {
        Row::Frontend(..) => "FRONTEND".into(),
        Row::Server(_, server, ..) => server.name.clone(),
        Row::Backend(..) => "BACKEND".into(),
    }),
    ("qcur", |row| match row {
        Row::Frontend(..) => String::new(),
        Row::Server(_, _, state, live) => live.state.queue.len_for(state).to_string(),
        Row::Backend(_, live) => live.state.queue.len().to_string(),
    }),
    ("qmax", uncounted),
    ("scur", |row| match row {
        Row::Frontend(_, live) => live.state.connections.load(Relaxed).to_string(),
        Row::Server(_, _, state, ..) => state.current().to_string(),
        Row::Backend(_, live) => live.state.sessions.load(Relaxed).to_string(),
    }),
    ("smax", uncounted),
    ("slim", |row| match row {
        Row::Frontend(proxy, _) => proxy.maxconn.map_or(String::new(), |most| most.to_string()),
        Row::Server(_, server, ..) => server.maxconn.map_or(String::new(), |most| most.to_string()),
        Row::Backend(..) => String::new(),
    }),
    ("stot", |row| match row {
        Row::Frontend(_, live) => live.state.connections_total.load(Relaxed).to_string(),
        Row::Server(_, _, state, ..) => state.total.load(Relaxed).to_string(),
        Row::Backend(_, live) => live.state.sessions_total.load(Relaxed).to_string(),
    }),
    ("bin", uncounted),
    ("bout", uncounted),
    ("dreq", uncounted),
    ("dresp", uncounted),
    ("ereq", uncounted),
    ("econ", |row| match row {
        Row::Server(_, _, state, ..) => state.connect_errors.load(Relaxed).to_string(),
        _ => String::new(),
    }),
    ("eresp", uncounted),
    ("wretr", uncounted),
    ("wredis", uncounted),
    ("status", |row| match row {
        Row::Frontend(proxy, _) if proxy.disabled => "STOP".into(),
        Row::Frontend(..) => "OPEN".into(),
        Row::Server(_, server, state, ..) => server_status(server, state),
        Row::Backend(proxy, live) => {
            let left = usable(proxy, live);
            (if left.active + left.backup > 0 || proxy.servers.is_empty() { "UP" } else { "DOWN" }).into()
        }
    }),
    ("weight", |row| match row {
        Row::Server(_, server, ..) => server.weight.to_string(),
        _ => String::new(),
    }),
    ("act", |row| match row {
        Row::Frontend(..) => String::new(),
        Row::Server(_, server, ..) => u8::from(!server.backup).to_string(),
        Row::Backend(proxy, live) => usable(proxy, live).active.to_string(),
    }),
    ("bck", |row| match row {
        Row::Frontend(..) => String::new(),
        Row::Server(_, server, ..) => u8::from(server.backup).to_string(),
        Row::Backend(proxy, live) => usable(proxy, live).backup.to_string(),
    }),
    ("chkfail", uncounted),
    ("chkdown", uncounted),
    ("lastchg", uncounted),
    ("downtime", uncounted),
    ("qlimit", |row| match row {
        Row::Server(_, server, ..) => server.maxqueue.map_or(String::new(), |most| most.to_string()),
        _ => String::new(),
    }),
    ("pid", |_| "1".into()),
    ("iid", |row| proxy_number(proxy_of(row).0).to_string()),
    ("sid", |row| match row {
        Row::Server(_, server, ..) => server.id.to_string(),
        _ => "0".into(),
    }),
    ("throttle", uncounted),
    ("lbtot", uncounted),
    ("tracked", uncounted),
    ("type", |row| match row {
        Row::Frontend(..) => "0".into(),
        Row::Backend(..) => "1".into(),
        Row::Server(..) => "2".into(),
    }),
    ("addr", |row| match row {
        Row::Server(_, server, ..) => super::sockets::render_address(&server.address),
        _ => String::new(),
    }),
    ("cookie", |row| match row {
        Row::Server(_, server, ..) => server.cookie.as_deref().map_or(String::new(), |value| value.escape_ascii().to_string()),
        _ => String::new(),
    }),
    ("mode", |row| match proxy_of(row).0.mode {
        Mode::Http => "http".into(),
        Mode::Tcp => "tcp".into(),
        Mode::Health => "health".into(),
    }),
    ("algo", |row| match row {
        Row::Backend(proxy, _) => proxy.balance.name().into(),
        _ => String::new(),
    }),
];

fn proxy_of<'a>(row: &Row<'a>) -> (&'a Proxy, &'a Live) {
    match row {
        Row::Frontend(proxy, live) | Row::Backend(proxy, live) | Row::Server(proxy, _, _, live) => (proxy, live),
    }
}

/// Proxies are numbered from 2 on in HAProxy 2.6, where 1 is the control socket's own.
pub(super) fn proxy_number(proxy: &Proxy) -> u32 {
    proxy.numeric_id.unwrap_or(proxy.id.0.saturating_add(2))
}

fn server_status(server: &Server, state: &ServerState) -> String {
    let Some(check) = &server.check else {
        return (if state.is_in_maintenance() { "MAINT" } else { "no check" }).into();
    };
    let health = state.health(check.rise, check.fall);
    match (state.is_in_maintenance(), health.is_up(), health.is_in_transition()) {
        (true, ..) => "MAINT".into(),
        (_, true, false) => "UP".into(),
        (_, true, true) => format!("UP {}/{}", health.level.saturating_sub(health.rise) + 1, health.fall),
        (_, false, false) => "DOWN".into(),
        (_, false, true) => format!("DOWN {}/{}", health.level, health.rise),
    }
}

/// `show stat`.
pub fn render_stat(daemon: &Daemon) -> String {
    let mut text = String::from("# ");
    COLUMNS.iter().for_each(|(name, _)| text.extend([name, ","]));
    text.push('\n');
    let mut add = |row: Row| {
        for (_, field) in COLUMNS {
            text += &quoted(&field(&row));
            text.push(',');
        }
        text.push('\n');
    };
    for proxy in &daemon.running.config.proxies {
        let Some((_, live)) = daemon.running.proxy(proxy.id) else { continue };
        if proxy.kind.has_frontend() {
            add(Row::Frontend(proxy, live));
        }
        if proxy.kind.has_backend() {
            for (server, state) in proxy.servers.iter().zip(&live.servers) {
                add(Row::Server(proxy, server, state, live));
            }
            add(Row::Backend(proxy, live));
        }
    }
    text
}

/// A field of a CSV line (RFC 4180).
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_string() }
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
