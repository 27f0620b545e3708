//! What fetches ask of the running proxy: counters of proxies and servers, the server that was chosen, the clock.
//! Which of this a configuration may ask for is listed in `config::names`.

use super::fact_details as details;
use super::surroundings::Surroundings;
use crate::config::model::{Bind, Proxy};
use crate::http::Version;
use crate::rules::variables::captured;
use crate::sample::{Argument, Fact, ProxyId, Value};
use crate::state::ServerState;
use crate::state::running::Live;
use crate::units::WallClock;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The value; nothing where there is none (yet).
pub(super) fn fact<'a>(world: &'a Surroundings<'a>, fact: Fact, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let transaction = &world.session.transaction;
    let count = |count: usize| Some(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
    match fact {
        Fact::ActiveConnections => count(world.state.connections.load(Ordering::Relaxed)),
        Fact::BackendConnections => count(proxy(world, arguments)?.1.state.sessions.load(Ordering::Relaxed)),
        Fact::FrontendConnections => count(proxy(world, arguments)?.1.state.connections.load(Ordering::Relaxed)),
        Fact::Queue => count(proxy(world, arguments)?.1.state.queue.len()),
        Fact::AverageQueue => {
            let (_, live) = proxy(world, arguments)?;
            let servers = usize::try_from(world.running.usable_servers(backend(arguments)?)).unwrap_or(1).max(1);
            count(live.state.queue.len().div_ceil(servers))
        }
        Fact::BackendFreeConnections => free_connections(world, arguments),
        Fact::BackendId => number(world, transaction.backend.unwrap_or(world.session.frontend)),
        Fact::FrontendId => number(world, world.session.frontend),
        Fact::ReceivedProxyHeader => Some(Value::Bool(world.session.came_by_proxy)),
        Fact::RequestMethod => request_word(world, 0),
        Fact::RequestTarget => request_word(world, 1),
        Fact::RequestVersion => request_word(world, 2),
        Fact::CapturedRequestField => slot_of(&world.session.notes.captures, arguments),
        Fact::CapturedResponseField => slot_of(&world.session.notes.response_captures, arguments),
        Fact::Date => {
            let offset = match arguments.first() {
                Some(Argument::Int(offset)) => *offset,
                _ => 0,
            };
            let wall = WallClock { seconds: world.wall.seconds.saturating_add(offset), ..world.wall };
            Some(in_unit(wall, arguments.get(1)))
        }
        Fact::IsFirstRequest => Some(Value::Bool(world.session.requests <= 1)),
        Fact::Processes | Fact::ProcessNumber => Some(Value::Int(1)),
        Fact::ProcessId => Some(Value::Int(i64::from(std::process::id()))),
        Fact::ServerConnections => count(server(world, arguments)?.current()),
        Fact::ServerIsUp => Some(Value::Bool(server(world, arguments)?.is_usable())),
        Fact::ServerQueue => {
            let (Some(Argument::Server(id, _)), server) = (arguments.first(), server(world, arguments)?) else { return None };
            count(world.running.proxy(*id)?.1.state.queue.len_for(server))
        }
        Fact::ServerId => transaction.server.map(|index| Value::Int(index as i64 + 1)),
        Fact::ServerName => {
            let (proxy, _) = world.running.proxy(transaction.backend?)?;
            Some(Value::text(proxy.servers.get(transaction.server?)?.name.as_bytes()))
        }
        Fact::TransactionStatus => (transaction.status != 0).then(|| Value::Int(i64::from(transaction.status))),
        Fact::IsStopping => Some(Value::Bool(world.is_finishing || world.state.is_stopping.load(Ordering::Relaxed))),
        Fact::ConnectionSlots => free_slots(world, arguments),
        Fact::ListenerConnections => count(world.session.entrance.as_ref()?.connections.load(Ordering::Relaxed)),
        Fact::ListenerId => count(world.session.entrance.as_ref()?.index + 1),
        Fact::ListenerName => bind(world)?.name.as_ref().map(|name| Value::text(name.as_bytes())),
        Fact::Hostname => world.state.hostname.get().map(|name| Value::text(name.as_bytes())),
        Fact::Thread => count(world.session.key.worker as usize),
        Fact::Uptime => Some(Value::Int(i64::try_from(world.now.0 / 1000).unwrap_or(i64::MAX))),
        Fact::Random => {
            let number = world.state.draw() >> 32;
            let below = match arguments.first() {
                Some(Argument::Int(most)) => u64::try_from(*most).unwrap_or(0),
                _ => return Some(Value::Int(number as i64)),
            };
            // Multiplied instead of divided, so that all values are about as likely.
            Some(Value::Int(((u128::from(number) * u128::from(below)) >> 32) as i64))
        }
        Fact::Uuid => Some(Value::built(uuid(world, arguments))),
        Fact::ResponseVersion => transaction.response_version.map(|version| match version {
            Version::Http10 => Value::text(b"HTTP/1.0"),
            Version::Http11 => Value::text(b"HTTP/1.1"),
        }),
        Fact::SourceIsLocal => Some(Value::Bool(world.state.is_local(world.session.source()?.ip()))),
        Fact::DestinationIsLocal => {
            let destination = world.session.notes.destination.or(world.session.destination)?;
            Some(Value::Bool(world.state.is_local(destination.ip())))
        }
        fact => details::fact(world, fact, arguments),
    }
}

/// A moment in seconds since 1970, or in the unit (ms, us) that an argument names.
pub(super) fn in_unit(wall: WallClock, unit: Option<&Argument>) -> Value<'static> {
    let (seconds, millis) = (wall.seconds, i64::from(wall.millis));
    Value::Int(match unit {
        Some(Argument::Text(unit)) if unit == b"ms" => seconds.saturating_mul(1000).saturating_add(millis),
        Some(Argument::Text(unit)) if unit == b"us" => seconds.saturating_mul(1_000_000).saturating_add(millis * 1000),
        _ => seconds,
    })
}

fn bind<'a>(world: &Surroundings<'a>) -> Option<&'a Bind> {
    let (front, _) = world.running.proxy(world.session.frontend)?;
    front.binds.get(world.session.entrance.as_ref()?.index)
}

/// A universally unique identifier of version 4, or of version 7 where the argument asks for one (RFC 9562 sections 5.4 and 5.7).
fn uuid(world: &Surroundings, arguments: &[Argument]) -> Vec<u8> {
    let (high, low) = (world.state.draw(), world.state.draw());
    let (high, version) = match arguments.first() {
        Some(Argument::Int(7)) => {
            let millis = world.wall.seconds.saturating_mul(1000).saturating_add(i64::from(world.wall.millis));
            ((millis as u64) << 16 | high >> 48, 7)
        }
        _ => (high, 4),
    };
    let (high, low) = (high & !0xf000 | version << 12, low & !(3 << 62) | 2 << 62);
    let parts = [high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffff_ffff_ffff];
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", parts[0], parts[1], parts[2], parts[3], parts[4]).into_bytes()
}

/// What usable servers could still take, in connections and queue places; -1 when one of them has no limit.
fn free_slots<'a>(world: &Surroundings, arguments: &[Argument]) -> Option<Value<'a>> {
    let (proxy, live) = proxy(world, arguments)?;
    let mut free = 0_i64;
    for (server, state) in proxy.servers.iter().zip(&live.servers).filter(|(_, state)| state.is_usable()) {
        let (Some(most), Some(queued)) = (server.maxconn, server.maxqueue) else { return Some(Value::Int(-1)) };
        let taken = state.current().saturating_add(live.state.queue.len_for(state));
        free = free.saturating_add(i64::from(most) + i64::from(queued) - i64::try_from(taken).unwrap_or(i64::MAX));
    }
    Some(Value::Int(free.max(0)))
}

fn backend(arguments: &[Argument]) -> Option<ProxyId> {
    match arguments.first() {
        Some(Argument::Backend(id)) => Some(*id),
        _ => None,
    }
}

fn proxy<'a>(world: &Surroundings<'a>, arguments: &[Argument]) -> Option<(&'a Proxy, &'a Live)> {
    world.running.proxy(backend(arguments)?)
}

/// The number of a section: its `id`, or the next one that is free. A control socket takes the first.
fn number<'a>(world: &Surroundings, id: ProxyId) -> Option<Value<'a>> {
    let config = &world.running.config;
    let own = config.proxies.get(id.0 as usize)?;
    let mut next = 1 + u32::from(!config.global.stats_sockets.is_empty());
    let is_taken = |number: u32| config.proxies.iter().any(|proxy| proxy.numeric_id == Some(number));
    for proxy in &config.proxies {
        while proxy.numeric_id.is_none() && is_taken(next) {
            next = next.saturating_add(1);
        }
        if proxy.id == own.id {
            break;
        }
        next = next.saturating_add(u32::from(proxy.numeric_id.is_none()));
    }
    Some(Value::Int(i64::from(own.numeric_id.unwrap_or(next))))
}

pub(super) fn server<'a>(world: &Surroundings<'a>, arguments: &[Argument]) -> Option<&'a Arc<ServerState>> {
    let Some(Argument::Server(id, name)) = arguments.first() else { return None };
    let (proxy, live) = world.running.proxy(*id)?;
    live.servers.get(proxy.servers.iter().position(|server| server.name == *name)?)
}

/// Places that usable servers have left; -1 when one of them has no limit.
fn free_connections<'a>(world: &Surroundings, arguments: &[Argument]) -> Option<Value<'a>> {
    let (proxy, live) = proxy(world, arguments)?;
    let mut free = 0_i64;
    for (index, state) in live.servers.iter().enumerate().filter(|(_, state)| state.is_usable()) {
        let Some(most) = live.maxconn(proxy, index) else { return Some(Value::Int(-1)) };
        free = free.saturating_add(i64::from(most).saturating_sub(state.current() as i64).max(0));
    }
    Some(Value::Int(free))
}

fn slot_of<'a>(values: &'a [Vec<u8>], arguments: &[Argument]) -> Option<Value<'a>> {
    match arguments.first() {
        Some(Argument::Int(slot)) => captured(values, *slot),
        _ => None,
    }
}

fn request_word<'a>(world: &Surroundings<'a>, index: usize) -> Option<Value<'a>> {
    world.session.transaction.line.split(|byte| *byte == b' ').nth(index).filter(|word| !word.is_empty()).map(Value::text)
}
