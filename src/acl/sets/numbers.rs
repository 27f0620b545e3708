//! Ranges of integers, of which the first in the list wins, and networks, of which the narrowest does.

use super::{Rank, ranked};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Ranges of integers, both ends included; cut so that none touches another, each with the first range of the list that holds it.
#[derive(Debug)]
pub struct Numbers {
    sorted: Vec<(i64, i64, Rank)>,
}

impl Numbers {
    /// A set of these ranges.
    pub fn new(ranges: Vec<(i64, i64)>) -> Numbers {
        let mut edges: Vec<(i128, Edge)> = Vec::with_capacity(ranges.len() * 2);
        for (rank, (low, high)) in ranked(ranges).filter(|(_, (low, high))| low <= high) {
            edges.push((i128::from(low), Edge::Opens(rank)));
            edges.push((i128::from(high) + 1, Edge::Closes(rank)));
        }
        edges.sort_unstable();
        let mut open: BTreeSet<Rank> = BTreeSet::new();
        let mut sorted: Vec<(i64, i64, Rank)> = Vec::with_capacity(edges.len());
        let mut from = i128::MIN;
        for (at, edge) in edges {
            if let Some(first) = open.first().filter(|_| from < at) {
                // Both ends lie within what the ranges hold, which are 64 bits wide.
                sorted.push((from as i64, (at - 1) as i64, *first));
            }
            from = at;
            match edge {
                Edge::Opens(rank) => open.insert(rank),
                Edge::Closes(rank) => open.remove(&rank),
            };
        }
        Numbers { sorted }
    }

    /// The first range that holds the value.
    #[inline]
    pub fn find(&self, value: i64) -> Option<Rank> {
        self.search(value, || ())
    }

    fn search(&self, value: i64, mut compared: impl FnMut()) -> Option<Rank> {
        let behind = self.sorted.partition_point(|(low, ..)| {
            compared();
            *low <= value
        });
        let (_, high, rank) = self.sorted.get(behind.checked_sub(1)?)?;
        (value <= *high).then_some(*rank)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Closes(Rank),
    Opens(Rank),
}

/// Networks as ranges of addresses: of two, one holds the other or they have nothing in common.
#[derive(Debug)]
pub struct Networks<T> {
    sorted: Vec<Network<T>>,
}

#[derive(Debug)]
struct Network<T> {
    low: T,
    high: T,
    /// The narrowest network that holds this one.
    around: Option<u32>,
    rank: Rank,
}

impl<T: Ord + Copy> Networks<T> {
    /// A set of these networks: the lowest and the highest address of each, and its place.
    pub fn new(mut networks: Vec<(T, T, Rank)>) -> Networks<T> {
        networks.sort_unstable_by_key(|(low, high, rank)| (*low, Reverse(*high), *rank));
        networks.dedup_by_key(|(low, high, _)| (*low, *high));
        let mut sorted: Vec<Network<T>> = Vec::with_capacity(networks.len());
        let mut around: Vec<u32> = Vec::new();
        for (low, high, rank) in networks {
            let holds = |index: &u32| sorted.get(*index as usize).is_some_and(|wider| low <= wider.high);
            while around.last().is_some_and(|index| !holds(index)) {
                around.pop();
            }
            let parent = around.last().copied();
            around.push(sorted.len() as u32);
            sorted.push(Network { low, high, around: parent, rank });
        }
        Networks { sorted }
    }

    /// The narrowest network that holds the address.
    #[inline]
    pub fn find(&self, address: T) -> Option<Rank> {
        self.search(address, || ())
    }

    fn search(&self, address: T, mut compared: impl FnMut()) -> Option<Rank> {
        let behind = self.sorted.partition_point(|network| {
            compared();
            network.low <= address
        });
        let mut network = self.sorted.get(behind.checked_sub(1)?)?;
        while network.high < address {
            compared();
            network = self.sorted.get(network.around? as usize)?;
        }
        Some(network.rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_range_that_holds_a_number_is_found() {
        let set = Numbers::new(vec![(5, 9), (1, 3), (8, 12), (20, 20), (7, 2), (i64::MIN, -5), (0, 30), (i64::MAX, i64::MAX)]);
        let check = |value, expected| assert_eq!(set.find(value), expected, "{value}");
        for (value, rank) in [(1, 1), (3, 1), (5, 0), (8, 0), (9, 0), (10, 2), (12, 2), (20, 3), (4, 6), (0, 6), (30, 6)] {
            check(value, Some(rank));
        }
        check(i64::MIN, Some(5));
        check(-5, Some(5));
        check(i64::MAX, Some(7));
        for outside in [-4, -1, 31, i64::MAX - 1] {
            check(outside, None);
        }
        assert_eq!(Numbers::new(Vec::new()).find(0), None);
    }

    #[test]
    fn the_narrowest_network_is_found() {
        let set = Networks::new(vec![(0, 99, 0), (10, 19, 1), (12, 12, 2), (10, 19, 3), (40, 49, 4), (41_u32, 42, 5)]);
        let check = |value, expected| assert_eq!(set.find(value), expected, "{value}");
        for (value, rank) in [(5, 0), (10, 1), (12, 2), (13, 1), (19, 1), (20, 0), (40, 4), (42, 5), (43, 4), (50, 0)] {
            check(value, Some(rank));
        }
        check(100, None);
    }

    #[test]
    fn a_look_up_costs_as_much_as_the_number_of_digits_says() {
        let count = |length: i64| {
            let numbers = Numbers::new((0..length).map(|number| (number * 3, number * 3 + 1)).collect());
            let networks = Networks::new((0..length).map(|number| (number * 4, number * 4 + 3, number as Rank)).collect());
            let mut counts = [0, 0];
            assert!(numbers.search(length, || counts[0] += 1).is_some() == (length % 3 < 2));
            assert!(networks.search(length, || counts[1] += 1).is_some());
            counts
        };
        for length in [10_i64, 1000, 100_000] {
            let most = length.ilog2() as usize + 2;
            assert!(count(length).iter().all(|compared| *compared <= most), "{:?} of {length}", count(length));
        }
    }
}
