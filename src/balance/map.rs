//! A table with as many slots as the servers weigh together, in HAProxy's order: `static-rr` takes them in turn, `hash-type
//! map-based` by the remainder of a hash. While all servers are there nothing is locked.

use super::{Candidates, Choice};
use crate::state::lock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The slots of one backend.
#[derive(Debug)]
pub struct Map {
    /// Weights as configured, without their common factor.
    weights: Vec<u32>,
    usual: Slots,
    /// The slots while some server is out or a backup is in.
    other: Mutex<Slots>,
    next: AtomicUsize,
}

#[derive(Debug, Default)]
struct Slots {
    present: Vec<bool>,
    servers: Vec<usize>,
}

impl Map {
    /// Slots for these weights; `is_usual` says which servers are there as long as nothing is wrong.
    pub fn new(weights: &[u32], is_usual: impl Fn(usize) -> bool) -> Map {
        let divisor = weights.iter().fold(0, |divisor, weight| common_divisor(divisor, *weight)).max(1);
        let weights: Vec<u32> = weights.iter().map(|weight| weight / divisor).collect();
        let present = weights.iter().enumerate().map(|(index, weight)| *weight > 0 && is_usual(index)).collect();
        let mut usual = Slots { present, servers: Vec::new() };
        usual.deal(&weights);
        Map { weights, usual, other: Mutex::default(), next: AtomicUsize::new(0) }
    }

    /// The server of a hash, whether it has room or not.
    pub fn choose(&self, hash: u32, candidates: &Candidates) -> Choice {
        self.with_slots(candidates, |slots| {
            let slot = (hash as usize).checked_rem(slots.len()).and_then(|slot| slots.get(slot));
            slot.map_or(Choice::Full, |server| Choice::Bound(*server))
        })
    }

    /// The server of the next slot that has room.
    pub fn take_turn(&self, candidates: &Candidates) -> Choice {
        self.with_slots(candidates, |slots| {
            let first = self.next.load(Ordering::Relaxed).checked_rem(slots.len()).unwrap_or(0);
            let turns = slots.iter().copied().enumerate().cycle().skip(first).take(slots.len());
            let mut with_room = turns.filter(|(_, server)| (candidates.has_room)(*server));
            let taken = with_room.clone().find(|(_, server)| candidates.avoid != Some(*server)).or_else(|| with_room.next());
            let Some((slot, server)) = taken else { return Choice::Full };
            self.next.store(slot + 1, Ordering::Relaxed);
            Choice::Server(server)
        })
    }

    fn with_slots<T>(&self, candidates: &Candidates, look: impl FnOnce(&[usize]) -> T) -> T {
        let is_there = |index: usize| self.weights.get(index).is_some_and(|weight| *weight > 0) && (candidates.weight)(index) > 0;
        if self.usual.present.iter().enumerate().all(|(index, present)| *present == is_there(index)) {
            return look(&self.usual.servers);
        }
        let mut other = lock(&self.other);
        let known = other.present.len() == self.weights.len();
        if !known || other.present.iter().enumerate().any(|(index, present)| *present != is_there(index)) {
            other.present.clear();
            other.present.extend((0..self.weights.len()).map(is_there));
            other.deal(&self.weights);
        }
        look(&other.servers)
    }
}

impl Slots {
    /// Gives each slot to the server that lags most behind its share, the first of equals.
    fn deal(&mut self, weights: &[u32]) {
        let present = self.present.iter().zip(weights).map(|(present, weight)| if *present { i64::from(*weight) } else { 0 });
        let present: Vec<i64> = present.collect();
        let total: i64 = present.iter().sum();
        let mut scores = vec![0; present.len()];
        self.servers.clear();
        for _ in 0..total {
            let mut best: Option<(usize, i64)> = None;
            for (index, (score, weight)) in scores.iter_mut().zip(&present).enumerate().filter(|(_, (_, weight))| **weight > 0) {
                *score += weight;
                let lag = (*score + total) / total;
                if best.is_none_or(|(_, most)| lag > most) {
                    best = Some((index, lag));
                }
            }
            let Some((index, _)) = best else { return };
            if let Some(score) = scores.get_mut(index) {
                *score -= total;
            }
            self.servers.push(index);
        }
    }
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `out` has a `-` for each server that is out; the answer has the servers of the slots in order.
    #[track_caller]
    fn check(weights: &[u32], out: &str, expected: &str) {
        let map = Map::new(weights, |_| true);
        let weight = |index: usize| if out.as_bytes()[index] == b'-' { 0 } else { u64::from(weights[index]) * 16 };
        let candidates = Candidates { count: weights.len(), weight: &weight, has_room: &|_| true, requests: &|_| 0, avoid: None };
        let letter = |choice| match choice {
            Choice::Bound(index) | Choice::Server(index) => (b'a' + index as u8) as char,
            Choice::Full => '.',
        };
        let hashed: String = (0..expected.len() as u32).map(|hash| letter(map.choose(hash, &candidates))).collect();
        assert_eq!(hashed, expected, "{weights:?} {out}");
        let turns: String = (0..expected.len()).map(|_| letter(map.take_turn(&candidates))).collect();
        assert_eq!(turns, expected, "turns of {weights:?} {out}");
    }

    #[test]
    fn slots_are_dealt_as_haproxy_deals_them() {
        check(&[1, 1, 1], "+++", "abcabc");
        check(&[7, 7], "++", "abab");
        check(&[1, 1, 1], "+-+", "acac");
        check(&[1, 1], "--", "..");
        check(&[0, 3], "++", "bb");
        check(&[], "", ".");
        check(&[3, 1], "++", "aaabaaab");
        check(&[1, 2, 3], "+++", "acbcbcacbcbc");
        check(&[5, 1, 1], "+++", "aaabaacaaabaa");
        check(&[10, 20, 30, 5], "++++", "abcbccabcbccd");
    }

    #[test]
    fn a_full_server_loses_its_turn_but_not_its_keys() {
        let map = Map::new(&[1, 1, 1], |_| true);
        let candidates = Candidates { count: 3, weight: &|_| 16, has_room: &|index| index != 1, requests: &|_| 0, avoid: Some(0) };
        assert_eq!((0..3).map(|_| map.take_turn(&candidates)).collect::<Vec<_>>(), [Choice::Server(2); 3]);
        assert_eq!(map.choose(1, &candidates), Choice::Bound(1));
        let only = Candidates { has_room: &|index| index == 0, ..candidates };
        assert_eq!(map.take_turn(&only), Choice::Server(0));
        let none = Candidates { has_room: &|_| false, ..candidates };
        assert_eq!(map.take_turn(&none), Choice::Full);
    }
}
