//! `hash-type consistent`: each server lies at many places of a ring, by its id and weight, and a hash goes to the nearest. When a
//! server comes or goes only its own keys move. The places are HAProxy's, and never change: nothing is locked.

use super::hash::avalanche;
use super::{Candidates, Choice};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places for each unit of weight; a server's weight among `Candidates` is counted in them.
pub const PLACES_PER_WEIGHT: u32 = 16;
/// The most places that a server can have: 256 units of weight.
const MOST_PLACES: u32 = 256 * PLACES_PER_WEIGHT;

/// The places of one backend's servers.
#[derive(Debug)]
pub struct Ring {
    /// In the order of their keys.
    places: Vec<Place>,
    next: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    key: u32,
    server: usize,
    /// Which of its server's places it is, from 0: one with less weight has only the first ones.
    number: u32,
}

impl Ring {
    /// A ring of servers with these ids and weights.
    pub fn new(servers: impl Iterator<Item = (u32, u32)>) -> Ring {
        let places = servers.enumerate().flat_map(|(server, (id, weight))| {
            let numbers = 0..weight.saturating_mul(PLACES_PER_WEIGHT).min(MOST_PLACES);
            numbers.map(move |number| Place { key: avalanche(id.wrapping_mul(MOST_PLACES).wrapping_add(number)), server, number })
        });
        let mut places: Vec<Place> = places.collect();
        places.sort_by_key(|place| place.key);
        Ring { places, next: AtomicUsize::new(0) }
    }

    /// The server nearest to a hash, whether it has room or not.
    pub fn choose(&self, hash: u32, candidates: &Candidates) -> Choice {
        let above = self.places.partition_point(|place| place.key < hash);
        let Some((at, next)) = self.ahead(above, candidates).next() else { return Choice::Full };
        let before = (1..=self.places.len()).map(|back| (at + self.places.len() - back) % self.places.len());
        let before = before.filter_map(|at| Some((at, *self.places.get(at)?))).find(|(_, place)| place.is_there(candidates));
        let (at, nearest) = match before {
            Some((at, before)) if hash.wrapping_sub(before.key) <= next.key.wrapping_sub(hash) => (at, before),
            _ => (at, next),
        };
        let other = self.ahead(at, candidates).find(|(_, place)| candidates.avoid != Some(place.server));
        Choice::Bound(other.map_or(nearest.server, |(_, place)| place.server))
    }

    /// The server of the next place that has room: for requests without a key.
    pub fn take_turn(&self, candidates: &Candidates) -> Choice {
        let turns = self.ahead(self.next.load(Ordering::Relaxed), candidates);
        let mut with_room = turns.filter(|(_, place)| (candidates.has_room)(place.server));
        let taken = with_room.clone().find(|(_, place)| candidates.avoid != Some(place.server)).or_else(|| with_room.next());
        let Some((at, place)) = taken else { return Choice::Full };
        self.next.store(at + 1, Ordering::Relaxed);
        Choice::Server(place.server)
    }

    /// The places of servers that are there, once around from an index on.
    fn ahead<'a>(&'a self, from: usize, candidates: &'a Candidates) -> impl Iterator<Item = (usize, Place)> + Clone + 'a {
        let around = (0..self.places.len()).map(move |step| (from + step) % self.places.len());
        around.filter_map(|at| Some((at, *self.places.get(at)?))).filter(|(_, place)| place.is_there(candidates))
    }
}

impl Place {
    fn is_there(&self, candidates: &Candidates) -> bool {
        u64::from(self.number) < (candidates.weight)(self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers<'a>(weight: &'a dyn Fn(usize) -> u64, has_room: &'a dyn Fn(usize) -> bool, avoid: Option<usize>) -> Candidates<'a> {
        Candidates { count: 4, weight, has_room, requests: &|_| 0, avoid }
    }

    #[test]
    fn only_the_keys_of_the_server_that_left_move() {
        let ring = Ring::new((1..=4).map(|id| (id, 1)));
        let (all, without) = (servers(&|_| 16, &|_| true, None), servers(&|index| if index == 2 { 0 } else { 16 }, &|_| true, None));
        let mut counts = [0; 4];
        for hash in (0..10_000u32).map(avalanche) {
            let (Choice::Bound(before), Choice::Bound(after)) = (ring.choose(hash, &all), ring.choose(hash, &without)) else { panic!() };
            counts[before] += 1;
            assert!(after != 2 && (before == 2 || after == before), "{hash}: {before} {after}");
        }
        assert!(counts.iter().all(|count| (1000..4500).contains(count)), "{counts:?}");
    }

    #[test]
    fn weights_count_and_a_server_can_be_avoided() {
        let ring = Ring::new([(1, 1), (2, 3)].into_iter());
        let weights = |index: usize| [16, 48][index];
        let count = |avoid| {
            let candidates = servers(&weights, &|_| true, avoid);
            (0..4000u32).map(avalanche).filter(|hash| ring.choose(*hash, &candidates) == Choice::Bound(1)).count()
        };
        assert!((2400..3600).contains(&count(None)), "{}", count(None));
        assert_eq!((count(Some(0)), count(Some(1))), (4000, 0));
        let none = servers(&|_| 0, &|_| true, None);
        assert_eq!((ring.choose(7, &none), ring.take_turn(&none)), (Choice::Full, Choice::Full));
    }

    #[test]
    fn without_a_key_servers_with_room_take_turns() {
        let ring = Ring::new((1..=2).map(|id| (id, 1)));
        let all = servers(&|_| 16, &|_| true, None);
        let turns: Vec<Choice> = (0..32).map(|_| ring.take_turn(&all)).collect();
        assert_eq!(turns.iter().filter(|choice| **choice == Choice::Server(0)).count(), 16);
        let one = servers(&|_| 16, &|index| index == 1, None);
        assert_eq!(ring.take_turn(&one), Choice::Server(1));
    }
}
