//! How many came within a second, counted as HAProxy counts: those of the second that runs, and of the one before as much as is
//! not over yet. It is asked where a limit of clients per second is set, and only there.

use super::lock;
use crate::units::Moment;
use std::sync::Mutex;

const SECOND_MS: u64 = 1000;

/// A rate with many who count.
#[derive(Debug, Default)]
pub struct RateLimit(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began_ms: u64,
    count: u32,
    before: u32,
}

impl Window {
    fn turn(&mut self, now_ms: u64) {
        let seconds = now_ms.saturating_sub(self.began_ms) / SECOND_MS;
        if seconds > 0 {
            self.before = if seconds == 1 { self.count } else { 0 };
            self.count = 0;
            self.began_ms += seconds * SECOND_MS;
        }
    }

    fn rate(&self, now_ms: u64) -> u64 {
        let left_ms = SECOND_MS.saturating_sub(now_ms.saturating_sub(self.began_ms));
        u64::from(self.count) + u64::from(self.before) * left_ms / SECOND_MS
    }
}

impl RateLimit {
    /// Counts one more, where the limit allows it.
    pub fn take(&self, now: Moment, limit: u32) -> bool {
        let mut window = lock(&self.0);
        window.turn(now.0);
        let allowed = window.rate(now.0) < u64::from(limit);
        window.count = window.count.saturating_add(u32::from(allowed));
        allowed
    }

    /// One that was counted has not come after all.
    pub fn give_back(&self) {
        let mut window = lock(&self.0);
        window.count = window.count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of those who come, with the answers of each.
    #[track_caller]
    fn check(limit: u32, comers: &[(u64, bool)]) {
        let rate = RateLimit::default();
        for (at, allowed) in comers {
            assert_eq!(rate.take(Moment(*at), limit), *allowed, "at {at} ms of {comers:?}");
        }
    }

    #[test]
    fn no_more_come_in_a_second_than_allowed() {
        check(2, &[(0, true), (10, true), (20, false), (999, false)]);
        check(2, &[(0, true), (10, true), (1000, false), (1501, true), (1502, true), (1503, false), (2000, false)]);
        check(1, &[(0, true), (5000, true), (5999, false), (6000, false), (6001, true)]);
    }

    #[test]
    fn one_that_did_not_come_leaves_its_place() {
        let rate = RateLimit::default();
        assert!(rate.take(Moment(5), 1));
        rate.give_back();
        assert!(rate.take(Moment(6), 1) && !rate.take(Moment(7), 1));
    }
}
