//! Which server gets the next request, among those that could take it: the algorithms of `balance`.
//! Whether a server could take one is `state`; persistence by cookie is the session's.

pub mod hash;
pub mod key;
pub mod load;
pub mod map;
pub mod ring;
pub mod round_robin;

pub use round_robin::RoundRobin;

use crate::config::balancing::{Balance, HashMethod};
use crate::config::model::Proxy;
use crate::state::lock;
use load::{LeastConn, Random};
use map::Map;
use ring::Ring;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;

/// A backend's servers at the moment of a choice, by their index.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// How many there are.
    pub count: usize,
    /// A server's weight, 16 for each unit that is configured; 0 for one that is out.
    pub weight: &'a dyn Fn(usize) -> u64,
    /// Could it take a request now?
    pub has_room: &'a dyn Fn(usize) -> bool,
    /// The requests that it has.
    pub requests: &'a dyn Fn(usize) -> u64,
    /// One that is passed over where there is another.
    pub avoid: Option<usize>,
}

impl Candidates<'_> {
    fn present(&self) -> impl Iterator<Item = usize> {
        (0..self.count).filter(|index| (self.weight)(*index) > 0)
    }

    fn with_room(&self) -> impl Iterator<Item = usize> {
        self.present().filter(|index| (self.has_room)(*index))
    }
}

/// What a choice came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This server, which has room.
    Server(usize),
    /// This server and no other: its key says so, whether it has room or not.
    Bound(usize),
    /// None has room.
    Full,
}

/// The algorithm of a backend, with what it remembers.
#[derive(Debug)]
pub enum Balancer {
    /// `roundrobin`
    RoundRobin(Mutex<RoundRobin>),
    /// `leastconn`
    LeastConn(LeastConn),
    /// `first`: indices of the servers by their ids.
    First(Vec<usize>),
    /// `random`
    Random(Random),
    /// `static-rr`, and by keys with `hash-type map-based`.
    Map(Map),
    /// By keys with `hash-type consistent`.
    Ring(Ring),
}

impl Balancer {
    /// The algorithm that a backend asks for.
    pub fn new(proxy: &Proxy) -> Balancer {
        let servers = &proxy.servers;
        match &proxy.balance {
            Balance::RoundRobin => Balancer::RoundRobin(Mutex::new(RoundRobin::new(servers.len()))),
            Balance::LeastConn => Balancer::LeastConn(LeastConn::new(servers.len())),
            Balance::First => {
                let mut order: Vec<usize> = (0..servers.len()).collect();
                order.sort_by_key(|index| servers.get(*index).map(|server| server.id));
                Balancer::First(order)
            }
            Balance::Random { draws } => Balancer::Random(Random::new(*draws, RandomState::new().hash_one(&proxy.name))),
            Balance::StaticRoundRobin => Balancer::Map(map_of(proxy)),
            Balance::Source | Balance::Uri { .. } | Balance::UrlParam(_) | Balance::Header { .. } => match proxy.hash_type.method {
                HashMethod::MapBased => Balancer::Map(map_of(proxy)),
                HashMethod::Consistent => Balancer::Ring(Ring::new(servers.iter().map(|server| (server.id, u32::from(server.weight))))),
            },
        }
    }

    /// The server for a request with this key; one without takes its turn.
    pub fn choose(&self, key: Option<u32>, candidates: &Candidates) -> Choice {
        match (self, key) {
            (Balancer::RoundRobin(turns), _) => {
                let mut turns = lock(turns);
                let has_room = candidates.has_room;
                let other = candidates.avoid.and_then(|avoid| turns.pick(candidates.weight, |index| index != avoid && has_room(index)));
                other.or_else(|| turns.pick(candidates.weight, has_room)).map_or(Choice::Full, Choice::Server)
            }
            (Balancer::LeastConn(least), _) => least.choose(candidates),
            (Balancer::First(order), _) => load::choose_first(order, candidates),
            (Balancer::Random(random), _) => random.choose(candidates),
            (Balancer::Map(map), Some(hash)) => map.choose(hash, candidates),
            (Balancer::Map(map), None) => map.take_turn(candidates),
            (Balancer::Ring(ring), Some(hash)) => ring.choose(hash, candidates),
            (Balancer::Ring(ring), None) => ring.take_turn(candidates),
        }
    }
}

fn map_of(proxy: &Proxy) -> Map {
    let weights: Vec<u32> = proxy.servers.iter().map(|server| u32::from(server.weight)).collect();
    Map::new(&weights, |index| proxy.servers.get(index).is_some_and(|server| !server.backup))
}
