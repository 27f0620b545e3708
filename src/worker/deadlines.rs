//! When the next session expires. A session has at most one useful entry in a heap; a deadline that moves away is noticed
//! only when its old entry comes up, so that a busy session costs nothing here.

use crate::units::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The deadlines of a worker's sessions.
#[derive(Debug, Default)]
pub struct Deadlines {
    heap: BinaryHeap<Reverse<(Moment, u32, u32)>>,
}

impl Deadlines {
    /// Adds an entry when `deadline` comes before `scheduled`, the session's entry so far; gives the entry in force.
    #[inline]
    pub fn schedule(&mut self, index: u32, generation: u32, scheduled: Moment, deadline: Moment) -> Moment {
        if deadline >= scheduled {
            return scheduled;
        }
        self.heap.push(Reverse((deadline, index, generation)));
        deadline
    }

    /// The next entry.
    pub fn next(&self) -> Moment {
        self.heap.peek().map_or(Moment::NEVER, |Reverse((moment, _, _))| *moment)
    }

    /// Takes an entry whose time has come: index and generation of the session, and the entry's moment.
    pub fn take_due(&mut self, now: Moment) -> Option<(u32, u32, Moment)> {
        let Reverse((moment, index, generation)) = *self.heap.peek()?;
        if moment > now {
            return None;
        }
        self.heap.pop();
        if self.heap.is_empty() {
            self.heap.shrink_to(64);
        }
        Some((index, generation, moment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_moves_away_costs_no_entry() {
        let mut deadlines = Deadlines::default();
        let first = deadlines.schedule(1, 0, Moment::NEVER, Moment(100));
        assert_eq!(deadlines.schedule(1, 0, first, Moment(200)), Moment(100));
        assert_eq!(deadlines.schedule(1, 0, first, Moment(50)), Moment(50));
        assert_eq!(deadlines.next(), Moment(50));
        assert_eq!(deadlines.take_due(Moment(49)), None);
        assert_eq!(deadlines.take_due(Moment(60)), Some((1, 0, Moment(50))));
        assert_eq!(deadlines.take_due(Moment(100)), Some((1, 0, Moment(100))));
        assert_eq!((deadlines.take_due(Moment::NEVER), deadlines.next()), (None, Moment::NEVER));
    }
}
