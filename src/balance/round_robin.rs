//! `balance roundrobin`: weighted, as smooth as it can be, in HAProxy's order. Each server has a position at which its next turn
//! is due; a server that comes in waits for a position at which nobody else is due, the heaviest first.

/// The turns of one backend's servers.
#[derive(Debug, Default)]
pub struct RoundRobin {
    position: u64,
    turns: Vec<Turn>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// Position of the next turn; `None` until the first one, and after the server was away.
    due: Option<u64>,
    /// What the divisions so far have left over, less than the weight.
    remainder: u64,
}

impl RoundRobin {
    /// Turns for this many servers.
    pub fn new(servers: usize) -> RoundRobin {
        RoundRobin { position: 0, turns: vec![Turn::default(); servers] }
    }

    /// The server whose turn it is. `weight` gives a server's weight, 0 for one that is out; `has_room` says whether it
    /// could take a request now (one that is full keeps its turn).
    pub fn pick(&mut self, weight: impl Fn(usize) -> u64, has_room: impl Fn(usize) -> bool) -> Option<usize> {
        let mut total = 0u64;
        let mut earliest: Option<(usize, u64, u64)> = None;
        let mut waiting: Option<(usize, u64)> = None;
        for (index, turn) in self.turns.iter_mut().enumerate() {
            let weight = weight(index);
            total += weight;
            if weight == 0 {
                *turn = Turn::default();
                continue;
            }
            match turn.due {
                _ if !has_room(index) => {}
                Some(due) if earliest.is_none_or(|(_, least, heaviest)| (due, heaviest) < (least, weight)) => {
                    earliest = Some((index, due, weight));
                }
                None if waiting.is_none_or(|(_, heaviest)| weight > heaviest) => waiting = Some((index, weight)),
                _ => {}
            }
        }
        let (index, due, weight) = match (earliest, waiting) {
            (Some((index, due, weight)), None) => (index, due, weight),
            (Some((index, due, weight)), Some(_)) if due <= self.position => (index, due, weight),
            (_, Some((index, weight))) => (index, self.position, weight),
            (None, None) => return None,
        };
        let turn = self.turns.get_mut(index)?;
        let step = total + turn.remainder;
        // A server that was full for long does not get all its missed turns at once.
        turn.due = Some(due.max(self.position.saturating_sub(total)) + step / weight);
        turn.remainder = step % weight;
        self.position = self.position.max(due) + 1;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(weights: &[u64], expected: &str) {
        let mut turns = RoundRobin::new(weights.len());
        let got: String =
            expected.chars().map(|_| turns.pick(|i| weights[i], |_| true).map_or('-', |i| (b'a' + i as u8) as char)).collect();
        assert_eq!(got, expected, "weights {weights:?}");
    }

    #[test]
    fn the_order_is_haproxys() {
        check(&[1, 1, 1], "abcabcabcabc");
        check(&[3, 1], "aaabaaabaaab");
        check(&[1, 3], "bbbabbbabbba");
        check(&[5, 1, 1], "aaabaacaaabaacaaabaac");
        check(&[1, 2, 3], "cbcacbcbcacbcbcacb");
        check(&[10, 20, 30], "cbcacbcbcacbcbcacb");
        check(&[100, 50], "aabaabaabaab");
        check(&[0, 1], "bbb");
        check(&[0, 0], "--");
        check(&[], "-");
    }

    #[test]
    fn a_server_that_left_and_came_back_shares_evenly() {
        let mut turns = RoundRobin::new(3);
        let mut count = [0; 3];
        for round in 0..300 {
            let out = (100..200).contains(&round);
            if let Some(i) = turns.pick(|i| if i == 1 && out { 0 } else { 1 }, |_| true) {
                count[i] += 1;
            }
        }
        assert_eq!(count.iter().sum::<i32>(), 300);
        assert!((65..=68).contains(&count[1]), "{count:?}");
        assert!((count[0] - count[2]).abs() <= 2, "{count:?}");
    }

    #[test]
    fn a_full_server_is_passed_over_and_gets_no_burst_afterwards() {
        let mut turns = RoundRobin::new(2);
        for _ in 0..100 {
            assert_eq!(turns.pick(|_| 1, |i| i == 0), Some(0));
        }
        let next: Vec<_> = (0..12).filter_map(|_| turns.pick(|_| 1, |_| true)).collect();
        assert!(next.iter().filter(|i| **i == 1).count() <= 9, "{next:?}");
        assert_eq!(turns.pick(|_| 1, |_| false), None);
    }
}
