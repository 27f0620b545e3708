//! What is known of each row: HAProxy 2.6's columns in its order, a table. A column that means nothing for a row is empty there.
//! Columns of what byway does not do (TLS, HTTP/2, compression, caches) stand at zero, as they do in a HAProxy that is not asked for it.

use super::backend_columns::{aggregate, idle, server_only, side};
use super::rows::{Row, What, proxy_number};
use super::standing;
use super::value::{Tags, Value, render_number};
use crate::config::address::render_address;
use crate::config::model::Mode;
use crate::state::Counters;
use crate::state::counters::{Count, Span};
use std::sync::atomic::Ordering::Relaxed;

/// A column.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What kind of thing it is.
    tags: Tags,
    /// One line of manual.
    pub meaning: &'static str,
    /// Its value for a row.
    pub value: for<'a> fn(&Row<'a>) -> Value<'a>,
}

impl Column {
    /// What kind of thing it is in this row.
    pub fn tags(&self, row: &Row) -> Tags {
        match (self.name, row.what) {
            ("act" | "bck" | "rate" | "rate_max", What::Backend) => Tags("MGP"),
            _ => self.tags,
        }
    }
}

const fn column(name: &'static str, tags: &'static str, meaning: &'static str, value: for<'a> fn(&Row<'a>) -> Value<'a>) -> Column {
    Column { name, tags: Tags(tags), meaning, value }
}

/// A column by its name.
pub fn find(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// Every column.
pub static COLUMNS: &[Column] = &[
    column("pxname", "KNS", "the proxy", |row| Value::text(row.proxy.name.as_str())),
    column("svname", "KNS", "FRONTEND, BACKEND, or the name of a server or listener", |row| match row.what {
        What::Frontend => Value::text("FRONTEND"),
        What::Listener(_, _, state) => Value::text(state.name.as_str()),
        What::Server(server, _) => Value::text(server.name.as_str()),
        What::Backend => Value::text("BACKEND"),
    }),
    column("qcur", "MGP", "requests that wait now", |row| match row.what {
        What::Server(_, state) => Value::Small(row.live.state.queue.len_for(state) as u64),
        What::Backend => Value::Small(row.live.state.queue.len() as u64),
        _ => Value::None,
    }),
    column("qmax", "MMP", "the most requests that waited", |row| beyond(row, |counters| Value::Small(counters.queue_most.get()))),
    column("scur", "MGP", "sessions now", |row| match row.what {
        What::Frontend => Value::Small(row.live.state.connections.load(Relaxed) as u64),
        What::Listener(_, _, state) => Value::Small(state.connections.load(Relaxed) as u64),
        What::Server(_, state) => Value::Small(state.current() as u64),
        What::Backend => Value::Small(row.live.state.sessions.load(Relaxed) as u64),
    }),
    column("smax", "MMP", "the most sessions at a time", |row| Value::Small(side(row).sessions_most.get())),
    column("slim", "CLP", "the most sessions that are allowed: maxconn, or a backend's fullconn", session_limit),
    column("stot", "MCP", "sessions in all", |row| match row.what {
        What::Frontend => Value::Large(row.live.state.connections_total.load(Relaxed) as u64),
        What::Listener(_, _, state) => Value::Large(state.connections_total.load(Relaxed) as u64),
        What::Server(_, state) => Value::Large(state.total.load(Relaxed) as u64),
        What::Backend => Value::Large(row.live.state.sessions_total.load(Relaxed) as u64),
    }),
    column("bin", "MCP", "bytes of requests", |row| Value::Large(side(row).bytes_in.get())),
    column("bout", "MCP", "bytes of answers", |row| Value::Large(side(row).bytes_out.get())),
    column("dreq", "MCP", "requests that a rule refused", |row| match row.what {
        What::Server(..) => Value::None,
        _ => Value::Large(side(row).denied_requests.get()),
    }),
    column("dresp", "MCP", "responses that a rule refused", |row| Value::Large(side(row).denied_responses.get())),
    column("ereq", "MCP", "requests that were malformed or did not come whole", |row| clients(row, |counters| &counters.request_errors)),
    column("econ", "MCP", "requests for which no connection came about", |row| servers(row, |counters| &counters.connect_errors)),
    column("eresp", "MCP", "answers that were malformed, late or cut off", |row| servers(row, |counters| &counters.response_errors)),
    column("wretr", "MCP", "further tries to connect", |row| servers(row, |counters| &counters.retries)),
    column("wredis", "MCP", "requests that went to another server than the first", |row| servers(row, |counters| &counters.redispatches)),
    column("status", "SGP", "OPEN, FULL, UP, DOWN, MAINT and their kin", |row| {
        Value::Text(match row.what {
            What::Frontend => standing::frontend_status(row.view, row.proxy, row.live).into(),
            What::Listener(_, bind, state) => {
                let full = bind.maxconn.is_some_and(|most| state.connections.load(Relaxed) >= most as usize);
                if full { "FULL".into() } else { "OPEN".into() }
            }
            What::Server(server, state) => standing::server_status(row.view, server, state),
            What::Backend => standing::backend_status(row.view, row.proxy, row.live),
        })
    }),
    column("weight", "MaP", "the weight, for a backend the sum of those in use", weight),
    column("act", "SGP", "active servers that are usable; 1 for an active server", |row| match row.what {
        What::Server(server, _) => Value::Small(u64::from(!server.backup)),
        What::Backend => Value::Small(standing::usable(row.proxy, row.live).active),
        _ => Value::None,
    }),
    column("bck", "SGP", "backup servers that are usable; 1 for a backup", |row| match row.what {
        What::Server(server, _) => Value::Small(u64::from(server.backup)),
        What::Backend => Value::Small(standing::usable(row.proxy, row.live).backup),
        _ => Value::None,
    }),
    column("chkfail", "MCP", "checks that failed while the server was up", |row| {
        server_only(row, |server, state| server.check.as_ref().map(|_| Value::Large(state.standing.failed_checks.get())))
    }),
    column("chkdown", "MCP", "times that it went down", |row| match row.what {
        What::Server(server, state) => Value::or_none(server.check.as_ref().map(|_| Value::Large(state.standing.downs.get()))),
        What::Backend => Value::Large(row.live.state.standing.downs.get()),
        _ => Value::None,
    }),
    column("lastchg", "MAP", "seconds since it went up or down", |row| match row.what {
        What::Server(_, state) => Value::Small(state.standing.seconds(row.view.now)),
        What::Backend => Value::Small(row.live.state.standing.seconds(row.view.now)),
        _ => Value::None,
    }),
    column("downtime", "MCP", "seconds that it was down in all", |row| match row.what {
        What::Server(server, state) if server.check.is_some() => Value::Small(state.standing.down_seconds(row.view.now)),
        What::Backend if !row.proxy.servers.is_empty() => Value::Small(row.live.state.standing.down_seconds(row.view.now)),
        _ => Value::None,
    }),
    column("qlimit", "CGS", "the most that may wait for a server", |row| {
        server_only(row, |server, _| server.maxqueue.map(|most| Value::Small(u64::from(most))))
    }),
    column("pid", "KGP", "the process's number, always 1", |_| Value::Small(1)),
    column("iid", "KGS", "the proxy's number", |row| Value::Small(u64::from(proxy_number(row.proxy)))),
    column("sid", "KGS", "the server's or listener's number in its proxy", |row| Value::Small(u64::from(row.number()))),
    column("throttle", "MaP", "percents of its weight that a server has after a slow start", super::backend_columns::throttle),
    column("lbtot", "MCP", "requests for which the balancing chose", |row| servers(row, |counters| &counters.balanced)),
    column("tracked", "CNS", "the server whose checks count for this one", super::backend_columns::tracked),
    column("type", "CGS", "0 frontend, 1 backend, 2 server, 3 listener", |row| {
        Value::Small(match row.what {
            What::Frontend => 0,
            What::Backend => 1,
            What::Server(..) => 2,
            What::Listener(..) => 3,
        })
    }),
    column("rate", "MRP", "sessions in the last second", |row| match row.what {
        What::Listener(..) => Value::None,
        _ => Value::Small(side(row).session_rate.get(row.view.now)),
    }),
    column("rate_lim", "CLP", "the most sessions per second that are allowed", super::backend_columns::rate_limit),
    column("rate_max", "MMP", "the most sessions in a second", |row| match row.what {
        What::Listener(..) => Value::None,
        _ => Value::Small(side(row).session_rate.most()),
    }),
    column("check_status", "MOP", "what the last check came to", super::backend_columns::check_status),
    column("check_code", "MOP", "the code that the last check was answered with", super::backend_columns::check_code),
    column("check_duration", "MDP", "milliseconds that the last check took", super::backend_columns::check_duration),
    column("hrsp_1xx", "MCP", "answers 100 to 199", |row| answers(row, 0)),
    column("hrsp_2xx", "MCP", "answers 200 to 299", |row| answers(row, 1)),
    column("hrsp_3xx", "MCP", "answers 300 to 399", |row| answers(row, 2)),
    column("hrsp_4xx", "MCP", "answers 400 to 499", |row| answers(row, 3)),
    column("hrsp_5xx", "MCP", "answers 500 to 599", |row| answers(row, 4)),
    column("hrsp_other", "MCP", "other answers, or none", |row| answers(row, 5)),
    column("hanafail", "MCP", "faults that an observed server has shown", super::backend_columns::observed_faults),
    column("req_rate", "MRP", "requests in the last second", |row| {
        frontend(row, |counters| Value::Small(counters.request_rate.get(row.view.now)))
    }),
    column("req_rate_max", "MMP", "the most requests in a second", |row| {
        frontend(row, |counters| Value::Small(counters.request_rate.most()))
    }),
    column("req_tot", "MCP", "requests", |row| match row.what {
        What::Listener(..) => Value::None,
        What::Frontend => Value::Large(side(row).requests.get()),
        _ => http(row, |counters| Value::Large(counters.requests.get())),
    }),
    column("cli_abrt", "MCP", "requests that the client left", |row| servers(row, |counters| &counters.client_aborts)),
    column("srv_abrt", "MCP", "answers that the server left", |row| servers(row, |counters| &counters.server_aborts)),
    column("comp_in", "MCP", "bytes that were compressed", sides),
    column("comp_out", "MCP", "bytes that they were compressed to", sides),
    column("comp_byp", "MCP", "bytes that were not compressed", sides),
    column("comp_rsp", "MCP", "answers that were compressed", sides),
    column("lastsess", "MAP", "seconds since the last session; -1 for none", |row| {
        beyond(row, |counters| {
            let seconds = counters.idle_seconds(row.view.now);
            Value::Signed(seconds.map_or(-1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX)))
        })
    }),
    column("last_chk", "MOP", "what the last check says", super::backend_columns::last_check),
    column("last_agt", "MOP", "what the last agent check says", super::backend_columns::last_agent),
    column("qtime", "MaP", "milliseconds in queues, of the last 1024 requests", |row| average(row, |counters| &counters.queue_time)),
    column("ctime", "MaP", "milliseconds for connections likewise", |row| average(row, |counters| &counters.connect_time)),
    column("rtime", "MaP", "milliseconds until the answer likewise", |row| average(row, |counters| &counters.response_time)),
    column("ttime", "MaP", "milliseconds in all likewise", |row| average(row, |counters| &counters.total_time)),
    column("agent_status", "MOP", "what the last agent check came to", nothing),
    column("agent_code", "MOP", "the code of the last agent check", nothing),
    column("agent_duration", "MDP", "milliseconds that the last agent check took", nothing),
    column("check_desc", "MOP", "check_status in words", super::backend_columns::check_words),
    column("agent_desc", "MOP", "agent_status in words", nothing),
    column("check_rise", "CGS", "good checks until a server is up", |row| {
        server_only(row, |server, _| server.check.as_ref().map(|check| Value::Small(u64::from(check.rise))))
    }),
    column("check_fall", "CGS", "bad checks until a server is down", |row| {
        server_only(row, |server, _| server.check.as_ref().map(|check| Value::Small(u64::from(check.fall))))
    }),
    column("check_health", "CGS", "health, from 0 to rise + fall - 1", |row| {
        let level = |check: &crate::config::model::Check, state: &crate::state::ServerState| state.health(check.rise, check.fall).level;
        server_only(row, |server, state| server.check.as_ref().map(|check| Value::Small(u64::from(level(check, state)))))
    }),
    column("agent_rise", "CGS", "good agent checks until a server is up", nothing),
    column("agent_fall", "CGS", "bad agent checks until a server is down", nothing),
    column("agent_health", "CGS", "health by the agent", nothing),
    column("addr", "CGS", "the address", |row| match row.what {
        _ if !row.view.detail.legends => Value::None,
        What::Server(server, _) => Value::text(render_address(&server.address)),
        What::Listener(_, bind, _) => Value::text(render_address(&bind.address)),
        _ => Value::None,
    }),
    column("cookie", "CNS", "the name of the cookie, or a server's value of it", |row| {
        let cookie = match row.what {
            _ if !row.view.detail.legends => None,
            What::Server(server, _) => server.cookie.as_deref(),
            What::Backend => row.proxy.cookie.as_ref().map(|cookie| cookie.name.as_slice()),
            _ => None,
        };
        Value::or_none(cookie.map(|text| Value::Text(String::from_utf8_lossy(text))))
    }),
    column("mode", "CGS", "http, tcp or health", |row| {
        Value::text(match row.proxy.mode {
            Mode::Http => "http",
            Mode::Tcp => "tcp",
            Mode::Health => "health",
        })
    }),
    column("algo", "CGS", "the balancing algorithm", |row| match row.what {
        What::Backend if row.view.detail.legends => Value::text(row.proxy.balance.name()),
        _ => Value::None,
    }),
    column("conn_rate", "MRP", "connections in the last second", |row| {
        frontend(row, |counters| Value::Small(counters.connection_rate.get(row.view.now)))
    }),
    column("conn_rate_max", "MMP", "the most connections in a second", |row| {
        frontend(row, |counters| Value::Small(counters.connection_rate.most()))
    }),
    column("conn_tot", "MCP", "connections", |row| frontend(row, |_| Value::Large(row.live.state.connections_total.load(Relaxed) as u64))),
    column("intercepted", "MCP", "requests that were answered here", |row| {
        http_frontend(row, |counters| Value::Large(counters.intercepted.get()))
    }),
    column("dcon", "MCP", "connections that a rule refused", |row| clients(row, |counters| &counters.denied_connections)),
    column("dses", "MCP", "sessions that a rule refused", |row| clients(row, |counters| &counters.denied_sessions)),
    column("wrew", "MCP", "heads that a rule could not change", |row| Value::Large(side(row).failed_rewrites.get())),
    column("connect", "MCP", "attempts to connect to a server", |row| servers(row, |counters| &counters.connects)),
    column("reuse", "MCP", "requests that went out on a connection that was there", |row| servers(row, |counters| &counters.reuses)),
    column("cache_lookups", "MCP", "requests that were looked up in a cache", http_sides),
    column("cache_hits", "MCP", "requests that were answered from a cache", http_sides),
    column("srv_icur", "MGP", "idle connections of a server", idle),
    column("src_ilim", "CLP", "the most idle connections of a server", super::backend_columns::idle_limit),
    column("qtime_max", "MMP", "the most milliseconds in queues", |row| longest(row, |counters| &counters.queue_time)),
    column("ctime_max", "MMP", "the most milliseconds for a connection", |row| longest(row, |counters| &counters.connect_time)),
    column("rtime_max", "MMP", "the most milliseconds until an answer", |row| longest(row, |counters| &counters.response_time)),
    column("ttime_max", "MMP", "the most milliseconds in all", |row| longest(row, |counters| &counters.total_time)),
    column("eint", "MCP", "faults of the proxy itself", |row| Value::Large(side(row).internal_errors.get())),
    column("idle_conn_cur", "MGP", "idle connections that may have been closed", idle),
    column("safe_conn_cur", "MGP", "idle connections that are safe to use", |row| server_only(row, |_, _| Some(Value::Small(0)))),
    column("used_conn_cur", "MGP", "connections in use", |row| server_only(row, |_, state| Some(Value::Small(state.current() as u64)))),
    column("need_conn_est", "MGP", "connections that may be needed", |row| {
        server_only(row, |_, state| Some(Value::Small(state.current() as u64)))
    }),
    column("uweight", "MaP", "the weight as it was set", weight),
    column("agg_server_status", "MGP", "servers by their status", aggregate),
    column("agg_server_check_status", "MGP", "servers by their checks", aggregate),
    column("agg_check_status", "MGP", "servers by what their checks came to", aggregate),
    column("-", "MCP", "where columns of protocols begin", |_| Value::text("-")),
    column("ssl_sess", "MCP", "TLS sessions", |_| Value::Large(0)),
    column("ssl_reused_sess", "MCP", "TLS sessions that were resumed", |_| Value::Large(0)),
    column("ssl_failed_handshake", "MCP", "TLS sessions that did not begin", |_| Value::Large(0)),
    column("h2_headers_rcvd", "MCP", "HTTP/2: HEADERS frames", sides),
    column("h2_data_rcvd", "MCP", "HTTP/2: DATA frames", sides),
    column("h2_settings_rcvd", "MCP", "HTTP/2: SETTINGS frames", sides),
    column("h2_rst_stream_rcvd", "MCP", "HTTP/2: RST_STREAM frames", sides),
    column("h2_goaway_rcvd", "MCP", "HTTP/2: GOAWAY frames", sides),
    column("h2_detected_conn_protocol_errors", "MCP", "HTTP/2: faults of connections", sides),
    column("h2_detected_strm_protocol_errors", "MCP", "HTTP/2: faults of streams", sides),
    column("h2_rst_stream_resp", "MCP", "HTTP/2: RST_STREAM frames sent", sides),
    column("h2_goaway_resp", "MCP", "HTTP/2: GOAWAY frames sent", sides),
    column("h2_open_connections", "MGP", "HTTP/2: connections now", sides),
    column("h2_backend_open_streams", "MGP", "HTTP/2: streams now", sides),
    column("h2_total_connections", "MCP", "HTTP/2: connections", sides),
    column("h2_backend_total_streams", "MCP", "HTTP/2: streams", sides),
    column("h1_open_connections", "MGP", "HTTP/1: connections now", |row| one(row, |_| row.live.state.connections.load(Relaxed) as u64)),
    column("h1_open_streams", "MGP", "HTTP/1: requests now", |row| one(row, |_| 0)),
    column("h1_total_connections", "MCP", "HTTP/1: connections", |row| {
        one(row, |counters| match row.what {
            What::Backend => counters.connects.get(),
            _ => row.live.state.connections_total.load(Relaxed) as u64,
        })
    }),
    column("h1_total_streams", "MCP", "HTTP/1: requests", |row| one(row, |counters| counters.requests.get())),
    column("h1_bytes_in", "MCP", "HTTP/1: bytes that came", |row| {
        one(row, |counters| if matches!(row.what, What::Backend) { counters.bytes_out.get() } else { counters.bytes_in.get() })
    }),
    column("h1_bytes_out", "MCP", "HTTP/1: bytes that were sent", |row| {
        one(row, |counters| if matches!(row.what, What::Backend) { counters.bytes_in.get() } else { counters.bytes_out.get() })
    }),
    column("h1_spliced_bytes_in", "MCP", "HTTP/1: bytes that the kernel moved in", sides),
    column("h1_spliced_bytes_out", "MCP", "HTTP/1: bytes that the kernel moved out", sides),
];

fn nothing<'a>(_: &Row<'a>) -> Value<'a> {
    Value::None
}

/// 0 for both sides of a proxy.
fn sides<'a>(row: &Row<'a>) -> Value<'a> {
    match row.what {
        What::Frontend | What::Backend => Value::Large(0),
        _ => Value::None,
    }
}

/// 0 for both sides of a proxy that speaks HTTP.
fn http_sides<'a>(row: &Row<'a>) -> Value<'a> {
    if row.proxy.mode == Mode::Http { sides(row) } else { Value::None }
}

/// A number of HTTP/1 connections, for both sides of a proxy.
fn one<'a>(row: &Row<'a>, number: impl Fn(&Counters) -> u64) -> Value<'a> {
    match row.what {
        What::Frontend | What::Backend if row.proxy.mode == Mode::Http => Value::Large(number(side(row))),
        _ => sides(row),
    }
}

/// For frontends and listeners.
fn clients<'a>(row: &Row<'a>, count: impl Fn(&Counters) -> &Count) -> Value<'a> {
    match row.what {
        What::Frontend | What::Listener(..) => Value::Large(count(side(row)).get()),
        _ => Value::None,
    }
}

/// For backends and servers.
fn beyond<'a>(row: &Row<'a>, value: impl Fn(&Counters) -> Value<'a>) -> Value<'a> {
    match row.what {
        What::Backend | What::Server(..) => value(side(row)),
        _ => Value::None,
    }
}

/// A count of backends and servers.
fn servers<'a>(row: &Row<'a>, count: impl Fn(&Counters) -> &Count) -> Value<'a> {
    beyond(row, |counters| Value::Large(count(counters).get()))
}

fn average<'a>(row: &Row<'a>, span: impl Fn(&Counters) -> &Span) -> Value<'a> {
    beyond(row, |counters| Value::Small(span(counters).average_ms(counters.timed.get())))
}

fn longest<'a>(row: &Row<'a>, span: impl Fn(&Counters) -> &Span) -> Value<'a> {
    beyond(row, |counters| Value::Small(span(counters).most_ms()))
}

/// For frontends.
fn frontend<'a>(row: &Row<'a>, value: impl Fn(&Counters) -> Value<'a>) -> Value<'a> {
    if matches!(row.what, What::Frontend) { value(side(row)) } else { Value::None }
}

/// Where HTTP is spoken.
fn http<'a>(row: &Row<'a>, value: impl Fn(&Counters) -> Value<'a>) -> Value<'a> {
    if row.proxy.mode == Mode::Http { value(side(row)) } else { Value::None }
}

fn http_frontend<'a>(row: &Row<'a>, value: impl Fn(&Counters) -> Value<'a>) -> Value<'a> {
    if matches!(row.what, What::Frontend) { http(row, value) } else { Value::None }
}

fn answers<'a>(row: &Row<'a>, class: usize) -> Value<'a> {
    match row.what {
        What::Listener(..) => Value::None,
        _ => http(row, |counters| Value::Large(counters.answers.get(class).map_or(0, Count::get))),
    }
}

fn session_limit<'a>(row: &Row<'a>) -> Value<'a> {
    let global = || row.view.running.config.global.maxconn;
    Value::or_none(match row.what {
        What::Frontend => Some(Value::Small(row.proxy.maxconn.or_else(global).unwrap_or_default().into())),
        What::Listener(_, bind, _) => Some(Value::Small(bind.maxconn.unwrap_or_default().into())),
        What::Server(server, _) => server.maxconn.map(|most| Value::Small(most.into())),
        What::Backend => Some(Value::Small(super::backend_columns::full_at(row))),
    })
}

fn weight<'a>(row: &Row<'a>) -> Value<'a> {
    match row.what {
        What::Server(server, _) => Value::Small(u64::from(server.weight)),
        What::Backend => Value::Small(standing::usable(row.proxy, row.live).weight),
        _ => Value::None,
    }
}

/// Writes the header line of the CSV form.
pub fn render_names(out: &mut Vec<u8>) {
    out.extend_from_slice(b"# ");
    for column in COLUMNS {
        out.extend_from_slice(column.name.as_bytes());
        out.push(b',');
    }
    out.push(b'\n');
}

/// Writes a number between two dots, as typed lines have it.
pub fn render_dotted(number: u64, out: &mut Vec<u8>) {
    out.push(b'.');
    render_number(number, out);
}
