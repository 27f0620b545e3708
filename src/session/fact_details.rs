//! More of what fetches ask of the running proxy: times, timeouts, the addresses of sockets, servers' weights.
//! Counters and names are in `facts`.

use super::facts::{in_unit, server};
use super::surroundings::Surroundings;
use crate::sample::{Argument, Fact, Value};
use std::net::SocketAddr;
use std::time::Duration;

/// The value; nothing where there is none (yet).
pub(super) fn fact<'a>(world: &'a Surroundings<'a>, fact: Fact, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let (session, transaction) = (world.session, &world.session.transaction);
    let count = |count: u64| Some(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
    let ip = |address: Option<SocketAddr>| address.map(|address| Value::Address(address.ip().to_canonical()));
    let port = |address: Option<SocketAddr>| address.map(|address| Value::Int(i64::from(address.port())));
    match fact {
        Fact::AcceptDate => Some(in_unit(transaction.opened_wall, arguments.first())),
        Fact::RequestDate => Some(in_unit(transaction.began_wall, arguments.first())),
        Fact::DateMicros => Some(Value::Int(i64::from(world.wall.millis) * 1000)),
        Fact::BytesFromClient => count(transaction.bytes_from_client),
        Fact::BytesToClient => count(transaction.bytes_to_client),
        Fact::ServerSourceAddress => ip(transaction.server_source),
        Fact::ServerSourcePort => port(transaction.server_source),
        Fact::ServerAddress => ip(server_address(world)),
        Fact::ServerPort => port(server_address(world)),
        Fact::SocketSource => ip(session.source),
        Fact::SocketSourcePort => port(session.source),
        Fact::SocketDestination => ip(session.destination),
        Fact::SocketDestinationPort => port(session.destination),
        Fact::DefaultBackend => {
            let (front, _) = world.running.proxy(session.frontend)?;
            let (back, _) = world.running.proxy(front.default_backend?)?;
            Some(Value::text(back.name.as_bytes()))
        }
        Fact::ServerWeight | Fact::ServerFreeConnections => of_server(world, fact, arguments),
        Fact::TerminationState => Some(Value::built(transaction.termination.letters().into_iter().take(2).collect())),
        Fact::Retries => Some(Value::Int(i64::from(transaction.retries))),
        Fact::IsRedispatched => Some(Value::Bool(transaction.redispatched)),
        fact => timeout(world, fact).or_else(|| timer(world, fact)),
    }
}

/// Where the server listens; nothing for unix sockets.
pub(super) fn server_address(world: &Surroundings) -> Option<SocketAddr> {
    let transaction = &world.session.transaction;
    let (proxy, _) = world.running.proxy(transaction.backend?)?;
    world.session.target(proxy.servers.get(transaction.server?)?)
}

fn of_server<'a>(world: &Surroundings, fact: Fact, arguments: &[Argument]) -> Option<Value<'a>> {
    let Some(Argument::Server(id, name)) = arguments.first() else { return None };
    let (proxy, _) = world.running.proxy(*id)?;
    let line = proxy.servers.iter().find(|server| server.name == *name)?;
    if fact == Fact::ServerWeight {
        return Some(Value::Int(i64::from(line.weight)));
    }
    let free = |most: u32| i64::from(most).saturating_sub(server(world, arguments).map_or(0, |live| live.current() as i64)).max(0);
    Some(Value::Int(line.maxconn.map_or(-1, free)))
}

/// A timeout in milliseconds; 0 when there is none.
fn timeout<'a>(world: &Surroundings, fact: Fact) -> Option<Value<'a>> {
    let session = world.session;
    let (front, _) = world.running.proxy(session.frontend)?;
    let (back, _) = world.running.proxy(session.transaction.backend.unwrap_or(session.frontend))?;
    let time: Option<Duration> = match fact {
        Fact::TimeoutConnect => back.timeouts.connect,
        Fact::TimeoutQueue => back.timeouts.queue.or(back.timeouts.connect),
        Fact::TimeoutServer => back.timeouts.server,
        Fact::TimeoutTarpit => back.timeouts.tarpit.or(back.timeouts.connect),
        Fact::TimeoutTunnel => back.timeouts.tunnel,
        Fact::TimeoutClient => front.timeouts.client,
        Fact::TimeoutFrontendTarpit => front.timeouts.tarpit.or(front.timeouts.connect),
        _ => return None,
    };
    Some(Value::Int(time.map_or(0, |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX))))
}

/// A time that a phase took, in milliseconds; nothing while it was not reached.
fn timer<'a>(world: &Surroundings, fact: Fact) -> Option<Value<'a>> {
    let transaction = &world.session.transaction;
    let now = world.now;
    let (from, to) = match fact {
        Fact::TimerConnect => (transaction.assigned?, transaction.connected?),
        Fact::TimerHandshake => return Some(Value::Int(0)),
        Fact::TimerConnection => (transaction.opened, now),
        Fact::TimerIdle => (transaction.opened, transaction.began),
        Fact::TimerRequest => (transaction.began, transaction.complete?),
        Fact::TimerQuery => (transaction.opened, transaction.complete?),
        Fact::TimerQueue => (transaction.complete?, transaction.assigned?),
        Fact::TimerResponse => (transaction.connected?, transaction.answered?),
        Fact::TimerData => (transaction.answered?, now),
        Fact::TimerTotal | Fact::TimerUser => (transaction.began, now),
        _ => return None,
    };
    Some(Value::Int(i64::try_from(to.since_ms(from)).unwrap_or(i64::MAX)))
}
