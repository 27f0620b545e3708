//! What is alive and shared between threads: switches, servers' health and slots, queues, counters. It outlives every
//! configuration, and is found by name when a new one comes into force (`running`).

pub mod counters;
pub mod facts;
pub mod health;
pub mod listener;
pub mod proxy;
pub mod queue;
pub mod running;
pub mod server;
pub mod standing;
pub mod variables;

pub use counters::Counters;
pub use facts::Facts;
pub use listener::ListenerState;
pub use proxy::ProxyState;
pub use running::Running;
pub use server::ServerState;
pub use variables::Variables;

use crate::config::model::Address;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

/// Everything that is alive, one per process.
#[derive(Debug, Default)]
pub struct State {
    /// The switches.
    pub variables: Variables,
    /// Client connections now open, of all frontends.
    pub connections: AtomicUsize,
    /// Client connections since the start.
    pub connections_total: AtomicUsize,
    /// Requests since the start.
    pub requests_total: AtomicUsize,
    /// What is counted of the whole process.
    pub counters: Counters,
    /// Bytes to clients.
    pub bytes_out_rate: counters::Rate,
    facts: Mutex<Arc<Facts>>,
    proxies: Mutex<HashMap<(String, bool), Arc<ProxyState>>>,
    listeners: Mutex<HashMap<(String, String, Address), Arc<ListenerState>>>,
    servers: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    by_name: HashMap<(String, String), Arc<ServerState>>,
    next_id: usize,
    /// By the server's id and where it is.
    destinations: HashMap<(usize, Address), usize>,
}

/// A lock that another thread's panic cannot poison: what these locks guard is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl State {
    /// The state of the proxy of that name, new or as it was. A frontend and a backend of one name are two.
    pub fn proxy(&self, name: &str, is_pure_frontend: bool) -> Arc<ProxyState> {
        let mut proxies = lock(&self.proxies);
        proxies.entry((name.to_string(), is_pure_frontend)).or_insert_with(|| Arc::new(ProxyState::new(name))).clone()
    }

    /// The state of a frontend's listener of that name and address, new or as it was.
    pub fn listener(&self, frontend: &str, name: &str, address: &Address) -> Arc<ListenerState> {
        let mut listeners = lock(&self.listeners);
        let key = (frontend.to_string(), name.to_string(), address.clone());
        listeners.entry(key).or_insert_with(|| Arc::new(ListenerState::new(name))).clone()
    }

    /// What is known of the process as a whole.
    pub fn facts(&self) -> Arc<Facts> {
        lock(&self.facts).clone()
    }

    /// Makes it known.
    pub fn publish_facts(&self, facts: Facts) {
        *lock(&self.facts) = Arc::new(facts);
    }

    /// The number of a server at an address: idle connections of one number are as good as each other, before and after a
    /// reload. A server that moves gets another number.
    pub fn destination(&self, server: &ServerState, address: &Address) -> usize {
        let destinations = &mut lock(&self.servers).destinations;
        let next = destinations.len();
        *destinations.entry((server.id, address.clone())).or_insert(next)
    }

    /// The state of a server, new (up, by HAProxy's reckoning) or as it was.
    pub fn server(&self, backend: &str, name: &str) -> Arc<ServerState> {
        let mut registry = lock(&self.servers);
        let id = registry.next_id;
        let server = registry
            .by_name
            .entry((backend.to_string(), name.to_string()))
            .or_insert_with(|| Arc::new(ServerState::new(backend, name, id)))
            .clone();
        registry.next_id = id + usize::from(server.id == id);
        server
    }
}
