//! A configuration in force: the immutable `Config` joined with what is alive, found by name. Sessions hold the one that
//! they began their request with; a reload makes the next one beside it.

use super::health::Health;
use super::queue::Grant;
use super::{ListenerState, ProxyState, ServerState, State};
use crate::balance::{Balancer, Candidates, Choice};
use crate::config::model::{Config, Proxy, Server};
use crate::config::server_state::Remembered;
use crate::sample::ProxyId;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// By index in `Proxy::binds`: connections that came in there.
    pub entrances: Vec<Arc<AtomicUsize>>,
    /// By index in `Proxy::binds`, with `option socket-stats`.
    pub listeners: Vec<Arc<ListenerState>>,
    /// Likewise, with that of `Proxy::direct` last: the numbers by which idle connections are kept.
    pub destinations: Vec<usize>,
    balancer: Balancer,
    /// `fullconn`, or what it is when nobody says.
    fullconn: u32,
}

impl Running {
    /// Joins a configuration with the state: what is known by name goes on as it was.
    pub fn new(config: Config, state: &State, generation: u64) -> Running {
        let backends = config.proxies.iter().map(|proxy| Live::new(proxy, state, fullconn(&config, proxy))).collect();
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
            servers.filter(|(server, state)| server.backup == backup && server.weight > 0 && state.takes_new()).count() as u32
        };
        match count(false) {
            0 if proxy.options.all_backups => count(true),
            0 => count(true).min(1),
            active => active,
        }
    }
}

impl Live {
    fn new(proxy: &Proxy, state: &State, fullconn: u32) -> Live {
        let servers = proxy.servers.iter().map(|server| {
            let is_known = state.knows_server(&proxy.name, &server.name);
            let live = state.server(&proxy.name, &server.name);
            if server.check.is_none() {
                live.forget_health();
            }
            if server.disabled {
                live.set_maintenance(true);
            }
            if let Some(remembered) = server.remembered.as_deref().filter(|_| !is_known) {
                remember(server, &live, remembered);
            }
            live
        });
        let servers: Vec<_> = servers.collect();
        let pairs = servers.iter().zip(&proxy.servers);
        let mut destinations: Vec<usize> = pairs.map(|(live, server)| state.destination(live, &server.address)).collect();
        if let Some(direct) = &proxy.direct {
            // No server has an empty name.
            destinations.push(state.destination(&state.server(&proxy.name, ""), &direct.address));
        }
        let listeners = proxy.binds.iter().enumerate().filter(|_| proxy.options.socket_stats);
        Live {
            listeners: listeners.map(|(index, bind)| state.listener(&proxy.name, &bind.title(index), &bind.address)).collect(),
            state: state.proxy(&proxy.name, !proxy.kind.has_backend()),
            fullconn,
            destinations,
            entrances: proxy.binds.iter().map(|bind| state.entrance(&proxy.name, &bind.address)).collect(),
            servers,
            balancer: Balancer::new(proxy),
        }
    }

    /// The requests that a server may have at once, as things are.
    pub fn maxconn(&self, proxy: &Proxy, index: usize) -> Option<u32> {
        proxy.servers.get(index)?.most_requests(self.state.sessions.load(Ordering::Relaxed), self.fullconn)
    }

    /// Gives a slot of a server back. Whoever waits for it gets it; where the limit has grown meanwhile, others do as well.
    pub fn release(&self, proxy: &Proxy, index: usize, grants: &mut Vec<Grant>) {
        let Some(state) = self.servers.get(index) else { return };
        let maxconn = self.maxconn(proxy, index);
        grants.extend(self.state.queue.release(state, maxconn));
        if proxy.servers.get(index).is_some_and(|server| server.minconn.is_some()) {
            grants.extend(std::iter::from_fn(|| self.state.queue.grant(state, maxconn)));
        }
    }

    /// Is a request without a server of its own to wait behind those that wait already? While servers' limits grow and shrink
    /// (`minconn`) only a slot that is given back makes room, lest newcomers pass by. `ahead` are those that wait before it.
    pub fn must_wait(&self, proxy: &Proxy, ahead: usize) -> bool {
        let grows = || proxy.servers.iter().any(|server| server.minconn.is_some());
        let is_someone_served = || self.state.sessions.load(Ordering::Relaxed) > ahead + 1;
        ahead > 0 && is_someone_served() && grows()
    }

    /// The server for a request with this key, by index: an active one, or when no active one is usable, a backup.
    /// `avoid` is passed over where there is another (redispatch).
    pub fn pick(&self, proxy: &Proxy, key: Option<u32>, avoid: Option<usize>) -> Pick {
        let usable = |server: &Server, live: &ServerState| server.weight > 0 && live.takes_new();
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
                (false, None) => u64::from(server.weight) * u64::from(live.sixteenths()),
                (true, Some(first)) if proxy.options.all_backups || first == index => {
                    u64::from(server.weight) * u64::from(live.sixteenths())
                }
                _ => 0,
            },
            _ => 0,
        };
        let has_room = |index: usize| self.servers.get(index).is_some_and(|live| live.has_room(self.maxconn(proxy, index)));
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

/// A server begins as a file says that it was: what the configuration has changed since then stands above the file, and the
/// file above what it has not.
fn remember(server: &Server, live: &ServerState, remembered: &Remembered) {
    const FORCED: u8 = 1;
    const CONFIGURED: u8 = 4;
    const STARTING: u8 = 1;
    const STOPPED: u8 = 0;
    if let Some(check) = &server.check {
        let fresh = Health::unchecked(check.rise, check.fall);
        let level = match remembered.operation {
            STOPPED => 0,
            STARTING if fresh.rise > 1 => remembered.health.clamp(1, fresh.rise - 1),
            _ => fresh.rise + fresh.fall - 1,
        };
        live.set_health(Health { level, ..fresh });
    }
    let was_configured = remembered.administration & CONFIGURED != 0;
    if was_configured == server.disabled {
        live.set_maintenance(remembered.administration & FORCED != 0);
    }
}

/// `fullconn`: without it a tenth of what all frontends take that lead to the backend by name.
fn fullconn(config: &Config, backend: &Proxy) -> u32 {
    if let Some(fullconn) = backend.fullconn {
        return fullconn;
    }
    let leads_here = |proxy: &&Proxy| {
        let mut named = proxy.switching.iter().map(|rule| rule.backend).chain(proxy.default_backend);
        proxy.kind.has_frontend() && (proxy.id == backend.id || named.any(|id| id == backend.id))
    };
    let taken = config.proxies.iter().filter(leads_here).filter_map(|proxy| proxy.maxconn.or(config.global.maxconn));
    taken.fold(0_u32, u32::saturating_add).div_ceil(10)
}

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
