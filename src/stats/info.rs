//! What is known of the process: the lines of `show info`, HAProxy 2.6's in its order, then byway's own; a table.
//! Lines about what byway does not do (TLS, compression, pipes, peers) stand at zero.

use super::View;
use super::standing;
use super::value::{Tags, Value, render_number};
use crate::config::model::{Proxy, ProxyKind};
use std::sync::atomic::Ordering::Relaxed;

/// A line.
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// What kind of thing it is.
    pub tags: Tags,
    /// One line of manual.
    pub meaning: &'static str,
    /// Its value; a line without one is not shown.
    pub value: for<'a> fn(&View<'a>) -> Value<'a>,
}

const fn line(name: &'static str, tags: &'static str, meaning: &'static str, value: for<'a> fn(&View<'a>) -> Value<'a>) -> Line {
    Line { name, tags: Tags(tags), meaning, value }
}

/// Every line.
pub static LINES: &[Line] = &[
    line("Name", "POS", "the program", |_| Value::text("byway")),
    line("Version", "POS", "its version", |view| Value::text(view.facts.version)),
    line("Release_date", "POS", "the day of the release", |_| Value::text("")),
    line("Nbthread", "CGS", "worker threads", |view| Value::Small(view.facts.threads as u64)),
    line("Nbproc", "CGS", "processes, always 1", |_| Value::Small(1)),
    line("Process_num", "KGP", "the process's number, always 1", |_| Value::Small(1)),
    line("Pid", "SGP", "the process's number for the system", |_| Value::Small(u64::from(std::process::id()))),
    line("Uptime", "MDP", "time since the start", |view| Value::text(render_uptime(view.now.0 / 1000))),
    line("Uptime_sec", "MDP", "the same in seconds", |view| Value::Small(view.now.0 / 1000)),
    line("Memmax_MB", "CLP", "the limit of memory; 0 for none", zero),
    line("PoolAlloc_MB", "MGP", "memory in pools", zero),
    line("PoolUsed_MB", "MGP", "memory of pools in use", zero),
    line("PoolFailed", "MCP", "times that a pool had no memory", zero),
    line("Ulimit-n", "CLP", "the most descriptors", |view| Value::Small(view.facts.descriptors)),
    line("Maxsock", "CLP", "the most sockets", |view| Value::Small(view.facts.descriptors)),
    line("Maxconn", "CLP", "the most client connections", most_connections),
    line("Hard_maxconn", "CLP", "the most client connections that descriptors allow", most_connections),
    line("CurrConns", "MGP", "client connections now", |view| Value::Small(view.state.connections.load(Relaxed) as u64)),
    line("CumConns", "MCP", "client connections", |view| Value::Small(view.state.connections_total.load(Relaxed) as u64)),
    line("CumReq", "MCP", "requests", |view| Value::Small(view.state.requests_total.load(Relaxed) as u64)),
    line("MaxSslConns", "MMP", "the most TLS connections", zero),
    line("CurrSslConns", "MGP", "TLS connections now", zero),
    line("CumSslConns", "MCP", "TLS connections", zero),
    line("Maxpipes", "CLP", "the most pipes", zero),
    line("PipesUsed", "MGP", "pipes in use", zero),
    line("PipesFree", "MGP", "pipes that are free", zero),
    line("ConnRate", "MRP", "client connections in the last second", |view| {
        Value::Small(view.state.counters.connection_rate.get(view.now))
    }),
    line("ConnRateLimit", "CLP", "the most client connections in a second that are allowed", zero),
    line("MaxConnRate", "MMP", "the most client connections in a second", |view| Value::Small(view.state.counters.connection_rate.most())),
    line("SessRate", "MRP", "sessions in the last second", |view| Value::Small(view.state.counters.session_rate.get(view.now))),
    line("SessRateLimit", "CLP", "the most sessions in a second that are allowed", zero),
    line("MaxSessRate", "MRP", "the most sessions in a second", |view| Value::Small(view.state.counters.session_rate.most())),
    line("SslRate", "MRP", "TLS connections in the last second", zero),
    line("SslRateLimit", "CLP", "the most TLS connections in a second that are allowed", zero),
    line("MaxSslRate", "MMP", "the most TLS connections in a second", zero),
    line("SslFrontendKeyRate", "MGP", "TLS keys of frontends in the last second", zero),
    line("SslFrontendMaxKeyRate", "MMP", "the most TLS keys of frontends in a second", zero),
    line("SslFrontendSessionReuse_pct", "MGP", "percents of TLS sessions that were resumed", zero),
    line("SslBackendKeyRate", "MRP", "TLS keys of backends in the last second", zero),
    line("SslBackendMaxKeyRate", "MMP", "the most TLS keys of backends in a second", zero),
    line("SslCacheLookups", "MCP", "look-ups of TLS sessions", zero),
    line("SslCacheMisses", "MCP", "look-ups of TLS sessions that found nothing", zero),
    line("CompressBpsIn", "MRP", "bytes compressed in the last second", zero),
    line("CompressBpsOut", "MRP", "bytes that they were compressed to", zero),
    line("CompressBpsRateLim", "CLP", "the most bytes compressed in a second that are allowed", zero),
    line("ZlibMemUsage", "MGP", "memory of compression", |_| Value::None),
    line("MaxZlibMemUsage", "CLP", "the most memory of compression", |_| Value::None),
    line("Tasks", "MGP", "sessions", |view| Value::Small(view.state.connections.load(Relaxed) as u64)),
    line("Run_queue", "MGP", "sessions that are ready", zero),
    line("Idle_pct", "MaP", "percents of the last second spent waiting", |_| Value::Small(100)),
    line("node", "COS", "the name of this node", |view| Value::text(view.facts.node.as_str())),
    line("description", "COS", "what this node is for", |view| {
        Value::or_none(view.running.config.global.description.as_deref().map(Value::text))
    }),
    line("Stopping", "MGP", "1 while the process finishes", |view| Value::Small(u64::from(view.facts.is_stopping))),
    line("Jobs", "MGP", "client connections and listeners", |view| {
        Value::Small((view.state.connections.load(Relaxed) + view.facts.listeners) as u64)
    }),
    line("Unstoppable Jobs", "MGP", "jobs that hold the process's end up", zero),
    line("Listeners", "MGP", "listening sockets", |view| Value::Small(view.facts.listeners as u64)),
    line("ActivePeers", "MGP", "peers", zero),
    line("ConnectedPeers", "MGP", "peers that are connected", zero),
    line("DroppedLogs", "MGP", "log lines that were dropped", |view| Value::Small(view.facts.dropped_logs)),
    line("BusyPolling", "MGP", "1 when waiting is done by polling without a pause", zero),
    line("FailedResolutions", "MGP", "names that could not be resolved", zero),
    line("TotalBytesOut", "MGP", "bytes to clients", |view| Value::Large(view.state.counters.bytes_out.get())),
    line("TotalSplicdedBytesOut", "MGP", "bytes to clients that the kernel moved", |_| Value::Large(0)),
    line("BytesOutRate", "MRP", "bytes to clients in the last second", |view| Value::Large(view.state.bytes_out_rate.get(view.now))),
    line("DebugCommandsIssued", "MGP", "commands that may do harm", zero),
    line("CumRecvLogs", "MCP", "log messages taken in", zero),
    line("Build info", "POS", "how it was built", |view| Value::text(view.facts.version)),
    line("Memmax_bytes", "CLP", "the limit of memory; 0 for none", zero),
    line("PoolAlloc_bytes", "MGP", "memory in pools", |_| Value::Large(0)),
    line("PoolUsed_bytes", "MGP", "memory of pools in use", |_| Value::Large(0)),
    line("Start_time_sec", "MDP", "when the process began", |view| Value::Small(view.facts.started_seconds.max(0) as u64)),
    line("Tainted", "SGP", "signs of what may do harm", |_| Value::text("0")),
    line("Reloads", "MCP", "reloads, whatever came of them", |view| Value::Small(view.facts.reloads as u64)),
    line("LastReload_time_sec", "MDP", "when the last reload was", |view| {
        Value::or_none(view.facts.last_reload.map(|(at, _)| Value::Small(at.seconds.max(0) as u64)))
    }),
    line("LastReload_success", "SGP", "1 when the last reload's configuration is in force", |view| {
        Value::or_none(view.facts.last_reload.map(|(_, success)| Value::Small(u64::from(success))))
    }),
    line("Maintenance", "SGP", "what is in maintenance", |view| {
        let list = in_maintenance(view);
        if list.is_empty() { Value::None } else { Value::text(list.join(", ")) }
    }),
    line("Configuration", "SGP", "which configuration of the process is in force", |view| Value::Small(view.running.generation)),
];

fn zero<'a>(_: &View<'a>) -> Value<'a> {
    Value::Small(0)
}

fn most_connections<'a>(view: &View<'a>) -> Value<'a> {
    Value::Small(u64::from(view.running.config.global.maxconn.unwrap_or_default()))
}

/// `1d 2h03m04s`
pub fn render_uptime(seconds: u64) -> String {
    format!("{}d {}h{:02}m{:02}s", seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// The sections in maintenance, `frontend shop`; with `maintenance drain` as `frontend shop (2 under way)` while it lasts.
pub fn in_maintenance(view: &View) -> Vec<String> {
    let proxies = view.running.config.proxies.iter().filter(|proxy| standing::maintenance(view, proxy).is_some());
    let told = proxies.map(|proxy| {
        let drains = proxy.maintenance.as_ref().is_some_and(|maintenance| maintenance.drain);
        let live = view.running.proxy(proxy.id).filter(|_| drains).map(|(_, live)| live);
        match live.map_or(0, |live| live.state.under_way.load(Relaxed)) {
            0 => title(proxy),
            count => format!("{} ({count} under way)", title(proxy)),
        }
    });
    told.collect()
}

/// A section as its first line names it.
pub fn title(proxy: &Proxy) -> String {
    let keyword = match proxy.kind {
        ProxyKind::Frontend => "frontend",
        ProxyKind::Backend => "backend",
        ProxyKind::Listen => "listen",
    };
    format!("{keyword} {}", proxy.name)
}

/// How `show info` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `Name: value`
    Plain,
    /// `0.Name.1:POS:str:value`
    Typed,
    /// One array.
    Json,
}

/// Writes all lines, with what they mean if that is asked for.
pub fn render(view: &View, form: Form, describe: bool, out: &mut Vec<u8>) {
    let mut separator: &[u8] = b"[";
    for (position, line) in LINES.iter().enumerate() {
        let value = (line.value)(view);
        if value.is_none() || value == Value::text("") {
            continue;
        }
        match form {
            Form::Plain => {
                out.extend_from_slice(line.name.as_bytes());
                out.extend_from_slice(b": ");
                value.render(out);
            }
            Form::Typed => {
                render_number(position as u64, out);
                out.extend_from_slice(format!(".{}.1:{}:{}:", line.name, line.tags.0, value.kind()).as_bytes());
                value.render(out);
            }
            Form::Json => {
                out.extend_from_slice(std::mem::replace(&mut separator, b","));
                let [origin, nature, scope] = line.tags.names();
                let head = format!(
                    "{{\"field\":{{\"pos\":{position},\"name\":\"{}\"}},\"processNum\":1,\"tags\":{{\"origin\":\"{origin}\",\"nature\":\"{nature}\",\"scope\":\"{scope}\"}},\"value\":{{\"type\":\"{}\",\"value\":",
                    line.name,
                    value.kind()
                );
                out.extend_from_slice(head.as_bytes());
                value.render_json(out);
                out.extend_from_slice(b"}}");
                continue;
            }
        }
        if describe {
            out.extend_from_slice(format!(":\"{}\"", line.meaning).as_bytes());
        }
        out.push(b'\n');
    }
    if form == Form::Json {
        out.extend_from_slice(b"]\n");
    }
}
