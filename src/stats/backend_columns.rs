//! Columns of servers and backends that need more than a counter: what checks found, limits, aggregates. Their rows stand in `columns`.

use super::rows::{Row, What};
use super::value::Value;
use crate::config::model::{Proxy, Server};
use crate::state::check_record::CheckResult;
use crate::state::server::WHOLE_WEIGHT;
use crate::state::status::render_tracked;
use crate::state::{Counters, ServerState};

/// The counters of what a row stands for.
pub fn side<'a>(row: &Row<'a>) -> &'a Counters {
    match row.what {
        What::Frontend => &row.live.state.front,
        What::Listener(_, _, state) => &state.counters,
        What::Server(_, state) => &state.counters,
        What::Backend => &row.live.state.back,
    }
}

/// For servers.
pub fn server_only<'a>(row: &Row<'a>, value: impl Fn(&'a Server, &'a ServerState) -> Option<Value<'a>>) -> Value<'a> {
    match row.what {
        What::Server(server, state) => Value::or_none(value(server, state)),
        _ => Value::None,
    }
}

/// Sessions at which a backend is full: `fullconn`, else a tenth of what the frontends that may use it take.
pub fn full_at(row: &Row) -> u64 {
    if let Some(full) = row.proxy.fullconn {
        return u64::from(full);
    }
    let global = row.view.running.config.global.maxconn.unwrap_or_default();
    let uses = |front: &&Proxy| {
        let targets = front.switching.iter().map(|rule| rule.backend).chain(front.default_backend);
        front.kind.has_frontend() && (front.id == row.proxy.id || targets.into_iter().any(|id| id == row.proxy.id))
    };
    let fronts = row.view.running.config.proxies.iter().filter(uses);
    let all: u64 = fronts.map(|front| u64::from(front.maxconn.unwrap_or(global))).sum();
    all.div_ceil(10).max(1)
}

/// `rate-limit sessions`
pub fn rate_limit<'a>(row: &Row<'a>) -> Value<'a> {
    if matches!(row.what, What::Frontend) { Value::Small(0) } else { Value::None }
}

/// The part of its weight that a server has while it starts slowly.
pub fn throttle<'a>(row: &Row<'a>) -> Value<'a> {
    server_only(row, |server, state| {
        let percent = u64::from(state.sixteenths()) * 100 / u64::from(WHOLE_WEIGHT);
        (server.slowstart.is_some() && percent < 100).then_some(Value::Small(percent))
    })
}

/// The server that it follows.
pub fn tracked<'a>(row: &Row<'a>) -> Value<'a> {
    server_only(row, |server, _| render_tracked(row.view.running, server).map(Value::text))
}

/// Faults that observing found.
pub fn observed_faults<'a>(row: &Row<'a>) -> Value<'a> {
    server_only(row, |server, state| server.observe.map(|_| Value::Large(state.checks.observed())))
}

/// The last result of a server's checks.
fn last<'a>(row: &Row<'a>, value: impl Fn(CheckResult) -> Option<Value<'a>>) -> Value<'a> {
    server_only(row, |server, state| server.check.as_ref().and_then(|_| value(state.checks.last())))
}

/// What the last check came to; a star before it while the next one is under way.
pub fn check_status<'a>(row: &Row<'a>) -> Value<'a> {
    server_only(row, |server, state| {
        server.check.as_ref()?;
        let star = if state.checks.is_under_way() { "* " } else { "" };
        Some(Value::text(format!("{star}{}", state.checks.last().status.code())))
    })
}

/// The code of the last check's answer.
pub fn check_code<'a>(row: &Row<'a>) -> Value<'a> {
    last(row, |last| last.status.has_number().then(|| Value::Small(u64::try_from(last.number).unwrap_or_default())))
}

/// How long the last check took.
pub fn check_duration<'a>(row: &Row<'a>) -> Value<'a> {
    last(row, |last| last.duration_ms.map(Value::Large))
}

/// What the last check says.
pub fn last_check<'a>(row: &Row<'a>) -> Value<'a> {
    last(row, |last| (!last.text.is_empty()).then(|| Value::text(last.text)))
}

/// What the last agent check says.
pub fn last_agent<'a>(_: &Row<'a>) -> Value<'a> {
    Value::None
}

/// What the last check came to, in words.
pub fn check_words<'a>(row: &Row<'a>) -> Value<'a> {
    last(row, |last| Some(Value::text(last.status.text())))
}

/// Idle connections of a server, in the pools of all workers.
pub fn idle<'a>(row: &Row<'a>) -> Value<'a> {
    server_only(row, |_, _| Some(Value::Small(0)))
}

/// The most idle connections of a server.
pub fn idle_limit<'a>(_: &Row<'a>) -> Value<'a> {
    Value::None
}

/// What HAProxy's exporter alone has values for.
pub fn aggregate<'a>(row: &Row<'a>) -> Value<'a> {
    if matches!(row.what, What::Backend) { Value::Small(0) } else { Value::None }
}
