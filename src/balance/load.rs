//! Choices that look at how much each server has to do: `leastconn`, `first`, and `random`.
//! What they look at is given by the caller; nothing is locked, for what has been counted may change at any moment anyway.

use super::{Candidates, Choice};
use std::sync::atomic::{AtomicU64, Ordering};

/// `balance leastconn`: the fewest requests for the weight; among equals the one that was chosen longest ago.
#[derive(Debug)]
pub struct LeastConn {
    clock: AtomicU64,
    chosen: Vec<AtomicU64>,
}

impl LeastConn {
    /// For this many servers.
    pub fn new(servers: usize) -> LeastConn {
        LeastConn { clock: AtomicU64::new(0), chosen: (0..servers).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The least loaded server that has room.
    pub fn choose(&self, candidates: &Candidates) -> Choice {
        let rank = |index: &usize| {
            let requests = (candidates.requests)(*index);
            // One that has nothing to do comes first whatever its weight, as in HAProxy.
            let load = if requests == 0 { 0 } else { (requests + 1).saturating_mul(SCALE) / (candidates.weight)(*index).max(1) };
            let chosen = self.chosen.get(*index).map_or(0, |chosen| chosen.load(Ordering::Relaxed));
            (candidates.avoid == Some(*index), load, chosen)
        };
        let Some(index) = candidates.with_room().min_by_key(rank) else { return Choice::Full };
        if let Some(chosen) = self.chosen.get(index) {
            chosen.store(self.clock.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
        Choice::Server(index)
    }
}

/// Loads are compared in parts of a request this small.
const SCALE: u64 = 4096;

/// `balance first`: the first server by its id that has room. `order` has the servers' indices by their ids.
pub fn choose_first(order: &[usize], candidates: &Candidates) -> Choice {
    let mut with_room = order.iter().copied().filter(|index| (candidates.weight)(*index) > 0 && (candidates.has_room)(*index));
    let taken = with_room.clone().find(|index| candidates.avoid != Some(*index)).or_else(|| with_room.next());
    taken.map_or(Choice::Full, Choice::Server)
}

/// `balance random`: of some that are drawn by weight, the least loaded.
#[derive(Debug)]
pub struct Random {
    draws: u32,
    state: AtomicU64,
}

impl Random {
    /// Draws this many each time, beginning at some number.
    pub fn new(draws: u32, seed: u64) -> Random {
        Random { draws, state: AtomicU64::new(seed) }
    }

    /// The least loaded of the drawn servers; none when that one is full.
    pub fn choose(&self, candidates: &Candidates) -> Choice {
        let others = candidates.present().any(|index| candidates.avoid != Some(index));
        let drawable = |index: &usize| !others || candidates.avoid != Some(*index);
        let total: u64 = candidates.present().filter(drawable).map(candidates.weight).sum();
        // More draws than that find nobody better, and would cost much.
        let draws = self.draws.min(u32::try_from(candidates.count).unwrap_or(u32::MAX).saturating_mul(4).max(2));
        let mut best: Option<usize> = None;
        for _ in 0..draws {
            let Some(mut ticket) = self.number().checked_rem(total) else { return Choice::Full };
            let drawn = candidates.present().filter(drawable).find(|index| {
                let weight = (candidates.weight)(*index);
                let hit = ticket < weight;
                ticket = ticket.saturating_sub(weight);
                hit
            });
            best = match (best, drawn) {
                (Some(best), Some(drawn)) if is_busier(candidates, drawn, best) => Some(best),
                (best, drawn) => drawn.or(best),
            };
        }
        match best {
            Some(index) if (candidates.has_room)(index) => Choice::Server(index),
            _ => Choice::Full,
        }
    }

    /// The next number of SplitMix64.
    fn number(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn is_busier(candidates: &Candidates, one: usize, other: usize) -> bool {
    let cross = |a: usize, b: usize| (candidates.requests)(a).saturating_mul((candidates.weight)(b));
    cross(one, other) > cross(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers<'a>(
        weights: &'a [u64],
        requests: &'a [u64],
        room: &'a [bool],
        avoid: Option<usize>,
    ) -> (usize, Vec<(u64, u64, bool)>, Option<usize>) {
        (weights.len(), weights.iter().zip(requests).zip(room).map(|((w, r), f)| (*w, *r, *f)).collect(), avoid)
    }

    /// Chooses `count` times among servers of (weight, requests, room).
    fn choose(
        (count, servers, avoid): (usize, Vec<(u64, u64, bool)>, Option<usize>),
        times: usize,
        choose: impl Fn(&Candidates) -> Choice,
    ) -> String {
        let (weight, room, requests) = (|i: usize| servers[i].0, |i: usize| servers[i].2, |i: usize| servers[i].1);
        let candidates = Candidates { count, weight: &weight, has_room: &room, requests: &requests, avoid };
        let letter = |choice| match choice {
            Choice::Server(index) | Choice::Bound(index) => (b'a' + index as u8) as char,
            Choice::Full => '.',
        };
        (0..times).map(|_| letter(choose(&candidates))).collect()
    }

    #[test]
    fn the_fewest_requests_for_the_weight_win() {
        let check = |weights: &[u64], requests: &[u64], room: &[bool], avoid, expected: &str| {
            let least = LeastConn::new(weights.len());
            assert_eq!(
                choose(servers(weights, requests, room, avoid), expected.len(), |c| least.choose(c)),
                expected,
                "{weights:?} {requests:?}"
            );
        };
        let free = [true; 3];
        check(&[16, 16, 16], &[0, 0, 0], &free, None, "abcabc");
        check(&[16, 160, 16], &[0, 0, 0], &free, None, "abcabc");
        check(&[16, 16, 16], &[2, 1, 1], &free, None, "bcbc");
        check(&[16, 48, 16], &[2, 4, 2], &free, None, "bb");
        check(&[16, 48, 16], &[2, 9, 2], &free, None, "acac");
        check(&[16, 0, 16], &[5, 0, 5], &free, None, "acac");
        check(&[16, 16, 16], &[0, 9, 9], &[false, true, true], None, "bcb");
        check(&[16, 16, 16], &[0, 9, 9], &free, Some(0), "bcb");
        check(&[16, 16, 16], &[0, 9, 9], &[true, false, false], Some(0), "aa");
        check(&[16, 16, 16], &[0, 0, 0], &[false; 3], None, ".");
    }

    #[test]
    fn the_first_with_room_gets_all() {
        let check = |room: [bool; 3], avoid, expected: &str| {
            assert_eq!(choose(servers(&[16, 16, 16], &[0; 3], &room, avoid), 2, |c| choose_first(&[2, 0, 1], c)), expected);
        };
        check([true, true, true], None, "cc");
        check([true, true, false], None, "aa");
        check([true, true, true], Some(2), "aa");
        check([false, false, true], Some(2), "cc");
        check([false, false, false], None, "..");
    }

    #[test]
    fn random_goes_by_weight_and_prefers_the_less_loaded() {
        let draw = |draws, weights: &[u64], requests: &[u64], avoid| {
            let random = Random::new(draws, 1);
            let drawn = choose(servers(weights, requests, &[true; 2], avoid), 4000, |c| random.choose(c));
            drawn.bytes().filter(|letter| *letter == b'a').count()
        };
        assert!((1800..2200).contains(&draw(1, &[16, 16], &[0, 0], None)));
        assert!((2800..3200).contains(&draw(1, &[48, 16], &[0, 0], None)));
        assert!((800..1200).contains(&draw(2, &[16, 16], &[5, 1], None)), "a only when both draws are a");
        assert_eq!((draw(2, &[16, 16], &[0, 0], Some(0)), draw(2, &[16, 0], &[0, 0], Some(0))), (0, 4000));
        let random = Random::new(2, 1);
        assert_eq!(choose(servers(&[16, 16], &[0, 0], &[false, false], None), 2, |c| random.choose(c)), "..");
        assert_eq!(choose(servers(&[0, 0], &[0, 0], &[true, true], None), 2, |c| random.choose(c)), "..");
    }
}
