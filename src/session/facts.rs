//! What fetches ask of the running proxy: counters of proxies and servers, the server that was chosen, the clock.
//! Which of this a configuration may ask for is listed in `config::names`.

use super::surroundings::Surroundings;
use crate::config::model::Proxy;
use crate::rules::variables::captured;
use crate::sample::{Argument, Fact, ProxyId, Value};
use crate::state::ServerState;
use crate::state::running::Live;
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
        Fact::BackendId => transaction.backend.and_then(|id| number(world, id)),
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
            let millis = i64::from(world.wall.millis);
            let seconds = world.wall.seconds.saturating_add(offset);
            Some(Value::Int(match arguments.get(1) {
                Some(Argument::Text(unit)) if unit == b"ms" => seconds.saturating_mul(1000).saturating_add(millis),
                Some(Argument::Text(unit)) if unit == b"us" => seconds.saturating_mul(1_000_000).saturating_add(millis * 1000),
                _ => seconds,
            }))
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
        Fact::IsStopping => Some(Value::Bool(world.is_finishing)),
        _ => None,
    }
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

/// The number of a section: its `id`, or its place.
fn number<'a>(world: &Surroundings, id: ProxyId) -> Option<Value<'a>> {
    let (proxy, _) = world.running.proxy(id)?;
    Some(Value::Int(i64::from(proxy.numeric_id.unwrap_or(id.0.saturating_add(2)))))
}

fn server<'a>(world: &Surroundings<'a>, arguments: &[Argument]) -> Option<&'a Arc<ServerState>> {
    let Some(Argument::Server(id, name)) = arguments.first() else { return None };
    let (proxy, live) = world.running.proxy(*id)?;
    live.servers.get(proxy.servers.iter().position(|server| server.name == *name)?)
}

/// Places that usable servers have left; -1 when one of them has no limit.
fn free_connections<'a>(world: &Surroundings, arguments: &[Argument]) -> Option<Value<'a>> {
    let (proxy, live) = proxy(world, arguments)?;
    let mut free = 0_i64;
    for (server, state) in proxy.servers.iter().zip(&live.servers).filter(|(_, state)| state.is_usable()) {
        let Some(most) = server.maxconn else { return Some(Value::Int(-1)) };
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
