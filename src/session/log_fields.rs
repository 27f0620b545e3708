//! The variables of formats, as a session's transaction has them now: `%ci`, `%HP`, `%Tr` and their kin.
//! How they are written is `sample::format`; which of them a configuration may name is listed in `config::names`.

use super::surroundings::Surroundings;
use crate::access_log::record::{Record, render_captures, render_date, render_escaped};
use crate::config::model::Address;
use crate::http::uri::Target;
use crate::sample::{Field, Value};
use crate::units::WallClock;
use std::net::SocketAddr;

/// The value of a variable; nothing where it has none (yet).
pub(super) fn field<'a>(world: &'a Surroundings<'a>, field: Field) -> Option<Value<'a>> {
    let session = world.session;
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
        Field::Timestamp => number(record.began.seconds),
        Field::Milliseconds => number(i64::from(record.began.millis)),
        Field::DateMillis | Field::RequestDateMillis => Some(Value::built(date(record.began, world.utc_offset_seconds))),
        Field::DateGmt | Field::RequestDateGmt => Some(Value::built(whole_date(record.began, 0))),
        Field::DateLocal | Field::RequestDateLocal => Some(Value::built(whole_date(record.began, world.utc_offset_seconds))),
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

fn server_address(world: &Surroundings) -> Option<SocketAddr> {
    let transaction = &world.session.transaction;
    let (proxy, _) = world.running.proxy(transaction.backend?)?;
    match proxy.servers.get(transaction.server?)?.address {
        Address::Inet(address) => Some(address),
        Address::Unix(_) | Address::Abstract(_) | Address::Inherited(_) => None,
    }
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
