//! A configuration in force: the immutable `Config` joined with what is alive, found by name. Sessions hold the one that
//! they began their request with; a reload makes the next one beside it.

use super::{ListenerState, ProxyState, ServerState, State};
use crate::balance::{Balancer, Candidates, Choice};
use crate::config::model::{Config, Proxy, Server};
use crate::sample::ProxyId;
use std::sync::Arc;

/// A configuration in force.
#[derive(Debug)]
pub struct Running {
    /// What was read.
    pub config: Config,
    /// Which configuration of this process it is, from 1.
    pub generation: u64,
    backends: Vec<Live>,
    variables: Vec<usize>,
}

/// A proxy of the configuration joined with its state.
#[derive(Debug)]
pub struct Live {
    /// Connections, totals, queue.
    pub state: Arc<ProxyState>,
    /// By index in `Proxy::servers`.
    pub servers: Vec<Arc<ServerState>>,
    /// By index in `Proxy::binds`, with `option socket-stats`.
    pub listeners: Vec<Arc<ListenerState>>,
    /// By index in `Proxy::servers`: the numbers by which idle connections are kept.
    pub destinations: Vec<usize>,
    balancer: Balancer,
}

impl Running {
    /// Joins a configuration with the state: what is known by name goes on as it was.
    pub fn new(config: Config, state: &State, generation: u64) -> Running {
        let backends = config.proxies.iter().map(|proxy| Live::new(proxy, state)).collect();
        let variables = config.variables.iter().map(|name| state.variables.number(name)).collect();
        Running { config, generation, backends, variables }
    }

    /// A proxy of this configuration.
    pub fn proxy(&self, id: ProxyId) -> Option<(&Proxy, &Live)> {
        Some((self.config.proxies.get(id.0 as usize)?, self.backends.get(id.0 as usize)?))
    }

    /// The number in `Variables` of a switch of this configuration.
    #[inline]
    pub fn variable_number(&self, id: crate::sample::VariableId) -> Option<usize> {
        self.variables.get(id.0 as usize).copied()
    }

    /// HAProxy's `nbsrv`: usable active servers, else usable backups (all with `allbackups`, one otherwise).
    pub fn usable_servers(&self, id: ProxyId) -> u32 {
        let Some((proxy, live)) = self.proxy(id) else { return 0 };
        let count = |backup: bool| {
            let servers = proxy.servers.iter().zip(&live.servers);
            servers.filter(|(server, state)| server.backup == backup && server.weight > 0 && state.is_usable()).count() as u32
        };
        match count(false) {
            0 if proxy.options.all_backups => count(true),
            0 => count(true).min(1),
            active => active,
        }
    }
}

impl Live {
    fn new(proxy: &Proxy, state: &State) -> Live {
        let servers = proxy.servers.iter().map(|server| {
            let live = state.server(&proxy.name, &server.name);
            if server.check.is_none() {
                live.forget_health();
            }
            if server.disabled {
                live.set_maintenance(true);
            }
            live
        });
        let servers: Vec<_> = servers.collect();
        let pairs = servers.iter().zip(&proxy.servers);
        let listeners = proxy.binds.iter().enumerate().filter(|_| proxy.options.socket_stats);
        Live {
            listeners: listeners.map(|(index, bind)| state.listener(&proxy.name, &bind.title(index), &bind.address)).collect(),
            state: state.proxy(&proxy.name, !proxy.kind.has_backend()),
            destinations: pairs.map(|(live, server)| state.destination(live, &server.address)).collect(),
            servers,
            balancer: Balancer::new(proxy),
        }
    }

    /// The server for a request with this key, by index: an active one, or when no active one is usable, a backup.
    /// `avoid` is passed over where there is another (redispatch).
    pub fn pick(&self, proxy: &Proxy, key: Option<u32>, avoid: Option<usize>) -> Pick {
        let usable = |server: &Server, live: &ServerState| server.weight > 0 && live.is_usable();
        let pairs = || proxy.servers.iter().zip(&self.servers).enumerate();
        let active = pairs().any(|(_, (server, live))| !server.backup && usable(server, live));
        let backup = match active {
            true => None,
            false => pairs().find(|(_, (server, live))| server.backup && usable(server, live)).map(|(index, _)| index),
        };
        if !active && backup.is_none() {
            return Pick::NoServer;
        }
        let weight = |index: usize| match (proxy.servers.get(index), self.servers.get(index)) {
            (Some(server), Some(live)) if usable(server, live) => match (server.backup, backup) {
                (false, None) => u64::from(server.weight) * WEIGHT_SCALE,
                (true, Some(first)) if proxy.options.all_backups || first == index => u64::from(server.weight) * WEIGHT_SCALE,
                _ => 0,
            },
            _ => 0,
        };
        let has_room = |index: usize| match (proxy.servers.get(index), self.servers.get(index)) {
            (Some(server), Some(live)) => live.has_room(server.maxconn),
            _ => false,
        };
        let requests = |index: usize| self.servers.get(index).map_or(0, |live| live.current() as u64);
        let count = proxy.servers.len();
        match self.balancer.choose(key, &Candidates { count, weight: &weight, has_room: &has_room, requests: &requests, avoid }) {
            Choice::Server(index) => Pick::Server(index),
            Choice::Bound(index) if has_room(index) => Pick::Server(index),
            Choice::Bound(index) => Pick::Bound(index),
            Choice::Full => Pick::AllFull,
        }
    }
}

/// What a unit of configured weight counts, so that a server can have less than one.
const WEIGHT_SCALE: u64 = 16;

/// What picking a server came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This one, by index.
    Server(usize),
    /// This one and no other, by the request's key; it is at its `maxconn`.
    Bound(usize),
    /// There are usable ones, and all are at their `maxconn`.
    AllFull,
    /// There is no usable one.
    NoServer,
}
