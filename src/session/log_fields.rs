//! The variables of formats, as a session's transaction has them now: `%ci`, `%HP`, `%Tr` and their kin.
//! How they are written is `sample::format`; which of them a configuration may name is listed in `config::names`.

use super::fact_details::server_address;
use super::surroundings::Surroundings;
use crate::access_log::record::{Record, render_captures, render_date, render_escaped};
use crate::http::uri::Target;
use crate::sample::{Field, Value};
use crate::units::{Moment, WallClock};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

/// The value of a variable; nothing where it has none (yet).
pub(super) fn field<'a>(world: &'a Surroundings<'a>, field: Field) -> Option<Value<'a>> {
    let session = world.session;
    let transaction = &session.transaction;
    let record: Record<'a> = session.record(world.state, world.now);
    let number = |number: i64| Some(Value::Int(number));
    let total = |number: i64| match record.early {
        true => Some(Value::built(format!("+{number}").into_bytes())),
        false => Some(Value::Int(number)),
    };
    let ip = |address: Option<SocketAddr>| address.map(|address| Value::Address(address.ip().to_canonical()));
    let port = |address: Option<SocketAddr>| address.map(|address| Value::Int(i64::from(address.port())));
    let destination = session.notes.destination.or(session.destination);
    let [process, frontend, backend, server] = record.connections;
    match field {
        Field::BytesToClient => total(i64::try_from(record.bytes).unwrap_or(i64::MAX)),
        Field::Method => request_word(&record, 0).map(Value::text),
        Field::Target => request_word(&record, 1).map(Value::text),
        Field::Version => request_word(&record, 2).map(Value::text),
        Field::Path => Target::take_apart(request_word(&record, 1)?).map(|target| match target.authority() {
            b"" => Value::text(target.path()),
            _ => Value::text(before_query(request_word(&record, 1).unwrap_or_default())),
        }),
        Field::PathOnly => Target::take_apart(request_word(&record, 1)?).map(|target| Value::text(target.path())),
        Field::Query => {
            let target = request_word(&record, 1)?;
            Some(Value::text(target.get(before_query(target).len()..).unwrap_or_default()))
        }
        Field::RequestLine if record.request_line.iter().all(|byte| matches!(byte, b' '..=b'~') && !b"\"#".contains(byte)) => {
            Some(Value::text(record.request_line))
        }
        Field::RequestLine => {
            let mut out = Vec::new();
            render_escaped(record.request_line, &mut out);
            Some(Value::built(out))
        }
        Field::Status => number(i64::from(record.status)),
        Field::Server => Some(Value::text(record.server.as_bytes())),
        Field::Backend => Some(Value::text(record.backend.as_bytes())),
        Field::Frontend | Field::FrontendAndTransport => Some(Value::text(record.frontend.as_bytes())),
        Field::RequestTime => number(record.request_ms),
        Field::QueueTime => number(record.queue_ms),
        Field::ConnectTime => number(record.connect_ms),
        Field::ResponseTime => number(record.response_ms),
        Field::ActiveTime => total(record.total_ms),
        Field::HandshakeTime => number(0),
        Field::IdleTime => number(span_ms(transaction.opened, Some(transaction.began))),
        Field::QueryTime => number(span_ms(transaction.opened, transaction.complete)),
        Field::DataTime => number(transaction.answered.map_or(-1, |answered| span_ms(answered, Some(world.now)))),
        Field::TotalTime => total(span_ms(transaction.opened, Some(world.now))),
        Field::UserTime => total(record.total_ms),
        Field::Hostname => world.state.hostname.get().map(|name| Value::text(name.as_bytes())),
        Field::BytesToServer => number(i64::try_from(transaction.bytes_from_client).unwrap_or(i64::MAX)),
        Field::ServerSourceAddress => ip(transaction.server_source),
        Field::ServerSourcePort => port(transaction.server_source),
        Field::LogCounter => number(log_lines(world)),
        Field::RequestCounter => number(i64::try_from(transaction.number).unwrap_or(i64::MAX)),
        Field::Origin => Some(Value::text(b"txn_close")),
        Field::TlsCipher | Field::TlsVersion => None,
        Field::ProcessId => number(i64::from(std::process::id())),
        Field::ActiveConnections => number(process as i64),
        Field::FrontendConnections => number(frontend as i64),
        Field::BackendConnections => number(backend as i64),
        Field::ServerConnections => number(server as i64),
        Field::ServerQueue => number(record.queues[0] as i64),
        Field::BackendQueue => number(record.queues[1] as i64),
        Field::Retries => match record.redispatched {
            true => Some(Value::built(format!("+{}", record.retries).into_bytes())),
            false => number(i64::from(record.retries)),
        },
        Field::Termination => Some(Value::built(record.termination.iter().take(2).copied().collect())),
        Field::TerminationAndCookie => Some(Value::built(record.termination.to_vec())),
        Field::ClientAddress => ip(record.source),
        Field::ClientPort => port(record.source),
        Field::FrontendAddress => ip(destination),
        Field::FrontendPort => port(destination),
        Field::ServerAddress => ip(server_address(world)),
        Field::ServerPort => port(server_address(world)),
        Field::Timestamp => number(transaction.opened_wall.seconds),
        Field::Milliseconds => number(i64::from(transaction.opened_wall.millis)),
        Field::DateMillis => Some(Value::built(date(transaction.opened_wall, world.utc_offset_seconds))),
        Field::DateGmt => Some(Value::built(whole_date(transaction.opened_wall, 0))),
        Field::DateLocal => Some(Value::built(whole_date(transaction.opened_wall, world.utc_offset_seconds))),
        Field::RequestDateMillis => Some(Value::built(date(record.began, world.utc_offset_seconds))),
        Field::RequestDateGmt => Some(Value::built(whole_date(record.began, 0))),
        Field::RequestDateLocal => Some(Value::built(whole_date(record.began, world.utc_offset_seconds))),
        Field::UniqueId => session.captured.unique_id.get().map(|id| Value::text(id)),
        Field::RequestCookie => Some(Value::text(record.cookies[0])),
        Field::ResponseCookie => Some(Value::text(record.cookies[1])),
        Field::RequestFields => captures(record.captures[0]),
        Field::ResponseFields => captures(record.captures[1]),
        _ => None,
    }
}

fn captures<'a>(fields: &[Vec<u8>]) -> Option<Value<'a>> {
    let mut out = Vec::new();
    render_captures(fields, &mut out);
    (!fields.is_empty()).then(|| Value::built(out))
}

/// A word of the request line.
fn request_word<'a>(record: &Record<'a>, index: usize) -> Option<&'a [u8]> {
    record.request_line.split(|byte| *byte == b' ').nth(index)
}

fn before_query(target: &[u8]) -> &[u8] {
    target.split(|byte| *byte == b'?').next().unwrap_or_default()
}

/// Milliseconds from one moment to another; -1 while that one was not reached.
fn span_ms(from: Moment, to: Option<Moment>) -> i64 {
    to.map_or(-1, |to| i64::try_from(to.since_ms(from)).unwrap_or(i64::MAX))
}

fn log_lines(world: &Surroundings) -> i64 {
    let lines = world.running.proxy(world.session.frontend).map_or(0, |(_, live)| live.state.log_lines.load(Ordering::Relaxed));
    i64::try_from(lines).unwrap_or(i64::MAX)
}

fn date(wall: WallClock, offset_seconds: i32) -> Vec<u8> {
    let mut out = Vec::new();
    render_date(wall, offset_seconds, &mut out);
    out
}

/// `dd/Mon/yyyy:HH:MM:SS +0100`.
fn whole_date(wall: WallClock, offset_seconds: i32) -> Vec<u8> {
    let mut out = date(wall, offset_seconds);
    out.truncate(out.len().saturating_sub(b".000".len()));
    let minutes = offset_seconds.unsigned_abs() / 60;
    let sign = if offset_seconds < 0 { '-' } else { '+' };
    out.extend_from_slice(format!(" {sign}{:02}{:02}", minutes / 60, minutes % 60).as_bytes());
    out
}

/// The fields that `%hrl` and `%hsl` list.
pub(super) fn captured<'a>(world: &'a Surroundings<'a>, field: Field) -> &'a [Vec<u8>] {
    let [request, response] = world.session.record(world.state, world.now).captures;
    match field {
        Field::RequestFieldList => request,
        Field::ResponseFieldList => response,
        _ => &[],
    }
}
