//! Since when a server or a backend is up or down, how often it went down, and for how long in all: what statistics tell of it.
//! Who decides that it is up or down, is `health` and the administrator.

use super::counters::Count;
use crate::units::Moment;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Up or down, and since when.
#[derive(Debug, Default)]
pub struct Standing {
    is_down: AtomicBool,
    /// The second of the last change.
    since: AtomicU64,
    down_seconds: AtomicU64,
    /// Times that it went down.
    pub downs: Count,
    /// Checks that failed while it was up.
    pub failed_checks: Count,
}

impl Standing {
    /// It is up, or down, from now on.
    pub fn change(&self, is_up: bool, now: Moment) {
        let lasted = self.seconds(now);
        let was_down = self.is_down.swap(!is_up, Relaxed);
        if was_down && is_up {
            self.down_seconds.fetch_add(lasted, Relaxed);
        }
        if was_down == is_up {
            self.since.store(now.0 / 1000, Relaxed);
        }
        if !was_down && !is_up {
            self.downs.add_one();
        }
    }

    /// Something else about it has changed (maintenance).
    pub fn touch(&self, now: Moment) {
        self.since.store(now.0 / 1000, Relaxed);
    }

    /// Forgets what was counted; how it stands stays.
    pub fn clear(&self) {
        self.down_seconds.store(0, Relaxed);
        self.downs.clear();
        self.failed_checks.clear();
    }

    /// Seconds since the last change.
    pub fn seconds(&self, now: Moment) -> u64 {
        (now.0 / 1000).saturating_sub(self.since.load(Relaxed))
    }

    /// Seconds that it was down, in all.
    pub fn down_seconds(&self, now: Moment) -> u64 {
        let current = if self.is_down.load(Relaxed) { self.seconds(now) } else { 0 };
        self.down_seconds.load(Relaxed) + current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_down_is_counted_until_it_is_up_again() {
        let standing = Standing::default();
        let check = |at_seconds: u64, change: Option<bool>, expected: [u64; 3]| {
            let now = Moment(at_seconds * 1000);
            change.into_iter().for_each(|is_up| standing.change(is_up, now));
            assert_eq!([standing.seconds(now), standing.down_seconds(now), standing.downs.get()], expected, "at {at_seconds}");
        };
        check(5, None, [5, 0, 0]);
        check(10, Some(false), [0, 0, 1]);
        check(12, Some(false), [2, 2, 1]);
        check(15, Some(true), [0, 5, 1]);
        check(20, Some(true), [5, 5, 1]);
        check(30, Some(false), [0, 5, 2]);
    }
}
