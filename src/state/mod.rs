//! What is alive and shared between threads: switches, servers' health and slots, queues, counters. It outlives every
//! configuration, and is found by name when a new one comes into force (`running`).

pub mod check_record;
pub mod counters;
pub mod facts;
pub mod health;
pub mod listener;
pub mod observed;
pub mod proxy;
pub mod queue;
pub mod rate_limit;
pub mod running;
pub mod server;
pub mod standing;
pub mod status;
pub mod variables;

pub use counters::Counters;
pub use facts::Facts;
pub use listener::ListenerState;
pub use proxy::ProxyState;
pub use rate_limit::RateLimit;
pub use running::Running;
pub use server::ServerState;
pub use variables::Variables;

use crate::config::model::Address;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Everything that is alive, one per process.
#[derive(Debug, Default)]
pub struct State {
    /// The switches.
    pub variables: Variables,
    /// Servers that have shown too many errors.
    pub suspects: observed::Suspects,
    /// Client connections now open, of all frontends.
    pub connections: AtomicUsize,
    /// Client connections since the start.
    pub connections_total: AtomicUsize,
    /// Requests since the start.
    pub requests_total: AtomicUsize,
    /// Connections of all clients within a second (`maxconnrate`).
    pub connection_rate: RateLimit,
    /// Sessions of all clients within a second (`maxsessrate`).
    pub session_rate: RateLimit,
    /// The process has been told to finish.
    pub is_stopping: AtomicBool,
    places: Mutex<HashMap<Address, Arc<AtomicUsize>>>,
    /// Where chance goes on from; the process seeds it once.
    pub chance: AtomicU64,
    /// The machine's name.
    pub hostname: OnceLock<String>,
    /// The machine's addresses.
    pub local_addresses: OnceLock<Vec<IpAddr>>,
    entrances: Mutex<HashMap<(String, Address), Arc<AtomicUsize>>>,
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

    /// How many clients a listener has, where its line limits them.
    pub fn places_at(&self, address: &Address) -> Arc<AtomicUsize> {
        lock(&self.places).entry(address.clone()).or_default().clone()
    }

    /// Is there a server of that name already?
    pub fn knows_server(&self, backend: &str, name: &str) -> bool {
        lock(&self.servers).by_name.contains_key(&(backend.to_string(), name.to_string()))
    }

    /// A number by chance (the splitmix64 sequence). It is no secret.
    pub fn draw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = |number: u64, shift: u32, factor: u64| (number ^ number >> shift).wrapping_mul(factor);
        let number = self.chance.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let number = mixed(mixed(number, 30, 0xbf58_476d_1ce4_e5b9), 27, 0x94d0_49bb_1331_11eb);
        number ^ number >> 31
    }

    /// Is the address one of this machine's?
    pub fn is_local(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.local_addresses.get().is_some_and(|known| known.contains(&address))
    }

    /// Connections that came in by an address of a proxy.
    pub fn entrance(&self, proxy: &str, address: &Address) -> Arc<AtomicUsize> {
        lock(&self.entrances).entry((proxy.to_string(), address.clone())).or_default().clone()
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
